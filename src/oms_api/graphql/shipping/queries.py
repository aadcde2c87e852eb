"""Asking for shipments."""

from enum import Enum
from typing import Annotated

import strawberry

from oms_api.domain.shipping.queries import NEWEST_FIRST, OLDEST_FIRST, ShipmentFilter, page_of_shipments
from oms_api.domain.shipping.states import ShipmentStatus
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.filters import DateTimeRange, Match, id_at, matched, matched_ids
from oms_api.graphql.permissions import query
from oms_api.graphql.shipping.types import Shipment, fetch_shipment
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@enum
class ShipmentOrder(Enum):
    """How a list of shipments is ordered."""

    SHIPPED_AT_DESC = "SHIPPED_AT_DESC"
    """The newest first."""
    SHIPPED_AT_ASC = "SHIPPED_AT_ASC"
    """The oldest first."""


ORDERINGS = {ShipmentOrder.SHIPPED_AT_DESC: NEWEST_FIRST, ShipmentOrder.SHIPPED_AT_ASC: OLDEST_FIRST}


@input_type
class ShipmentFilterInput:
    """Which shipments. All that is given must hold."""

    status: Match[ShipmentStatus] | None = None
    """By where they are."""
    order_id: Match[strawberry.ID] | None = None
    """By order."""
    fulfillment_order_id: Match[strawberry.ID] | None = None
    """By the fulfillment order that asked for them."""
    location_id: Match[strawberry.ID] | None = None
    """By the location they left."""
    channel_id: Match[strawberry.ID] | None = None
    """By the channel of the order."""
    tracking_number: Match[str] | None = None
    """By the tracking number of one of their packages."""
    shipped_at: DateTimeRange | None = None
    """By when they left."""

    def to_filter(self) -> ShipmentFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        return ShipmentFilter(
            statuses=matched(self.status, "where", "status"),
            order_ids=matched_ids(IdKind.ORDER, self.order_id, "where", "orderId"),
            fulfillment_order_ids=matched_ids(
                IdKind.FULFILLMENT_ORDER, self.fulfillment_order_id, "where", "fulfillmentOrderId"
            ),
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            channel_ids=matched_ids(IdKind.CHANNEL, self.channel_id, "where", "channelId"),
            tracking_numbers=matched(self.tracking_number, "where", "trackingNumber"),
            shipped_from=self.shipped_at.from_ if self.shipped_at else None,
            shipped_before=self.shipped_at.before if self.shipped_at else None,
        )


@one_of
class ShipmentByInput:
    """What a shipment is found by."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""


@output
class ShippingQueries:
    """Asking for shipments."""

    @query(Scope.SHIPPING_READ, description="A list of shipments, the newest first unless told otherwise.")
    async def shipments(
        self,
        info: Info,
        where: Annotated[ShipmentFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        order_by: Annotated[ShipmentOrder, argument("In which order.")] = ShipmentOrder.SHIPPED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Shipment]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter() if where else ShipmentFilter()
        async with info.context.reads() as read:
            return Connection.of(await page_of_shipments(read, wanted, page, by=ORDERINGS[order_by]), Shipment.of)

    @query(Scope.SHIPPING_READ, description="One shipment, or null where there is none that the key may see.")
    async def shipment(self, info: Info, by: Annotated[ShipmentByInput, argument("What it is found by.")]) -> Shipment | None:
        return await fetch_shipment(info, id_at(IdKind.SHIPMENT, by.id or "", "by", "id"))
