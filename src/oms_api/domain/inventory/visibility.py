"""Which documents of stock touch levels that can be seen, at certain locations, of certain SKUs."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.tables import InventoryLevelRow, StockMovementRow
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LevelId


@dataclass(frozen=True, slots=True)
class Lines:
    """The id of a document, the columns of its lines, and which kind of cause they are of their movements."""

    document: InstrumentedAttribute[Any]
    key: InstrumentedAttribute[Any]
    parent: InstrumentedAttribute[Any]
    level: InstrumentedAttribute[LevelId]
    cause: CauseKind


def with_lines_at(
    sight: Sight, lines: Lines, asked: Sequence[ColumnElement[bool]] = (), *, moved: bool = False
) -> list[ColumnElement[bool]]:
    """Return as conditions on a document that one of its *lines* is at a level that can be seen and of which all *asked* holds.

    With *moved* they leave few levels, of which it moved units. Lines have no index by level, which feeds of thousands of lines
    would pay for: the ledger of a SKU leads to its documents.
    """
    levels = select(InventoryLevelRow.id).where(*visible_locations(sight, InventoryLevelRow.location_id), *asked)
    if moved:
        moves = StockMovementRow.level_id.in_(levels), StockMovementRow.cause_kind == lines.cause
        causes: Any = select(lines.parent).join(StockMovementRow, StockMovementRow.cause_id == lines.key).where(*moves)
        return [lines.document.in_(causes)]
    if sight.locations is None and not asked:
        return []
    return [exists().where(lines.parent == lines.document, lines.level.in_(levels))]


def lines_seen(level: InstrumentedAttribute[LevelId]) -> Callable[[Sight], list[ColumnElement[bool]]]:
    """Return the limit of locations, for any sight, as conditions on the *level* of a line."""

    def seen(sight: Sight) -> list[ColumnElement[bool]]:
        if sight.locations is None:
            return []
        return [level.in_(select(InventoryLevelRow.id).where(*visible_locations(sight, InventoryLevelRow.location_id)))]

    return seen
