"""Alerts of packages: raised by the clock and by what happens, once, and resolved when they are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.calendar import Calendar, DeliveryDays
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.fulfillment.departures import date_departures
from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.domain.tracking import watch
from oms_api.domain.tracking.events import ShipmentAlertRaised, ShipmentAlertResolved
from oms_api.domain.tracking.states import ShipmentAlertKind
from oms_api.domain.tracking.tables import PackageWatchRow, ShipmentAlertRow
from oms_api.jobs.tasks import react
from oms_api.kernel.ids import PackageId
from oms_api.workflows.date_arrivals import date_arrivals
from oms_api.workflows.subscribers import SUBSCRIBERS
from oms_api.workflows.tracking.report import ReportTracking, report_tracking
from tests.factories.carriage import ordered, shop_with_address
from tests.factories.database import Database
from tests.factories.feed import feed, relay_all
from tests.factories.given import SYSTEM
from tests.factories.raw import raw
from tests.factories.trading import Shop

K, T = ShipmentAlertKind, TrackingStatus
TWO_DAYS = Calendar(delivery=(DeliveryDays("GB", 2),))


@dataclass
class Tower:
    """From where packages of a shop are watched, by a clock that a test sets forward."""

    shop: Shop
    database: Database
    hours: int = 0

    @property
    def work(self) -> UnitOfWork:
        return UnitOfWork(self.shop.work.pool, lambda: datetime.now(UTC) + timedelta(hours=self.hours))

    async def sent(self, number: str | None = "") -> PackageRow:
        """Return the package of an order that left just now."""
        order = await ordered(self.shop)
        (todo,) = await self.shop.works(order.id)
        tracking = {"carrier": "Van", "tracking_number": number or f"V{uuid4().hex}"} if number is not None else {}
        await self.shop.ship(todo.id, **tracking)
        (package,) = await self.shop.packages(order.id)
        return package

    async def told(self, package: PackageRow, status: TrackingStatus) -> None:
        """Let the carrier tell of a package, now."""
        scan = Scan(status=status, occurred_at=self.work.clock())
        await self.work.execute(SYSTEM, report_tracking, ReportTracking(package_id=package.id, events=(scan,)))

    async def look(self, hours: int | None = None) -> None:
        """Let what follows follow, and look at what is due, so many hours from now."""
        self.hours = self.hours if hours is None else hours
        await relay_all(self.database.owner_url)
        while await react(self.shop.work, SUBSCRIBERS.reactions[watch.FOLLOWER]):
            pass
        for sweep in (date_departures, date_arrivals, watch.watch_packages):
            while await self.work.execute(SYSTEM, sweep, 100):
                pass

    async def alerts(self, package: PackageId) -> Sequence[ShipmentAlertRow]:
        """Return the alerts of a package, oldest first."""
        table = ShipmentAlertRow
        async with self.shop.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.package_id == package).order_by(table.id)))

    async def open(self, package: PackageRow) -> set[ShipmentAlertKind]:
        """Return the kinds of the open alerts of a package."""
        return {alert.kind for alert in await self.alerts(package.id) if alert.resolved_at is None}

    async def watched(self, package: PackageRow) -> bool:
        """Tell whether a package is looked at again."""
        found = select(PackageWatchRow).where(PackageWatchRow.package_id == package.id)
        async with self.shop.work.reads(SYSTEM) as read:
            return await read.one_or_none(raw(found)) is not None


@pytest.fixture
async def tower(work: UnitOfWork, database: Database) -> Tower:
    shop = await shop_with_address(work)
    change = UpdateLocation(location_id=shop.locations[0].id, changes={"calendar": TWO_DAYS})
    await work.execute(SYSTEM, update_location, change)
    return Tower(shop, database)


async def test_a_package_that_nobody_scans_raises_an_alert_until_it_is_scanned(tower: Tower) -> None:
    package, without = await tower.sent(), await tower.sent(None)
    await tower.look(23)
    assert await tower.open(package) == set()
    await tower.look(25)
    await tower.look(26)
    assert (await tower.open(package), await tower.open(without)) == ({K.UNSCANNED}, set())
    await tower.told(package, T.IN_TRANSIT)
    await tower.look()
    (alert,) = await tower.alerts(package.id)
    assert alert.resolved_at is not None
    assert (alert.order_id, alert.channel_id, alert.carrier) == (package.order_id, tower.shop.channel.id, "Van")


async def test_a_package_that_nothing_is_heard_of_is_quiet(tower: Tower) -> None:
    package = await tower.sent()
    await tower.told(package, T.IN_TRANSIT)
    await tower.look(71)
    assert K.QUIET not in await tower.open(package)
    await tower.look(73)
    assert K.QUIET in await tower.open(package)
    await tower.told(package, T.IN_TRANSIT)
    await tower.look()
    assert K.QUIET not in await tower.open(package)


async def test_a_package_is_late_the_day_after_it_was_promised(tower: Tower) -> None:
    package = await tower.sent()
    await tower.look(0)
    (dated,) = await tower.shop.packages(package.order_id)
    assert dated.promised_on is not None
    days = (dated.promised_on - datetime.now(UTC).date()).days
    await tower.look(24 * (days - 1))
    assert K.LATE not in await tower.open(package)
    await tower.look(24 * (days + 2))
    assert K.LATE in await tower.open(package)
    await tower.told(package, T.DELIVERED)
    await tower.look()
    assert (await tower.open(package), await tower.watched(package)) == (set(), False)


async def test_what_the_carrier_tells_raises_alerts_at_once_and_what_follows_resolves_them(tower: Tower) -> None:
    package = await tower.sent()
    for hours, status, kinds in (
        (1, T.FAILURE, {K.FAILED_ATTEMPT}),
        (2, T.OUT_FOR_DELIVERY, set()),
        (3, T.FAILURE, {K.FAILED_ATTEMPT}),
        (4, T.RETURN_TO_SENDER, {K.RETURNING}),
    ):
        tower.hours = hours
        await tower.told(package, status)
        await tower.look()
        assert await tower.open(package) == kinds
    await tower.shop.mark_returned(package.id)
    await tower.look()
    assert await tower.open(package) == set()
    assert [alert.kind for alert in await tower.alerts(package.id)] == [K.FAILED_ATTEMPT, K.FAILED_ATTEMPT, K.RETURNING]


async def test_a_lost_package_raises_an_alert_until_it_is_found(tower: Tower) -> None:
    package = await tower.sent()
    await tower.shop.mark_lost(package.id)
    await tower.look()
    assert await tower.open(package) == {K.LOST}
    await tower.shop.mark_found(package.id)
    await tower.look()
    assert await tower.open(package) == set()


async def test_a_package_is_not_watched_for_ever(tower: Tower) -> None:
    package = await tower.sent()
    await tower.look(30)
    assert await tower.open(package) == {K.UNSCANNED}
    await tower.look(24 * 91)
    assert (await tower.open(package), await tower.watched(package)) == (set(), False)


async def test_a_channel_says_what_it_wants_to_hear_of(tower: Tower) -> None:
    package = await tower.sent()
    await tower.look(30)
    assert await tower.open(package) == {K.UNSCANNED}
    changes: Any = {"alert_unscanned_after_hours": None}
    await tower.work.execute(SYSTEM, update_channel, UpdateChannel(channel_id=tower.shop.channel.id, changes=changes))
    await tower.look()
    assert await tower.open(package) == set()


async def test_alerts_are_told_as_events_of_their_order(tower: Tower) -> None:
    package = await tower.sent()
    await tower.told(package, T.FAILURE)
    await tower.look()
    await tower.told(package, T.DELIVERED)
    await tower.look()
    await relay_all(tower.database.owner_url)
    told = [each for each in await feed(tower.shop.work) if each.order_id == package.order_id and "ALERT" in each.type]
    assert [(each.type, each.changes, each.cause_id) for each in told] == [
        (ShipmentAlertRaised.type, {"kind": [None, "FAILED_ATTEMPT"]}, package.id),
        (ShipmentAlertResolved.type, {"kind": ["FAILED_ATTEMPT", None]}, package.id),
    ]
    assert {each.channel_id for each in told} == {tower.shop.channel.id}
    assert [list(each.location_ids) for each in told] == [[tower.shop.locations[0].id]] * 2
