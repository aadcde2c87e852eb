"""Asking for corrections of stock."""

from enum import Enum
from itertools import chain

from sqlalchemy import ColumnElement, and_

from oms_api.domain.inventory.adjustments import LINES, NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.inventory.tables import InventoryAdjustmentRow, InventoryLevelRow
from oms_api.domain.inventory.visibility import Lines, with_lines_at
from oms_api.graphql.catalog.filters import on_skus
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.through import Asked, Through
from oms_api.graphql.described import enum, input_type, output
from oms_api.graphql.inventory.types import InventoryAdjustment
from oms_api.kernel.access import Sight


class WithLinesAt(Through):
    """Levels that *lines* of a document are at, found by the ledger where SKUs are asked for."""

    def __init__(self, lines: Lines) -> None:
        super().__init__(lines.parent == lines.document)
        self.lines = lines

    def holds(self, asked: Asked, sight: Sight, *, selective: bool, walked: bool) -> ColumnElement[bool]:
        """Return the condition that there is such a level that can be seen."""
        return and_(*with_lines_at(sight, self.lines, [*chain.from_iterable(asked.values())], moved="skus" in asked))


TOUCHED = WithLinesAt(LINES)


@enum
class InventoryAdjustmentOrder(Enum):
    """The sort order of a list of inventory adjustments."""

    OCCURRED_AT_DESC = NEWEST_FIRST
    """Sorted by the time at which they happened, the latest first."""
    OCCURRED_AT_ASC = OLDEST_FIRST
    """Sorted by the time at which they happened, the earliest first."""


@input_type
class InventoryAdjustmentFilterInput(Where):
    """Conditions on adjustments; all must be true."""

    reference = on(InventoryAdjustmentRow.reference)
    """By the document that the adjustments refer to; for an inventory sync, by the `source` of the sync."""
    reason = on(InventoryAdjustmentRow.reason)
    """By the code of the reason."""
    actor = on(InventoryAdjustmentRow.actor)
    """By author."""
    kind = on(InventoryAdjustmentRow.kind)
    skus = on_skus(InventoryLevelRow.sku_id, through=TOUCHED)
    """Only those with a line of one of these SKUs, at most 250; an unknown SKU matches nothing."""
    location_id = on(InventoryLevelRow.location_id, through=TOUCHED)
    """Only those with a line at a matching location; with `skus`, the same line must match both."""
    occurred_at = on(InventoryAdjustmentRow.occurred_at)
    """When they happened, not when they were recorded."""


ADJUSTMENTS = Listing(
    show=InventoryAdjustment,
    where=InventoryAdjustmentFilterInput,
    order=InventoryAdjustmentOrder,
    which="Conditions on adjustments; by default, all adjustments are included.",
)


@output
class InventoryAdjustmentQueries:
    """Asking for corrections of stock."""

    inventory_adjustments = listed(ADJUSTMENTS)
    """A list of stock corrections by `inventoryAdjust`, `inventorySet` and inventory syncs, the latest first. Corrections by a
    stock count are not in this list: see `stockCounts`."""
