"""What clients send to grant, request and cancel refunds."""

from datetime import datetime

import strawberry

from oms_api.domain.payments.queries import RefundFilter
from oms_api.domain.payments.states import RefundReason, RefundStatus
from oms_api.graphql.described import input_type
from oms_api.graphql.filters import DateTimeRange, Match, id_at, matched, matched_ids
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.orders.inputs import maybe_amount
from oms_api.kernel.ids import IdKind
from oms_api.workflows.refund import CancelRefund, CreateRefund, RequestRefund


@input_type
class RefundCreateInput:
    """How much of an order's money goes back, and why."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the refund made first; kept 72 hours."""
    order_id: strawberry.ID
    """The order."""
    amount: MoneyInput | None = None
    """How much, at most what is refundable; without it what `refundPreview` suggests: all that is overpaid and not granted yet,
    for a return at most what came back with it."""
    reason: RefundReason
    """Why."""
    return_id: strawberry.ID | None = None
    """The order's return that it is for."""
    note: str | None = None
    """A remark for whoever handles it."""
    occurred_at: datetime | None = None
    """When it was granted, if not now; needs the scope `orders:import`, never in the future or before the order."""

    def to_command(self) -> CreateRefund:
        """Return the command. Raises: InvalidId."""
        return CreateRefund(
            idempotency_key=self.idempotency_key,
            order_id=id_at(IdKind.ORDER, self.order_id, "orderId"),
            amount=maybe_amount(self.amount),
            reason=self.reason,
            return_id=None if self.return_id is None else id_at(IdKind.RETURN, self.return_id, "returnId"),
            note=self.note,
            occurred_at=self.occurred_at,
        )


@input_type
class RefundRequestInput:
    """Which provider was told to pay a refund."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the refund; kept 72 hours."""
    refund_id: strawberry.ID
    """The refund."""
    gateway: str
    """The provider, spelled as its reports are."""
    provider_reference: str | None = None
    """What the provider calls the refund, or the transaction it pays it from: its reports that name no refund are matched by
    it, also those that came before. Without it they must name the refund."""
    occurred_at: datetime | None = None
    """When it was told, if not now; needs the scope `orders:import`, never in the future or before the refund was granted."""

    def to_command(self) -> RequestRefund:
        """Return the command. Raises: InvalidId."""
        return RequestRefund(
            idempotency_key=self.idempotency_key,
            refund_id=id_at(IdKind.REFUND, self.refund_id, "refundId"),
            gateway=self.gateway,
            provider_reference=self.provider_reference,
            occurred_at=self.occurred_at,
        )


@input_type
class RefundCancelInput:
    """Which refund is called off."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the refund; kept 72 hours."""
    refund_id: strawberry.ID
    """The refund; no provider may be paying it."""
    note: str | None = None
    """A remark on its end."""
    occurred_at: datetime | None = None
    """When it was called off, if not now; needs the scope `orders:import`, never in the future or before it was granted."""

    def to_command(self) -> CancelRefund:
        """Return the command. Raises: InvalidId."""
        return CancelRefund(
            idempotency_key=self.idempotency_key,
            refund_id=id_at(IdKind.REFUND, self.refund_id, "refundId"),
            note=self.note,
            occurred_at=self.occurred_at,
        )


@input_type
class RefundFilterInput:
    """Which refunds. All that is given must hold."""

    order_id: Match[strawberry.ID] | None = None
    """By order."""
    status: Match[RefundStatus] | None = None
    """By how far they are."""
    channel_id: Match[strawberry.ID] | None = None
    """By the channel of the order."""
    reason: Match[RefundReason] | None = None
    """By why money goes back."""
    return_id: Match[strawberry.ID] | None = None
    """By the return they are for."""
    granted_at: DateTimeRange | None = None
    """By when they were granted."""

    def to_filter(self) -> RefundFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        return RefundFilter(
            order_ids=matched_ids(IdKind.ORDER, self.order_id, "where", "orderId"),
            channel_ids=matched_ids(IdKind.CHANNEL, self.channel_id, "where", "channelId"),
            return_ids=matched_ids(IdKind.RETURN, self.return_id, "where", "returnId"),
            statuses=matched(self.status, "where", "status"),
            reasons=matched(self.reason, "where", "reason"),
            granted_from=self.granted_at.from_ if self.granted_at else None,
            granted_before=self.granted_at.before if self.granted_at else None,
        )
