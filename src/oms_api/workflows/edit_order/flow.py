"""The flow of an edit: lock and read, decide, apply, write; a preview does the same without a lock, and writes nothing."""

from collections.abc import Sequence
from datetime import datetime

from oms_api.db.session import Reader, Tx
from oms_api.domain.fulfillment.commands.update_order import REPRIORITIZE
from oms_api.domain.fulfillment.concessions import write_concessions
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.taking import write_taken
from oms_api.domain.fulfillment.ways import BY_ORDER, UNLOCKED, Way
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.reservations.endings import expired, settle, unreserve
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.orders.changes import wanted
from oms_api.domain.orders.changes.errors import AllShipped, NothingChanged
from oms_api.domain.orders.changes.queries import change_by_id
from oms_api.domain.orders.changes.record import Difference, keep_change
from oms_api.domain.orders.changes.states import OrderChangeKind
from oms_api.domain.orders.events import OrderEdited, OrderLinesCanceled
from oms_api.domain.orders.queries import order_by_id
from oms_api.domain.orders.states import CanceledStock, CancelReason
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.verbs import EDIT, LIFE, OrderFacts
from oms_api.domain.payments.queries import refund_by_change
from oms_api.domain.payments.states import RefundReason
from oms_api.kernel.checks import check_length, refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, OrderChangeId, text_id
from oms_api.kernel.naming import check_note, check_version
from oms_api.kernel.occurrence import occurred
from oms_api.workflows.assign_supply import emit_promises
from oms_api.workflows.cancel_order import check_refund, refund_after, write_refund
from oms_api.workflows.edit_order.apply import Applied, apply, hand_over_new
from oms_api.workflows.edit_order.commands import Edited, EditedLine, EditOrder
from oms_api.workflows.edit_order.decide import Sale, sell, totals
from oms_api.workflows.edit_order.differences import differences_of, personal_differences_of
from oms_api.workflows.edit_order.read import Agreed, reading
from oms_api.workflows.edit_order.ruled import RuledEdit, apply_ruling, rule_edit
from oms_api.workflows.edit_order.write import (
    header_after,
    write_agreement,
    write_backorders,
    write_change_lines,
)
from oms_api.workflows.refund.effects import emit_refund


@dataclass(frozen=True, slots=True)
class DecidedEdit:
    """An edit applied to the document of its order, with what it makes different, before anything is written."""

    command: EditOrder
    document: OrderDocument
    agreed: Agreed
    sale: Sale
    applied: Applied
    found: Sequence[Difference]
    personal: Sequence[Difference]
    at: datetime
    was: OrderRow
    ruled: RuledEdit | None = None


async def edit_order(tx: Tx, command: EditOrder) -> Edited:
    """Change what was agreed of an order: all changes or none, stock moved by the difference of units alone.

    What was handed over stays, what is being picked is not canceled, and the rules for new orders hold for what is added.
    Raises: NotFound, VersionConflict, OrderNotEditable, NothingChanged, NothingLeft, AllShipped, InsufficientStock, and with a
    refund what granting one raises; Refused with all that is wrong with the changes.
    """
    return write_edit(tx, await decide_edit(tx, command), tx.new_id(OrderChangeId))


async def preview_edit(tx: Tx, command: EditOrder) -> Edited:
    """Return what `edit_order` would come to, and do nothing. Raises: as that does."""
    edited = write_edit(tx, await decide_edit(tx, command, UNLOCKED), tx.new_id(OrderChangeId))
    tx.forget()
    return edited


async def edited_before(read: Reader, key: OrderChangeId) -> Edited:
    """Return the order of an edit and its record, as they are now, for a replay. Raises: NotFound."""
    change = await change_by_id(read, key)
    order = await order_by_id(read, change.order_id)
    return Edited(key, order, change, refund=await refund_by_change(read, key))


async def decide_edit(tx: Tx, command: EditOrder, way: Way = BY_ORDER) -> DecidedEdit:
    """Return what an edit comes to, applied to the order's document. Raises: as `edit_order`."""
    document, agreed, at = await _look(tx, command, way)
    was, agreement = document.order, agreed.agreement
    agreement.apply(command.changes)
    _check_leaving(document, agreed)
    sale = await sell(tx, document, agreed)
    applied = apply(tx, document, agreement, sale)
    document.order = header_after(was, agreed, totals(document, agreement, sale))
    document.edited = True
    found, personal = differences_of(document, agreed, applied, sale, was), personal_differences_of(agreed)
    if not (found or personal):
        raise NothingChanged(field=("changes",))
    ruled = await rule_edit(tx, document, agreed, sale)
    return DecidedEdit(command, document, agreed, sale, applied, found, personal, at, was, ruled)


def write_edit(tx: Tx, decided: DecidedEdit, key: OrderChangeId, *, kept: bool = False) -> Edited:
    """Hand an edit that was decided to the last flush of *tx*; with *kept* its record is there already."""
    command, document, applied, at = decided.command, decided.document, decided.applied, decided.at
    agreed, sale, act, granted = decided.agreed, decided.sale, applied.cancellation, None
    if command.refund is not None:
        reason = RefundReason.OVERPAYMENT if act is None else RefundReason.CANCELLATION
        cause = None if act is None else act.id
        granted = refund_after(tx, document, command.refund, at, cause, applied.less(document), reason, key)
    write_agreement(tx, document, agreed, sale, applied)
    if decided.ruled is not None:
        apply_ruling(tx, document, agreed.gate, decided.ruled, at)
    hand_over_new(document, sale)
    order, change = document.save(tx, at), None
    if not kept:
        why = {"reason": command.reason, "note": command.note}
        change = keep_change(tx, key, order, OrderChangeKind.EDIT, decided.found, decided.personal, at=at, **why)
    write_change_lines(tx, document, applied, sale, key)
    if act is not None:
        act.write(tx, order.id, CancelReason.CUSTOMER, CanceledStock.RELEASE, command.note, at)
    write_concessions(tx, document, key, at)
    refund = write_refund(tx, granted, at)
    _move_units(tx, document, agreed, sale, applied)
    if act is not None:
        act.end_waiting(tx)
    write_backorders(tx, sale)
    if order.priority != decided.was.priority:
        tx.closing.append(REPRIORITIZE(order=order.id, priority=order.priority))
    _emit(tx, decided, key)
    emit_promises(tx, sale.promises.values())
    if applied.withheld is not None:
        applied.withheld.emit(tx)
    if refund is not None:
        emit_refund(tx, document, None, refund, at, cause_id=key)
    document.emit_status(tx, at)
    return Edited(key, order, change, edited_lines(document, agreed, applied, sale), document.balance, refund)


async def _look(tx: Tx, command: EditOrder, way: Way) -> tuple[OrderDocument, Agreed, datetime]:
    """Return the order and what was agreed of it, and when the edit is made. Raises: as `edit_order`."""
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    check_note(command.reason, "reason")
    check_length(command.changes, "changes", wanted.MOST_CHANGES)
    if command.refund is not None:
        check_refund(tx, command.refund)
    document, answers = await locked_document(tx, way, command.order_id, *reading(command.order_id))
    if document is None or not all(tx.principal.sees_location(work.location_id) for work in document.works.values()):
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    order = document.order
    check_version(command.expected_version, order.version)
    at = occurred(at, command.occurred_at, not_before=order.placed_at, what="the order's placing")
    refuse_if(LIFE.why_not(EDIT, order.status, OrderFacts(order.status, document.lines.values(), order.external_ref)))
    return document, Agreed(document, answers), at


def _emit(tx: Tx, decided: DecidedEdit, key: OrderChangeId) -> None:
    """Tell of units that were canceled, and of all that the edit made different; of what is personal only that it did."""
    document, act, at = decided.document, decided.applied.cancellation, decided.at
    if act is not None:
        document.emit(tx, OrderLinesCanceled, act.changes, at, cause_id=act.id, statuses=False)
    changes = {each.path: (each.before, each.after) for each in decided.found}
    document.emit(tx, OrderEdited, changes | {each.path: (None, None) for each in decided.personal}, at, cause_id=key)


def _check_leaving(document: OrderDocument, agreed: Agreed) -> None:
    """Raises: AllShipped, where an edit says where goods go or how they leave, and none are left to ship."""
    leaving = (wanted.SetShippingAddress, wanted.SetDeliveryPoint, wanted.SetShipComplete)
    if any(line.kind.ships and line.waiting for line in document.lines.values()) or agreed.agreement.added:
        return
    for kind in leaving:
        if kind in agreed.agreement.paths:
            raise AllShipped(field=agreed.agreement.paths[kind])


def _move_units(tx: Tx, document: OrderDocument, agreed: Agreed, sale: Sale, applied: Applied) -> None:
    """Free canceled units and take those promised now, in one statement; overdue reservations are expired before."""
    skus = {line.id: line.sku_id for line in agreed.lines}
    places = {promise.level_id: (skus[promise.line_id], promise.location_id) for promise in document.promises.values()}
    act, endings = applied.cancellation, expired(sale.snapshot.overdue)
    freed = [
        Move(
            sku_id=sku,
            location_id=location,
            quantity=settled.quantity,
            source=Account.COMMITTED,
            target=Account.FREE,
            kind=MovementKind.RELEASE,
            cause_kind=CauseKind.CANCELLATION_LINE,
            cause_id=settled.cause_id,
        )
        for settled in (() if act is None else act.freed)
        for sku, location in (places[settled.level_id],)
        if sku is not None
    ]
    write_taken(
        tx,
        document.saved,
        applied.works,
        applied.taken,
        sale.snapshot.levels,
        sells_safety_stock=sale.channel is not None and sale.channel.sells_safety_stock,
        more_moves=[*unreserve(endings), *freed],
        freed=sale.freed,
    )
    settle(tx, endings)


def edited_lines(document: OrderDocument, agreed: Agreed, applied: Applied, sale: Sale) -> list[EditedLine]:
    """Return the lines that an edit touched, old ones first."""
    promised: dict[object, int] = {}
    for each in applied.taken:
        promised[each.line_id] = promised.get(each.line_id, 0) + each.source.quantity
    canceled = () if applied.cancellation is None else applied.cancellation.quantities
    touched = {line.row.id: (line.row.sku_code, line.row.name) for line in applied.repriced}
    touched |= {line.id: (line.sku.code if line.sku else None, line.name) for line in sale.lines}
    touched |= {line.id: (line.sku_code, line.name) for line in agreed.lines if line.id in canceled}
    found: list[EditedLine] = []
    for key, line in document.lines.items():
        if key not in touched:
            continue
        queued, assigned = sale.promises.get(key, (None, None))
        found.append(
            EditedLine(
                id=key,
                sku_code=touched[key][0],
                name=touched[key][1],
                before=applied.before.get(key),
                after=line,
                promised=promised.get(key, 0),
                waiting=0 if queued is None else queued.units,
                ships_on=None if assigned is None else assigned.ships_on,
                arrives_on=None if assigned is None else assigned.arrives_on,
            )
        )
    return found
