"""Payments, refunds and fees in words, for timelines: to those who may read payments."""

from oms_api.domain.events.timeline import Happening, narrate
from oms_api.domain.payments.events import (
    FeeCharged,
    FeeWaived,
    PaymentReported,
    RefundCanceled,
    RefundFailed,
    RefundGranted,
    RefundRequested,
    RefundSucceeded,
)
from oms_api.domain.payments.queries import events_by_id, fees_by_id, refunds_by_id
from oms_api.domain.payments.states import PaymentEventType
from oms_api.domain.payments.tables import FeeRow, PaymentEventRow, RefundRow
from oms_api.kernel.access import Scope
from oms_api.kernel.sentences import money_text

P = PaymentEventType
REPORTED = {
    P.AUTHORIZED: "was authorized",
    P.CAPTURED: "was paid",
    P.VOIDED: "is authorized no longer",
    P.REFUNDED: "was paid back",
    P.FAILED: "could not be moved",
    P.CHARGEBACK: "was charged back by the customer's bank",
    P.CHARGEBACK_REVERSED: "was won back in a dispute",
    P.DISPUTE_OPENED: "is disputed by the customer",
    P.DISPUTE_CLOSED: "is disputed no longer",
}


def reported(it: Happening) -> str:
    """Say what a provider reported."""
    event = it.record
    return f"{money_text(event.amount_minor, event.currency)} {REPORTED[event.type]} ({event.gateway})."


def refund(it: Happening) -> str:
    """Return the refund of an event with its amount."""
    return f"A refund of {money_text(it.record.amount_minor, it.record.currency)}"


def fee(it: Happening) -> str:
    """Return the fee of an event with its amount."""
    return f"A fee of {money_text(it.record.amount_minor, it.record.currency)}"


def note_of(record: PaymentEventRow | RefundRow | FeeRow) -> str | None:
    """Return the remark on a record."""
    return record.note


narrate(PaymentReported, reported, behind=events_by_id, note=note_of, scope=Scope.PAYMENTS_READ)
narrate(
    RefundGranted,
    lambda it: f"{refund(it)} was granted.",
    behind=refunds_by_id,
    reason=lambda granted: granted.reason.value,
    note=note_of,
    scope=Scope.PAYMENTS_READ,
)
narrate(RefundRequested, lambda it: f"{refund(it)} was requested.", behind=refunds_by_id, scope=Scope.PAYMENTS_READ)
narrate(RefundSucceeded, lambda it: f"{refund(it)} was paid in full.", behind=refunds_by_id, scope=Scope.PAYMENTS_READ)
narrate(RefundFailed, lambda it: f"{refund(it)} could not be paid.", behind=refunds_by_id, scope=Scope.PAYMENTS_READ)
narrate(
    RefundCanceled,
    lambda it: f"{refund(it)} was canceled.",
    behind=refunds_by_id,
    note=lambda canceled: canceled.cancel_note,
    scope=Scope.PAYMENTS_READ,
)
narrate(
    FeeCharged,
    lambda it: f"{fee(it)} was charged.",
    behind=fees_by_id,
    reason=lambda charged: charged.kind.value,
    note=note_of,
    scope=Scope.PAYMENTS_READ,
)
narrate(
    FeeWaived,
    lambda it: f"{fee(it)} was waived.",
    behind=fees_by_id,
    note=lambda waived: waived.waive_note,
    scope=Scope.PAYMENTS_READ,
)
