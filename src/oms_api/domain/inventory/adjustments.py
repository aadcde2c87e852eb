"""Reads of corrections of stock, within the limits of the principal: found by what is known of them, and line by line."""

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, by, pages_of, required
from oms_api.domain.inventory.documents import document_behind
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.tables import InventoryAdjustment, InventoryAdjustmentLine
from oms_api.domain.inventory.visibility import Lines, lines_seen, with_lines_at
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import AdjustmentId, IdKind

NEWEST_FIRST = Ordering("occurred_at_desc", (InventoryAdjustment.occurred_at, InventoryAdjustment.id), descending=True)
OLDEST_FIRST = Ordering("occurred_at_asc", (InventoryAdjustment.occurred_at, InventoryAdjustment.id))
BY_POSITION = Ordering("position", (InventoryAdjustmentLine.position,))
LINES = Lines(
    document=InventoryAdjustment.id,
    key=InventoryAdjustmentLine.id,
    parent=InventoryAdjustmentLine.adjustment_id,
    level=InventoryAdjustmentLine.level_id,
    cause=CauseKind.ADJUSTMENT_LINE,
)


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on a correction that it touches a location that is seen."""
    return with_lines_at(sight, LINES)


adjustments_by_id: One[AdjustmentId, InventoryAdjustment] = by(InventoryAdjustment.id, visible=visible_to)
pages_of_adjustment_lines = pages_of(
    InventoryAdjustmentLine.adjustment_id, order=BY_POSITION, visible=lines_seen(InventoryAdjustmentLine.level_id)
)
adjustment_by_id = required(adjustments_by_id, "inventory adjustment", IdKind.ADJUSTMENT)
"""The adjustment. Raises: NotFound, also where it touches nothing that can be seen."""

document_behind(CauseKind.ADJUSTMENT_LINE, IdKind.ADJUSTMENT, InventoryAdjustmentLine.id, InventoryAdjustmentLine.adjustment_id)
