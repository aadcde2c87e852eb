"""Reporting payments."""

from typing import Annotated

from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.payments.inputs import PaymentEventReportInput
from oms_api.graphql.payments.types import PaymentEvent
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.workflows.report_payment import report_payment, reported_before


@output
class PaymentEventReportPayload(Payload):
    """The event recorded, or why it was not. `replayed` also where it had been reported under another key."""

    payment_event: PaymentEvent | None = None
    """The event."""


@output
class PaymentMutations:
    """Reporting payments."""

    @mutation(
        Scope.PAYMENTS_WRITE,
        description="Record what a payment provider reports of an order: once, in whatever order reports come, and also what "
        "goes beyond what is allowed; see `paymentDiscrepancies`. The order's payment status follows. An event reported again "
        "is answered with what is there; with another amount, order or transaction it is a conflict.",
    )
    async def payment_event_report(
        self, info: Info, input: Annotated[PaymentEventReportInput, argument("The report.")]
    ) -> PaymentEventReportPayload:
        done = await once(info, input, report_payment, again=reported_before)
        reported = done.value
        return PaymentEventReportPayload(payment_event=PaymentEvent.of(reported.event), replayed=done.replayed or reported.seen)
