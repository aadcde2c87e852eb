"""Placing orders."""

from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.domain.inventory.errors import InsufficientStock, Shortage
from oms_api.domain.orders.errors import BatchTooLarge, RejectedWithBatch
from oms_api.domain.orders.given import MOST_LINES, MOST_ORDERS, OnFailure, PlaceOrder
from oms_api.graphql.context import Info, seen
from oms_api.graphql.described import argument, output
from oms_api.graphql.errors import UserError, represents, user_errors
from oms_api.graphql.orders.inputs import OrderPlaceInput, OrdersPlaceInput
from oms_api.graphql.orders.types import Order
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError
from oms_api.workflows.place_order import Placed, PlaceOrders, place_order, place_orders


@output
class StockShortage:
    """A SKU with fewer units than were asked for."""

    sku: str
    """Its code."""
    requested: Int64
    """Units asked for."""
    available: Int64
    """Units that the channel's locations can promise after earlier backorders are served."""
    next_available_at: datetime | None
    """When more units are expected; null where it is not known."""
    may_wait: Int64 | None
    """The number of missing units that an order may wait for, as the oversell rule and its limit allow. Null where an order may
    not wait, and for a reservation."""

    @classmethod
    def of(cls, short: Shortage) -> "StockShortage":
        """Describe a shortage."""
        requested, available = Int64(short.requested), Int64(short.available)
        waits = None if short.may_wait is None else Int64(short.may_wait)
        when = short.next_available_at
        return cls(sku=short.sku_code, requested=requested, available=available, next_available_at=when, may_wait=waits)


@represents(InsufficientStock, lambda error: {"shortages": [StockShortage.of(short) for short in error.short]})
@output
class InsufficientStockError(UserError):
    """There is not enough stock at the channel's locations."""

    shortages: list[StockShortage]
    """Every SKU that is short."""


@output
class OrderPlacePayload(Payload):
    """The order placed, or why it was not."""

    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""


@output
class OrdersPlaceResult(Payload):
    """The result of one order of a batch."""

    index: int
    """Its place in the input."""
    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""


@output
class OrdersPlacePayload(Payload):
    """The result of each order of a batch."""

    results: list[OrdersPlaceResult] = strawberry.field(default_factory=list)
    """One result for each order of the input, in the same sequence."""


@output
class OrderMutations:
    """Placing orders."""

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Place an order: check it, and commit stock for it at locations of the channel. The channel's sourcing profile "
            "chooses the locations; without a profile, their priority does. Each chosen location gets a fulfillment order "
            "at once, unless the order waits for its payment (`releaseWhen` of the channel). Fails, with nothing done, for "
            "an unknown SKU, too little stock, or amounts that do not add up."
        ),
    )
    async def order_place(self, info: Info, input: Annotated[OrderPlaceInput, argument("The order.")]) -> OrderPlacePayload:
        placed = await info.context.execute(place_order, await info.context.among_others(input.to_command))
        return OrderPlacePayload(order=await order_of(info, placed), replayed=placed.replayed)

    @mutation(
        Scope.ORDERS_WRITE,
        description="Place up to 250 orders in one call, each with its own idempotency key and its own result.",
    )
    async def orders_place(self, info: Info, input: Annotated[OrdersPlaceInput, argument("The batch.")]) -> OrdersPlacePayload:
        if len(input.orders) > MOST_ORDERS or sum(len(order.lines) for order in input.orders) > MOST_LINES:
            raise BatchTooLarge(field=("orders",))
        given = await info.context.among_others(lambda: [parsed(order) for order in input.orders])
        good = tuple(order for order in given if isinstance(order, PlaceOrder))
        if len(good) == len(given) or (good and input.on_failure is OnFailure.REJECT_FAILED):
            try:
                placed = iter(await info.context.execute(place_orders, PlaceOrders(good, input.on_failure)))
            except OmsError as error:
                raise in_input(error, [i for i, order in enumerate(given) if isinstance(order, PlaceOrder)]) from None
        else:
            placed = iter([Placed(error=RejectedWithBatch()) for _ in good])
        outcomes = [next(placed) if isinstance(order, PlaceOrder) else Placed(error=order) for order in given]
        return OrdersPlacePayload(results=[await result_of(info, i, outcome) for i, outcome in enumerate(outcomes)])


def parsed(order: OrderPlaceInput) -> PlaceOrder | OmsError:
    """Return one order of a batch as the domain takes it, or what is wrong with its ids and addresses."""
    try:
        return order.to_command()
    except OmsError as error:
        return error


def in_input(error: OmsError, indexes: list[int]) -> OmsError:
    """Return *error* naming the row of the input: what was placed as row n is row *indexes[n]* there."""
    match error.field:
        case ("orders", row, *rest):
            error.field = ("orders", str(indexes[int(row)]), *rest)
    return error


async def result_of(info: Info, index: int, placed: Placed) -> OrdersPlaceResult:
    """Return what became of the order at *index*; the paths of its errors start at the input."""
    try:
        if placed.error is not None:
            raise placed.error
        return OrdersPlaceResult(index=index, order=await order_of(info, placed), replayed=placed.replayed)
    except OmsError as error:
        errors = user_errors(error)
    for each in errors:
        each.field = ["orders", str(index), *(each.field or [])]
    return OrdersPlaceResult(index=index, user_errors=errors)


async def order_of(info: Info, placed: Placed) -> Order:
    """Return the order that was placed, now or before. Raises: ReplayHidden."""
    if placed.order is not None:
        return Order.of(placed.order)
    return await seen(Order.fetch(info, placed.id))
