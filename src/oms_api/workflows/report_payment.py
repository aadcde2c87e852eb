"""Recording what a payment provider reports of an order's money: never refused for what it says, and recorded once."""

from datetime import datetime
from typing import Any

from oms_api.db.rows import inserts
from oms_api.db.session import Reader, Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.gate import GOODS, Release, Withholding
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.orders.amounts import positive_minor
from oms_api.domain.orders.given import Amount
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.errors import NotAboutRefunds, NotAnAuthorization, PaymentEventConflict, RefundNotOfOrder
from oms_api.domain.payments.events import PaymentReported
from oms_api.domain.payments.fold import Sums, balance_of
from oms_api.domain.payments.ledger import write_move, write_report
from oms_api.domain.payments.policies import ABOUT_REFUNDS, refund_meant, report
from oms_api.domain.payments.queries import event_by_id
from oms_api.domain.payments.shapes import EVENTS, REFUNDS
from oms_api.domain.payments.states import PaymentEventType
from oms_api.domain.payments.tables import SUMS, PaymentEventRow, RefundRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, OrderId, PaymentEventId, PaymentTransactionId, RefundId, text_id
from oms_api.kernel.money import LARGEST_MINOR
from oms_api.kernel.naming import check_code, check_note
from oms_api.workflows.refund.effects import count_refund, emit_refund

EARLIER = Sql(f"""
SELECT {EVENTS.columns}, payment.reference FROM payment_event JOIN payment_transaction payment ON payment.id = transaction_id
WHERE payment_event.gateway = :gateway::text AND event_reference = :reference::text AND type = :type::text
""")  # noqa: S608 - our own columns
TRANSACTIONS = Sql(f"""
SELECT id, gateway, reference, {", ".join(SUMS)}, coalesce(largest_capture_minor, captured_minor) FROM payment_transaction
WHERE order_id = :order::uuid
""")  # noqa: S608 - our own columns
OPEN_REFUNDS = Sql(f"""
SELECT {REFUNDS.columns} FROM refund WHERE order_id = :order::uuid AND status IN ('GRANTED', 'REQUESTED', 'FAILED')
UNION ALL
SELECT {REFUNDS.columns} FROM refund
WHERE id = :refund::uuid AND (order_id <> :order::uuid OR status NOT IN ('GRANTED', 'REQUESTED', 'FAILED'))
""")  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPayment:
    """What a provider reported; without a reference of its transaction the event is one by itself."""

    idempotency_key: str
    order_id: OrderId
    gateway: str
    event_reference: str
    type: PaymentEventType
    amount: Amount
    transaction_reference: str | None = None
    refund_id: RefundId | None = None
    capture_before: datetime | None = None
    note: str | None = None
    occurred_at: datetime | None = None

    @property
    def reference(self) -> str:
        """The provider's reference of the transaction."""
        return self.event_reference if self.transaction_reference is None else self.transaction_reference


@dataclass(frozen=True, slots=True)
class ReportedPayment:
    """An event, and whether it had been reported before."""

    event: PaymentEventRow
    seen: bool = False

    @property
    def id(self) -> PaymentEventId:
        """The id of the event."""
        return self.event.id


async def reported_before(read: Reader, key: PaymentEventId) -> ReportedPayment:
    """Return an event that was reported before. Raises: NotFound."""
    return ReportedPayment(await event_by_id(read, key), seen=True)


async def report_payment(tx: Tx, command: ReportPayment) -> ReportedPayment:
    """Record an event, fold it into its transaction and the order's balance, let it move its refund, and return it.

    An order that waited for this payment is released; one of which nothing was begun waits again, where it no longer suffices.

    An event that was recorded before with the same order, transaction and amount is returned as it is, and changes nothing.
    Raises: NotFound, PaymentEventConflict, MixedCurrencies, InvalidAmount, TooManyDecimals, NotAboutRefunds,
    NotAnAuthorization, RefundNotOfOrder, InvalidValue, MissingScope; Refused with all that is wrong with the texts.
    """
    at = tx.business_time(command.occurred_at)
    check_texts(command)
    if command.capture_before is not None and command.type is not PaymentEventType.AUTHORIZED:
        raise NotAnAuthorization(given=command.type.value, field=("captureBefore",))
    document, (earlier, transactions, refunds, goods) = await locked_document(
        tx,
        BY_ORDER,
        command.order_id,
        EARLIER(gateway=command.gateway, reference=command.event_reference, type=command.type),
        TRANSACTIONS(order=command.order_id),
        OPEN_REFUNDS(order=command.order_id, refund=command.refund_id),
        GOODS(order=command.order_id),
    )
    if document is None:
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    amount = positive_minor(command.amount, document.order.currency)
    if earlier:
        return ReportedPayment(same(command, amount, earlier[0]), seen=True)
    refund = refund_of(tx, command, amount, [REFUNDS.record(row) for row in refunds])
    transaction_id, sums = fold(document, command, amount, transactions, new=tx.new_id(PaymentTransactionId))
    row = {
        "id": tx.new_id(PaymentEventId),
        "order_id": document.order.id,
        "channel_id": document.order.channel_id,
        "transaction_id": transaction_id,
        "gateway": command.gateway,
        "event_reference": command.event_reference,
        "type": command.type,
        "amount_minor": amount,
        "currency": document.order.currency,
        "capture_before": command.capture_before,
        "note": command.note,
        "actor": tx.actor,
        "occurred_at": at,
        "recorded_at": tx.now,
    }
    event = inserts(PaymentEventRow).record(row)
    moved = None if refund is None else report(refund, command.type, amount, at)
    if moved is not None:
        count_refund(document, refund, moved)
    reached = max(at, document.order.placed_at)  # a report may be older than the order it pays for
    release, withheld = Release.of(tx, document, goods), Withholding.of(document)
    document.save(tx, reached)
    write_report(tx, event, command.reference, sums, document.balance)
    document.emit(tx, PaymentReported, {}, at, subject_id=event.id)
    if moved is not None:
        write_move(tx, moved, (event.id,))
        emit_refund(tx, document, refund, moved, at, cause_id=event.id)
    if release is not None:
        release.write(tx)
    if withheld is not None:
        withheld.emit(tx)
    document.emit_status(tx, reached)
    return ReportedPayment(event)


def check_texts(command: ReportPayment) -> None:
    """Raises: Refused, for references that are none, and a note that is too long."""
    errors: list[OmsError] = []
    codes = (
        (command.gateway, "gateway"),
        (command.event_reference, "eventReference"),
        (command.transaction_reference, "transactionReference"),
    )
    for text, name in codes:
        try:
            if text is not None:
                check_code(text, name)
        except OmsError as error:
            errors.append(error)
    try:
        check_note(command.note, "note")
    except OmsError as error:
        errors.append(error)
    if errors:
        raise Refused(errors=errors)


def same(command: ReportPayment, amount: int, earlier: tuple[Any, ...]) -> PaymentEventRow:
    """Return the event in *earlier*, where *command* reports it again. Raises: PaymentEventConflict."""
    *row, reference = earlier
    event = EVENTS.record(row)
    if (event.order_id, reference, event.amount_minor) != (command.order_id, command.reference, amount):
        raise PaymentEventConflict(gateway=command.gateway, event_reference=command.event_reference, field=("eventReference",))
    return event


def refund_of(tx: Tx, command: ReportPayment, amount: int, refunds: list[RefundRow]) -> RefundRow | None:
    """Return the refund that an event is about: the one it names, or the open one with the provider's reference.

    Raises: NotFound, RefundNotOfOrder, NotAboutRefunds.
    """
    mine = [refund for refund in refunds if refund.order_id == command.order_id]
    if command.refund_id is None:
        references = {command.event_reference, command.reference}
        return refund_meant(mine, command.gateway, references, command.type, amount)
    named = next((refund for refund in refunds if refund.id == command.refund_id), None)
    if named is None or not tx.principal.sees_channel(named.channel_id):
        raise NotFound(what="refund", given=text_id(IdKind.REFUND, command.refund_id), field=("refundId",))
    if named.order_id != command.order_id:
        raise RefundNotOfOrder(field=("refundId",))
    if command.type not in ABOUT_REFUNDS:
        raise NotAboutRefunds(given=command.type.value, field=("refundId",))
    return named


def fold(
    document: OrderDocument,
    command: ReportPayment,
    amount: int,
    transactions: list[tuple[Any, ...]],
    *,
    new: PaymentTransactionId,
) -> tuple[PaymentTransactionId, Sums]:
    """Fold an event into the document's balance, and return its transaction, maybe a *new* one, with what that adds up to.

    Raises: InvalidValue, for sums beyond what can be kept.
    """
    known = {(gateway, reference): (key, Sums(*sums)) for key, gateway, reference, *sums in transactions}
    place = command.gateway, command.reference
    key, before = known.get(place, (new, Sums()))
    sums = before.plus(command.type, amount)
    known[place] = key, sums
    balance = balance_of([each for _, each in known.values()], granted=document.balance.granted)
    if max(*_amounts(sums), *_amounts(balance)) > LARGEST_MINOR:
        problem = "With this amount the order's money is beyond what can be kept exactly."
        raise InvalidValue(problem=problem, field=("amount", "amount"))
    document.balance = balance
    return key, sums


def _amounts(of: Sums | Balance) -> list[int]:
    return [getattr(of, name) for name in of.__slots__]
