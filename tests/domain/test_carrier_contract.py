"""What every carrier keeps: the one that is built in, a stand-in, and UPS and FedEx by the SDK against servers of ours."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from oms_api.adapters.carriers.builtin import BuiltIn
from oms_api.adapters.carriers.karrio.carrier import KINDS, Karrio
from oms_api.domain.carriers.rating import RateTable
from oms_api.domain.parcels.port import (
    Access,
    Carrier,
    CarrierRefused,
    CarrierTimedOut,
    CarrierUnreadable,
    CustomsLine,
    Parcel,
    ParcelRate,
    Purchase,
)
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.kernel.address import Address
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import CarrierAccountId, new_uuid
from oms_api.kernel.money import Money
from oms_api.workflows.labels.desk import asked, checked
from tests.factories.carriage import HOME, WAREHOUSE, StandIn
from tests.factories.carrier_servers import Server, carrier_server
from tests.factories.ports import PRINTER

SECRET = "open-sesame"
PARCEL = Parcel(sender=WAREHOUSE, recipient=HOME, weight_g=1_200, length_mm=300, width_mm=200, height_mm=100, reference="1001")
RATES = RateTable([ParcelRate(service="std", name="Standard", up_to_g=2_000, price=Money(499, "GBP"))])


WRONG = replace(PARCEL, recipient=replace(HOME, postal_code="nowhere"))


@dataclass
class Bench:
    """A carrier, an account with it, a service of it, and how to see what it charged and to change its mood."""

    carrier: Carrier
    access: Access
    service: str
    standing: Callable[[], list[str]]
    spoil: Callable[[str], None]
    parcel: Parcel = PARCEL
    wrong: Parcel = WRONG

    def purchase(self, parcel: Parcel | None = None) -> Purchase:
        return Purchase(reference=new_uuid().hex[:26], service=self.service, parcel=parcel or self.parcel)


def by_sdk(code: str, server: Server) -> Bench:
    kind = next(kind for kind in KINDS if kind.code == code)
    carrier = Karrio(kind, server_url=server.address)
    given = {setting.name: SECRET for setting in carrier.credentials}
    access = Access(
        account_id=CarrierAccountId(new_uuid()), rates=RateTable(), credentials=given, settings={"accountCountry": "GB"}
    )

    def spoil(mood: str) -> None:
        server.mood = mood

    service = {"ups": "ups_standard", "fedex": "fedex_ground"}[code]
    return Bench(carrier, access, service, lambda: server.standing, spoil)


@pytest.fixture(params=["builtin", "standin", "ups", "fedex"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    access = Access(account_id=CarrierAccountId(new_uuid()), rates=RATES)
    with ExitStack() as stack:
        if request.param == "builtin":
            yield Bench(BuiltIn(PRINTER), access, "std", list, lambda _mood: None)
        elif request.param == "standin":
            carrier = StandIn(tmp_path / "book")
            yield Bench(carrier, access, "standard", carrier.standing, lambda mood: setattr(carrier, "mood", mood))
        else:
            yield by_sdk(request.param, stack.enter_context(carrier_server(request.param)))


@pytest.fixture(params=["standin", "ups", "fedex"])
def outside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Give a carrier that is somebody else's program, and may do anything."""
    with ExitStack() as stack:
        if request.param == "standin":
            access = Access(account_id=CarrierAccountId(new_uuid()), rates=RATES)
            carrier = StandIn(tmp_path / "book")
            yield Bench(carrier, access, "standard", carrier.standing, lambda mood: setattr(carrier, "mood", mood))
        else:
            yield by_sdk(request.param, stack.enter_context(carrier_server(request.param)))


async def test_a_price_is_asked_and_a_label_bought_at_it(bench: Bench) -> None:
    quotes = {quote.service: quote for quote in await asked(bench.carrier.rates(bench.access, bench.parcel))}
    label = checked(await asked(bench.carrier.buy(bench.access, bench.purchase())))
    assert label.price == quotes[bench.service].price
    assert label.price.minor > 0
    assert label.tracking_number
    assert (label.pdf or b"").startswith(b"%PDF")


async def test_the_same_reference_is_the_same_label(bench: Bench) -> None:
    if not bench.carrier.finds:
        pytest.skip("it cannot be asked by a reference, so that nobody asks it twice")
    purchase = bench.purchase()
    first, second = [await asked(bench.carrier.buy(bench.access, purchase)) for _ in range(2)]
    assert first.tracking_number == second.tracking_number
    assert len(bench.standing()) <= 1
    other = await asked(bench.carrier.buy(bench.access, bench.purchase()))
    assert other.tracking_number != first.tracking_number


async def test_a_refusal_comes_in_its_own_words(bench: Bench) -> None:
    bench.spoil("refuse")
    with pytest.raises(CarrierRefused) as refused:
        await asked(bench.carrier.buy(bench.access, bench.purchase(bench.wrong)))
    assert refused.value.carrier_code
    assert refused.value.carrier_message
    assert refused.value.field[0] == "recipient"
    with pytest.raises(CarrierRefused):
        await asked(bench.carrier.rates(bench.access, bench.wrong))
    assert bench.standing() == []


async def test_a_label_is_given_back_once(bench: Bench) -> None:
    label = await asked(bench.carrier.buy(bench.access, bench.purchase()))
    await asked(bench.carrier.void(bench.access, label.carrier_ref))
    await asked(bench.carrier.void(bench.access, label.carrier_ref))
    assert bench.standing() == []


async def test_a_label_that_was_never_bought_is_not_given_back(outside: Bench) -> None:
    with pytest.raises(CarrierRefused):
        await asked(outside.carrier.void(outside.access, "000000000000"))


async def test_scans_are_told(outside: Bench) -> None:
    scans = await asked(outside.carrier.track(outside.access, "1Z"))
    assert scans[0].status is TrackingStatus.PRE_TRANSIT
    assert [scan.occurred_at for scan in scans] == sorted(scan.occurred_at for scan in scans)
    if len(scans) > 1:
        assert [scan.status for scan in scans[1:]] == [TrackingStatus.IN_TRANSIT, TrackingStatus.DELIVERED]


async def test_webhooks_have_our_form_unless_a_carrier_reads_another(bench: Bench) -> None:
    event = {"trackingNumber": "1Z", "status": "DELIVERED", "occurredAt": "2026-05-04T09:30:00Z"}
    assert bench.carrier.events_in({"events": [event]}) == [event]
    bodies: tuple[object, ...] = ({}, {"events": {}}, [event], None)
    for body in bodies:
        with pytest.raises(InvalidValue):
            bench.carrier.events_in(body)


async def test_a_carrier_that_hangs_is_given_up(outside: Bench) -> None:
    outside.spoil("hang")
    with pytest.raises(CarrierTimedOut):
        await asked(outside.carrier.buy(outside.access, replace(outside.purchase(), service=outside.service)), seconds=1)


async def test_nonsense_is_no_label(outside: Bench) -> None:
    outside.spoil("nonsense")
    with pytest.raises(CarrierUnreadable):
        checked(await asked(outside.carrier.buy(outside.access, outside.purchase())))


async def test_what_charges_and_then_fails_is_unclear(outside: Bench) -> None:
    outside.spoil("charge_and_fail")
    purchase = outside.purchase()
    with pytest.raises(CarrierUnreadable):
        await asked(outside.carrier.buy(outside.access, purchase))
    assert outside.standing() == [purchase.reference]
    if outside.carrier.finds:
        found = await asked(outside.carrier.find(outside.access, purchase.reference))
        assert found is not None


@pytest.mark.parametrize("code", ["ups", "fedex"])
async def test_who_is_not_known_buys_nothing_and_nothing_is_told_of_secrets(
    code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with carrier_server(code) as server:
        bench = by_sdk(code, server)
        server.mood = "deny"
        with pytest.raises(CarrierRefused) as refused:
            await asked(bench.carrier.buy(bench.access, bench.purchase()))
        assert refused.value.carrier_message
        server.mood = ""
        await asked(bench.carrier.buy(bench.access, bench.purchase()))
    gone = by_sdk(code, server)
    gone.access = replace(gone.access, credentials=dict.fromkeys(gone.access.credentials, "other"))
    with pytest.raises(CarrierRefused) as unreached:
        await asked(gone.carrier.buy(gone.access, gone.purchase()))
    assert unreached.value.carrier_code == "NOT_SENT"
    out, err = capfd.readouterr()
    assert "karrio" not in out + err
    assert SECRET not in out + err + repr(bench.access) + str(refused.value)


@pytest.mark.parametrize("code", ["ups", "fedex"])
async def test_a_border_and_options_are_told(code: str) -> None:
    goods = CustomsLine(name="Shirt", sku="S", quantity=2, weight_g=400, value=Money(999, "GBP"), hs_code="610910", origin="PT")
    abroad = Address(
        name="Émile", line1="1 rue de Rivoli", city="Paris", postal_code="75001", country="FR", phone="+33140205050"
    )
    parcel = replace(PARCEL, recipient=abroad, customs=(goods,), signature=True, insured=Money(1998, "GBP"))
    with carrier_server(code) as server:
        bench = by_sdk(code, server)
        purchase = bench.purchase(parcel)
        await asked(bench.carrier.buy(bench.access, purchase))
        (_, _, sent) = server.requests[-1]
    text = str(sent)
    assert all(word in text for word in ("610910", "75001", "Paris", purchase.reference))
    assert server.standing == [purchase.reference]


def test_certificates_are_still_checked() -> None:
    assert ssl._create_default_https_context is ssl.create_default_context
