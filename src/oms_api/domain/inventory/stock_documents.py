"""Reads of the documents that change stock, and of the document behind a movement, within the limits of the principal."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Found, Keys, One, Relation, by, one_for, pages_of
from oms_api.db.sets import among
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.tables import (
    InventoryDeallocationLineRow,
    InventoryDeallocationRow,
    InventoryMoveLineRow,
    InventoryMoveRow,
)
from oms_api.domain.inventory.visibility import Lines, lines_seen, with_lines_at
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import DeallocationId, IdKind, MoveId

MOVE_LINES = Ordering("position", (InventoryMoveLineRow.position, InventoryMoveLineRow.id))
DEALLOCATION_LINES = Ordering("position", (InventoryDeallocationLineRow.position, InventoryDeallocationLineRow.id))

MOVED_LAST_FIRST = Ordering("occurred_at_desc", (InventoryMoveRow.occurred_at, InventoryMoveRow.id), descending=True)
MOVED_FIRST_FIRST = Ordering("occurred_at_asc", (InventoryMoveRow.occurred_at, InventoryMoveRow.id))
LINES_OF_MOVES = Lines(
    document=InventoryMoveRow.id,
    key=InventoryMoveLineRow.id,
    parent=InventoryMoveLineRow.move_id,
    level=InventoryMoveLineRow.level_id,
    cause=CauseKind.MOVE_LINE,
)
LINES_OF_DEALLOCATIONS = Lines(
    document=InventoryDeallocationRow.id,
    key=InventoryDeallocationLineRow.id,
    parent=InventoryDeallocationLineRow.unpromise_id,
    level=InventoryDeallocationLineRow.level_id,
    cause=CauseKind.DEALLOCATION_LINE,
)

BEHIND: dict[CauseKind, tuple[IdKind, Relation[Any, UUID | None]]] = {}
"""For each kind of line that moves units the kind of its document, and how that is found: areas declare theirs."""


def document_behind(
    cause: CauseKind,
    kind: IdKind,
    line: InstrumentedAttribute[Any],
    document: InstrumentedAttribute[Any],
    *through: ColumnElement[bool],
) -> None:
    """Declare that a movement caused by a *line*, by its id, has the id of its document, of *kind*, in *document*.

    Where that is a column of another table, *through* leads there.
    """

    @one_for("line_id")
    def found(lines: Keys, _sight: Sight) -> Found:
        return select(line.label("line_id"), document.label("document_id")).where(among(line, lines), *through)

    BEHIND[cause] = kind, found.turned(lambda each: each.document_id if each else None)


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on a move that it touches a location that is seen."""
    return with_lines_at(sight, LINES_OF_MOVES)


def deallocations_seen(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on promises taken back that some of them are at a location that is seen."""
    return with_lines_at(sight, LINES_OF_DEALLOCATIONS)


moves_by_id: One[MoveId, InventoryMoveRow] = by(InventoryMoveRow.id, visible=visible_to)
pages_of_move_lines = pages_of(
    InventoryMoveLineRow.move_id, order=MOVE_LINES, visible=lines_seen(InventoryMoveLineRow.level_id)
)
deallocations_by_id: One[DeallocationId, InventoryDeallocationRow] = by(InventoryDeallocationRow.id, visible=deallocations_seen)
deallocations_by_document: One[UUID, InventoryDeallocationRow] = by(
    InventoryDeallocationRow.document_id, visible=deallocations_seen
)
pages_of_deallocation_lines = pages_of(
    InventoryDeallocationLineRow.unpromise_id,
    order=DEALLOCATION_LINES,
    visible=lines_seen(InventoryDeallocationLineRow.level_id),
)

document_behind(CauseKind.MOVE_LINE, IdKind.MOVE, InventoryMoveLineRow.id, InventoryMoveLineRow.move_id)
document_behind(
    CauseKind.DEALLOCATION_LINE, IdKind.DEALLOCATION, InventoryDeallocationLineRow.id, InventoryDeallocationLineRow.unpromise_id
)
