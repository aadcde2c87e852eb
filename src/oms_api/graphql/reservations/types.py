"""Reservations, as clients read them."""

from datetime import datetime

import strawberry

from oms_api.domain.inventory.reservations.errors import DuplicateReservationRef
from oms_api.domain.inventory.reservations.policies import overdue
from oms_api.domain.inventory.reservations.queries import (
    pages_of_reservation_lines,
    reservation_lines_by_id,
    reservations_by_id,
)
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.tables import ReservationLineRow as LineRow
from oms_api.domain.inventory.reservations.tables import ReservationRow
from oms_api.domain.inventory.reservations.verbs import LIFE, Deadline
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Channel, Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import answered, leads_to, pages
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.inventory.types import InventoryLevel
from oms_api.graphql.nodes import Node
from oms_api.graphql.orders.types import Order
from oms_api.graphql.permissions import field, guarded
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, LocationId, ReservationId, ReservationLineId

enum(ReservationStatus)


async def is_overdue(info: Info, row: ReservationRow) -> bool:
    """Tell whether a reservation is past its deadline although nobody has expired it yet."""
    return overdue(row.status, row.expires_at, info.context.work.clock())


@entity(reservation_lines_by_id, Scope.INVENTORY_READ)
class ReservationLine(Node, Record[LineRow]):
    """Units of one SKU that a reservation took at one location: quantity = held + claimed + released."""

    id: ReservationLineId
    location_id: LocationId
    """The id of the location of the units."""
    quantity: int
    """Units taken at first: `held` + `claimed` + `released`."""
    held: int
    """Units that the reservation still holds."""
    claimed: int
    """Units that went to the order."""
    released: int
    """Units that the reservation no longer holds and that did not go to the order: they are free again, or turned out to be
    missing."""
    sku: Sku = leads_to(LineRow.sku_id)
    """The SKU. A bundle is held as its components."""
    location: Location = leads_to(LineRow.location_id)
    """The location of the goods."""
    inventory_level: InventoryLevel = leads_to(LineRow.level_id)
    """The level of the units, as it is now. Units still held are part of its `reserved`."""


@entity(reservations_by_id, Scope.INVENTORY_READ)
class Reservation(Node, Record[ReservationRow]):
    """Units held for a checkout until a deadline. After the deadline, the units are free for others."""

    id: ReservationId
    channel_id: ChannelId
    """The id of the channel of the checkout."""
    external_ref: str | None
    """The checkout's id in the platform. No two active reservations of a channel have the same id."""
    status: ReservationStatus
    """The status. Some seconds after its deadline, or earlier when its units are needed, a reservation becomes EXPIRED. Until
    then it stays ACTIVE."""
    expires_at: datetime
    """The deadline."""
    actor: str
    """The person or program that made the reservation. Only the integration that made the reservation can place an order with
    it."""
    created_at: datetime
    """When it was made."""
    closed_at: datetime | None
    """When the reservation was converted, released or expired; null while it is ACTIVE."""
    overdue: bool = answered(is_overdue)
    """Whether the deadline has passed although the reservation is still ACTIVE."""
    channel: Channel | None = leads_to(ReservationRow.channel_id)
    """The channel of the checkout."""
    order: Order | None = leads_to(ReservationRow.order_id, scope=Scope.ORDERS_READ)
    """The order that the reservation was converted into; null for none."""
    lines: Connection[ReservationLine] = pages(pages_of_reservation_lines, ReservationLine)
    """The units that the reservation holds or held, at the locations that the API key may see."""

    @field(description="The actions on it, and whether each is allowed now.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        deadline = Deadline(self.row.expires_at, info.context.work.clock())
        return AvailableAction.of(LIFE.actions(self.row.status, deadline))


@represents(DuplicateReservationRef, lambda error: {"reservation_id": error.reservation_id})
@output
class DuplicateReservationRefError(UserError):
    """The channel already has an active reservation with this external reference."""

    reservation_id: strawberry.Private[ReservationId | None]

    @guarded(Scope.INVENTORY_READ, description="The reservation that has the reference.")
    async def reservation(self, info: Info) -> Reservation | None:
        return None if self.reservation_id is None else await Reservation.fetch(info, self.reservation_id)
