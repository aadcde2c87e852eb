"""Ending a purchase order: nothing more is expected, or nothing came at all."""

from dataclasses import dataclass
from datetime import datetime

from oms_api.db.records import changed
from oms_api.db.session import Tx
from oms_api.domain.purchasing.document import line_changes, locked_purchase_order, purchase_order_event
from oms_api.domain.purchasing.events import PurchaseOrderCanceled, PurchaseOrderClosed
from oms_api.domain.purchasing.policies import why_not_cancel, why_not_close
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.kernel.ids import PurchaseOrderId
from oms_api.kernel.intake import refuse_if
from oms_api.kernel.naming import check_note, check_version
from oms_api.kernel.occurrence import occurred


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPurchaseOrder:
    """Expect nothing more of a purchase order."""

    idempotency_key: str
    purchase_order_id: PurchaseOrderId
    note: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def close_purchase_order(tx: Tx, command: EndPurchaseOrder) -> PurchaseOrderRow:
    """Close a purchase order, short where something is open, and return it.

    Raises: NotFound, VersionConflict, IllegalMove, OccurredTooEarly, MissingScope, InvalidValue.
    """
    return await _end(tx, command, PurchaseOrderStatus.CLOSED)


async def cancel_purchase_order(tx: Tx, command: EndPurchaseOrder) -> PurchaseOrderRow:
    """Cancel a purchase order of which nothing came, and return it.

    Raises: NotFound, VersionConflict, IllegalMove, OccurredTooEarly, MissingScope, InvalidValue.
    """
    return await _end(tx, command, PurchaseOrderStatus.CANCELED)


async def _end(tx: Tx, command: EndPurchaseOrder, status: PurchaseOrderStatus) -> PurchaseOrderRow:
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    document, _ = await locked_purchase_order(tx, command.purchase_order_id)
    was = document.row
    check_version(command.expected_version, was.version)
    closing = status is PurchaseOrderStatus.CLOSED
    refuse_if((why_not_close if closing else why_not_cancel)(was.status))
    not_before, what = document.last_step
    at = occurred(at, command.occurred_at, not_before=not_before, what=what)
    before = dict(document.lines)
    document.call_off()
    row = changed(
        was,
        status=document.move(status),
        version=was.version + 1,
        closed_at=at,
        close_note=command.note,
        received_at=document.last_receipt,
    )
    document.write(tx, row)
    changes = {"status": (was.status, row.status), **line_changes(before, document.lines, "called_off")}
    tx.emit(purchase_order_event(PurchaseOrderClosed if closing else PurchaseOrderCanceled, row, changes, at))
    return row
