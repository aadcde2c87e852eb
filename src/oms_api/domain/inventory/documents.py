"""Reads of the documents that change stock, and of the document behind a movement, within the limits of the principal."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Relation, by, one_for, pages_of, required
from oms_api.db.sql import Sql
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.tables import (
    InventoryMove,
    InventoryMoveLine,
    InventoryUnpromise,
    InventoryUnpromiseLine,
)
from oms_api.domain.inventory.visibility import Lines, lines_seen, with_lines_at
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind, MoveId, UnpromiseId

MOVE_LINES = Ordering("position", (InventoryMoveLine.position, InventoryMoveLine.id))
UNPROMISE_LINES = Ordering("position", (InventoryUnpromiseLine.position, InventoryUnpromiseLine.id))

MOVED_LAST_FIRST = Ordering("occurred_at_desc", (InventoryMove.occurred_at, InventoryMove.id), descending=True)
MOVED_FIRST_FIRST = Ordering("occurred_at_asc", (InventoryMove.occurred_at, InventoryMove.id))
LINES_OF_MOVES = Lines(
    document=InventoryMove.id,
    key=InventoryMoveLine.id,
    parent=InventoryMoveLine.move_id,
    level=InventoryMoveLine.level_id,
    cause=CauseKind.MOVE_LINE,
)
LINES_OF_UNPROMISES = Lines(
    document=InventoryUnpromise.id,
    key=InventoryUnpromiseLine.id,
    parent=InventoryUnpromiseLine.unpromise_id,
    level=InventoryUnpromiseLine.level_id,
    cause=CauseKind.UNPROMISE_LINE,
)

Document = Relation[Any, UUID | None]


def document(column: str, lines: str) -> Document:
    """Relate lines to their document: the *column* beside the `line` in *lines*."""
    found: Relation[Any, Any] = one_for("id")(
        Sql(f"SELECT line.id, {column} AS document_id FROM {lines} WHERE line.id = ANY (:id::uuid[])")  # noqa: S608 - our own names
    )
    return found.turned(lambda line: line.document_id if line else None)


BEHIND: Mapping[CauseKind, tuple[IdKind, Document]] = {
    CauseKind.ORDER_LINE: (IdKind.ORDER, document("order_id", "order_line line")),
    CauseKind.CANCELLATION_LINE: (
        IdKind.ORDER,
        document("act.order_id", "order_cancellation_line line JOIN order_cancellation act ON act.id = line.cancellation_id"),
    ),
    CauseKind.SOURCING_LINE: (
        IdKind.ORDER,
        document("act.order_id", "order_sourcing_line line JOIN order_sourcing act ON act.id = line.sourcing_id"),
    ),
    CauseKind.SHIPMENT_LINE: (IdKind.SHIPMENT, document("shipment_id", "shipment_line line")),
    CauseKind.RETURN_RECEIPT_LINE: (
        IdKind.RETURN,
        document("receipt.return_id", "return_receipt_line line JOIN return_receipt receipt ON receipt.id = line.receipt_id"),
    ),
    CauseKind.PURCHASE_RECEIPT_LINE: (IdKind.PURCHASE_RECEIPT, document("receipt_id", "purchase_receipt_line line")),
    CauseKind.RESERVATION_LINE: (IdKind.RESERVATION, document("reservation_id", "reservation_line line")),
    CauseKind.ADJUSTMENT_LINE: (IdKind.ADJUSTMENT, document("adjustment_id", "inventory_adjustment_line line")),
    CauseKind.MOVE_LINE: (IdKind.MOVE, document("move_id", "inventory_move_line line")),
    CauseKind.TRANSFER_ACT_LINE: (
        IdKind.TRANSFER,
        document("act.transfer_id", "transfer_act_line line JOIN transfer_act act ON act.id = line.act_id"),
    ),
    CauseKind.COUNT_LINE: (IdKind.COUNT, document("count_id", "stock_count_line line")),
    CauseKind.UNPROMISE_LINE: (IdKind.UNPROMISE, document("unpromise_id", "inventory_unpromise_line line")),
}
"""For each kind of line that moves units the kind of its document, and how that is found."""


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on a move that it touches a location that is seen."""
    return with_lines_at(sight, LINES_OF_MOVES)


def unpromises_seen(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on promises taken back that some of them are at a location that is seen."""
    return with_lines_at(sight, LINES_OF_UNPROMISES)


moves_by_id: One[MoveId, InventoryMove] = by(InventoryMove.id, visible=visible_to)
pages_of_move_lines = pages_of(InventoryMoveLine.move_id, order=MOVE_LINES, visible=lines_seen(InventoryMoveLine.level_id))
unpromises_by_id: One[UnpromiseId, InventoryUnpromise] = by(InventoryUnpromise.id, visible=unpromises_seen)
unpromises_by_document: One[UUID, InventoryUnpromise] = by(InventoryUnpromise.document_id, visible=unpromises_seen)
pages_of_unpromise_lines = pages_of(
    InventoryUnpromiseLine.unpromise_id, order=UNPROMISE_LINES, visible=lines_seen(InventoryUnpromiseLine.level_id)
)
move_by_id = required(moves_by_id, "inventory move", IdKind.MOVE)
"""The move. Raises: NotFound, also where it touches nothing that can be seen."""
