"""Asking for reservations."""

from enum import Enum
from typing import Annotated

import strawberry

from oms_api.domain.inventory.reservations.queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    ReservationFilter,
    page_of_reservations,
)
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.filters import DateTimeRange, Match, id_at, matched, matched_ids
from oms_api.graphql.permissions import query
from oms_api.graphql.reservations.types import Reservation, fetch_reservation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@enum
class ReservationOrder(Enum):
    """How a list of reservations is ordered."""

    CREATED_AT_DESC = "CREATED_AT_DESC"
    """The newest first."""
    CREATED_AT_ASC = "CREATED_AT_ASC"
    """The oldest first."""


ORDERINGS = {ReservationOrder.CREATED_AT_DESC: NEWEST_FIRST, ReservationOrder.CREATED_AT_ASC: OLDEST_FIRST}


@input_type
class ReservationFilterInput:
    """Which reservations. All that is given must hold."""

    status: Match[ReservationStatus] | None = None
    """By how far they are; overdue ones that nobody has expired yet are ACTIVE."""
    channel_id: Match[strawberry.ID] | None = None
    """By channel."""
    external_ref: Match[str] | None = None
    """By the checkout's id in the platform."""
    order_id: Match[strawberry.ID] | None = None
    """By the order they became."""
    sku_id: Match[strawberry.ID] | None = None
    """By a SKU they took units of; with `locationId`, there."""
    location_id: Match[strawberry.ID] | None = None
    """By a location they took units of."""
    created_at: DateTimeRange | None = None
    """By when they were made."""

    def to_filter(self) -> ReservationFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        return ReservationFilter(
            statuses=matched(self.status, "where", "status"),
            channel_ids=matched_ids(IdKind.CHANNEL, self.channel_id, "where", "channelId"),
            external_refs=matched(self.external_ref, "where", "externalRef"),
            order_ids=matched_ids(IdKind.ORDER, self.order_id, "where", "orderId"),
            sku_ids=matched_ids(IdKind.SKU, self.sku_id, "where", "skuId"),
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            created_from=self.created_at.from_ if self.created_at else None,
            created_before=self.created_at.before if self.created_at else None,
        )


@output
class ReservationQueries:
    """Asking for reservations."""

    @query(Scope.INVENTORY_READ, description="A list of reservations, the newest first unless told otherwise.")
    async def reservations(
        self,
        info: Info,
        where: Annotated[ReservationFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        order_by: Annotated[ReservationOrder, argument("In which order.")] = ReservationOrder.CREATED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Reservation]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter() if where else ReservationFilter()
        found = await page_of_reservations(info.context.read, wanted, page, by=ORDERINGS[order_by])
        return Connection.of(found, Reservation.of)

    @query(Scope.INVENTORY_READ, description="One reservation, or null where there is none that the key may see.")
    async def reservation(self, info: Info, id: Annotated[strawberry.ID, argument("Its id.")]) -> Reservation | None:
        return await fetch_reservation(info, id_at(IdKind.RESERVATION, id, "id"))
