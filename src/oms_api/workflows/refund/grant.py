"""Granting a refund: from here on we owe it."""

from collections.abc import Sequence
from datetime import datetime

from oms_api.db.records import changed
from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.concessions import write_concessions
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.orders.amounts import amount_text, positive_minor
from oms_api.domain.orders.errors import TotalMismatch
from oms_api.domain.orders.given import Amount
from oms_api.domain.payments.ledger import write_grant
from oms_api.domain.payments.states import CONCEDING, RefundReason, RefundStatus
from oms_api.domain.payments.tables import RefundRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound
from oms_api.kernel.ids import CancellationId, IdKind, OrderChangeId, OrderId, RefundId, ReturnId, text_id
from oms_api.kernel.money import Money
from oms_api.kernel.naming import check_note
from oms_api.kernel.occurrence import occurred
from oms_api.workflows.refund.effects import count_refund, emit_refund
from oms_api.workflows.refund.parts import Part, PartGiven, concede, parts_given, parts_of, write_parts
from oms_api.workflows.refund.suggested import OF_RETURN, amount_to_grant, of_return


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRefund:
    """Owe the customer *amount*, the sum of *parts*, or without both what is overpaid; with a return at most what came back."""

    idempotency_key: str
    order_id: OrderId
    reason: RefundReason
    amount: Amount | None = None
    parts: tuple[PartGiven, ...] | None = None
    return_id: ReturnId | None = None
    note: str | None = None
    occurred_at: datetime | None = None


async def create_refund(tx: Tx, command: CreateRefund) -> RefundRow:
    """Grant a refund of an order, and return it.

    Raises: NotFound, OccurredTooEarly, MissingScope, InvalidValue, MixedCurrencies, InvalidAmount, TooManyDecimals,
    ExceedsRefundable, NothingOverpaid, TotalMismatch; Refused with all that is wrong with the parts.
    """
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    back = OF_RETURN(order=command.order_id, back=command.return_id)
    document, (found,) = await locked_document(tx, BY_ORDER, command.order_id, back)
    if document is None:
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    at = occurred(at, command.occurred_at, not_before=document.order.placed_at, what="the order's placing")
    if command.reason in CONCEDING and command.amount is None and command.parts is None:
        raise InvalidValue(problem="How much is conceded is to be said: give an amount, or parts.", field=("amount",))
    returned = of_return(command.return_id, found)
    given, total = None, command.amount
    if command.parts is not None:
        given = parts_given(document, command.parts, command.reason)
        total = total_of(given, command.amount, document.order.currency)
    amount = amount_to_grant(document.balance, document.order, total, None if returned is None else returned.left)
    values = {} if returned is None else returned.values
    parts = parts_of(document, amount, command.reason, values) if given is None else given
    refund = granted(tx, document, amount, command.reason, at, parts, note=command.note, return_id=command.return_id)
    order = document.save(tx, at)
    write_grant(tx, refund)
    write_parts(tx, refund, parts, at)
    write_concessions(tx, document, refund.id, at)
    emit_refund(tx, document, None, refund, at, order=order)
    document.emit_status(tx, at)
    return refund


def total_of(parts: Sequence[Part], amount: Amount | None, currency: str) -> Amount:
    """Return what *parts* add up to. Raises: TotalMismatch, where *amount* is given and another."""
    total = sum(part.share.amount for part in parts)
    if amount is not None and (given := positive_minor(amount, currency)) != total:
        expected = amount_text(total, currency)
        raise TotalMismatch(given=amount_text(given, currency), expected=expected, field=("amount", "amount"))
    return Amount(value=Money(total, currency).amount)


def granted(
    tx: Tx,
    document: OrderDocument,
    amount: int,
    reason: RefundReason,
    at: datetime,
    parts: Sequence[Part],
    *,
    note: str | None,
    return_id: ReturnId | None = None,
    cancellation_id: CancellationId | None = None,
    change_id: OrderChangeId | None = None,
) -> RefundRow:
    """Return a new refund of *amount*, counted in *document* with its *parts*; what brought it about is named."""
    order = document.order
    row = {
        "id": tx.new_id(RefundId),
        "order_id": order.id,
        "channel_id": order.channel_id,
        "return_id": return_id,
        "cancellation_id": cancellation_id,
        "change_id": change_id,
        "status": RefundStatus.GRANTED,
        "version": 1,
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
    concede(document, parts)
    return refund
