"""What a supplier says will come, and when; it may say so again as long as goods are expected."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.domain.purchasing.document import Line, PurchaseOrderDocument
from oms_api.domain.purchasing.errors import BelowDelivered, ConfirmedTooMany
from oms_api.domain.purchasing.given import MOST_LINES
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.domain.purchasing.verbs import CONFIRM
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity, LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, PurchaseOrderId, PurchaseOrderLineId, text_id
from oms_api.kernel.naming import check_code
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
    async with changing(tx, PurchaseOrderDocument, CONFIRM, command.purchase_order_id, command.expected_version) as order:
        not_before, what = order.last_step
        order.at = occurred(at, command.occurred_at, not_before=not_before, what=what)
        order.lines |= decide_confirmation(order, command.lines)
        status = order.progress
        order.move(S.CONFIRMED if status is S.ORDERED else status)
        order.row.supplier_ref = command.supplier_ref or order.was.supplier_ref
        order.row.confirmed_at = order.was.confirmed_at or order.at
        order.row.received_at = order.last_receipt if status is S.RECEIVED else None
    return order.row


def decide_confirmation(
    document: PurchaseOrderDocument, wanted: Sequence[LineToConfirm] | None
) -> dict[PurchaseOrderLineId, Line]:
    """Return the lines as they are after what the supplier says. Raises: Refused, InvalidValue, TooManyItems."""
    lines = dict(document.lines)
    if document.was.confirmed_at is None:
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
