"""Asking for orders."""

from collections.abc import Iterator
from enum import Enum
from itertools import count
from typing import Annotated

import strawberry

from oms_api.domain.orders.queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    OrderFilter,
    count_of_orders,
    order_by_reference,
    orders_by_number,
    page_of_orders,
)
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus, PaymentStatus, ReturnStatus
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.filters import DateTimeRange, Match, id_at, matched, matched_ids
from oms_api.graphql.orders.types import Order, fetch_order
from oms_api.graphql.permissions import query
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import InvalidValue, TooManyItems
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest

HIGHEST_COUNT = 10_000
DEEPEST_FILTER = 5
MOST_FILTERS = 250


@enum
class OrderOrder(Enum):
    """How a list of orders is ordered."""

    PLACED_AT_DESC = "PLACED_AT_DESC"
    """The newest first."""
    PLACED_AT_ASC = "PLACED_AT_ASC"
    """The oldest first."""


ORDERINGS = {OrderOrder.PLACED_AT_DESC: NEWEST_FIRST, OrderOrder.PLACED_AT_ASC: OLDEST_FIRST}


@input_type
class OrderFilterInput:
    """Which orders. All that is given must hold."""

    id: Match[strawberry.ID] | None = None
    """By id."""
    number: Match[Int64] | None = None
    """By number."""
    channel_id: Match[strawberry.ID] | None = None
    """By channel."""
    customer_id: Match[strawberry.ID] | None = None
    """By customer."""
    external_ref: Match[str] | None = None
    """By the platform's id."""
    sku: Match[str] | None = None
    """Orders with a line of one of these SKU codes."""
    status: Match[OrderStatus] | None = None
    """By status."""
    fulfillment_status: Match[FulfillmentStatus] | None = None
    """By how far the goods are."""
    payment_status: Match[PaymentStatus] | None = None
    """By how the money stands."""
    return_status: Match[ReturnStatus] | None = None
    """By whether goods are coming back."""
    on_hold: bool | None = None
    """Only orders on hold, or only those that are not."""
    placed_at: DateTimeRange | None = None
    """By when they were placed."""
    and_: list["OrderFilterInput"] = strawberry.field(
        default_factory=list, name="AND", description="All of these must hold as well."
    )
    or_: list["OrderFilterInput"] = strawberry.field(
        default_factory=list, name="OR", description="At least one of these must hold as well."
    )
    not_: list["OrderFilterInput"] = strawberry.field(default_factory=list, name="NOT", description="None of these may hold.")

    def to_filter(self, *path: str, depth: int = 0, counter: Iterator[int] | None = None) -> OrderFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, InvalidValue, TooManyItems."""
        counter = counter or count(1)
        if (number := next(counter)) > MOST_FILTERS:
            raise TooManyItems(limit=MOST_FILTERS, given=number, field=path)
        if depth > DEEPEST_FILTER:
            raise InvalidValue(problem=f"Filters nest at most {DEEPEST_FILTER} deep.", field=path)
        below = {"all_of": (self.and_, "AND"), "any_of": (self.or_, "OR"), "none_of": (self.not_, "NOT")}
        return OrderFilter(
            ids=matched_ids(IdKind.ORDER, self.id, *path, "id"),
            numbers=matched(self.number, *path, "number"),
            channel_ids=matched_ids(IdKind.CHANNEL, self.channel_id, *path, "channelId"),
            customer_ids=matched_ids(IdKind.CUSTOMER, self.customer_id, *path, "customerId"),
            external_refs=matched(self.external_ref, *path, "externalRef"),
            sku_codes=matched(self.sku, *path, "sku"),
            statuses=matched(self.status, *path, "status"),
            fulfillment_statuses=matched(self.fulfillment_status, *path, "fulfillmentStatus"),
            payment_statuses=matched(self.payment_status, *path, "paymentStatus"),
            return_statuses=matched(self.return_status, *path, "returnStatus"),
            on_hold=self.on_hold,
            placed_from=self.placed_at.from_ if self.placed_at else None,
            placed_before=self.placed_at.before if self.placed_at else None,
            **{
                name: tuple(f.to_filter(*path, key, depth=depth + 1, counter=counter) for f in given)
                for name, (given, key) in below.items()
            },
        )


@input_type
class ExternalRefInput:
    """A reference that is unique within a channel."""

    channel_id: strawberry.ID
    """The channel."""
    ref: str
    """The order's id in the platform."""


@one_of
class OrderByInput:
    """What an order is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    number: Int64 | None = strawberry.UNSET
    """Its number."""
    external_ref: ExternalRefInput | None = strawberry.UNSET
    """Its id in the platform it came from."""


@output
class OrdersCount:
    """How many orders match."""

    count: int
    """The number, counted up to the limit."""
    exact: bool
    """False where there are more than were counted."""


@output
class OrderQueries:
    """Asking for orders."""

    @query(Scope.ORDERS_READ, description="A list of orders, the newest first unless told otherwise.")
    async def orders(
        self,
        info: Info,
        where: Annotated[OrderFilterInput | None, argument("Which orders; all of them unless told.")] = None,
        order_by: Annotated[OrderOrder, argument("In which order.")] = OrderOrder.PLACED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Order]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter("where") if where else OrderFilter()
        return Connection.of(await page_of_orders(info.context.read, wanted, page, by=ORDERINGS[order_by]), Order.of)

    @query(Scope.ORDERS_READ, description="One order, or null where there is none that the key may see.")
    async def order(self, info: Info, by: Annotated[OrderByInput, argument("What the order is found by.")]) -> Order | None:
        if isinstance(by.id, str):
            return await fetch_order(info, id_at(IdKind.ORDER, by.id, "by", "id"))
        if by.external_ref:
            channel = id_at(IdKind.CHANNEL, by.external_ref.channel_id, "by", "externalRef", "channelId")
            row = await order_by_reference(info.context.read, channel, by.external_ref.ref)
        else:
            row = await info.context.load(orders_by_number, by.number or 0)
        return Order.of(row) if row else None

    @query(Scope.ORDERS_READ, description="How many orders match, counted up to a limit.")
    async def orders_count(
        self,
        info: Info,
        where: Annotated[OrderFilterInput | None, argument("Which orders; all of them unless told.")] = None,
        limit: Annotated[int, argument("Where counting stops; 10,000 at most.")] = HIGHEST_COUNT,
    ) -> OrdersCount:
        if not 0 < limit <= HIGHEST_COUNT:
            raise InvalidValue(problem=f"limit is between 1 and {HIGHEST_COUNT}.", field=("limit",))
        found = await count_of_orders(info.context.read, where.to_filter("where") if where else OrderFilter(), limit=limit)
        return OrdersCount(count=min(found, limit), exact=found <= limit)
