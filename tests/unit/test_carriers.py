"""What carriers charge by a table, what scans mean, tracking numbers, and what the vault keeps: pure."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.adapters.carriers.builtin import check_digit, tracking_number
from oms_api.adapters.carriers.karrio.mapping import scans_of
from oms_api.domain.carriers.folding import delivered_at, first_seen, unknown_among, where
from oms_api.domain.carriers.policies import abandoned, next_look
from oms_api.domain.carriers.rating import RateTable
from oms_api.domain.parcels.port import Access, ParcelRate, Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.sourcing.places import Map, Zone
from oms_api.kernel.address import Address
from oms_api.kernel.ids import CarrierAccountId, new_uuid
from oms_api.kernel.money import Money
from oms_api.kernel.secrets import Secrets
from oms_api.kernel.vault import Unopened, Vault

S = TrackingStatus
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LONDON = Zone(code="LONDON", country="GB", prefixes=("E", "W", "SW"))
HERE = Address(country="GB", postal_code="E16 2QU")
NEAR, FAR, ABROAD = (
    Address(country="GB", postal_code="sw1y-4jh"),
    Address(country="GB", postal_code="AB10 1AB"),
    Address(country="FR"),
)


def rate(pence: int, up_to_g: int = 2_000, service: str = "std", **where_: str) -> ParcelRate:
    return ParcelRate(service=service, name=service, up_to_g=up_to_g, price=Money(pence, "GBP"), **where_)  # type: ignore[arg-type]


def scan(status: TrackingStatus, minutes: int, *, code: str = "", scan_ref: str | None = None) -> Scan:
    return Scan(status=status, occurred_at=NOON + timedelta(minutes=minutes), code=code, scan_ref=scan_ref)


def test_the_closest_place_and_the_least_weight_count() -> None:
    table = RateTable(
        [rate(900), rate(700, to_country="GB"), rate(500, to_zone="LONDON"), rate(300, 500, to_zone="LONDON"), rate(200, 100)],
        Map([LONDON]),
    )
    prices = [
        table.best(HERE, to, grams)["std"].price.minor for to, grams in ((NEAR, 500), (NEAR, 501), (FAR, 500), (ABROAD, 50))
    ]
    assert prices == [300, 500, 700, 200]
    assert table.best(HERE, NEAR, 2_001) == {}
    assert RateTable([rate(500, from_zone="LONDON")], Map([LONDON])).serving(FAR, NEAR) == []


def test_scans_mean_the_same_in_any_order() -> None:
    scans = [scan(S.PRE_TRANSIT, 0), scan(S.IN_TRANSIT, 5), scan(S.UNKNOWN, 30), scan(S.DELIVERED, 20), scan(S.IN_TRANSIT, 20)]
    for each in permutations(scans):
        assert (where(each), first_seen(each), delivered_at(each)) == (
            S.DELIVERED,
            NOON + timedelta(minutes=5),
            NOON + timedelta(minutes=20),
        )
    assert (where([]), first_seen(scans[:1]), where(scans[2:3])) == (None, None, S.UNKNOWN)
    assert where([*scans, scan(S.RETURN_TO_SENDER, 60), scan(S.LOST, 90)]) is S.DELIVERED
    assert where([scan(S.LOST, 40), *scans[:3]]) is S.LOST
    assert where([scan(S.LOST, 40), *scans[:3], scan(S.FAILURE, 41)]) is S.FAILURE


def test_a_scan_is_known_again_by_its_id_or_by_its_moment_status_and_code() -> None:
    first = scan(S.IN_TRANSIT, 0, code="AR", scan_ref="1")
    again = [scan(S.IN_TRANSIT, 0, code="AR"), scan(S.IN_TRANSIT, 0), scan(S.FAILURE, 9, scan_ref="1"), first]
    assert unknown_among(again, [first]) == []
    assert unknown_among([first], [again[0]]) == unknown_among([first], [again[1]]) == []
    others = [
        scan(S.IN_TRANSIT, 0, code="DP"),
        scan(S.IN_TRANSIT, 0, code="AR", scan_ref="2"),
        scan(S.FAILURE, 0, code="AR"),
        scan(S.IN_TRANSIT, 1, code="AR"),
    ]
    assert unknown_among([*others, *others], [first]) == others


def test_scans_of_the_sdk_are_read_with_their_codes_and_those_without_a_moment_left_out() -> None:
    def event(status: str, **more: object) -> SimpleNamespace:
        given = {"timestamp": NOON.isoformat(), "code": " OD ", "reason": None, "description": None, "location": ""} | more
        return SimpleNamespace(status=status, **given)

    told = [
        event("delivery_failed", description="x" * 3_000),
        event("in_transit", reason="carrier_parcel_lost", code=None),
        event("cancelled", location="Leeds\0"),
        event("delivered", timestamp=None),
    ]
    scans = scans_of([SimpleNamespace(events=told), SimpleNamespace(events=None)])
    assert [(scan.status, scan.code, len(scan.message or ""), scan.place) for scan in scans] == [
        (S.FAILURE, "OD", 2_000, None),
        (S.LOST, "", 0, None),
        (S.UNKNOWN, "OD", 0, "Leeds"),
    ]


@given(st.integers(0, 10**15 - 1), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: int, at: int, more: int) -> None:
    digits = f"{number:015d}"
    wrong = digits[:at] + str((int(digits[at]) + more) % 10) + digits[at + 1 :]
    assert check_digit(digits) != check_digit(wrong)


def test_a_tracking_number_follows_from_reference_and_account() -> None:
    one, other = (Access(account_id=CarrierAccountId(new_uuid()), rates=RateTable()) for _ in range(2))
    assert check_digit("7992739871") == 3
    assert tracking_number(one, "label_1") == tracking_number(one, "label_1")
    assert len({tracking_number(one, "label_1"), tracking_number(one, "label_2"), tracking_number(other, "label_1")}) == 3


def test_what_is_sealed_opens_for_its_record_and_by_old_keys_alone() -> None:
    mine, others = new_uuid(), new_uuid()
    old, new, none = Vault(Secrets(("old",))), Vault(Secrets(("new", "old"))), Vault(Secrets(("new",)))
    sealed = old.seal("purpose", mine, b"secret")
    assert b"secret" not in sealed
    assert sealed != old.seal("purpose", mine, b"secret")
    assert new.open("purpose", mine, sealed) == b"secret"
    wrong = [
        (none, "purpose", mine, sealed),
        (old, "purpose", others, sealed),
        (old, "else", mine, sealed),
        (old, "purpose", mine, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (old, "purpose", mine, b""),
        (Vault(None), "purpose", mine, sealed),
    ]
    for vault, purpose, owner, text in wrong:
        with pytest.raises(Unopened):
            vault.open(purpose, owner, text)
    assert none.open("purpose", mine, new.seal("purpose", mine, b"again")) == b"again"


def test_a_label_is_looked_at_after_longer_and_longer_pauses() -> None:
    pauses = [(next_look(NOON, looks) - NOON).total_seconds() for looks in (0, 1, 5, 6, 50)]
    assert pauses == [60, 120, 1_920, 3_600, 3_600]
    assert not abandoned(NOON, NOON + timedelta(seconds=59))
    assert abandoned(NOON, NOON + timedelta(seconds=60))
