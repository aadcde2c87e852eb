"""Packages that are watched, by a clock that a test sets forward."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.calendar import Calendar, DeliveryDays
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.fulfillment.departures import date_departures
from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.domain.tracking import watch
from oms_api.domain.tracking.states import ShipmentAlertKind
from oms_api.domain.tracking.tables import PackageWatchRow, ShipmentAlertRow
from oms_api.jobs.tasks import react
from oms_api.kernel.ids import PackageId
from oms_api.workflows.date_arrivals import date_arrivals
from oms_api.workflows.subscribers import SUBSCRIBERS
from oms_api.workflows.tracking.report import ReportTracking, report_tracking
from tests.factories.carriage import ordered, shop_with_address
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM
from tests.factories.raw import raw
from tests.factories.trading import Shop

TWO_DAYS = Calendar(delivery=(DeliveryDays("GB", 2),))


@dataclass
class Tower:
    """From where packages of a shop are watched, by a clock that a test sets forward."""

    shop: Shop
    database: Database
    hours: int = 0

    @classmethod
    async def open(cls, work: UnitOfWork, database: Database) -> "Tower":
        """Open a shop whose parcels take two days."""
        shop = await shop_with_address(work)
        change = UpdateLocation(location_id=shop.locations[0].id, changes={"calendar": TWO_DAYS})
        await work.execute(SYSTEM, update_location, change)
        return cls(shop, database)

    @property
    def work(self) -> UnitOfWork:
        """The unit of work by the clock that was set forward."""
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

    async def raised(self, package: PackageRow) -> set[ShipmentAlertKind]:
        """Return the kinds of the open alerts of a package."""
        return {alert.kind for alert in await self.alerts(package.id) if alert.resolved_at is None}

    async def watched(self, package: PackageRow) -> bool:
        """Tell whether a package is looked at again."""
        found = select(PackageWatchRow).where(PackageWatchRow.package_id == package.id)
        async with self.shop.work.reads(SYSTEM) as read:
            return await read.one_or_none(raw(found)) is not None
