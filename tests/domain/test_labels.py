"""Labels: asked for, bought of a carrier outside of transactions, recorded; none is lost or bought twice, whatever it does."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.outbox import JobStatus
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.errors import LabelExists, LabelScanned, PackageNotPacked, WeightMissing
from oms_api.domain.carriers.queries import labels_by_package, pages_of_items
from oms_api.domain.carriers.states import BatchItemStatus, LabelStatus, LabelTrouble
from oms_api.domain.carriers.tables import LabelBatchRow, LabelRow
from oms_api.domain.events.jobs import JobKind, job_by_id
from oms_api.domain.orders.errors import OrderOnHold
from oms_api.domain.orders.given import Amount
from oms_api.domain.parcels.port import CarrierRefused, Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.errors import PackageLabeled
from oms_api.domain.shipping.queries import packages_by_id
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.kernel.errors import InvalidValue, Refused
from oms_api.kernel.ids import PackageId
from oms_api.kernel.paging import PageRequest
from oms_api.workflows.change_package import VoidPackage, void_package
from oms_api.workflows.labels import desk as desks
from oms_api.workflows.labels.batch import JOB, PurchaseLabels, purchase_labels, run_purchases
from oms_api.workflows.labels.buy import carry_through, purchase_label, trouble_of, void_label
from oms_api.workflows.labels.outcome import ResolveLabel, VoidLabel, resolve_label
from oms_api.workflows.labels.request import PurchaseLabel, request_label
from oms_api.workflows.labels.settle import settle_labels
from oms_api.workflows.ship_order import CreateShipment, create_shipment
from oms_api.workflows.tracking.follow import follow_parcels
from oms_api.workflows.tracking.report import ReportTracking, report_tracking
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


async def test_holds_and_missing_weights_are_refused_before_anything_is_asked_for(counter: Counter) -> None:
    package, order = await packed(counter.shop)
    await hold(counter.shop.work, order.id)
    with pytest.raises(OrderOnHold):
        await buy(counter, package)
    light = await counter.package(weight_g=None, grams=None)
    with pytest.raises(WeightMissing):
        await buy(counter, light)
    assert (await labels(counter, package), await labels(counter, light), counter.carrier.rows()) == ([], [], [])


async def batch_of(counter: Counter, *packages: PackageId, **more: Any) -> LabelBatchRow:
    """Buy the labels of packages as a job, as the worker does, and return the batch."""
    execute, work = counter.shop.work.execute, counter.shop.work
    command = PurchaseLabels(**{"package_ids": packages, "account_id": counter.account.id, "service": "standard", **more})
    batch = await execute(SYSTEM, purchase_labels, command)
    await carry_out(work, counter.ports, {JOB: JobKind(name=JOB, run=run_purchases)}, batch.job_id, Tries(0))
    return batch


async def items(counter: Counter, batch: LabelBatchRow) -> list[tuple[BatchItemStatus, str | None]]:
    async with counter.shop.work.reads(SYSTEM) as read:
        found = (await pages_of_items.of_one(read, batch.id, PageRequest(size=50))).items
    return [(item.status, None if item.error is None else str(item.error["code"])) for item in found]


async def test_what_was_bought_stays_bought_when_another_is_refused(counter: Counter) -> None:
    fine, light, labeled, last = [await counter.package() for _ in range(4)]
    held, order = await packed(counter.shop)
    await hold(counter.shop.work, order.id)
    await buy(counter, labeled)
    batch = await batch_of(counter, fine, light, labeled, held, last)
    assert await items(counter, batch) == [
        (BatchItemStatus.PURCHASED, None),
        (BatchItemStatus.PURCHASED, None),
        (BatchItemStatus.REFUSED, "LABEL_EXISTS"),
        (BatchItemStatus.REFUSED, "ORDER_ON_HOLD"),
        (BatchItemStatus.PURCHASED, None),
    ]
    async with counter.shop.work.reads(SYSTEM) as read:
        job = await job_by_id(read, batch.job_id)
    assert (job.status, job.done, job.total) == (JobStatus.COMPLETED_WITH_ERRORS, 5, 5)
    assert sorted(error["code"] for error in job.errors) == ["LABEL_EXISTS", "ORDER_ON_HOLD"]
    assert job.result == {"purchased": 3, "refused": 2}
    assert len(counter.carrier.standing()) == 4


async def test_a_batch_tells_of_each_what_its_carrier_did(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "CALL_S", 0.3)
    packages = [await counter.package() for _ in range(3)]
    refused = await batch_of(counter, packages[0], service="refuse")
    unknown = await batch_of(counter, packages[1], service="charge_and_hang")
    dear = await batch_of(counter, packages[2], max_price=Amount(value=Decimal("1.00")))
    assert [(await items(counter, each))[0] for each in (refused, unknown, dear)] == [
        (BatchItemStatus.REFUSED, "CARRIER_REFUSED"),
        (BatchItemStatus.UNKNOWN, "LABEL_UNKNOWN"),
        (BatchItemStatus.REFUSED, "RATE_CHANGED"),
    ]


@pytest.mark.parametrize(
    ("number", "page"), [("", None), ("a\0b", None), ("x" * 256, None), ("1Z", "javascript:alert(1)"), (None, None)]
)
async def test_what_people_say_of_a_label_is_checked(counter: Counter, number: str | None, page: str | None) -> None:
    counter.carrier.finds = False
    package = await counter.package()
    label = await buy(counter, package, "charge_and_fail")
    said = ResolveLabel(label_id=label.id, bought=True, tracking_number=number, tracking_url=page)
    with pytest.raises((InvalidValue, Refused)):
        await counter.shop.work.execute(SYSTEM, resolve_label, said)
    assert [each.status for each in await labels(counter, package)] == [S.UNKNOWN]


async def test_an_answer_that_comes_late_is_given_back_or_known_already(counter: Counter) -> None:
    package = await counter.package()
    asks = partial(request_label, ports=counter.ports)
    command = PurchaseLabel(package_id=package, account_id=counter.account.id, service="standard")
    asked_for = await counter.shop.work.execute(SYSTEM, asks, command)
    await settled(counter)
    (taken_back,) = await labels(counter, package)
    assert (taken_back.status, taken_back.trouble) == (S.REFUSED, T.NOT_BOUGHT)
    late = await carry_through(counter.desk, asked_for)
    assert (late.status, counter.carrier.standing()) == (S.REFUSED, [])
    other = await counter.shop.work.execute(SYSTEM, asks, command)
    assert other.purchase is not None
    assert other.access is not None
    await counter.carrier.buy(other.access, other.purchase)
    await settled(counter, minutes=10)
    assert (await carry_through(counter.desk, other)).status is S.PURCHASED
    assert counter.carrier.standing() == [other.label.reference]


async def test_a_package_whose_label_may_be_bought_stays_packed(counter: Counter) -> None:
    package = await counter.package()
    label = await buy(counter, package, "charge_and_fail")
    unpack = VoidPackage(idempotency_key=uuid4().hex, package_id=package)
    with pytest.raises(PackageLabeled):
        await counter.shop.work.execute(SYSTEM, void_package, unpack)
    await settled(counter)
    assert [each.id for each in await labels(counter, package)] == [label.id]
    await void(counter, (await labels(counter, package))[0])
    assert (await counter.shop.work.execute(SYSTEM, void_package, unpack)).status is PackageStatus.VOIDED
    with pytest.raises(PackageNotPacked):
        await buy(counter, package)


async def test_carriers_that_can_be_asked_are_asked_until_a_parcel_arrives(counter: Counter) -> None:
    package = await counter.package()
    label = await buy(counter, package)
    assert label.track_at is not None
    execute, number = counter.shop.work.execute, str(label.tracking_number)
    await execute(SYSTEM, create_shipment, CreateShipment(idempotency_key=uuid4().hex, package_ids=(package,)))

    async def followed(hours: int) -> PackageRow:
        await follow_parcels((await later(counter, hours=hours)).shop.work, counter.ports)
        return await parcel(counter, package)

    assert (await followed(0)).scanned_at is None
    counter.carrier.scans[number] = [Scan(status=TrackingStatus.IN_TRANSIT, occurred_at=datetime.now(UTC))]
    assert (await followed(2)).scanned_at is not None
    counter.carrier.mood = "nonsense"
    assert (await followed(4)).status is PackageStatus.SHIPPED
    counter.carrier.mood = ""
    counter.carrier.scans[number] += [Scan(status=TrackingStatus.DELIVERED, occurred_at=datetime.now(UTC))]
    assert (await followed(6)).status is PackageStatus.DELIVERED
    await followed(8)
    assert [each.track_at for each in await labels(counter, package)] == [None]
