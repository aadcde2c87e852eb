"""A shop's checkouts: reservations made, extended, released, expired and made orders of, at any moment."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.unit_of_work import Done, UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.reservations.commands.change import (
    ExtendReservation,
    ReleaseReservation,
    extend_reservation,
    release_reservation,
)
from oms_api.domain.inventory.reservations.commands.expire import expire_overdue
from oms_api.domain.inventory.reservations.queries import reservations_by_id
from oms_api.domain.inventory.reservations.tables import ReservationLineRow, ReservationRow
from oms_api.domain.orders.given import LineGiven, PlaceOrder
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.promising.commands.create_reservation import CreateReservation, create_reservation
from oms_api.domain.promising.reserving import LineToReserve
from oms_api.kernel.ids import LocationId, ReservationId
from oms_api.workflows.place_order import place_order
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw
from tests.factories.trading import Shop


def wanted(sku: SkuRow, quantity: int = 1, location: LocationId | None = None) -> LineToReserve:
    """Return a line to reserve."""
    return LineToReserve(SkuRef(code=sku.code), quantity, location)


@dataclass
class Checkouts:
    """The checkouts of a shop, by a clock that a test may move."""

    shop: Shop
    late: timedelta = field(default_factory=timedelta)

    @property
    def work(self) -> UnitOfWork:
        """The shop's unit of work, at the moment the test chose."""
        return UnitOfWork(self.shop.work.pool, lambda: datetime.now(UTC) + self.late)

    def after(self, minutes: float) -> "Checkouts":
        """Return the same so many minutes later."""
        return replace(self, late=self.late + timedelta(minutes=minutes))

    async def reserve(self, *lines: LineToReserve, key: str | None = None, **more: Any) -> ReservationRow:
        """Hold units."""
        return (await self.reserving(*lines, key=key, **more)).value

    async def reserving(self, *lines: LineToReserve, key: str | None = None, **more: Any) -> Done[ReservationRow]:
        """Hold units, and tell whether it was done before."""
        command = CreateReservation(**{
            "idempotency_key": key or uuid4().hex, "channel_id": self.shop.channel.id, "lines": lines, **more,
        })  # fmt: skip
        return await self.work.once(
            self.shop.principal, create_reservation, command, key=command.idempotency_key, name="reservationCreate",
            again=reservations_by_id.known,
        )  # fmt: skip

    async def extend(self, reservation: ReservationId, minutes: int, *, key: str | None = None) -> ReservationRow:
        """Hold them for longer."""
        command = ExtendReservation(idempotency_key=key or uuid4().hex, reservation_id=reservation, minutes=minutes)
        done = await self.work.once(
            self.shop.principal, extend_reservation, command, key=command.idempotency_key, name="reservationExtend",
            again=reservations_by_id.known,
        )  # fmt: skip
        return done.value

    async def release(self, reservation: ReservationId, *, key: str | None = None) -> ReservationRow:
        """Give them up."""
        command = ReleaseReservation(idempotency_key=key or uuid4().hex, reservation_id=reservation)
        done = await self.work.once(
            self.shop.principal, release_reservation, command, key=command.idempotency_key, name="reservationRelease",
            again=reservations_by_id.known,
        )  # fmt: skip
        return done.value

    async def expire(self, size: int = 200) -> int:
        """Expire a batch of what is overdue."""
        return await self.work.execute(SYSTEM, expire_overdue, Batch(size))

    async def order(self, reservation: ReservationId | None, *lines: LineGiven, **more: Any) -> OrderRow:
        """Place an order of a reservation."""
        command = PlaceOrder(**{
            "idempotency_key": uuid4().hex, "channel_id": self.shop.channel.id, "lines": lines,
            "reservation_id": reservation, **more,
        })  # fmt: skip
        return cast("OrderRow", (await self.work.execute(self.shop.principal, place_order, command)).order)

    async def now(self, reservation: ReservationId) -> ReservationRow:
        """Return a reservation as it is now."""
        async with self.work.reads(SYSTEM) as read:
            return await reservations_by_id.known(read, reservation)

    async def lines(self, reservation: ReservationId) -> list[tuple[int, int, int, int]]:
        """Return for each line what it took, holds, gave to the order and released."""
        table = ReservationLineRow
        async with self.work.reads(SYSTEM) as read:
            rows = await read.all(raw(select(table).where(table.reservation_id == reservation).order_by(table.position)))
        return [(row.quantity, row.held, row.claimed, row.released) for row in rows]

    async def stock(self, sku: SkuRow, location: int = 0) -> tuple[int, int, int]:
        """Return the free, reserved and committed units of *sku*."""
        level = await Given(self.shop.work).level(sku.id, self.shop.locations[location].id)
        return (level.free, level.reserved, level.committed) if level else (0, 0, 0)
