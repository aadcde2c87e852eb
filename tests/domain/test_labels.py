"""Labels: asked for, bought of a carrier outside of transactions, recorded; none is lost or bought twice, whatever it does."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.errors import LabelExists, LabelInUse, LabelScanned, PackageNotPacked, WeightMissing
from oms_api.domain.carriers.queries import label_by_id, labels_by_package
from oms_api.domain.carriers.states import LabelStatus, LabelTrouble
from oms_api.domain.carriers.tables import LabelRow
from oms_api.domain.orders.errors import OrderOnHold
from oms_api.domain.orders.intake import Amount
from oms_api.domain.parcels.port import CarrierRefused, Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.queries import packages_by_id
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.ids import PackageId
from oms_api.workflows.labels import desk as desks
from oms_api.workflows.labels.buy import purchase_label, trouble_of, void_label
from oms_api.workflows.labels.outcome import ResolveLabel, VoidLabel, resolve_label
from oms_api.workflows.labels.request import PurchaseLabel
from oms_api.workflows.labels.settle import settle_labels
from oms_api.workflows.labels.track import ReportTracking, report_tracking
from tests.factories.carriage import PRICE, Counter, packed
from tests.factories.given import SYSTEM
from tests.factories.holding import hold
from tests.factories.trading import findings

S, T = LabelStatus, LabelTrouble


@pytest.fixture
async def counter(work: UnitOfWork, tmp_path: Path) -> Counter:
    return await Counter.open(work, tmp_path / "book.sqlite")


async def buy(counter: Counter, package: PackageId, service: str = "standard", key: str = "", most: str = "") -> LabelRow:
    command = PurchaseLabel(
        package_id=package,
        account_id=counter.account.id,
        service=service,
        max_price=Amount(value=Decimal(most)) if most else None,
    )
    return (await purchase_label(counter.desk, command, key=key or uuid4().hex)).value


async def void(counter: Counter, label: LabelRow) -> LabelRow:
    return (await void_label(counter.desk, VoidLabel(label_id=label.id), key=uuid4().hex)).value


async def parcel(counter: Counter, package: PackageId) -> PackageRow:
    async with counter.shop.work.reads(SYSTEM) as read:
        return await packages_by_id.known(read, package)


async def labels(counter: Counter, package: PackageId) -> list[LabelRow]:
    async with counter.shop.work.reads(SYSTEM) as read:
        return await labels_by_package.of_one(read, package)


async def later(counter: Counter, **ago: int) -> Counter:
    """Return the counter as it is some time later."""
    work = UnitOfWork(counter.shop.work.pool, lambda: datetime.now(UTC) + timedelta(**ago))
    counter.shop.work = work
    return counter


async def settled(counter: Counter, minutes: int = 5) -> None:
    await settle_labels((await later(counter, minutes=minutes)).shop.work, counter.ports)


async def test_a_label_is_bought_and_put_on_its_package(counter: Counter) -> None:
    package = await counter.package()
    label = await buy(counter, package)
    assert (label.status, label.price_minor, label.currency, label.trouble) == (S.PURCHASED, PRICE, "GBP", None)
    assert counter.carrier.standing() == [label.reference]
    assert label.pdf_file_id is not None
    assert await counter.ports.files.get(label.pdf_file_id) == b"%PDF-1.7 " + str(label.tracking_number).encode()
    row = await parcel(counter, package)
    assert (row.status, row.carrier, row.tracking_number) == (
        PackageStatus.LABEL_PURCHASED,
        "Stand-in",
        label.tracking_number,
    )
    assert await findings(counter.shop.work) == []


async def test_the_same_key_gives_the_same_label_whatever_came_of_it(counter: Counter) -> None:
    package = await counter.package()
    first = await buy(counter, package, "refuse", key="k1")
    again = await buy(counter, package, "refuse", key="k1")
    assert first.id == again.id
    assert again.status is S.REFUSED
    assert counter.carrier.rows() == []
    refused = trouble_of(again)
    assert isinstance(refused, CarrierRefused)
    assert (refused.carrier_code, refused.carrier_message, refused.field) == ("E42", "Street unknown.", ("recipient", "line1"))
    mended = await buy(counter, package, key="k2")
    assert (await buy(counter, package, key="k2")).id == mended.id
    assert counter.carrier.standing() == [mended.reference]


async def test_a_second_label_is_refused(counter: Counter) -> None:
    package = await counter.package()
    label = await buy(counter, package)
    with pytest.raises(LabelExists) as refused:
        await buy(counter, package)
    assert (refused.value.label_id, refused.value.field) == (label.id, ("packageId",))
    assert counter.carrier.standing() == [label.reference]


@pytest.mark.parametrize("service", ["charge_and_fail", "nonsense", "charge_and_hang"])
async def test_what_was_charged_without_an_answer_is_found(
    counter: Counter, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "CALL_S", 0.3)
    package = await counter.package()
    label = await buy(counter, package, service)
    assert (label.status, label.trouble) == (S.UNKNOWN, T.NO_ANSWER)
    with pytest.raises(LabelExists):
        await buy(counter, package)
    await settled(counter)
    (found,) = await labels(counter, package)
    assert (found.status, found.trouble, found.look_at) == (S.PURCHASED, None, None)
    assert counter.carrier.standing() == [found.reference]
    assert (await parcel(counter, package)).tracking_number == found.tracking_number


async def test_what_was_not_charged_is_taken_back(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "CALL_S", 0.3)
    package = await counter.package()
    label = await buy(counter, package, "hang")
    assert label.status is S.UNKNOWN
    await settled(counter)
    (found,) = await labels(counter, package)
    assert (found.status, found.trouble) == (S.REFUSED, T.NOT_BOUGHT)
    await buy(counter, package)
    assert len(counter.carrier.standing()) == 1


async def test_a_carrier_that_cannot_be_asked_leaves_it_to_people(counter: Counter) -> None:
    counter.carrier.finds = False
    first, second = await counter.package(), await counter.package()
    bought, lost = await buy(counter, first, "charge_and_fail"), await buy(counter, second, "charge_and_fail")
    await settled(counter)
    assert [(await labels(counter, each))[0].status for each in (first, second)] == [S.UNKNOWN, S.UNKNOWN]
    execute = counter.shop.work.execute
    yes = ResolveLabel(label_id=bought.id, bought=True, tracking_number="1Z999")
    assert (await execute(SYSTEM, resolve_label, yes)).status is S.PURCHASED
    assert (await parcel(counter, first)).tracking_number == "1Z999"
    no = await execute(SYSTEM, resolve_label, ResolveLabel(label_id=lost.id, bought=False, note="not on their page"))
    assert (no.status, no.trouble, no.note) == (S.REFUSED, T.NOT_BOUGHT, "not on their page")
    assert (await parcel(counter, second)).status is PackageStatus.DRAFT


async def test_a_price_above_the_limit_is_told_before_anything_is_bought(counter: Counter) -> None:
    package = await counter.package()
    label = await buy(counter, package, most="4.94")
    assert (label.status, label.trouble, label.price_minor) == (S.REFUSED, T.RATE_CHANGED, PRICE)
    assert counter.carrier.rows() == []
    assert (await buy(counter, package, most="4.95")).status is S.PURCHASED


async def test_what_is_charged_above_the_limit_is_given_back(counter: Counter) -> None:
    package = await counter.package()
    counter.carrier.mood = "charge_more"
    label = await buy(counter, package, most="5.00")
    assert (label.status, label.trouble, label.price_minor) == (S.VOIDED, T.RATE_CHANGED, 2 * PRICE)
    assert counter.carrier.standing() == []
    assert (await parcel(counter, package)).status is PackageStatus.DRAFT


async def test_a_voided_label_leaves_its_package_free(counter: Counter) -> None:
    package = await counter.package()
    label = await void(counter, await buy(counter, package))
    assert label.status is S.VOIDED
    row = await parcel(counter, package)
    assert (row.status, row.carrier, row.tracking_number) == (PackageStatus.DRAFT, None, None)
    again = await buy(counter, package)
    assert counter.carrier.standing() == [again.reference]


async def test_a_void_that_the_carrier_refuses_leaves_the_label(counter: Counter) -> None:
    package = await counter.package()
    label = await buy(counter, package)
    counter.carrier.mood = "keep"
    kept = await void(counter, label)
    assert (kept.status, kept.trouble, kept.trouble_message) == (S.PURCHASED, T.VOID_REFUSED, "Too late.")
    assert (await parcel(counter, package)).status is PackageStatus.LABEL_PURCHASED


async def test_a_void_without_an_answer_is_repeated(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "CALL_S", 0.3)
    package = await counter.package()
    label = await buy(counter, package)
    counter.carrier.mood = "hang"
    assert (await void(counter, label)).status is S.VOIDING
    counter.carrier.mood = ""
    await settled(counter)
    assert [each.status for each in await labels(counter, package)] == [S.VOIDED]
    assert (counter.carrier.standing(), (await parcel(counter, package)).status) == ([], PackageStatus.DRAFT)


async def test_nothing_is_voided_after_the_first_scan_or_once_it_left(counter: Counter) -> None:
    package = await counter.package()
    label = await buy(counter, package)
    scan = Scan(status=TrackingStatus.IN_TRANSIT, occurred_at=datetime.now(UTC))
    await counter.shop.work.execute(SYSTEM, report_tracking, ReportTracking(package_id=package, events=(scan,)))
    with pytest.raises(LabelScanned):
        await void(counter, label)
    assert counter.carrier.standing() == [label.reference]
    assert LabelInUse.code == "LABEL_IN_USE"


async def test_holds_and_missing_weights_are_refused_before_anything_is_asked_for(counter: Counter) -> None:
    package, order = await packed(counter.shop)
    await hold(counter.shop.work, order.id)
    with pytest.raises(OrderOnHold):
        await buy(counter, package)
    light = await counter.package(weight_g=None, grams=None)
    with pytest.raises(WeightMissing):
        await buy(counter, light)
    assert (await labels(counter, package), await labels(counter, light), counter.carrier.rows()) == ([], [], [])
    assert PackageNotPacked.code == "PACKAGE_NOT_PACKED"


async def test_a_label_that_is_looked_at_later_is_seen(counter: Counter) -> None:
    package = await counter.package()
    label = await buy(counter, package)
    async with counter.shop.work.reads(SYSTEM) as read:
        assert (await label_by_id(read, label.id)).status is S.PURCHASED
