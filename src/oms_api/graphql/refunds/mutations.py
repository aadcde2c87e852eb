"""Granting, requesting and canceling refunds."""

from datetime import datetime

from oms_api.domain.payments.states import RefundPartKind, RefundReason
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import input_type, output
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.payloads import Payload
from oms_api.graphql.refunds.types import Refund
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LineId, OrderId, RefundId, ReturnId
from oms_api.workflows.refund import (
    CancelRefund,
    CreateRefund,
    PartGiven,
    RequestRefund,
    cancel_refund,
    create_refund,
    request_refund,
)


@input_type
class RefundPartInput(Input[PartGiven]):
    """A part of a refund's amount, and the charge that it is for. The charge determines the tax of the part."""

    kind: RefundPartKind
    """The kind of charge that the part is for. If the kind is CONCESSION, or if the refund's reason is GOODWILL, DAMAGED or
    LOST, the part is a concession and lowers the amount due."""
    amount: MoneyInput
    """The amount: more than zero. A concession on a line, on shipping or on fees is at most the price that is left of it: the
    price without canceled and returned units, minus earlier concessions."""
    line_id: LineId | None = None
    """The line of the order, for the kind LINE only. For a bundle give the bundle's line or a component's line."""


@input_type
class RefundCreateInput(Input[CreateRefund]):
    """The amount of an order's money to pay back, and the reason."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the refund that the first call granted."""
    order_id: OrderId
    """The order."""
    amount: MoneyInput | None = None
    """The amount, at most the refundable amount. By default it is the sum of `parts`. If no parts are given either, it is the
    amount that `refundPreview` suggests: everything overpaid and not granted yet. For a return, the suggested amount is at most
    the value of the received units, minus the fees of the return. GOODWILL, DAMAGED and LOST require an amount or parts."""
    parts: list[RefundPartInput] | None = None
    """The parts of the amount. Each line may be named one time, and each kind other than LINE one time. If no parts are given,
    a refund for a return or a cancellation covers the units concerned, a refund for GOODWILL, DAMAGED or LOST is a concession
    on the whole order, and any other refund has no known parts."""
    reason: RefundReason
    """The reason."""
    return_id: ReturnId | None = None
    """The return for which the refund is granted."""
    note: str | None = None
    """A remark for the people who handle it."""
    occurred_at: datetime | None = None
    """When the refund was granted; by default now. Never in the future, never before the order was placed. Needs the scope
    `orders:import`."""


@input_type
class RefundRequestInput(Input[RequestRefund]):
    """The refund that a provider was told to pay, and the provider."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the refund."""
    refund_id: RefundId
    """The refund."""
    gateway: str
    """The payment provider, by the same name as in the field `gateway` of its payment events."""
    provider_reference: str | None = None
    """The provider's reference for the refund, or for the transaction that it is paid from. Reports that name no refund are
    matched by this reference, earlier reports too. Without it, reports must name the refund."""
    expected_version: int | None = None
    """The version of the refund that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the provider was told; by default now. Never in the future, never before the refund was granted. Needs the scope
    `orders:import`."""


@input_type
class RefundCancelInput(Input[CancelRefund]):
    """The refund to cancel."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the refund."""
    refund_id: RefundId
    """The refund: it must be GRANTED or FAILED."""
    note: str | None = None
    """A remark on the reason."""
    expected_version: int | None = None
    """The version of the refund that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the refund was canceled; by default now. Never in the future, never before it was granted. Needs the scope
    `orders:import`."""


@output
class RefundCreatePayload(Payload):
    """The refund, or why there is none."""

    refund: Refund | None = None
    """The refund. Where `replayed` is true, this is its present state."""


@output
class RefundRequestPayload(Payload):
    """The refund after the request, or why nothing was requested."""

    refund: Refund | None = None
    """The refund. Where `replayed` is true, this is its present state."""


@output
class RefundCancelPayload(Payload):
    """The refund after the cancellation, or why it was not canceled."""

    refund: Refund | None = None
    """The refund. Where `replayed` is true, this is its present state."""


@output
class RefundMutations:
    """Granting, requesting and canceling refunds."""

    refund_create = carries_out(
        create_refund, RefundCreateInput, RefundCreatePayload, Scope.PAYMENTS_WRITE, describes="The refund."
    )
    """Grant a refund: from now on the shop owes the amount to the customer. A refund for GOODWILL, DAMAGED or LOST lowers the
    amount due. The amount is at most the refundable amount: the captured amount, minus the amounts that were refunded, charged
    back or already granted. No money moves: tell the provider, then call `refundRequest`; the provider's report makes the
    refund succeed."""
    refund_request = carries_out(
        request_refund,
        RefundRequestInput,
        RefundRequestPayload,
        Scope.PAYMENTS_WRITE,
        describes="The refund, and the provider that pays it.",
    )
    """Record that a provider was told to pay a refund, for the first time or after a failure. Fails with EXCEEDS_REFUNDABLE
    where the amount is too high. The limit is the captured amount, minus the amounts that were refunded or charged back, minus
    the unpaid amounts of other requested refunds. If the provider reported on this refund before the call, the reports count at
    once."""
    refund_cancel = carries_out(
        cancel_refund, RefundCancelInput, RefundCancelPayload, Scope.PAYMENTS_WRITE, describes="The refund."
    )
    """Cancel the unpaid amount of a refund that no provider was told to pay yet, or of a refund that FAILED."""
