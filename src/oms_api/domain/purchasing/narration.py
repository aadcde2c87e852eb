"""The events of purchase orders in words, for timelines."""

from sqlalchemy import select

from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.sets import among
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.events.timeline import LINES, Happening, LineName, narrate
from oms_api.domain.purchasing.events import (
    PurchaseOrderCanceled,
    PurchaseOrderChanged,
    PurchaseOrderClosed,
    PurchaseOrderConfirmed,
    PurchaseOrderCreated,
    PurchaseOrderReceived,
    PurchaseOrderSubmitted,
)
from oms_api.domain.purchasing.queries import purchase_orders_by_id, receipts_by_id
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind
from oms_api.kernel.sentences import units_of, were


@one_for("id")
def names_of_lines(lines: Keys, _sight: Sight) -> Found:
    """Find the SKUs of lines, whose purchase orders were seen before."""
    found = select(PurchaseOrderLineRow.id, SkuRow.code).join(SkuRow, SkuRow.id == PurchaseOrderLineRow.sku_id)
    return found.where(among(PurchaseOrderLineRow.id, lines))


def confirmed(it: Happening) -> str:
    """Say what the supplier will send."""
    return f"The supplier confirmed {units_of(it.units('confirmed')) or 'it'}."


def received(it: Happening) -> str:
    """Say what came, and what of it was turned away."""
    rejected = it.units("rejected", "replaced")
    return f"{were(it.units('accepted'))} received" + (f"; {were(rejected)} rejected." if rejected else ".")


def note_of_end(order: PurchaseOrderRow) -> str | None:
    """Return the remark on the end of a purchase order."""
    return order.close_note


LINES[IdKind.PURCHASE_ORDER_LINE] = names_of_lines.turned(lambda line: None if line is None else LineName(line.code))

narrate(PurchaseOrderCreated, lambda it: f"Purchase order {it.record.number} was created.", behind=purchase_orders_by_id)
narrate(PurchaseOrderSubmitted, "It was sent to the supplier.")
narrate(PurchaseOrderConfirmed, confirmed)
narrate(PurchaseOrderChanged, "It was changed.")
narrate(
    PurchaseOrderReceived,
    received,
    behind=receipts_by_id,
    cause=IdKind.PURCHASE_RECEIPT,
    note=lambda receipt: receipt.note,
)
narrate(PurchaseOrderClosed, "It was closed: nothing more is expected.", behind=purchase_orders_by_id, note=note_of_end)
narrate(PurchaseOrderCanceled, "It was canceled.", behind=purchase_orders_by_id, note=note_of_end)
