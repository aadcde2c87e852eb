"""Reporting payments."""

from datetime import datetime
from typing import Annotated

from oms_api.domain.payments.states import PaymentEventType
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.payments.types import PaymentEvent
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderId, RefundId
from oms_api.workflows.report_payment import ReportPayment, report_payment, reported_before


@input_type
class PaymentEventReportInput(Input[ReportPayment]):
    """A payment provider's report on an order's money."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the event that the first call recorded."""
    order_id: OrderId
    """The order."""
    gateway: str
    """The provider, 1 to 255 characters, always spelled the same."""
    event_reference: str
    """The provider's reference of the report. Reports with the same gateway, reference and type are one event, which is
    recorded once."""
    type: PaymentEventType
    """The type of the report."""
    amount: MoneyInput
    """The reported amount: more than zero, in the order's currency."""
    transaction_reference: str | None = None
    """The provider's reference of the transaction, which groups its authorization, captures and refunds; by default the event's
    own reference."""
    refund_id: RefundId | None = None
    """The refund that a REFUNDED or FAILED event is about; by default it is found by the provider's reference."""
    capture_before: datetime | None = None
    """When the authorization lapses; for AUTHORIZED events only. See `paymentAlerts`."""
    note: str | None = None
    """A remark on it."""
    occurred_at: datetime | None = None
    """When it happened; by default now. Never in the future. Needs the scope `orders:import`."""


@output
class PaymentEventReportPayload(Payload):
    """The recorded event, or why it was not recorded.

    `replayed` is also true if the event was reported before under another key.
    """

    payment_event: PaymentEvent | None = None
    """The event."""


@output
class PaymentMutations:
    """Reporting payments."""

    @mutation(
        Scope.PAYMENTS_WRITE,
        description=(
            "Record a payment provider's report on an order. Each report counts once, and reports may arrive in any "
            "sequence. An amount beyond the allowed amount is recorded too; see `paymentDiscrepancies`. The payment status "
            "of the order changes accordingly. A repeated report answers with the recorded event, and fails with "
            "PAYMENT_EVENT_CONFLICT where its amount, order or transaction differs."
        ),
    )
    async def payment_event_report(
        self, info: Info, input: Annotated[PaymentEventReportInput, argument("The report.")]
    ) -> PaymentEventReportPayload:
        done = await once(info, input, report_payment, again=reported_before)
        reported = done.value
        return PaymentEventReportPayload(payment_event=PaymentEvent.of(reported.event), replayed=done.replayed or reported.seen)
