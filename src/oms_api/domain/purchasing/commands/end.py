"""Ending a purchase order: nothing more is expected, or nothing came at all."""

from datetime import datetime

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.domain.purchasing.document import PurchaseOrderDocument
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.domain.purchasing.verbs import CANCEL, CLOSE, PurchaseFacts
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import PurchaseOrderId
from oms_api.kernel.naming import check_note
from oms_api.kernel.occurrence import occurred
from oms_api.kernel.verbs import Verb


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
    return await _end(tx, command, CLOSE)


async def cancel_purchase_order(tx: Tx, command: EndPurchaseOrder) -> PurchaseOrderRow:
    """Cancel a purchase order of which nothing came, and return it.

    Raises: NotFound, VersionConflict, IllegalMove, OccurredTooEarly, MissingScope, InvalidValue.
    """
    return await _end(tx, command, CANCEL)


async def _end(tx: Tx, command: EndPurchaseOrder, verb: Verb[PurchaseOrderStatus, PurchaseFacts]) -> PurchaseOrderRow:
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    async with changing(tx, PurchaseOrderDocument, verb, command.purchase_order_id, command.expected_version) as order:
        not_before, what = order.last_step
        order.at = occurred(at, command.occurred_at, not_before=not_before, what=what)
        order.call_off()
        order.move()
        order.row.closed_at, order.row.close_note, order.row.received_at = order.at, command.note, order.last_receipt
    return order.row
