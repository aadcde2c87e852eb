"""Granting, requesting and canceling refunds."""

from datetime import datetime

from oms_api.domain.payments.queries import refund_by_id
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
    """An amount of a refund, and what it is of: so its tax is known."""

    kind: RefundPartKind
    """What it is of. Of a CONCESSION, and of any kind where the reason is GOODWILL, DAMAGED or LOST, the customer does not owe
    the amount any more."""
    amount: MoneyInput
    """How much: more than zero; of what is conceded at most what is still to be paid for it."""
    line_id: LineId | None = None
    """The order's line, for the kind LINE only; of a bundle its own line, or a component's."""


@input_type
class RefundCreateInput(Input[CreateRefund]):
    """How much of an order's money goes back, and why."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the refund made first; kept 72 hours."""
    order_id: OrderId
    """The order."""
    amount: MoneyInput | None = None
    """How much, at most what is refundable; without it the sum of the parts, or without those what `refundPreview` suggests:
    all that is overpaid and not granted yet, for a return at most what came back with it less its fees.
    For GOODWILL, DAMAGED and LOST an amount or parts are needed."""
    parts: list[RefundPartInput] | None = None
    """What it is of; each line and each other kind once. Without them a refund for a return or a cancellation is of what went
    with it, one for GOODWILL, DAMAGED or LOST a concession on the whole order, and of any other nothing is known."""
    reason: RefundReason
    """Why."""
    return_id: ReturnId | None = None
    """The order's return that it is for."""
    note: str | None = None
    """A remark for whoever handles it."""
    occurred_at: datetime | None = None
    """When it was granted, if not now; needs the scope `orders:import`, never in the future or before the order."""


@input_type
class RefundRequestInput(Input[RequestRefund]):
    """Which provider was told to pay a refund."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the refund; kept 72 hours."""
    refund_id: RefundId
    """The refund."""
    gateway: str
    """The provider, spelled as its reports are."""
    provider_reference: str | None = None
    """What the provider calls the refund, or the transaction it pays it from: its reports that name no refund are matched by
    it, also those that came before. Without it they must name the refund."""
    occurred_at: datetime | None = None
    """When it was told, if not now; needs the scope `orders:import`, never in the future or before the refund was granted."""


@input_type
class RefundCancelInput(Input[CancelRefund]):
    """Which refund is called off."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the refund; kept 72 hours."""
    refund_id: RefundId
    """The refund; no provider may be paying it."""
    note: str | None = None
    """A remark on its end."""
    occurred_at: datetime | None = None
    """When it was called off, if not now; needs the scope `orders:import`, never in the future or before it was granted."""


@output
class RefundCreatePayload(Payload):
    """The refund, or why there is none."""

    refund: Refund | None = None
    """The refund; on a replay as it is now."""


@output
class RefundRequestPayload(Payload):
    """The refund after the request, or why nothing was requested."""

    refund: Refund | None = None
    """The refund; on a replay as it is now."""


@output
class RefundCancelPayload(Payload):
    """The refund after its end, or why it was not canceled."""

    refund: Refund | None = None
    """The refund; on a replay as it is now."""


@output
class RefundMutations:
    """Granting, requesting and canceling refunds."""

    refund_create = carries_out(
        create_refund,
        RefundCreateInput,
        RefundCreatePayload,
        Scope.PAYMENTS_WRITE,
        again=refund_by_id,
        told="What goes back.",
    )
    """Grant a refund: from here on we owe it. One for GOODWILL, DAMAGED or LOST lowers what is due. Never more than was
    captured, less what went back, was charged back or is granted already. No money moves: tell the provider, then
    `refundRequest`; its report makes it succeed."""
    refund_request = carries_out(
        request_refund,
        RefundRequestInput,
        RefundRequestPayload,
        Scope.PAYMENTS_WRITE,
        again=refund_by_id,
        told="Which refund, and who pays.",
    )
    """Record that a provider was told to pay a refund, the first time or after a failure; refused for more than is there, less
    what others were told to be paid. What it reported before this was
    known counts at once."""
    refund_cancel = carries_out(
        cancel_refund,
        RefundCancelInput,
        RefundCancelPayload,
        Scope.PAYMENTS_WRITE,
        again=refund_by_id,
        told="Which refund.",
    )
    """Call off what is not paid of a refund that was not requested, or that failed."""
