"""Reading purchase orders and receipts: what a principal may see, and in which order.

A purchase order is seen by whoever sees its supplier and its location; its lines and receipts with it.
"""

from sqlalchemy import ColumnElement, Select, exists, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, One, Pages, by, one_for, pages_of
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import document_behind
from oms_api.domain.purchasing.suppliers import visible_suppliers
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow, PurchaseReceiptLineRow, PurchaseReceiptRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind, PurchaseOrderId, PurchaseReceiptId

NEWEST_FIRST = Ordering("created_at_desc", (PurchaseOrderRow.created_at, PurchaseOrderRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (PurchaseOrderRow.created_at, PurchaseOrderRow.id))
LINE_ORDER = Ordering("position", (PurchaseOrderLineRow.position, PurchaseOrderLineRow.id))
RECEIPT_ORDER = Ordering("occurred_at", (PurchaseReceiptRow.occurred_at, PurchaseReceiptRow.id))
RECEIPT_LINE_ORDER = Ordering("line", (PurchaseReceiptLineRow.id,))


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of suppliers and locations, as conditions."""
    suppliers = visible_suppliers(sight, PurchaseOrderRow.supplier_id)
    return [*suppliers, *visible_locations(sight, PurchaseOrderRow.location_id)]


def _order_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the same limits as conditions on a receipt, by its purchase order."""
    seen = visible_to(sight)
    return [exists().where(PurchaseOrderRow.id == PurchaseReceiptRow.purchase_order_id, *seen)] if seen else []


purchase_orders_by_id: One[PurchaseOrderId, PurchaseOrderRow] = by(PurchaseOrderRow.id, visible=visible_to)
"""The purchase orders that the principal may see."""
pages_of_lines: Pages[PurchaseOrderId, PurchaseOrderLineRow] = pages_of(
    PurchaseOrderLineRow.purchase_order_id, order=LINE_ORDER
)
"""A page of the lines of each purchase order, in the order given."""


@one_for("id")
def lines_by_id(ids: Keys, _sight: Sight) -> Select[PurchaseOrderLineRow, str]:
    """Relate ids to lines, each with the `currency` of its purchase order, which was seen before."""
    order = PurchaseOrderRow.id == PurchaseOrderLineRow.purchase_order_id
    return (
        select(PurchaseOrderLineRow, PurchaseOrderRow.currency)
        .join(PurchaseOrderRow, order)
        .where(among(PurchaseOrderLineRow.id, ids))
    )


pages_of_receipts: Pages[PurchaseOrderId, PurchaseReceiptRow] = pages_of(
    PurchaseReceiptRow.purchase_order_id, order=RECEIPT_ORDER
)
"""A page of the receipts of each purchase order, oldest first."""
receipts_by_id: One[PurchaseReceiptId, PurchaseReceiptRow] = by(PurchaseReceiptRow.id, visible=_order_visible_to)
"""The receipts whose purchase order the principal may see."""
pages_of_receipt_lines: Pages[PurchaseReceiptId, PurchaseReceiptLineRow] = pages_of(
    PurchaseReceiptLineRow.receipt_id, order=RECEIPT_LINE_ORDER
)
"""A page of the lines of each receipt, in the order given."""


document_behind(
    CauseKind.PURCHASE_RECEIPT_LINE, IdKind.PURCHASE_RECEIPT, PurchaseReceiptLineRow.id, PurchaseReceiptLineRow.receipt_id
)
