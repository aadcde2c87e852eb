"""Fulfillment orders, as clients read them."""

from datetime import date, datetime
from typing import Annotated, Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.channels.tables import Location as LocationRow
from oms_api.domain.fulfillment.policies import available_actions
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderLine as LineRow
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.orders.queries import lines_by_id, orders_by_id
from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.channels.loaders import LocationById
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.loaders import FulfillmentOrderById, LinesByFulfillmentOrder
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, OrderId, text_id
from oms_api.kernel.paging import PageRequest

OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
OrderLineType = Annotated["OrderLine", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
enum(FulfillmentOrderStatus)


async def order_of(info: Info, order_id: OrderId) -> OrderType:
    """Return the order with *order_id*, which whoever got here may see."""
    from oms_api.graphql.orders.types import Order  # noqa: PLC0415 - the order names its fulfillment orders, and they it

    return Order.of(cast("OrderRow", await info.context.load(orders_by_id, order_id)))


async def location_of(info: Info, location_id: UUID) -> Location:
    """Return the location with *location_id*, which whoever got here may see."""
    return Location.of(cast("LocationRow", await info.context.loader(LocationById).load(location_id)))


async def order_line_of(info: Info, line_id: UUID) -> OrderLineType:
    """Return the order's line with *line_id*, which whoever got here may see."""
    from oms_api.graphql.orders.types import OrderLine  # noqa: PLC0415 - as above

    row = await info.context.load(lines_by_id, line_id)
    return OrderLine.of(row, row.currency)


@output
class FulfillmentOrderLine(Node):
    """Units of an order's line that one location has to ship: quantity = shipped + canceled + remaining."""

    row: strawberry.Private[LineRow]
    quantity: int
    """Units that were asked of the location."""
    shipped: int
    """Units that left."""
    canceled: int
    """Units that are no longer wanted."""
    remaining: int
    """Units still to ship."""

    @classmethod
    def of(cls, row: LineRow) -> Self:
        """Describe a stored line."""
        return cls(
            id=strawberry.ID(text_id(IdKind.FULFILLMENT_ORDER_LINE, row.id)),
            row=row,
            quantity=row.quantity,
            shipped=row.shipped,
            canceled=row.canceled,
            remaining=row.quantity - row.shipped - row.canceled,
        )

    @field(description="The order's line.")
    async def line(self, info: Info) -> OrderLineType:
        return await order_line_of(info, self.row.line_id)


@output
class FulfillmentOrder(Node):
    """The work that one location has with one order."""

    row: strawberry.Private[FulfillmentOrderRow]
    location_id: strawberry.ID
    """The id of the location that does it."""
    status: FulfillmentOrderStatus
    """How far it is."""
    opens_on: date | None
    """The day on which SCHEDULED work is opened, by the location's clock; null for any other."""
    created_at: datetime
    """When it was asked for, by the business's clock."""
    closed_at: datetime | None
    """When nothing was left to do."""

    @classmethod
    def of(cls, row: FulfillmentOrderRow) -> Self:
        """Describe a stored fulfillment order."""
        return cls(
            id=strawberry.ID(text_id(IdKind.FULFILLMENT_ORDER, row.id)),
            row=row,
            location_id=strawberry.ID(text_id(IdKind.LOCATION, row.location_id)),
            status=row.status,
            opens_on=row.opens_on if row.status is FulfillmentOrderStatus.SCHEDULED else None,
            created_at=row.created_at,
            closed_at=row.closed_at,
        )

    @field(description="The location that does it.")
    async def location(self, info: Info) -> Location:
        return await location_of(info, self.row.location_id)

    @field(description="The order it is part of.")
    async def order(self, info: Info) -> OrderType:
        return await order_of(info, self.row.order_id)

    @field(description="What it has to ship.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[FulfillmentOrderLine]:
        loader = info.context.loader(LinesByFulfillmentOrder, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), FulfillmentOrderLine.of)

    @field(description="What can be done with it now, and what stands in the way.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        order = await info.context.load(orders_by_id, self.row.order_id)
        return AvailableAction.of(available_actions(self.row.status, on_hold=order is not None and order.on_hold))


@fetches(IdKind.FULFILLMENT_ORDER, Scope.SHIPPING_READ)
async def fetch_fulfillment_order(info: Info, key: UUID) -> FulfillmentOrder | None:
    """Return a fulfillment order, if the caller may see it."""
    row = await info.context.loader(FulfillmentOrderById).load(key)
    return FulfillmentOrder.of(row) if row else None
