"""Reservations, as clients read them."""

from datetime import datetime
from typing import Self, cast

import strawberry

from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.inventory.queries import levels_by_id
from oms_api.domain.inventory.reservations.errors import DuplicateReservationRef
from oms_api.domain.inventory.reservations.policies import available_actions, overdue
from oms_api.domain.inventory.reservations.queries import (
    pages_of_reservation_lines,
    reservation_lines_by_id,
    reservations_by_id,
)
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.tables import ReservationLineRow as LineRow
from oms_api.domain.inventory.reservations.tables import ReservationRow
from oms_api.domain.inventory.tables import InventoryLevel as LevelRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Channel, Location, fetch_channel
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.fulfillment.types import location_of
from oms_api.graphql.inventory.types import InventoryLevel
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.orders.types import Order, fetch_order
from oms_api.graphql.permissions import field, guarded
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, ReservationId, ReservationLineId, text_id
from oms_api.kernel.paging import PageRequest

enum(ReservationStatus)


@output
class ReservationLine(Node):
    """Units of one SKU that a reservation took at one location: quantity = held + claimed + released."""

    row: strawberry.Private[LineRow]
    location_id: strawberry.ID
    """The id of the location where they lie."""
    quantity: int
    """How many units it took."""
    held: int
    """Units it still holds."""
    claimed: int
    """Units that went to the order."""
    released: int
    """Units that are free again, or were missing."""

    @classmethod
    def of(cls, row: LineRow) -> Self:
        """Describe a stored line."""
        return cls(
            id=strawberry.ID(text_id(IdKind.RESERVATION_LINE, row.id)),
            row=row,
            location_id=strawberry.ID(text_id(IdKind.LOCATION, row.location_id)),
            quantity=row.quantity,
            held=row.held,
            claimed=row.claimed,
            released=row.released,
        )

    @field(description="The goods; of a bundle its components.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @field(description="Where they lie.")
    async def location(self, info: Info) -> Location:
        return await location_of(info, self.row.location_id)

    @field(description="The level they lie in, as it is now; they are part of its `reserved`.")
    async def inventory_level(self, info: Info) -> InventoryLevel:
        return InventoryLevel.of(cast("LevelRow", await info.context.load(levels_by_id, self.row.level_id)))


@output
class Reservation(Node):
    """Units held for a checkout until a deadline. From then on it keeps nothing from anybody."""

    row: strawberry.Private[ReservationRow]
    channel_id: strawberry.ID
    """The id of the channel of the checkout."""
    external_ref: str | None
    """The checkout's id in the platform: no two active reservations of a channel have the same."""
    status: ReservationStatus
    """How far it is. An overdue one is ACTIVE until somebody needs its units or a worker expires it, within seconds."""
    expires_at: datetime
    """Its deadline."""
    actor: str
    """Who made it; an order of it can only be placed by the same integration."""
    created_at: datetime
    """When it was made."""
    closed_at: datetime | None
    """When it was converted, released or expired."""

    @classmethod
    def of(cls, row: ReservationRow) -> Self:
        """Describe a stored reservation."""
        return cls(
            id=strawberry.ID(text_id(IdKind.RESERVATION, row.id)),
            row=row,
            channel_id=strawberry.ID(text_id(IdKind.CHANNEL, row.channel_id)),
            external_ref=row.external_ref,
            status=row.status,
            expires_at=row.expires_at,
            actor=row.actor,
            created_at=row.created_at,
            closed_at=row.closed_at,
        )

    @field(description="Whether the deadline has passed although it is still ACTIVE.")
    async def overdue(self, info: Info) -> bool:
        return overdue(self.row.status, self.row.expires_at, info.context.work.clock())

    @field(description="The channel of the checkout.")
    async def channel(self, info: Info) -> Channel | None:
        return await fetch_channel(info, self.row.channel_id)

    @guarded(Scope.ORDERS_READ, description="The order that the checkout became.")
    async def order(self, info: Info) -> Order | None:
        return None if self.row.order_id is None else await fetch_order(info, self.row.order_id)

    @field(description="What it took, at the locations that the key may see.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ReservationLine]:
        page = PageRequest.of(first, after, last, before)
        return Connection.of(await info.context.load(pages_of_reservation_lines, self.row.id, page), ReservationLine.of)

    @field(description="What can be done with it now, and what stands in the way.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        now = info.context.work.clock()
        return AvailableAction.of(available_actions(self.row.status, self.row.expires_at, now))


@fetches(IdKind.RESERVATION, Scope.INVENTORY_READ)
async def fetch_reservation(info: Info, key: ReservationId) -> Reservation | None:
    """Return a reservation, if the caller may see it."""
    row = await info.context.load(reservations_by_id, key)
    return Reservation.of(row) if row else None


@fetches(IdKind.RESERVATION_LINE, Scope.INVENTORY_READ)
async def fetch_reservation_line(info: Info, key: ReservationLineId) -> ReservationLine | None:
    """Return a line of a reservation, if the caller may see it."""
    row = await info.context.load(reservation_lines_by_id, key)
    return ReservationLine.of(row) if row else None


@represents(DuplicateReservationRef, lambda error: {"reservation_id": error.reservation_id})
@output
class DuplicateReservationRefError(UserError):
    """The channel already has an active reservation with this external reference."""

    reservation_id: strawberry.Private[ReservationId | None]

    @guarded(Scope.INVENTORY_READ, description="The reservation that has it.")
    async def reservation(self, info: Info) -> Reservation | None:
        return None if self.reservation_id is None else await fetch_reservation(info, self.reservation_id)
