"""Which alerts a package raises, and when it is looked at again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.tracking.alerting import Judgement, WatchedPackage, judged
from oms_api.domain.tracking.states import ShipmentAlertKind

K, S, T = ShipmentAlertKind, PackageStatus, TrackingStatus
BERLIN = ZoneInfo("Europe/Berlin")
LEFT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = LEFT + 90 * DAY


def package(**changes: Any) -> WatchedPackage:
    """Return a package that left, with a number, an hour ago or more, and that nobody scanned."""
    about: dict[str, Any] = {
        "status": S.SHIPPED, "awaited": True, "numbered": True, "purchased_at": None, "shipped_at": LEFT,
        "scanned_at": None, "heard_at": None,
        "carrier_status": None, "dated": True, "due_on": None, "zone": BERLIN, "hours": 24, "days": 3, **changes,
    }  # fmt: skip
    return WatchedPackage(**about)


SCANNED = {"scanned_at": LEFT + HOUR, "heard_at": LEFT + HOUR, "carrier_status": T.IN_TRANSIT}
MIDNIGHT = datetime(2026, 3, 5, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("about", "after", "alerts", "looks"),
    [
        ({}, 23 * HOUR, set(), LEFT + DAY),
        ({}, 24 * HOUR, {K.UNSCANNED}, END),
        ({"hours": None}, 99 * HOUR, set(), END),
        ({"numbered": False}, 99 * HOUR, set(), END),
        ({"heard_at": LEFT + HOUR, "carrier_status": T.PRE_TRANSIT}, 24 * HOUR, {K.UNSCANNED}, END),
        ({"status": S.LABEL_PURCHASED, "shipped_at": None, "purchased_at": LEFT}, 24 * HOUR, {K.UNSCANNED}, END),
        (SCANNED, 72 * HOUR, set(), LEFT + HOUR + 3 * DAY),
        (SCANNED, 73 * HOUR, {K.QUIET}, END),
        ({**SCANNED, "days": None}, 99 * HOUR, set(), END),
        ({**SCANNED, "due_on": date(2026, 3, 4)}, HOUR, set(), MIDNIGHT),
        ({**SCANNED, "due_on": date(2026, 3, 4), "days": 9}, MIDNIGHT - LEFT, {K.LATE}, LEFT + HOUR + 9 * DAY),
        ({"due_on": date(2026, 3, 4)}, 99 * HOUR, {K.LATE, K.UNSCANNED}, END),
        ({**SCANNED, "carrier_status": T.FAILURE}, 2 * HOUR, {K.FAILED_ATTEMPT}, LEFT + HOUR + 3 * DAY),
        ({**SCANNED, "carrier_status": T.RETURN_TO_SENDER}, 2 * HOUR, {K.RETURNING}, LEFT + HOUR + 3 * DAY),
        ({**SCANNED, "carrier_status": T.LOST, "status": S.LOST, "due_on": date(2026, 3, 4)}, 99 * HOUR, {K.LOST}, END),
        ({"status": S.LOST}, 99 * HOUR, {K.LOST}, END),
        ({**SCANNED, "dated": False}, 2 * HOUR, set(), LEFT + 2 * HOUR + timedelta(minutes=1)),
        ({"due_on": date(2026, 3, 4), "hours": None}, 99 * HOUR, set(), END),
        ({"due_on": date(2026, 3, 4), "numbered": False}, 99 * HOUR, set(), END),
        ({**SCANNED, "due_on": date(2026, 3, 4), "awaited": False}, 99 * HOUR, set(), None),
        ({}, 90 * DAY, set(), None),
        ({"status": S.LOST}, 90 * DAY, set(), None),
        ({"status": S.DRAFT, "shipped_at": None}, HOUR, set(), None),
        *(({"status": each}, 99 * HOUR, set(), None) for each in (S.DELIVERED, S.RETURNED_TO_SENDER, S.VOIDED, S.CANCELED)),
    ],
)
def test_a_package_raises_what_is_wrong_with_it(
    about: dict[str, Any], after: timedelta, alerts: set[ShipmentAlertKind], looks: datetime | None
) -> None:
    assert judged(package(**about), LEFT + after) == Judgement(frozenset(alerts), looks)


@given(
    st.sampled_from(list(S)),
    st.sampled_from([None, *T]),
    st.sampled_from([None, 0, 1, 80]),
    st.sampled_from([None, date(2026, 3, 4)]),
    st.integers(0, 95 * 24),
)
def test_nothing_changes_between_two_looks(
    status: PackageStatus, carrier_status: TrackingStatus | None, heard: int | None, due: date | None, hours: int
) -> None:
    """Until it is looked at again, a package that nothing happens to raises and resolves nothing."""
    moment = None if heard is None else LEFT + heard * HOUR
    about = package(status=status, carrier_status=carrier_status, heard_at=moment, scanned_at=moment, due_on=due)
    now = LEFT + hours * HOUR
    found = judged(about, now)
    if found.look_at is None:
        assert judged(about, now + 1_000 * DAY).alerts == found.alerts == frozenset()
        return
    assert found.look_at > now
    for part in (0.0, 0.3, 0.999):
        assert judged(about, now + part * (found.look_at - now)).alerts == found.alerts
