"""Canceling an order, or quantities of its lines: demand goes first, then its supply is freed, and what was paid is owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oms_api.db.rows import Row, inserts
from oms_api.db.session import Reader, Tx
from oms_api.domain.fulfillment.backorders.settle import cancel_waiting
from oms_api.domain.fulfillment.concessions import write_concessions
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.inventory.settle import Settled, release_committed, release_short
from oms_api.domain.inventory.states import Account, MovementKind
from oms_api.domain.orders.dues import Share
from oms_api.domain.orders.errors import BundleComponent, NotCancelable, PickingBegan
from oms_api.domain.orders.events import OrderCanceled, OrderLinesCanceled
from oms_api.domain.orders.intake import MOST_LINES, Amount
from oms_api.domain.orders.quantities import LineMoney, LineUnits, cancel, cancelable_sets, money_gone, units_per_set
from oms_api.domain.orders.queries import cancellation_by_id, order_by_id
from oms_api.domain.orders.states import CanceledStock, CancelReason, LineKind, OrderStatus
from oms_api.domain.orders.tables import OrderCancellationLineRow, OrderCancellationRow, OrderRow
from oms_api.domain.orders.verbs import CANCEL, CANCEL_LINES, LIFE, OrderFacts
from oms_api.domain.payments.ledger import write_grant
from oms_api.domain.payments.queries import refund_by_cancellation
from oms_api.domain.payments.states import RefundReason
from oms_api.domain.payments.tables import RefundRow
from oms_api.kernel.access import Scope
from oms_api.kernel.checks import check_length, check_quantity, refuse_if
from oms_api.kernel.errors import (
    LineTwice,
    MissingScope,
    NotFound,
    OmsError,
    Refused,
)
from oms_api.kernel.ids import CancellationId, CancellationLineId, IdKind, LineId, OrderId, text_id
from oms_api.kernel.naming import check_note, check_version
from oms_api.kernel.occurrence import occurred
from oms_api.workflows.refund.effects import emit_refund
from oms_api.workflows.refund.grant import granted
from oms_api.workflows.refund.parts import Part, parts_of, write_parts
from oms_api.workflows.refund.preview import amount_to_grant, suggested

CANCELLATIONS, LINES = inserts(OrderCancellationRow), inserts(OrderCancellationLineRow)
TAKEN = {
    CanceledStock.INSPECT: (Account.QUALITY_CONTROL, MovementKind.MOVE),
    CanceledStock.NOT_FOUND: (Account.ADJUSTMENT, MovementKind.NOT_FOUND),
    CanceledStock.DAMAGED: (Account.DAMAGED, MovementKind.MOVE),
}
"""Where units go that nobody else is to be promised, and by which movement."""


@dataclass(frozen=True, slots=True)
class LineToCancel:
    """Units of one line; of a bundle whole sets."""

    line_id: LineId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWithCancel:
    """Grant a refund with the cancellation: of *amount*, or without one of all that is overpaid after it."""

    amount: Amount | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Cancel the whole order, or the units of *lines*, and grant the refund asked for.

    Where *stock* is not said, units are released; for INVENTORY they are to be inspected, as they may not be there.
    """

    idempotency_key: str
    order_id: OrderId
    reason: CancelReason
    lines: tuple[LineToCancel, ...] | None = None
    note: str | None = None
    expected_version: int | None = None
    refund: RefundWithCancel | None = None
    stock: CanceledStock | None = None
    occurred_at: datetime | None = None


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
    Raises: NotFound, VersionConflict, IllegalMove, AlreadyShipped, NothingToCancel, PickingBegan; MissingScope, for a refund
    without payments:write, and what granting one raises; Refused with all that is wrong with the lines.
    """
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    if command.refund is not None:
        check_refund(tx, command.refund)
    document, _ = await locked_document(tx, BY_ORDER, command.order_id)
    if document is None or not all(tx.principal.sees_location(work.location_id) for work in document.works.values()):
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    was = document.order
    check_version(command.expected_version, was.version)
    at = occurred(at, command.occurred_at, not_before=was.placed_at, what="the order's placing")
    doubted = command.reason is CancelReason.INVENTORY
    stock = command.stock or (CanceledStock.INSPECT if doubted else CanceledStock.RELEASE)
    quantities = decide_cancellation(document, command.lines, short=stock.short)
    before = {key: document.lines[key] for key in quantities}
    ids = {key: tx.new_id(CancellationLineId) for key in quantities}
    freed = [
        settled
        for key, units in quantities.items()
        for settled in cancel_units(document, key, units, ids[key], short=stock.short)
    ]
    document.settle()
    cancellation_id = tx.new_id(CancellationId)
    gone = {key: money_gone(line, document.lines[key]) for key, line in before.items()}
    refund, parts = None, list[Part]()
    if command.refund is not None:
        refund, parts = refund_after(tx, document, command.refund, at, cancellation_id, gone)
    order = document.save(tx, at, command.reason)
    tx.put(
        CANCELLATIONS,
        id=cancellation_id,
        order_id=order.id,
        reason=command.reason,
        stock=stock,
        note=command.note,
        actor=tx.actor,
        occurred_at=at,
        recorded_at=tx.now,
    )
    tx.write(LINES, [_line_row(ids[key], cancellation_id, key, quantities[key], share) for key, share in gone.items()])
    write_concessions(tx, document, cancellation_id, at)
    if refund is not None:
        write_grant(tx, refund)
        write_parts(tx, refund, parts, at)
    if freed and stock in TAKEN:
        await release_short(tx, freed, *TAKEN[stock], at)
    else:
        release_committed(tx, freed, at)
    cancel_waiting(
        tx, {key: line.backordered - document.lines[key].backordered for key, line in before.items() if line.kind.ships}
    )
    canceled: dict[str, tuple[object, object]] = {
        f"lines.{text_id(IdKind.LINE, key)}.canceled": (line.canceled, document.lines[key].canceled)
        for key, line in before.items()
    }
    kind = OrderCanceled if order.status is OrderStatus.CANCELED else OrderLinesCanceled
    document.emit(tx, kind, canceled, at, cause_id=cancellation_id)
    if refund is not None:
        emit_refund(tx, document, None, refund, at, cause_id=cancellation_id)
    document.emit_status(tx, at)
    return Canceled(cancellation_id, order, refund)


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
    cancellation_id: CancellationId,
    gone: Mapping[LineId, LineMoney],
) -> tuple[RefundRow | None, list[Part]]:
    """Return the refund that *wanted* asks for, and its parts, now that units of *document* are canceled, which cost *gone*.

    Without an amount and with nothing overpaid there is none. Raises: ExceedsRefundable, MixedCurrencies, InvalidAmount,
    TooManyDecimals, InvalidValue.
    """
    order = document.header(at)
    if wanted.amount is None and suggested(document.balance, order.due_minor, None) == 0:
        return None, []
    try:
        amount = amount_to_grant(document.balance, order, wanted.amount)
    except OmsError as error:
        raise error.at("refund") from None
    taxed, reason = order.prices_include_tax, RefundReason.CANCELLATION
    values = {
        key: Share(money.amount(prices_include_tax=taxed), money.shipping, money.tax)
        for key, money in gone.items()
        if document.lines[key].kind is not LineKind.BUNDLE
    }
    parts = parts_of(document, amount, reason, values)
    return granted(tx, document, amount, reason, at, parts, note=wanted.note, cancellation_id=cancellation_id), parts


def decide_cancellation(
    document: OrderDocument, wanted: Sequence[LineToCancel] | None, *, short: bool = False
) -> dict[LineId, int]:
    """Return how many units of which lines are canceled, components after their bundle; of *short* ones picked ones, too."""
    status, lines = document.order.status, document.lines
    verb = CANCEL if wanted is None else CANCEL_LINES
    refuse_if(LIFE.why_not(verb, status, OrderFacts(status, lines.values(), document.order.external_ref)))
    in_hand = {} if short else document.in_hand()
    if wanted is None:
        if in_hand := {key: units for key, units in in_hand.items() if units}:
            raise PickingBegan(units=sum(in_hand.values()), field=("orderId",))
        return {line.id: line.cancelable for line in lines.values() if line.cancelable}
    check_length(wanted, "lines", MOST_LINES, "leave them out to cancel the order")
    quantities: dict[LineId, int] = {}
    errors: list[OmsError] = []
    for index, given in enumerate(wanted):
        try:
            for line, units in units_to_cancel(document, given, in_hand, quantities):
                quantities[line.id] = units
        except OmsError as error:
            errors.append(error.at("lines", index))
    if errors:
        raise Refused(errors=errors)
    return quantities


def units_to_cancel(
    document: OrderDocument, given: LineToCancel, in_hand: dict[LineId, int], chosen: dict[LineId, int]
) -> list[tuple[LineUnits, int]]:
    """Return the units of *given*, and of a bundle's components.

    Raises: NotFound, BundleComponent, LineTwice, InvalidQuantity, NotCancelable.
    """
    line = document.lines.get(given.line_id)
    if line is None:
        raise NotFound(what="line of this order", given=text_id(IdKind.LINE, given.line_id), field=("lineId",))
    if line.parent_id is not None:
        raise BundleComponent(field=("lineId",))
    if line.id in chosen:
        raise LineTwice(field=("lineId",))
    check_quantity(given.quantity, "quantity")
    parts = document.components(line.id)
    if line.kind is LineKind.BUNDLE:
        cancelable = cancelable_sets(line, parts, in_hand)
    else:
        cancelable = line.cancelable - in_hand.get(line.id, 0)
    if given.quantity > cancelable:
        raise NotCancelable(cancelable=cancelable, requested=given.quantity, field=("quantity",))
    return [(line, given.quantity), *((part, given.quantity * units_per_set(line, part)) for part in parts)]


def cancel_units(
    document: OrderDocument, line_id: LineId, units: int, cause_id: CancellationLineId, *, short: bool = False
) -> list[Settled]:
    """Cancel units of one line in *document* and return the stock this frees; a bundle's line follows its components.

    Where they are *short*, they are of those that were promised.
    """
    line = document.lines[line_id]
    if line.kind is LineKind.BUNDLE:
        document.touched_lines.add(line_id)
        return []
    less = cancel(line, units, promised_first=short)
    document.set_line(less)
    freed = document.release(
        line_id,
        allocated=line.allocated - less.allocated,
        in_fulfillment=line.in_fulfillment - less.in_fulfillment,
        short=short,
    )
    return [Settled(level, quantity, cause_id) for level, quantity in freed]


def _line_row(
    key: CancellationLineId, cancellation_id: CancellationId, line_id: LineId, quantity: int, share: LineMoney
) -> Row:
    """Return the row of units of a line that are canceled, with their share of what the line cost."""
    return {
        "id": key,
        "cancellation_id": cancellation_id,
        "line_id": line_id,
        "quantity": quantity,
        "goods_minor": share.goods,
        "discount_minor": share.discount,
        "shipping_minor": share.shipping,
        "tax_minor": share.tax,
    }
