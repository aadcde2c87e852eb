"""What clients send to report payments."""

from datetime import datetime

import strawberry

from oms_api.domain.payments.discrepancies import DiscrepancyFilter
from oms_api.domain.payments.states import DiscrepancyKind, PaymentEventType
from oms_api.graphql.described import input_type
from oms_api.graphql.filters import Match, id_at, matched, matched_ids
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.orders.inputs import amount
from oms_api.kernel.ids import IdKind
from oms_api.workflows.report_payment import ReportPayment


@input_type
class PaymentEventReportInput:
    """What a payment provider reported of an order's money."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the event recorded first; kept 72 hours."""
    order_id: strawberry.ID
    """The order."""
    gateway: str
    """The provider, 1 to 255 characters, always spelled the same."""
    event_reference: str
    """The provider's reference of the report: the same gateway, reference and type is the same event, and recorded once."""
    type: PaymentEventType
    """What it reports."""
    amount: MoneyInput
    """Of how much: more than zero, in the order's currency."""
    transaction_reference: str | None = None
    """The provider's reference of the transaction, by which its authorization, capture and refunds are seen together; without
    it the event's own."""
    refund_id: strawberry.ID | None = None
    """The refund that a REFUNDED or FAILED event is about; without it the provider's reference tells."""
    note: str | None = None
    """A remark on it."""
    occurred_at: datetime | None = None
    """When it happened, if not now; needs the scope `orders:import`, never in the future."""

    def to_command(self) -> ReportPayment:
        """Return the command. Raises: InvalidId."""
        return ReportPayment(
            idempotency_key=self.idempotency_key,
            order_id=id_at(IdKind.ORDER, self.order_id, "orderId"),
            gateway=self.gateway,
            event_reference=self.event_reference,
            type=self.type,
            amount=amount(self.amount),
            transaction_reference=self.transaction_reference,
            refund_id=None if self.refund_id is None else id_at(IdKind.REFUND, self.refund_id, "refundId"),
            note=self.note,
            occurred_at=self.occurred_at,
        )


@input_type
class PaymentDiscrepancyFilterInput:
    """Which discrepancies. All that is given must hold."""

    order_id: Match[strawberry.ID] | None = None
    """By order."""
    kind: Match[DiscrepancyKind] | None = None
    """By what is beyond what."""
    gateway: Match[str] | None = None
    """By the provider of the transaction, or of one of the order's where it is about the order as a whole."""
    channel_id: Match[strawberry.ID] | None = None
    """By the channel of the order."""

    def to_filter(self) -> DiscrepancyFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        return DiscrepancyFilter(
            order_ids=matched_ids(IdKind.ORDER, self.order_id, "where", "orderId"),
            kinds=matched(self.kind, "where", "kind"),
            gateways=matched(self.gateway, "where", "gateway"),
            channel_ids=matched_ids(IdKind.CHANNEL, self.channel_id, "where", "channelId"),
        )
