"""Giving work to other locations, splitting it, joining it and rejecting it."""

from collections.abc import Awaitable, Callable
from inspect import Parameter
from typing import Annotated, Any, TypeVar

from oms_api.db.session import Reader, Tx
from oms_api.domain.fulfillment.giving_up import ActedOn
from oms_api.domain.fulfillment.policies import LineToShip
from oms_api.domain.fulfillment.queries import fulfillment_order_by_id
from oms_api.graphql.context import Info, seen
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.methods import as_method
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.fulfillment.types import FulfillmentOrder
from oms_api.graphql.orders.types import Order
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentOrderLineId, LineId, LocationId, OrderId
from oms_api.workflows.move_work import MoveWork, move_work
from oms_api.workflows.reject_work import RejectWork, reject_work
from oms_api.workflows.source_anew import SourceAgain, source_again
from oms_api.workflows.split_work import MergeWorks, SplitWork, merge_works, split_work

Command = TypeVar("Command")


@input_type
class FulfillmentOrderUnitsInput(Input[LineToShip]):
    """Units of one line of a fulfillment order: give exactly one of the two ids."""

    fulfillment_order_line_id: FulfillmentOrderLineId | None = becomes("work_line_id", default=None)
    """The line of the fulfillment order."""
    line_id: LineId | None = None
    """The order's line."""
    quantity: int
    """Units, at least 1, at most the remaining units."""


@input_type
class FulfillmentOrderMoveInput(Input[MoveWork]):
    """The fulfillment order to move to another location."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same fulfillment order."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order: it must be OPEN or SCHEDULED, and not on hold."""
    location_id: LocationId
    """The location that is to do the work: it must serve the order's channel, take orders, and have all of the units."""
    expected_version: int | None = None
    """The version of the fulfillment order that the change is based on; any other is refused."""


@input_type
class FulfillmentOrderSplitInput(Input[SplitWork]):
    """The units to split off into a fulfillment order of their own."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same fulfillment order."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order: it must be OPEN or SCHEDULED, and not on hold."""
    lines: list[FulfillmentOrderUnitsInput]
    """The units to split off; at least one unit must stay."""
    expected_version: int | None = None
    """The version of the fulfillment order that the change is based on; any other is refused."""


@input_type
class FulfillmentOrderMergeInput(Input[MergeWorks]):
    """The fulfillment orders to merge."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same fulfillment order."""
    fulfillment_order_ids: list[FulfillmentOrderId]
    """2 to 50 fulfillment orders of one order at one location, all OPEN: the first takes all units, the others are closed."""


@input_type
class FulfillmentOrderRejectInput(Input[RejectWork]):
    """Units of a fulfillment order that its location cannot send."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the fulfillment order."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order: it must be OPEN or IN_PROGRESS."""
    reason_code: str
    """The code of an order reason whose use is REJECT; see `orderReasons`. The effect of the order reason decides how stock is
    corrected."""
    lines: list[FulfillmentOrderUnitsInput] | None = None
    """Units of its lines; by default all remaining units."""
    note: str | None = None
    """A remark for later readers."""
    expected_version: int | None = None
    """The version of the fulfillment order that the change is based on; any other is refused."""


@input_type
class OrderSourceAgainInput(Input[SourceAgain]):
    """The order whose units are to be sourced again."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the order."""
    order_id: OrderId
    """The order; it must be OPEN."""
    release_open: bool = False
    """Whether promised units may move to other locations while their fulfillment order has not begun. By default only waiting
    units are sourced."""
    ask_again: bool = False
    """Whether locations may again get lines that they rejected."""
    fulfillment_order_ids: list[FulfillmentOrderId] | None = None
    """With `releaseOpen`: only units of these fulfillment orders may move to other locations; by default the units of all
    fulfillment orders that have not begun."""
    expected_version: int | None = None
    """The version of the order that the change is based on; any other is refused."""


@output
class FulfillmentOrderMovePayload(Payload):
    """The fulfillment order at the other location, or why it was not moved."""

    fulfillment_order: FulfillmentOrder | None = None
    """The new fulfillment order. Where `replayed` is true, this is its present state."""


@output
class FulfillmentOrderSplitPayload(Payload):
    """The new fulfillment order with the units that were split off, or why nothing was split off."""

    fulfillment_order: FulfillmentOrder | None = None
    """The new fulfillment order. Where `replayed` is true, this is its present state."""


@output
class FulfillmentOrderMergePayload(Payload):
    """The fulfillment order that has all of the units, or why they were not merged."""

    fulfillment_order: FulfillmentOrder | None = None
    """The first of the fulfillment orders. Where `replayed` is true, this is its present state."""


@output
class FulfillmentOrderRejectPayload(Payload):
    """The fulfillment order without the rejected units, or why nothing was rejected."""

    fulfillment_order: FulfillmentOrder | None = None
    """The fulfillment order. Where `replayed` is true, this is its present state."""


@output
class OrderSourceAgainPayload(Payload):
    """The order after it was sourced again, or why it was not."""

    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""


async def acted_before(read: Reader, key: FulfillmentOrderId) -> ActedOn:
    """Return what an act came to. Raises: NotFound."""
    return ActedOn((await fulfillment_order_by_id(read, key)).id)


def acts_on_work(
    command: Callable[[Tx, Command], Awaitable[ActedOn]], input: type[Input[Command]], payload: type[Payload], describes: str
) -> Any:
    """Declare a mutation that carries out *command* once, and answers with the fulfillment order that it came to."""

    async def resolve(_self: Any, info: Info, input: Any) -> Any:
        done = await once(info, input, command, again=acted_before)
        found = await seen(FulfillmentOrder.fetch(info, done.value.id))
        return payload(fulfillment_order=found, replayed=done.replayed)  # type: ignore[call-arg]

    taken = {"input": (Annotated[input, argument(describes)], Parameter.empty)}
    return mutation(Scope.SHIPPING_WRITE, description="")(as_method(resolve, taken, payload))


@output
class RearrangingMutations:
    """Giving work to other locations, splitting it, joining it and rejecting it."""

    fulfillment_order_move = acts_on_work(
        move_work, FulfillmentOrderMoveInput, FulfillmentOrderMovePayload, "The work, and the location that is to do it."
    )
    """Move all remaining units of a fulfillment order to another location: at once they are promised there, and free at the old
    location. The fulfillment order is closed, and the other location gets a new one."""
    fulfillment_order_split = acts_on_work(
        split_work, FulfillmentOrderSplitInput, FulfillmentOrderSplitPayload, "The units to split off."
    )
    """Split units of a fulfillment order off into a new fulfillment order at the same location. No stock moves."""
    fulfillment_order_merge = acts_on_work(
        merge_works, FulfillmentOrderMergeInput, FulfillmentOrderMergePayload, "The fulfillment orders to merge."
    )
    """Merge fulfillment orders of one order, at one location and for one day, into the first of them. No stock moves."""
    fulfillment_order_reject = acts_on_work(
        reject_work,
        FulfillmentOrderRejectInput,
        FulfillmentOrderRejectPayload,
        "Units of a fulfillment order that its location cannot send.",
    )
    """Reject units that a location cannot send: they are promised from other locations, or wait. The location gets these lines
    again only after its stock of the SKU was counted, after somebody moved the work back, or when the order was sourced with
    `askAgain`."""
    order_source_again = carries_out(
        source_again, OrderSourceAgainInput, OrderSourceAgainPayload, Scope.ORDERS_WRITE, describes="The order."
    )
    """Source an order again, with the present sourcing settings of its channel. The order's waiting units are sourced; with
    `releaseOpen`, its promised units that nobody has begun to pick are sourced too. If fewer units would be promised than
    before, nothing changes."""
