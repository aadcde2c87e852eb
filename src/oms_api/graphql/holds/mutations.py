"""Putting orders and fulfillment orders on hold, and releasing them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import strawberry

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.holds.batches import MOST_ROWS, Acted, HoldBatch
from oms_api.domain.fulfillment.holds.commands.place import (
    hold_fulfillment_order,
    hold_fulfillment_orders,
    hold_order,
    hold_orders,
)
from oms_api.domain.fulfillment.holds.commands.release import (
    release_fulfillment_order,
    release_fulfillment_orders,
    release_order,
    release_orders,
)
from oms_api.graphql.context import Info, seen
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, output
from oms_api.graphql.errors import user_errors
from oms_api.graphql.fulfillment.types import FulfillmentOrder
from oms_api.graphql.holds.inputs import (
    FulfillmentOrderHoldInput,
    FulfillmentOrderHoldReleaseInput,
    FulfillmentOrdersHoldInput,
    FulfillmentOrdersHoldReleaseInput,
    OrderHoldInput,
    OrderHoldReleaseInput,
    OrdersHoldInput,
    OrdersHoldReleaseInput,
)
from oms_api.graphql.holds.types import Hold
from oms_api.graphql.orders.types import Order
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.kernel.checks import check_length
from oms_api.kernel.errors import OmsError


@output
class OrderHoldPayload(Payload):
    """The hold of the order, or why there is none."""

    hold: Hold | None = None
    """The hold. Where `replayed` is true, this is its present state."""


@output
class FulfillmentOrderHoldPayload(Payload):
    """The hold of the fulfillment order, or why there is none."""

    hold: Hold | None = None
    """The hold. Where `replayed` is true, this is its present state."""


@output
class OrderHoldReleasePayload(Payload):
    """The order whose holds were released, or why they were not."""

    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""


@output
class FulfillmentOrderHoldReleasePayload(Payload):
    """The fulfillment order after the release, or why no hold was released."""

    fulfillment_order: FulfillmentOrder | None = None
    """The fulfillment order. Where `replayed` is true, this is its present state."""


@output
class HoldResult(Payload):
    """The result of one hold of a batch."""

    index: int
    """Its place in the input."""
    hold: Hold | None = None
    """The hold. Where `replayed` is true, this is its present state."""


@output
class OrderHoldReleaseResult(Payload):
    """The result of one row of a batch."""

    index: int
    """Its place in the input."""
    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""


@output
class FulfillmentOrderHoldReleaseResult(Payload):
    """The result of one row of a batch."""

    index: int
    """Its place in the input."""
    fulfillment_order: FulfillmentOrder | None = None
    """The fulfillment order. Where `replayed` is true, this is its present state."""


@output
class OrdersHoldPayload(Payload):
    """The result of each hold of a batch."""

    results: list[HoldResult] = strawberry.field(default_factory=list)
    """One result for each hold of the input, in the same order."""


@output
class FulfillmentOrdersHoldPayload(Payload):
    """The result of each hold of a batch."""

    results: list[HoldResult] = strawberry.field(default_factory=list)
    """One result for each hold of the input, in the same order."""


@output
class OrdersHoldReleasePayload(Payload):
    """The result of each row of a batch."""

    results: list[OrderHoldReleaseResult] = strawberry.field(default_factory=list)
    """One result for each row of the input, in the same order."""


@output
class FulfillmentOrdersHoldReleasePayload(Payload):
    """The result of each row of a batch."""

    results: list[FulfillmentOrderHoldReleaseResult] = strawberry.field(default_factory=list)
    """One result for each row of the input, in the same order."""


async def carried_out(
    info: Info,
    act: Callable[[Tx, HoldBatch[Any]], Awaitable[list[Acted]]],
    rows: Sequence[Input[Any] | OmsError],
    path: str,
    result: Callable[..., Any],
    show: Any,
) -> list[Any]:
    """Carry out *rows* in one transaction, each by itself, and return the *result* of each, which shows a record as *show*."""
    check_length(rows, path, MOST_ROWS)
    given = [_parsed(row) for row in rows]
    good = [row for row in given if not isinstance(row, OmsError)]
    acted = iter(await info.context.execute(act, HoldBatch(tuple(good))) if good else [])
    outcomes = [Acted(error=row) if isinstance(row, OmsError) else next(acted) for row in given]
    (name,) = result.__annotations__.keys() - {"index"}
    return [await _result(info, place, outcome, path, result, name, show) for place, outcome in enumerate(outcomes)]


def _parsed(row: Any) -> Any:
    try:
        return row if isinstance(row, OmsError) else row.to_command()
    except OmsError as error:
        return error


async def _result(info: Info, index: int, outcome: Acted, path: str, result: Callable[..., Any], name: str, show: Any) -> Any:
    try:
        if outcome.error is not None:
            raise outcome.error
        record = show.of(outcome.record) if outcome.record is not None else await seen(show.fetch(info, outcome.id))
    except OmsError as error:
        errors = user_errors(error)
        for each in errors:
            each.field = [path, str(index), *(each.field or [])]
        return result(index=index, user_errors=errors)
    return result(index=index, replayed=outcome.replayed, **{name: record})


@output
class HoldMutations:
    """Putting orders and fulfillment orders on hold, and releasing them."""

    order_hold = carries_out(hold_order, OrderHoldInput, OrderHoldPayload, Scope.ORDERS_WRITE, describes="The hold.")
    """Put an order on hold. Nothing of the order is picked or shipped until all of its holds have ended; its stock stays
    promised, and it can be canceled. An order can have many holds. Canceling or completing the order ends them."""
    order_hold_release = carries_out(
        release_order, OrderHoldReleaseInput, OrderHoldReleasePayload, Scope.ORDERS_WRITE, describes="The holds to release."
    )
    """Release holds of an order. If one of the named holds cannot be released, none is released. Another client's hold needs
    `force` and a note; a hold that waits for approval needs the scope `orders:approve` too."""
    fulfillment_order_hold = carries_out(
        hold_fulfillment_order,
        FulfillmentOrderHoldInput,
        FulfillmentOrderHoldPayload,
        Scope.ORDERS_WRITE,
        describes="The hold.",
    )
    """Put one fulfillment order of an order on hold. Nothing of it is picked or shipped until all of its holds have ended."""
    fulfillment_order_hold_release = carries_out(
        release_fulfillment_order,
        FulfillmentOrderHoldReleaseInput,
        FulfillmentOrderHoldReleasePayload,
        Scope.ORDERS_WRITE,
        describes="The holds to release.",
    )
    """Release holds of a fulfillment order. If one of the named holds cannot be released, none is released. Another client's
    hold needs `force` and a note; a hold that waits for approval needs the scope `orders:approve` too."""

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Put up to 250 orders on hold in one call. Each order has a result of its own: a refused order does not "
            "stop the others."
        ),
    )
    async def orders_hold(self, info: Info, input: Annotated[OrdersHoldInput, argument("The holds.")]) -> OrdersHoldPayload:
        return OrdersHoldPayload(results=await carried_out(info, hold_orders, input.holds, "holds", HoldResult, Hold))

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Release holds of up to 250 orders in one call. Each order has a result of its own: a refused order does "
            "not stop the others."
        ),
    )
    async def orders_hold_release(
        self, info: Info, input: Annotated[OrdersHoldReleaseInput, argument("The holds to release.")]
    ) -> OrdersHoldReleasePayload:
        rows = input.releases
        done = await carried_out(info, release_orders, rows, "releases", OrderHoldReleaseResult, Order)
        return OrdersHoldReleasePayload(results=done)

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Put up to 250 fulfillment orders on hold in one call. Each has a result of its own: a refused one does "
            "not stop the others."
        ),
    )
    async def fulfillment_orders_hold(
        self, info: Info, input: Annotated[FulfillmentOrdersHoldInput, argument("The holds.")]
    ) -> FulfillmentOrdersHoldPayload:
        done = await carried_out(info, hold_fulfillment_orders, input.holds, "holds", HoldResult, Hold)
        return FulfillmentOrdersHoldPayload(results=done)

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Release holds of up to 250 fulfillment orders in one call. Each has a result of its own: a refused one "
            "does not stop the others."
        ),
    )
    async def fulfillment_orders_hold_release(
        self, info: Info, input: Annotated[FulfillmentOrdersHoldReleaseInput, argument("The holds to release.")]
    ) -> FulfillmentOrdersHoldReleasePayload:
        rows, result = input.releases, FulfillmentOrderHoldReleaseResult
        done = await carried_out(info, release_fulfillment_orders, rows, "releases", result, FulfillmentOrder)
        return FulfillmentOrdersHoldReleasePayload(results=done)
