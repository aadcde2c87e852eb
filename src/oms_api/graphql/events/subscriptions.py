"""Watching: backlog first, then live, without a seam. Rights are checked again for each fact."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated

import strawberry

from oms_api.db.outbox import FeedEvent
from oms_api.domain.events.queries import EventFilter
from oms_api.domain.fulfillment.events import AllocationLost, OrderSourced
from oms_api.domain.inventory import events as stock
from oms_api.domain.inventory.counts import events as counts
from oms_api.domain.inventory.lots import events as lots
from oms_api.domain.inventory.reservations import events as reservations
from oms_api.domain.inventory.transfers import events as transfers
from oms_api.domain.orders.queries import order_by_id
from oms_api.domain.planning import events as planning
from oms_api.domain.purchasing.events import PurchaseOrderReceived
from oms_api.domain.returns.events import ReturnReceived
from oms_api.domain.shipping.events import PackageReturned, ShipmentCreated
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.events.filters import Wanted
from oms_api.graphql.events.types import Event, OrderStatusChange
from oms_api.graphql.nodes import id_at
from oms_api.graphql.orders.types import Order
from oms_api.graphql.permissions import subscription
from oms_api.graphql.scalars import Cursor
from oms_api.kernel.access import Scope
from oms_api.kernel.events import event_types, types_of
from oms_api.kernel.ids import IdKind, OrderId

RETURNS = frozenset(name for name, event in event_types.items() if event.subject is IdKind.RETURN)
SHIPPED = {IdKind.SHIPMENT, IdKind.PACKAGE, IdKind.LABEL, IdKind.MANIFEST, IdKind.PICKUP, IdKind.SHIPMENT_ALERT}
INVENTORY = types_of(stock, reservations, transfers, counts, lots, planning) | {
    PurchaseOrderReceived.type,
    ReturnReceived.type,
    ShipmentCreated.type,
    PackageReturned.type,
    AllocationLost.type,
    OrderSourced.type,
}
"""What moves stock or tells of it. What an order takes is told by INVENTORY_LEVEL_CHANGED and CHANNEL_AVAILABILITY_CHANGED."""

SHIPPING = frozenset(name for name, event in event_types.items() if event.subject in SHIPPED)
"""What is told of shipments, packages, labels and pickups."""
STATUSES = {"status", "fulfillmentStatus", "paymentStatus", "returnStatus", "onHold", "package.trackingStatus"}
After = Annotated[
    Cursor | None,
    argument("A cursor of the feed: the stream begins with the events after it. By default the stream has only new events."),
]


@output
class EventSubscriptions:
    """Watching facts."""

    @subscription(Scope.EVENTS_READ, description="Every event that the API key may see, in the order of the feed.")
    async def events(self, info: Info, where: Wanted = None, after: After = None) -> AsyncGenerator[Event, None]:
        async for cursor, row in followed(info, where.to_filter() if where else EventFilter(), after):
            yield Event.of(row, cursor)

    @subscription(Scope.ORDERS_READ, description="Every event of orders: placed, shipped, delivered, canceled.")
    async def order_events(self, info: Info, where: Wanted = None, after: After = None) -> AsyncGenerator[Event, None]:
        async for cursor, row in followed(info, where.to_filter() if where else EventFilter(), after):
            if row.order_id is not None:
                yield Event.of(row, cursor)

    @subscription(Scope.RETURNS_READ, description="Every event of returns: announced, received, closed, canceled.")
    async def return_events(self, info: Info, where: Wanted = None, after: After = None) -> AsyncGenerator[Event, None]:
        wanted = where.to_filter() if where else EventFilter()
        types = RETURNS if wanted.types is None else RETURNS & wanted.types
        async for cursor, row in followed(info, replace(wanted, types=types), after):
            yield Event.of(row, cursor)

    @subscription(
        Scope.SHIPPING_READ,
        description="Every event of shipments, packages, labels and pickups: labeled, shipped, scanned, delivered, lost, "
        "and alerts.",
    )
    async def shipment_events(self, info: Info, where: Wanted = None, after: After = None) -> AsyncGenerator[Event, None]:
        wanted = where.to_filter() if where else EventFilter()
        types = SHIPPING if wanted.types is None else SHIPPING & wanted.types
        async for cursor, row in followed(info, replace(wanted, types=types), after):
            yield Event.of(row, cursor)

    @subscription(
        Scope.INVENTORY_READ,
        description=(
            "Every event of stock: changes of the numbers of a level, changes of the availability in a channel, "
            "corrections, moves, counts, reservations, transfers, receipts, promises taken back, and alerts."
        ),
    )
    async def inventory_events(self, info: Info, where: Wanted = None, after: After = None) -> AsyncGenerator[Event, None]:
        wanted = where.to_filter() if where else EventFilter()
        types = INVENTORY if wanted.types is None else INVENTORY & wanted.types
        async for cursor, row in followed(info, replace(wanted, types=types), after):
            yield Event.of(row, cursor)

    @subscription(
        Scope.ORDERS_READ,
        description=(
            "First the present status of one order, then every change of its statuses or of its packages' tracking "
            "statuses. With `after`, the present status is sent first too; the changes are then those after that cursor."
        ),
    )
    async def order_status_changed(
        self, info: Info, id: Annotated[strawberry.ID, argument("The order.")], after: After = None
    ) -> AsyncGenerator[OrderStatusChange, None]:
        order_id = id_at(IdKind.ORDER, id, "id")
        place = after or await info.context.feed.now()
        order = await present(info, order_id)
        yield OrderStatusChange(cursor=Cursor(place), order=order, event=None)
        async for cursor, row in followed(info, EventFilter(order_ids=frozenset({order_id})), place):
            if STATUSES & (row.changes or {}).keys():
                order = await present(info, order_id)
                yield OrderStatusChange(cursor=Cursor(cursor), order=order, event=Event.of(row, cursor))


async def followed(info: Info, where: EventFilter, after: str | None) -> AsyncGenerator[tuple[str, FeedEvent], None]:
    """Follow the feed for one subscription; what was loaded for one fact is not reused for the next."""
    context = info.context
    async with aclosing(context.feed.follow(context.principal, where, after)) as facts:
        async for cursor, row in facts:
            if row.type in event_types:
                context.forget_loaded()
                yield cursor, row


async def present(info: Info, order_id: OrderId) -> Order:
    """Return the order as it is now. Raises: NotFound."""
    return Order.of(await order_by_id(info.context.read, order_id))
