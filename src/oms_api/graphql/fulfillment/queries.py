"""Asking for fulfillment orders."""

from enum import Enum
from typing import Annotated

import strawberry

from oms_api.domain.fulfillment.queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    FulfillmentOrderFilter,
    page_of_fulfillment_orders,
)
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.filters import Match, id_at, matched, matched_ids
from oms_api.graphql.fulfillment.types import FulfillmentOrder, fetch_fulfillment_order
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@enum
class FulfillmentOrderOrder(Enum):
    """How a list of fulfillment orders is ordered."""

    CREATED_AT_ASC = "CREATED_AT_ASC"
    """The oldest first: a location's queue of work."""
    CREATED_AT_DESC = "CREATED_AT_DESC"
    """The newest first."""


ORDERINGS = {FulfillmentOrderOrder.CREATED_AT_ASC: OLDEST_FIRST, FulfillmentOrderOrder.CREATED_AT_DESC: NEWEST_FIRST}


@input_type
class FulfillmentOrderFilterInput:
    """Which fulfillment orders. All that is given must hold."""

    status: Match[FulfillmentOrderStatus] | None = None
    """By how far they are."""
    location_id: Match[strawberry.ID] | None = None
    """By the location that does the work."""
    channel_id: Match[strawberry.ID] | None = None
    """By the channel of the order."""
    order_id: Match[strawberry.ID] | None = None
    """By order."""

    def to_filter(self) -> FulfillmentOrderFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        return FulfillmentOrderFilter(
            statuses=matched(self.status, "where", "status"),
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            channel_ids=matched_ids(IdKind.CHANNEL, self.channel_id, "where", "channelId"),
            order_ids=matched_ids(IdKind.ORDER, self.order_id, "where", "orderId"),
        )


@one_of
class FulfillmentOrderByInput:
    """What a fulfillment order is found by."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""


@output
class FulfillmentQueries:
    """Asking for fulfillment orders."""

    @query(Scope.SHIPPING_READ, description="A list of fulfillment orders, the oldest first unless told otherwise.")
    async def fulfillment_orders(
        self,
        info: Info,
        where: Annotated[FulfillmentOrderFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        order_by: Annotated[FulfillmentOrderOrder, argument("In which order.")] = FulfillmentOrderOrder.CREATED_AT_ASC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[FulfillmentOrder]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter() if where else FulfillmentOrderFilter()
        async with info.context.reads() as read:
            found = await page_of_fulfillment_orders(read, wanted, page, by=ORDERINGS[order_by])
        return Connection.of(found, FulfillmentOrder.of)

    @query(Scope.SHIPPING_READ, description="One fulfillment order, or null where there is none that the key may see.")
    async def fulfillment_order(
        self, info: Info, by: Annotated[FulfillmentOrderByInput, argument("What it is found by.")]
    ) -> FulfillmentOrder | None:
        return await fetch_fulfillment_order(info, id_at(IdKind.FULFILLMENT_ORDER, by.id or "", "by", "id"))
