"""Reads of corrections of stock, within the limits of the principal: found by what is known of them, and line by line."""

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, by, pages_of, required
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import document_behind
from oms_api.domain.inventory.tables import InventoryAdjustmentLineRow, InventoryAdjustmentRow
from oms_api.domain.inventory.visibility import Lines, lines_seen, with_lines_at
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import AdjustmentId, IdKind

NEWEST_FIRST = Ordering("occurred_at_desc", (InventoryAdjustmentRow.occurred_at, InventoryAdjustmentRow.id), descending=True)
OLDEST_FIRST = Ordering("occurred_at_asc", (InventoryAdjustmentRow.occurred_at, InventoryAdjustmentRow.id))
BY_POSITION = Ordering("position", (InventoryAdjustmentLineRow.position,))
LINES = Lines(
    document=InventoryAdjustmentRow.id,
    key=InventoryAdjustmentLineRow.id,
    parent=InventoryAdjustmentLineRow.adjustment_id,
    level=InventoryAdjustmentLineRow.level_id,
    cause=CauseKind.ADJUSTMENT_LINE,
)


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on a correction that it touches a location that is seen."""
    return with_lines_at(sight, LINES)


adjustments_by_id: One[AdjustmentId, InventoryAdjustmentRow] = by(InventoryAdjustmentRow.id, visible=visible_to)
pages_of_adjustment_lines = pages_of(
    InventoryAdjustmentLineRow.adjustment_id, order=BY_POSITION, visible=lines_seen(InventoryAdjustmentLineRow.level_id)
)
adjustment_by_id = required(adjustments_by_id, "inventory adjustment", IdKind.ADJUSTMENT)
"""The adjustment. Raises: NotFound, also where it touches nothing that can be seen."""

document_behind(
    CauseKind.ADJUSTMENT_LINE, IdKind.ADJUSTMENT, InventoryAdjustmentLineRow.id, InventoryAdjustmentLineRow.adjustment_id
)
