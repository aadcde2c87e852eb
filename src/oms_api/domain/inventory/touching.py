"""Which documents of stock touch levels that can be seen, at certain locations, of certain SKUs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.tables import InventoryLevel, StockMovement
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import LevelId, LocationId, SkuId


@dataclass(frozen=True, slots=True)
class Lines:
    """The columns of a document's lines, and which kind of cause they are of their movements."""

    key: InstrumentedAttribute[UUID]
    parent: InstrumentedAttribute[UUID]
    level: InstrumentedAttribute[LevelId]
    cause: CauseKind


def touching(
    sight: Sight,
    document: InstrumentedAttribute[UUID],
    lines: Lines,
    skus: Collection[SkuId] | None = None,
    locations: Collection[LocationId] | None = None,
) -> list[ColumnElement[bool]]:
    """Return as conditions that a line can be seen and is at one of *locations*, and that one of *skus* was moved by it.

    Lines have no index by level, which feeds of thousands of lines would pay for: the ledger of a SKU leads to its documents.
    """
    levels = select(InventoryLevel.id).where(*visible_locations(sight, InventoryLevel.location_id))
    if locations is not None:
        levels = levels.where(among(InventoryLevel.location_id, locations))
    if skus is not None:
        ledger = levels.where(among(InventoryLevel.sku_id, skus))
        moved = StockMovement.level_id.in_(ledger), StockMovement.cause_kind == lines.cause
        causes: Any = select(lines.parent).join(StockMovement, StockMovement.cause_id == lines.key).where(*moved)
        return [document.in_(causes)]
    if sight.locations is None and locations is None:
        return []
    return [exists().where(lines.parent == document, lines.level.in_(levels))]


def lines_seen(level: InstrumentedAttribute[LevelId]) -> Callable[[Sight], list[ColumnElement[bool]]]:
    """Return the limit of locations, for any sight, as conditions on the *level* of a line."""

    def seen(sight: Sight) -> list[ColumnElement[bool]]:
        if sight.locations is None:
            return []
        return [level.in_(select(InventoryLevel.id).where(*visible_locations(sight, InventoryLevel.location_id)))]

    return seen
