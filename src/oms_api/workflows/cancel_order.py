"""Canceling an order, or quantities of its lines: demand goes first, then its supply is freed, and what was paid is owed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.session import Reader, Tx
from oms_api.domain.fulfillment.concessions import write_concessions
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.inventory.settle import release_committed, release_short
from oms_api.domain.inventory.states import Account, MovementKind
from oms_api.domain.orders.dues import Share
from oms_api.domain.orders.events import OrderCanceled, OrderLinesCanceled
from oms_api.domain.orders.given import Amount
from oms_api.domain.orders.queries import cancellation_by_id, order_by_id
from oms_api.domain.orders.reasons.queries import reason_in_use
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.domain.orders.states import CanceledStock, CancelReason, OrderStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.ledger import write_grant
from oms_api.domain.payments.queries import refund_by_cancellation
from oms_api.domain.payments.states import RefundReason
from oms_api.domain.payments.tables import RefundRow
from oms_api.kernel.access import Scope
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, MissingScope, NotFound, OmsError
from oms_api.kernel.ids import CancellationId, IdKind, LineId, OrderChangeId, OrderId, text_id
from oms_api.kernel.naming import check_note, check_version
from oms_api.kernel.occurrence import occurred
from oms_api.workflows.cancellation import Cancellation, LineToCancel, decide_cancellation
from oms_api.workflows.refund.effects import emit_refund
from oms_api.workflows.refund.grant import granted
from oms_api.workflows.refund.parts import Part, parts_of, write_parts
from oms_api.workflows.refund.suggested import amount_to_grant, suggested

TAKEN = {
    CanceledStock.INSPECT: (Account.QUALITY_CONTROL, MovementKind.MOVE),
    CanceledStock.NOT_FOUND: (Account.ADJUSTMENT, MovementKind.NOT_FOUND),
    CanceledStock.DAMAGED: (Account.DAMAGED, MovementKind.MOVE),
}
"""Where units go that nobody else is to be promised, and by which movement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWithCancel:
    """Grant a refund with the cancellation: of *amount*, or without one of all that is overpaid after it."""

    amount: Amount | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Cancel the whole order, or the units of *lines*, and grant the refund asked for.

    The reason is one of *reason* and *reason_code*, which is that of a reason for cancellations. Where *stock* is not said,
    that reason says it; else units are released, or for INVENTORY to be inspected, as they may not be there. An
    order of which nothing is left gives its external reference up, unless *keep_external_ref*.
    """

    idempotency_key: str
    order_id: OrderId
    reason: CancelReason | None = None
    reason_code: str | None = None
    lines: tuple[LineToCancel, ...] | None = None
    note: str | None = None
    expected_version: int | None = None
    refund: RefundWithCancel | None = None
    stock: CanceledStock | None = None
    keep_external_ref: bool = False
    occurred_at: datetime | None = None


Granted = tuple[RefundRow, Sequence[Part]]
"""A refund and its parts."""


@dataclass(frozen=True, slots=True)
class Why:
    """What a cancellation counts as, the state of its units, the code of its reason, and a remark."""

    reason: CancelReason
    stock: CanceledStock
    code: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Canceled:
    """A cancellation: the order after it, and the refund it granted."""

    id: CancellationId
    order: OrderRow
    refund: RefundRow | None


async def canceled_before(read: Reader, key: CancellationId) -> Canceled:
    """Return what a cancellation came to, as it is now. Raises: NotFound."""
    cancellation = await cancellation_by_id(read, key)
    return Canceled(key, await order_by_id(read, cancellation.order_id), await refund_by_cancellation(read, key))


async def cancel_order(tx: Tx, command: CancelOrder) -> Canceled:
    """Cancel units of an order, free their stock, close the fulfillment orders this empties, and grant the refund asked for.

    A whole order can be canceled while nothing was handed over; quantities as far as they wait, and what is being picked only
    where it was not found or is damaged. What is left decides:
    nothing makes the order CANCELED, nothing but what has arrived makes it COMPLETED.
    Raises: InvalidValue and UnknownOrderReason, for its reason; NotFound, VersionConflict, IllegalMove, AlreadyShipped,
    NothingToCancel, PickingBegan; MissingScope, for a refund without payments:write, and what granting one raises; Refused with
    all that is wrong with the lines.
    """
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    if command.refund is not None:
        check_refund(tx, command.refund)
    reason, stock = await reason_of(tx, command)
    document, _ = await locked_document(tx, BY_ORDER, command.order_id)
    if document is None or not all(tx.principal.sees_location(work.location_id) for work in document.works.values()):
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    was = document.order
    check_version(command.expected_version, was.version)
    at = occurred(at, command.occurred_at, not_before=was.placed_at, what="the order's placing")
    quantities = decide_cancellation(document, command.lines, short=stock.short)
    act = Cancellation.of(tx, document, quantities, short=stock.short)
    granted_with = None
    if command.refund is not None:
        granted_with = refund_after(tx, document, command.refund, at, act.id, act.less)
    why = Why(reason, stock, command.reason_code, command.note)
    return await carried_out(tx, act, why, at, granted_with, free_reference=not command.keep_external_ref)


async def carried_out(
    tx: Tx, act: Cancellation, why: Why, at: datetime, granted_with: Granted | None = None, *, free_reference: bool = True
) -> Canceled:
    """Save the order of a cancellation, write that with the refund it grants, free its stock, and tell of it."""
    document = act.document
    order = document.save(tx, at, why.reason, free_reference=free_reference)
    act.write(tx, order.id, why.reason, why.stock, why.note, at, why.code)
    write_concessions(tx, document, act.id, at)
    refund = write_refund(tx, granted_with, at)
    if act.freed and why.stock in TAKEN:
        await release_short(tx, act.freed, *TAKEN[why.stock], at)
    else:
        release_committed(tx, act.freed, at)
    act.end_waiting(tx)
    kind = OrderCanceled if order.status is OrderStatus.CANCELED else OrderLinesCanceled
    document.emit(tx, kind, act.changes, at, cause_id=act.id)
    if refund is not None:
        emit_refund(tx, document, None, refund, at, cause_id=act.id)
    document.emit_status(tx, at)
    return Canceled(act.id, order, refund)


async def reason_of(tx: Tx, command: CancelOrder) -> tuple[CancelReason, CanceledStock]:
    """Return what a cancellation counts as, and the state of its units. Raises: InvalidValue, UnknownOrderReason."""
    if (command.reason is None) is (command.reason_code is None):
        raise InvalidValue(problem="Give one of reason and reasonCode.", field=("reason",))
    reason, stock = command.reason, command.stock
    if command.reason_code is not None:
        chosen = await reason_in_use(tx, OrderReasonUse.CANCEL, command.reason_code, "reasonCode")
        reason, stock = chosen.cancel_reason, stock or chosen.stock
    counts_as = reason or CancelReason.OTHER
    return counts_as, stock or (CanceledStock.INSPECT if counts_as is CancelReason.INVENTORY else CanceledStock.RELEASE)


def write_refund(tx: Tx, granted_with: Granted | None, at: datetime) -> RefundRow | None:
    """Keep a refund with its parts, if there is one, in the last flush of *tx*, and return it."""
    if granted_with is None:
        return None
    refund, parts = granted_with
    write_grant(tx, refund)
    write_parts(tx, refund, parts, at)
    return refund


def check_refund(tx: Tx, wanted: RefundWithCancel) -> None:
    """Raises: MissingScope, where the caller may grant no refunds; InvalidValue, for a note that is too long."""
    if not tx.principal.may(Scope.PAYMENTS_WRITE):
        raise MissingScope(scope=Scope.PAYMENTS_WRITE.value, field=("refund",))
    check_note(wanted.note, "refund", "note")


def refund_after(
    tx: Tx,
    document: OrderDocument,
    wanted: RefundWithCancel,
    at: datetime,
    cancellation_id: CancellationId | None,
    less: Mapping[LineId, Share],
    reason: RefundReason = RefundReason.CANCELLATION,
    change_id: OrderChangeId | None = None,
) -> Granted | None:
    """Return the refund that *wanted* asks for, with its parts, now that lines of *document* cost so much *less*.

    Without an amount and with nothing overpaid there is none. Raises: ExceedsRefundable, MixedCurrencies, InvalidAmount,
    TooManyDecimals, InvalidValue.
    """
    order = document.header(at)
    if wanted.amount is None and suggested(document.balance, order.due_minor, None) == 0:
        return None
    try:
        amount = amount_to_grant(document.balance, order, wanted.amount)
    except OmsError as error:
        raise error.at("refund") from None
    parts = parts_of(document, amount, reason, less)
    refund = granted(
        tx, document, amount, reason, at, parts, note=wanted.note, cancellation_id=cancellation_id, change_id=change_id
    )
    return refund, parts
