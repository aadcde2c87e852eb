"""Canceling orders."""

from datetime import datetime
from typing import Annotated

from oms_api.domain.fulfillment.commands.free_reference import FreeReference, free_reference
from oms_api.domain.orders.states import CanceledStock, CancelReason
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.orders.types import Order
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.refunds.types import Refund
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LineId, OrderId
from oms_api.workflows.cancel_order import CancelOrder, RefundWithCancel, cancel_order, canceled_before
from oms_api.workflows.cancellation import LineToCancel

enum(CancelReason)
enum(CanceledStock)


@input_type
class OrderCancelLineInput(Input[LineToCancel]):
    """Units of one line to cancel."""

    line_id: LineId
    """The line; for a bundle, the bundle's own line, never a component's line."""
    quantity: int
    """Units, at least 1. For a bundle: the number of complete bundles."""


@input_type
class OrderCancelRefundInput(Input[RefundWithCancel]):
    """A refund to grant with a cancellation: both happen, or neither."""

    amount: MoneyInput | None = None
    """The amount, at most the refundable amount. By default, the customer's overpayment once the units are canceled, minus
    refunds that are already granted. If that amount is zero, no refund is granted."""
    note: str | None = None
    """A remark on the refund."""


@input_type
class OrderCancelInput(Input[CancelOrder]):
    """The order or quantities to cancel, and the reason."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same order and refund, as they are
    now."""
    order_id: OrderId
    """The order."""
    reason: CancelReason | None = None
    """The reason: give either `reason` or `reasonCode`."""
    reason_code: str | None = None
    """The code of an order reason whose use is CANCEL, in place of `reason`; see `orderReasons`. The cancellation gets the
    `cancelReason` of this order reason."""
    lines: list[OrderCancelLineInput] | None = None
    """Units of lines; by default the whole order, which cannot be canceled once anything was handed over."""
    stock: CanceledStock | None = None
    """The state of the promised units. By default, the `stock` of the order reason with the code `reasonCode`. If there is
    none, the default is INSPECT for a cancellation with the reason INVENTORY, otherwise RELEASE. With NOT_FOUND or DAMAGED,
    promised units are canceled before waiting units, and units being picked can be canceled too: use these values to report a
    short pick."""
    note: str | None = None
    """A remark for later readers of the cancellation."""
    refund: OrderCancelRefundInput | None = None
    """A refund to grant with the cancellation; needs the scope `payments:write` too. Without a refund, a paid order shows
    OVERPAID."""
    keep_external_ref: bool = False
    """Whether a canceled order keeps its external reference. By default the reference is removed, so that the channel can place
    another order with the same reference; `freedExternalRef` still shows it."""
    expected_version: int | None = None
    """The version of the order that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the units were canceled; by default now. Never in the future, never before the order was placed. Needs the scope
    `orders:import`."""


@output
class OrderCancelPayload(Payload):
    """The order after the cancellation, or why nothing was canceled."""

    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""
    refund: Refund | None = None
    """The refund granted with the cancellation; null for none. Where `replayed` is true, this is its present state."""


@input_type
class OrderFreeExternalRefInput(Input[FreeReference]):
    """The canceled order that gives up its external reference."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the order."""
    order_id: OrderId
    """The order."""
    expected_version: int | None = None
    """The version of the order that the change is based on; any other is refused."""


@output
class OrderFreeExternalRefPayload(Payload):
    """The order without its external reference, or why the reference was not given up."""

    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""


@output
class OrderCancelMutations:
    """Canceling orders."""

    order_free_external_ref = carries_out(
        free_reference, OrderFreeExternalRefInput, OrderFreeExternalRefPayload, Scope.ORDERS_WRITE, describes="The order."
    )
    """Remove the external reference from a canceled order that still has it, so that the channel can place another order with
    this reference."""

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Cancel a whole order, as long as nothing was handed over. Or cancel some units of its lines, as long as these "
            "units have not shipped. The stock of canceled units is free again at once, unless `stock` says that it is "
            "missing or not fit for sale. Fulfillment orders with nothing left are closed. With the whole order, its fees "
            "and services are canceled too. A refund is granted on request."
        ),
    )
    async def order_cancel(
        self, info: Info, input: Annotated[OrderCancelInput, argument("The order, or quantities of its lines.")]
    ) -> OrderCancelPayload:
        done = await once(info, input, cancel_order, again=canceled_before)
        order, refund = Order.of(done.value.order), done.value.refund
        return OrderCancelPayload(order=order, refund=None if refund is None else Refund.of(refund), replayed=done.replayed)
