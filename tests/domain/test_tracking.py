"""What carriers tell of parcels moves them: each scan once, by when it was made, whenever it is told."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oms_api.db.records import changed
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.errors import ManyPackages, TooManyScans
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.jobs.tasks import react
from oms_api.kernel.errors import NotFound
from oms_api.workflows.subscribers import SUBSCRIBERS
from oms_api.workflows.tracking import take
from oms_api.workflows.tracking.numbers import NumberedPackage, Reporter, chosen, packages_numbered
from oms_api.workflows.tracking.report import ReportTracking, report_tracking
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM
from tests.factories.scanning import Sent, long_ago, numbered, sent_in_packages, tell
from tests.factories.trading import Shop, findings, line

S = TrackingStatus
START = long_ago()


def scan(status: TrackingStatus, minutes: int) -> Scan:
    return Scan(status=status, occurred_at=START + timedelta(minutes=minutes))


async def parcel(shop: Shop, sent: Sent) -> PackageRow:
    return (await shop.packages(sent.order.id))[0]


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


async def test_a_delivered_parcel_stays_delivered_and_arrived_when_it_first_did(shop: Shop) -> None:
    sent = await sent_in_packages(shop, (1, 1), at=START)
    first, second = sent.packages
    await tell(shop, first, [scan(S.DELIVERED, 90)])
    await tell(shop, second, [scan(S.DELIVERED, 80)])
    for late in (S.LOST, S.RETURN_TO_SENDER, S.IN_TRANSIT):
        assert await tell(shop, first, [scan(late, 200), scan(late, 20)]) == 2
    await tell(shop, first, [scan(S.DELIVERED, 85), scan(S.DELIVERED, 95)])
    one, other = await shop.packages(sent.order.id)
    assert (one.status, one.delivered_at) == (PackageStatus.DELIVERED, START + timedelta(minutes=85))
    assert (other.status, other.delivered_at) == (PackageStatus.DELIVERED, START + timedelta(minutes=80))
    assert (await shop.order(sent.order.id)).status is OrderStatus.COMPLETED
    assert await findings(shop.work) == []


async def test_a_lost_parcel_is_found_by_what_comes_after_and_by_nothing_before(shop: Shop) -> None:
    sent = await sent_in_packages(shop, (2,), at=START)
    (key,) = sent.packages
    await tell(shop, key, [scan(S.FAILURE, 10)])
    seen = await parcel(shop, sent)
    assert seen.status is PackageStatus.SHIPPED
    await tell(shop, key, [scan(S.LOST, 60)])
    await tell(shop, key, [scan(S.IN_TRANSIT, 30)])
    assert (await parcel(shop, sent)).version == seen.version + 1
    (lost,) = await shop.lines(sent.order.id)
    assert ((await parcel(shop, sent)).status, lost.lost) == (PackageStatus.LOST, 2)
    assert (await shop.order(sent.order.id)).status is OrderStatus.COMPLETED
    await tell(shop, key, [scan(S.UNKNOWN, 70)])
    assert (await parcel(shop, sent)).status is PackageStatus.LOST
    await tell(shop, key, [scan(S.IN_TRANSIT, 80)])
    (found,) = await shop.lines(sent.order.id)
    assert ((await parcel(shop, sent)).status, found.lost) == (PackageStatus.SHIPPED, 0)
    assert (await shop.order(sent.order.id)).status is OrderStatus.OPEN
    await tell(shop, key, [scan(S.RETURN_TO_SENDER, 90)])
    assert (await parcel(shop, sent)).status is PackageStatus.SHIPPED
    assert await findings(shop.work) == []


async def test_what_people_said_of_a_loss_is_changed_by_later_scans_only(shop: Shop) -> None:
    sent = await sent_in_packages(shop, (1,), at=START)
    (key,) = sent.packages
    await tell(shop, key, [scan(S.LOST, 60)])
    await shop.mark_found(key)
    await tell(shop, key, [scan(S.UNKNOWN, 65), scan(S.LOST, 50)])
    assert (await parcel(shop, sent)).status is PackageStatus.SHIPPED
    await shop.mark_lost(key)
    await tell(shop, key, [scan(S.IN_TRANSIT, 70)])
    assert (await parcel(shop, sent)).status is PackageStatus.LOST
    await tell(shop, key, [Scan(status=S.IN_TRANSIT, occurred_at=datetime.now(UTC))])
    assert (await parcel(shop, sent)).status is PackageStatus.SHIPPED


async def test_a_loss_that_cannot_be_is_kept_as_a_scan(shop: Shop) -> None:
    sent = await sent_in_packages(shop, (1,), at=START)
    (key,), (first,) = sent.packages, await shop.lines(sent.order.id)
    await shop.return_(sent.order.id, (first.id, 1))
    assert await tell(shop, key, [scan(S.LOST, 60)]) == 1
    assert (await parcel(shop, sent)).status is PackageStatus.SHIPPED
    await tell(shop, key, [scan(S.DELIVERED, 50)])
    assert (await parcel(shop, sent)).status is PackageStatus.DELIVERED
    assert await findings(shop.work) == []


async def test_what_was_told_before_a_parcel_left_moves_it_when_it_leaves(shop: Shop, database: Database) -> None:
    order = await shop.place(line(await shop.stocked(1)))
    (todo,), (first,) = await shop.works(order.id), await shop.lines(order.id)
    (package,) = await shop.pack(todo.id, [(first.id, 1)])
    now = datetime.now(UTC)
    events = (Scan(status=S.DELIVERED, occurred_at=now), Scan(status=S.IN_TRANSIT, occurred_at=now))
    report = ReportTracking(package_id=package.id, events=events)
    assert (await shop.work.execute(SYSTEM, report_tracking, report)).status is PackageStatus.DRAFT
    shipment = await shop.ship_packages(package.id)
    assert shipment.status is ShipmentStatus.SHIPPED
    await relay_all(database.app_url)
    await react(shop.work, SUBSCRIBERS.reactions["scanned_before_leaving"])
    (arrived,) = await shop.packages(order.id)
    assert arrived.status is PackageStatus.DELIVERED
    assert await findings(shop.work) == []


async def test_all_parcels_of_an_order_that_were_told_before_they_left_are_moved(shop: Shop, database: Database) -> None:
    order = await shop.place(line(await shop.stocked(3), 3))
    (todo,), (first,) = await shop.works(order.id), await shop.lines(order.id)
    packages = await shop.pack(todo.id, [(first.id, 1)], [(first.id, 2)])
    now = datetime.now(UTC)
    for package in packages:
        await tell(shop, package.id, [Scan(status=S.DELIVERED, occurred_at=now)])
    await shop.ship_packages(*(package.id for package in packages))
    await relay_all(database.app_url)
    await react(shop.work, SUBSCRIBERS.reactions["scanned_before_leaving"])
    assert [package.status for package in await shop.packages(order.id)] == [PackageStatus.DELIVERED] * 2
    assert [each.delivered for each in await shop.lines(order.id)] == [3]
    assert await findings(shop.work) == []


async def test_of_parcels_numbered_alike_the_one_that_is_on_its_way_is_meant(shop: Shop) -> None:
    sent = await sent_in_packages(shop, (1,), (1,), at=START)
    first, second = await shop.packages(sent.order.id)
    await numbered(shop, sent, "TWICE", carrier="Dove")

    async def report(*events: Scan, carrier: str | None = None) -> PackageRow:
        command = ReportTracking(tracking_number="TWICE", events=events, carrier=carrier)
        return await shop.work.execute(SYSTEM, report_tracking, command)

    with pytest.raises(ManyPackages):
        await report(scan(S.IN_TRANSIT, 5))
    with pytest.raises(NotFound):
        await report(scan(S.IN_TRANSIT, 5), carrier="Pigeon")
    await tell(shop, first.id, [scan(S.DELIVERED, 10)])
    assert (await report(scan(S.IN_TRANSIT, 50))).id == second.id
    assert (await report(scan(S.DELIVERED, 10), carrier="dove")).id == first.id
    with pytest.raises(ManyPackages):
        await report(scan(S.DELIVERED, 10), scan(S.IN_TRANSIT, 50))


async def test_scans_of_a_parcel_that_is_sent_once_more_under_its_number_are_of_the_new_shipment(shop: Shop) -> None:
    """Also once it is lost and found: neither shipment is on its way then."""
    order = await shop.place(line(await shop.stocked(3)), at=START)
    (todo,) = await shop.works(order.id)
    first = (await shop.ship(todo.id, carrier="Dove", tracking_number="AGAIN")).value
    await shop.cancel_shipment(first.id)
    second = (await shop.ship(todo.id, carrier="Dove", tracking_number="AGAIN")).value
    for status in (S.LOST, S.IN_TRANSIT, S.DELIVERED):
        command = ReportTracking(tracking_number="AGAIN", events=(Scan(status=status, occurred_at=shop.work.clock()),))
        package = await shop.work.execute(SYSTEM, report_tracking, command)
        assert package.shipment_id == second.id
    assert package.status is PackageStatus.DELIVERED
    undone, sent = NumberedPackage(package, own=True, scans=()), NumberedPackage(package, own=False, scans=())
    undone = replace(undone, package=changed(package, id=first.id, status=PackageStatus.CANCELED))
    assert chosen([undone, sent], "AGAIN", scan(S.DELIVERED, 1)) == package.id


async def test_an_account_means_its_own_labels_first(shop: Shop) -> None:
    sent = await sent_in_packages(shop, (1,), (1,), at=START)
    first, second = await shop.packages(sent.order.id)
    fresh, told = scan(S.IN_TRANSIT, 1), scan(S.IN_TRANSIT, 2)
    mine, other = NumberedPackage(first, own=True, scans=()), NumberedPackage(second, own=False, scans=[told])
    assert chosen([other, mine], "X", told) == first.id
    assert chosen([replace(mine, own=False), other], "X", told) == second.id
    with pytest.raises(ManyPackages):
        chosen([replace(mine, own=False), other], "X", fresh)
    async with shop.work.reads(SYSTEM) as read:
        assert await packages_numbered(read, Reporter(), ["no such number"]) == {"no such number": []}


async def test_the_same_scans_told_at_once_are_kept_once(shop: Shop) -> None:
    sent = await sent_in_packages(shop, (1,), at=START)
    (key,) = sent.packages
    scans = [scan(S.LOST, 5), scan(S.IN_TRANSIT, 6), scan(S.DELIVERED, 7)]
    assert sum(await asyncio.gather(*[tell(shop, key, scans) for _ in range(8)])) == len(scans)
    assert (await parcel(shop, sent)).status is PackageStatus.DELIVERED
    assert await findings(shop.work) == []


async def test_no_more_scans_are_kept_than_a_parcel_can_have(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take, "MOST_KEPT", 3)
    sent = await sent_in_packages(shop, (1,), at=START)
    (key,) = sent.packages
    few = [scan(S.IN_TRANSIT, each) for each in range(3)]
    await tell(shop, key, few)
    with pytest.raises(TooManyScans):
        await tell(shop, key, [scan(S.DELIVERED, 9)])
    assert await tell(shop, key, few) == 0
