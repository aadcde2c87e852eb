"""Keeping a fee of an order's money, and waiving it."""

from datetime import datetime

from oms_api.db.records import Shape, changed
from oms_api.db.rows import inserts, updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.concessions import write_concessions
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.ways import BY_ORDER, Way
from oms_api.domain.orders.amounts import amount_text, positive_minor
from oms_api.domain.orders.dues import Share
from oms_api.domain.orders.given import Amount
from oms_api.domain.payments.errors import FeeNotKept, TaxBeyondAmount
from oms_api.domain.payments.events import FeeCharged, FeeWaived
from oms_api.domain.payments.states import FeeKind
from oms_api.domain.payments.tables import FeeRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError
from oms_api.kernel.events import Event
from oms_api.kernel.ids import FeeId, IdKind, OrderId, ReturnId, text_id
from oms_api.kernel.naming import check_note
from oms_api.kernel.occurrence import occurred

FEES, SHAPE = inserts(FeeRow), Shape(FeeRow)
WAIVED = updates(FeeRow, "waived_at", "waive_note")
BY_FEE = Way("(SELECT kept.order_id FROM order_fee kept WHERE kept.id = :key::uuid)")
FEE = Sql(f"SELECT {SHAPE.columns} FROM order_fee WHERE id = :fee::uuid")  # noqa: S608 - our own columns
RETURN = Sql("SELECT id FROM returns WHERE id = :back::uuid AND order_id = :order::uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFee:
    """Keep *amount*, *tax* in it, of an order's money, maybe for a return."""

    idempotency_key: str
    order_id: OrderId
    kind: FeeKind
    amount: Amount
    tax: Amount | None = None
    return_id: ReturnId | None = None
    note: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveFee:
    """Do not keep a fee any more."""

    idempotency_key: str
    fee_id: FeeId
    note: str | None = None
    occurred_at: datetime | None = None


async def charge_fee(tx: Tx, command: ChargeFee) -> FeeRow:
    """Keep a fee of an order's money, and return it.

    Raises: NotFound, OccurredTooEarly, MissingScope, MixedCurrencies, InvalidAmount, TooManyDecimals, TaxBeyondAmount,
    InvalidValue.
    """
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    back = RETURN(back=command.return_id, order=command.order_id)
    document, (found,) = await locked_document(tx, BY_ORDER, command.order_id, back)
    if document is None:
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    if command.return_id is not None and not found:
        given = text_id(IdKind.RETURN, command.return_id)
        raise NotFound(what="return of this order", given=given, field=("returnId",))
    at = occurred(at, command.occurred_at, not_before=document.order.placed_at, what="the order's placing")
    amount, tax = amounts(command, document.order.currency)
    document.fees += Share(amount, 0, tax)
    fee = tx.put(
        FEES,
        id=tx.new_id(FeeId),
        order_id=document.order.id,
        channel_id=document.order.channel_id,
        return_id=command.return_id,
        kind=command.kind,
        amount_minor=amount,
        tax_minor=tax,
        currency=document.order.currency,
        note=command.note,
        actor=tx.actor,
        charged_at=at,
        recorded_at=tx.now,
    )
    _finish(tx, document, FeeCharged, fee, at)
    return fee


async def waive_fee(tx: Tx, command: WaiveFee) -> FeeRow:
    """Waive a fee, and return it. Raises: NotFound, FeeNotKept, OccurredTooEarly, MissingScope, InvalidValue."""
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    document, (rows,) = await locked_document(tx, BY_FEE, command.fee_id, FEE(fee=command.fee_id))
    if document is None:
        raise NotFound(what="fee", given=text_id(IdKind.FEE, command.fee_id), field=("feeId",))
    was = SHAPE.record(rows[0])
    if was.waived_at is not None:
        raise FeeNotKept(field=("feeId",))
    at = occurred(at, command.occurred_at, not_before=was.charged_at, what="the fee's charging")
    document.fees -= Share(was.amount_minor, 0, was.tax_minor)
    fee = changed(was, waived_at=at, waive_note=command.note)
    tx.write(WAIVED, [fee])
    _finish(tx, document, FeeWaived, fee, at)
    return fee


def amounts(command: ChargeFee, currency: str) -> tuple[int, int]:
    """Return the fee and the tax in it.

    Raises: MixedCurrencies, InvalidAmount, TooManyDecimals, TaxBeyondAmount, InvalidValue.
    """
    amount = positive_minor(command.amount, currency)
    if command.tax is None or command.tax.value == 0:
        return amount, 0
    try:
        tax = positive_minor(command.tax, currency)
    except OmsError as error:
        error.field = ("tax", *error.field[1:])
        raise
    if tax > amount:
        raise TaxBeyondAmount(amount=amount_text(amount, currency), tax=amount_text(tax, currency), field=("tax", "amount"))
    return amount, tax


def _finish(tx: Tx, document: OrderDocument, kind: type[Event], fee: FeeRow, at: datetime) -> None:
    document.save(tx, at)
    write_concessions(tx, document, fee.id, at)
    document.emit(tx, kind, {}, at, subject_id=fee.id)
    document.emit_status(tx, at)
