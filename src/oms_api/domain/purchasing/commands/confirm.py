"""What a supplier says will come, and when; it may say so again as long as goods are expected."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from oms_api.db.records import changed
from oms_api.db.session import Tx
from oms_api.domain.purchasing.document import (
    Changes,
    Line,
    PurchaseOrderDocument,
    line_changes,
    locked_purchase_order,
    purchase_order_event,
)
from oms_api.domain.purchasing.errors import BelowDelivered, ConfirmedTooMany
from oms_api.domain.purchasing.events import PurchaseOrderChanged, PurchaseOrderConfirmed
from oms_api.domain.purchasing.intake import MOST_LINES
from oms_api.domain.purchasing.policies import why_not_confirm
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.kernel.errors import InvalidQuantity, LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, PurchaseOrderId, PurchaseOrderLineId, text_id
from oms_api.kernel.intake import check_length, refuse_if
from oms_api.kernel.naming import check_code, check_version
from oms_api.kernel.occurrence import check_planned, occurred

S = PurchaseOrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToConfirm:
    """What will come of a line in all, and when; None says nothing new."""

    line_id: PurchaseOrderLineId
    quantity: int | None = None
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPurchaseOrder:
    """Record what the supplier says of *lines*; the first time, the others are confirmed as they were ordered."""

    idempotency_key: str
    purchase_order_id: PurchaseOrderId
    lines: tuple[LineToConfirm, ...] | None = None
    supplier_ref: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def confirm_purchase_order(tx: Tx, command: ConfirmPurchaseOrder) -> PurchaseOrderRow:
    """Record what will come of a purchase order, and when, and return it; what is known already changes nothing.

    Raises: NotFound, VersionConflict, IllegalMove, OccurredTooEarly, MissingScope, InvalidValue; Refused with all that is
    wrong with the lines.
    """
    at = tx.business_time(command.occurred_at)
    if command.supplier_ref is not None:
        check_code(command.supplier_ref, "supplierRef")
    document, _ = await locked_purchase_order(tx, command.purchase_order_id)
    was = document.row
    check_version(command.expected_version, was.version)
    refuse_if(why_not_confirm(was.status))
    not_before, what = document.last_step
    at = occurred(at, command.occurred_at, not_before=not_before, what=what)
    before = dict(document.lines)
    document.lines |= decide_confirmation(document, command.lines)
    row = _confirmed(document, command.supplier_ref, at)
    moved = line_changes(before, document.lines, "confirmed", "expected_at")
    if row.supplier_ref != was.supplier_ref:
        moved["supplierRef"] = was.supplier_ref, row.supplier_ref
    if not moved and was.confirmed_at is not None:
        return was
    document.write(tx, row)
    _emit(tx, was, row, moved, at)
    return row


def decide_confirmation(
    document: PurchaseOrderDocument, wanted: Sequence[LineToConfirm] | None
) -> dict[PurchaseOrderLineId, Line]:
    """Return the lines as they are after what the supplier says. Raises: Refused, InvalidValue, TooManyItems."""
    lines = dict(document.lines)
    if document.row.confirmed_at is None:
        lines = {line.id: replace(line, confirmed=line.quantity) for line in lines.values()}
    if wanted is None:
        return lines
    check_length(wanted, "lines", MOST_LINES, "leave them out")
    seen: set[PurchaseOrderLineId] = set()
    errors: list[OmsError] = []
    for index, given in enumerate(wanted):
        try:
            lines[given.line_id] = confirmed_line(lines.get(given.line_id), given, seen)
        except OmsError as error:
            errors.append(error.at("lines", index))
        seen.add(given.line_id)
    if errors:
        raise Refused(errors=errors)
    return lines


def confirmed_line(line: Line | None, given: LineToConfirm, seen: set[PurchaseOrderLineId]) -> Line:
    """Return a line as the supplier confirms it.

    Raises: NotFound, LineTwice, InvalidQuantity, ConfirmedTooMany, BelowDelivered, InvalidValue.
    """
    if line is None:
        named = text_id(IdKind.PURCHASE_ORDER_LINE, given.line_id)
        raise NotFound(what="line of this purchase order", given=named, field=("purchaseOrderLineId",))
    if given.line_id in seen:
        raise LineTwice(field=("purchaseOrderLineId",))
    check_planned(given.expected_at, "expectedAt")
    confirmed = line.confirmed
    if given.quantity is not None:
        if given.quantity < 0:
            raise InvalidQuantity(given=given.quantity, least=0, field=("quantity",))
        if given.quantity > line.quantity:
            raise ConfirmedTooMany(ordered=line.quantity, given=given.quantity, field=("quantity",))
        if given.quantity < min(line.delivered, line.quantity):
            raise BelowDelivered(delivered=line.delivered, given=given.quantity, field=("quantity",))
        confirmed = given.quantity
    return replace(line, confirmed=confirmed, expected_at=given.expected_at or line.expected_at)


def _confirmed(document: PurchaseOrderDocument, supplier_ref: str | None, at: datetime) -> PurchaseOrderRow:
    was, status = document.row, document.progress
    return changed(
        was,
        status=document.move(S.CONFIRMED if status is S.ORDERED else status),
        version=was.version + 1,
        supplier_ref=supplier_ref or was.supplier_ref,
        confirmed_at=was.confirmed_at or at,
        received_at=document.last_receipt if status is S.RECEIVED else None,
    )


def _emit(tx: Tx, was: PurchaseOrderRow, row: PurchaseOrderRow, moved: Changes, at: datetime) -> None:
    """Tell of the first confirmation, and beside it, or later by itself, of what moved."""
    status: Changes = {} if row.status is was.status else {"status": (was.status, row.status)}
    if was.confirmed_at is not None:
        tx.emit(purchase_order_event(PurchaseOrderChanged, row, {**status, **moved}, at))
        return
    dates = {name: values for name, values in moved.items() if name.endswith(".expected_at")}
    others = {name: values for name, values in moved.items() if name not in dates}
    tx.emit(purchase_order_event(PurchaseOrderConfirmed, row, {**status, **others}, at))
    if dates:
        tx.emit(purchase_order_event(PurchaseOrderChanged, row, dates, at))
