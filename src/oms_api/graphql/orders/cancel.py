"""Canceling orders."""

from datetime import datetime
from typing import Annotated

from oms_api.domain.orders.commands.free_reference import FreeReference, free_reference
from oms_api.domain.orders.queries import order_by_id
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
from oms_api.workflows.cancel_order import CancelOrder, LineToCancel, RefundWithCancel, cancel_order, canceled_before

enum(CancelReason)
enum(CanceledStock)


@input_type
class OrderCancelLineInput(Input[LineToCancel]):
    """Units of one line to cancel."""

    line_id: LineId
    """The line; of a bundle its own line, not one of its components."""
    quantity: int
    """How many units, at least 1; of a bundle how many whole sets."""


@input_type
class OrderCancelRefundInput(Input[RefundWithCancel]):
    """What to give back with a cancellation. It is granted together with it, or neither happens."""

    amount: MoneyInput | None = None
    """How much, at most what is refundable; without it all that is overpaid after the cancellation and not granted yet, and
    nothing where nothing is."""
    note: str | None = None
    """A remark on the refund."""


@input_type
class OrderCancelInput(Input[CancelOrder]):
    """What to cancel of an order, and why."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with what was done first; kept 72 hours."""
    order_id: OrderId
    """The order."""
    reason: CancelReason
    """Why."""
    lines: list[OrderCancelLineInput] | None = None
    """Quantities of lines; without it the whole order is canceled, which fails once anything was handed over."""
    stock: CanceledStock | None = None
    """What became of the units that were promised: RELEASE unless it is said, and INSPECT for the reason INVENTORY. What is not
    found or damaged is taken from what was promised first, also from what is being picked: so a short pick is told."""
    note: str | None = None
    """A remark for those who look at the cancellation later."""
    refund: OrderCancelRefundInput | None = None
    """Grant a refund with it; needs the scope `payments:write` too. Without it a paid order shows OVERPAID."""
    expected_version: int | None = None
    """Cancel only while the order has this version."""
    occurred_at: datetime | None = None
    """When it was canceled, if not now; needs the scope `orders:import`, never in the future or before the order."""


@output
class OrderCancelPayload(Payload):
    """The order after the cancellation, or why nothing was canceled."""

    order: Order | None = None
    """The order; on a replay as it is now."""
    refund: Refund | None = None
    """The refund that was granted with it, if one was; on a replay as it is now."""


@input_type
class OrderFreeExternalRefInput(Input[FreeReference]):
    """Which canceled order gives its external reference up."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the order; kept 72 hours."""
    order_id: OrderId
    """The order."""
    expected_version: int | None = None
    """Free it only while the order has this version."""


@output
class OrderFreeExternalRefPayload(Payload):
    """The order without its external reference, or why it keeps it."""

    order: Order | None = None
    """The order; on a replay as it is now."""


@output
class OrderCancelMutations:
    """Canceling orders."""

    order_free_external_ref = carries_out(
        free_reference,
        OrderFreeExternalRefInput,
        OrderFreeExternalRefPayload,
        Scope.ORDERS_WRITE,
        again=order_by_id,
        told="Which order.",
    )
    """Let a canceled order give its external reference up, so that the channel can place another order with it."""

    @mutation(
        Scope.ORDERS_WRITE,
        description="Cancel a whole order of which nothing was handed over, or quantities of its lines that have not shipped. "
        "Their stock is free again at once, unless `stock` says that it is not there or not fit for sale; fulfillment orders "
        "with nothing left are closed. Fees and services are taken back with the order. A refund is granted where one is asked "
        "for.",
    )
    async def order_cancel(
        self, info: Info, input: Annotated[OrderCancelInput, argument("What to cancel.")]
    ) -> OrderCancelPayload:
        done = await once(info, input, cancel_order, again=canceled_before)
        order, refund = Order.of(done.value.order), done.value.refund
        return OrderCancelPayload(order=order, refund=None if refund is None else Refund.of(refund), replayed=done.replayed)
