"""Asking for reservations."""

from enum import Enum
from typing import Annotated

from oms_api.domain.inventory.reservations.queries import NEWEST_FIRST, OLDEST_FIRST, visible_lines
from oms_api.domain.inventory.reservations.tables import ReservationLineRow, ReservationRow
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.through import Through
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.permissions import query
from oms_api.graphql.reservations.types import Reservation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ReservationId

LINES = Through(ReservationLineRow.reservation_id == ReservationRow.id, seen=visible_lines)


@enum
class ReservationOrder(Enum):
    """The sort order of a list of reservations."""

    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    CREATED_AT_ASC = OLDEST_FIRST
    """The oldest first."""


@input_type
class ReservationFilterInput(Where):
    """Conditions on reservations; all must be true."""

    status = on(ReservationRow.status)
    """By status. A reservation past its deadline stays ACTIVE until the server marks it as EXPIRED, within seconds."""
    channel_id = on(ReservationRow.channel_id)
    external_ref = on(ReservationRow.external_ref)
    """By the checkout's id in the platform."""
    order_id = on(ReservationRow.order_id)
    """By the order that the reservation was converted into."""
    sku_id = on(ReservationLineRow.sku_id, through=LINES)
    """By a SKU of the reservation. Together with `locationId`: the reservation holds or held the SKU at that location."""
    location_id = on(ReservationLineRow.location_id, through=LINES)
    """By a location where the reservation holds or held units."""
    created_at = on(ReservationRow.created_at)
    """When they were created."""


RESERVATIONS = Listing(show=Reservation, where=ReservationFilterInput, order=ReservationOrder)


@output
class ReservationQueries:
    """Asking for reservations."""

    reservations = listed(RESERVATIONS)
    """A list of reservations, the newest first by default."""

    @query(Scope.INVENTORY_READ, description="One reservation; null where there is none that the API key may see.")
    async def reservation(self, info: Info, id: Annotated[ReservationId, argument("Its id.")]) -> Reservation | None:
        found: Reservation | None = await Reservation.fetch(info, id)
        return found
