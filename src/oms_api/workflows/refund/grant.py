"""Granting a refund: from here on we owe it."""

from dataclasses import dataclass
from datetime import datetime

from oms_api.db.records import changed
from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.document import BY_ORDER, Document, locked_document, tell_status
from oms_api.domain.orders.intake import Amount
from oms_api.domain.payments.ledger import write_grant
from oms_api.domain.payments.states import RefundReason, RefundStatus
from oms_api.domain.payments.tables import RefundRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import CancellationId, IdKind, OrderId, RefundId, ReturnId, text_id
from oms_api.kernel.naming import check_text
from oms_api.kernel.occurrence import occurred
from oms_api.workflows.refund.effects import count_refund, tell_refund
from oms_api.workflows.refund.preview import OF_RETURN, amount_to_grant, left_of_return


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRefund:
    """Owe the customer *amount*, or without one what is overpaid; with a return at most what came back with it."""

    idempotency_key: str
    order_id: OrderId
    reason: RefundReason
    amount: Amount | None = None
    return_id: ReturnId | None = None
    note: str | None = None
    occurred_at: datetime | None = None


async def create_refund(tx: Tx, command: CreateRefund) -> RefundRow:
    """Grant a refund of an order, and return it.

    Raises: NotFound, OccurredTooEarly, MissingScope, InvalidValue, MixedCurrencies, InvalidAmount, TooManyDecimals,
    ExceedsRefundable, NothingOverpaid.
    """
    at = tx.business_time(command.occurred_at)
    check_text(command.note, "note")
    back = OF_RETURN(order=command.order_id, back=command.return_id)
    document, (of_return,) = await locked_document(tx, BY_ORDER, command.order_id, back)
    if document is None:
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    occurred(command.occurred_at, not_before=document.order.placed_at, what="the order's placing")
    left = left_of_return(command.return_id, of_return)
    amount = amount_to_grant(document.balance, document.order, command.amount, left)
    refund = granted(tx, document, amount, command.reason, at, note=command.note, return_id=command.return_id)
    order = document.header(at)
    document.write(tx, order, at)
    write_grant(tx, refund)
    tell_refund(tx, document, None, refund, at, order=order)
    tell_status(tx, document, order, at)
    return refund


def granted(
    tx: Tx,
    document: Document,
    amount: int,
    reason: RefundReason,
    at: datetime,
    *,
    note: str | None,
    return_id: ReturnId | None = None,
    cancellation_id: CancellationId | None = None,
) -> RefundRow:
    """Return a new refund of *amount*, counted in *document*; what brought it about is named."""
    order = document.order
    row = {
        "id": tx.new_id(RefundId),
        "order_id": order.id,
        "channel_id": order.channel_id,
        "return_id": return_id,
        "cancellation_id": cancellation_id,
        "status": RefundStatus.GRANTED,
        "reason": reason,
        "note": note,
        "amount_minor": amount,
        "refunded_minor": 0,
        "called_off_minor": 0,
        "currency": order.currency,
        "actor": tx.actor,
        "granted_at": at,
        "recorded_at": tx.now,
    }
    refund = changed(inserts(RefundRow).record(row), owed_minor=amount, settled_minor=0)
    count_refund(document, None, refund)
    return refund
