"""Watching: backlog first, then live, without a seam. Rights are checked again for each fact."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Annotated, Any, get_args

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
from oms_api.graphql.declared.agreement import of_column
from oms_api.graphql.declared.filters import On, Where, on
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.events.kinds import EventType
from oms_api.graphql.events.types import Event, OrderStatusChange
from oms_api.graphql.nodes import id_at
from oms_api.graphql.orders.types import Order
from oms_api.graphql.permissions import subscription
from oms_api.graphql.scalars import Cursor
from oms_api.kernel.access import Scope
from oms_api.kernel.events import event_types, types_of
from oms_api.kernel.ids import IdKind, OrderId

RETURNS = frozenset(name for name, event in event_types.items() if event.subject is IdKind.RETURN)
INVENTORY = types_of(stock, reservations, transfers, counts, lots, planning) | {
    PurchaseOrderReceived.type,
    ReturnReceived.type,
    ShipmentCreated.type,
    PackageReturned.type,
    AllocationLost.type,
    OrderSourced.type,
}
"""What moves stock or tells of it. What an order takes is told by INVENTORY_LEVEL_CHANGED and CHANNEL_AVAILABILITY_CHANGED."""

STATUSES = {"status", "fulfillmentStatus", "paymentStatus", "returnStatus", "onHold"}
After = Annotated[Cursor | None, argument("A place in the feed: events behind it come first; by default only new events.")]


@dataclass(frozen=True)
class OnType(On):
    """A filter on what happened."""

    def value_type(self) -> Any:
        """Return the enum of all that can happen."""
        return EventType


@dataclass(frozen=True)
class OnEach(On):
    """A filter on a column that holds several ids: one of them at least must be what is asked, or none of them."""

    def value_type(self) -> Any:
        """Return the type of one of them."""
        return get_args(of_column(self.column)[0])[0]


@input_type
class EventFilterInput(Where):
    """Conditions on events; all must hold."""

    type = OnType(FeedEvent.type)
    """By type."""
    order_id = on(FeedEvent.order_id)
    """By the order it belongs to."""
    channel_id = on(FeedEvent.channel_id)
    """By the channel it belongs to."""
    sku_id = on(FeedEvent.sku_id)
    """By the SKU it is about: the SKU itself, its levels, lots, listings, alerts and backorders. Events that may be about many
    SKUs, such as those of orders and stock documents, do not match."""
    location_id = OnEach(FeedEvent.location_ids)
    """By location: one of those it concerns must match."""

    def to_filter(self) -> EventFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, InvalidValue, TooManyItems."""
        return _filter(self.checked("where"))


FIELDS = {
    "type": ("types", None),
    "order_id": ("order_ids", "has_order"),
    "channel_id": ("channel_ids", "has_channel"),
    "sku_id": ("sku_ids", "has_sku"),
    "location_id": ("location_ids", "has_locations"),
}
"""What the domain calls the values that a fact must have one of, and whether it has any."""


def _filter(where: EventFilterInput) -> EventFilter:
    """Return what is asked as sets, which are looked into for each fact that happens."""
    given: dict[str, Any] = {}
    none = [_filter(each) for each in where.not_]
    for name, (values, there) in FIELDS.items():
        asked = getattr(where, name)
        if asked is None:
            continue
        if wanted := _sets(asked.eq_, asked.in_):
            given[values] = frozenset.intersection(*wanted)
        for unwanted in _sets(asked.ne_, asked.notIn_):
            but: dict[str, Any] = {values: unwanted}
            none.append(EventFilter(**but))
        if asked.isNull_ is not None and there is not None:
            given[there] = not asked.isNull_
        elif asked.isNull_:  # everything is of a type
            none.append(EventFilter())
    every, some = (tuple(map(_filter, inner)) for inner in (where.and_, where.or_))
    return EventFilter(**given, every=every, some=some, none=tuple(none))


def _sets(one: Any, several: Sequence[Any] | None) -> list[frozenset[Any]]:
    """Return the values that each of two operators was given."""
    given = [*([] if one is None else [[one]]), *([] if several is None else [several])]
    return [frozenset(each.value if isinstance(each, EventType) else each for each in values) for values in given]


Wanted = Annotated[EventFilterInput | None, argument("Conditions on events; all that the key may see match by default.")]


@output
class EventSubscriptions:
    """Watching facts."""

    @subscription(Scope.EVENTS_READ, description="Every event that the key may see, in the order of the feed.")
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
        Scope.INVENTORY_READ,
        description=(
            "Every event of stock: changed numbers of levels and availability of channels, corrections, moves, counts, "
            "reservations, transfers, receipts, lost promises, and alerts."
        ),
    )
    async def inventory_events(self, info: Info, where: Wanted = None, after: After = None) -> AsyncGenerator[Event, None]:
        wanted = where.to_filter() if where else EventFilter()
        types = INVENTORY if wanted.types is None else INVENTORY & wanted.types
        async for cursor, row in followed(info, replace(wanted, types=types), after):
            yield Event.of(row, cursor)

    @subscription(
        Scope.ORDERS_READ,
        description="The status of one order: the present one first, then (with `after`, from there on) each change.",
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
