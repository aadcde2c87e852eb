"""Reads of the documents that change stock, and of the document behind a movement, within the limits of the principal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, text, true
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.tables import (
    InventoryLevel,
    InventoryMove,
    InventoryMoveLine,
    InventoryUnpromise,
    InventoryUnpromiseLine,
)
from oms_api.domain.inventory.touching import Lines, touching
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LocationId, SkuId, text_id
from oms_api.kernel.paging import Page, PageRequest

MOVE_LINES = Ordering("position", (InventoryMoveLine.position, InventoryMoveLine.id))
UNPROMISE_LINES = Ordering("position", (InventoryUnpromiseLine.position, InventoryUnpromiseLine.id))

MOVED_LAST_FIRST = Ordering("occurred_at_desc", (InventoryMove.occurred_at, InventoryMove.id), descending=True)
MOVED_FIRST_FIRST = Ordering("occurred_at_asc", (InventoryMove.occurred_at, InventoryMove.id))
LINES_OF_MOVES = Lines(
    key=InventoryMoveLine.id,
    parent=InventoryMoveLine.move_id,
    level=InventoryMoveLine.level_id,
    cause=CauseKind.MOVE_LINE,
)

BEHIND: Mapping[CauseKind, tuple[IdKind, str]] = {
    CauseKind.ORDER_LINE: (IdKind.ORDER, "SELECT id, order_id FROM order_line WHERE id = ANY (CAST(:lines AS uuid[]))"),
    CauseKind.CANCELLATION_LINE: (
        IdKind.ORDER,
        """SELECT line.id, act.order_id FROM order_cancellation_line line
           JOIN order_cancellation act ON act.id = line.cancellation_id WHERE line.id = ANY (CAST(:lines AS uuid[]))""",
    ),
    CauseKind.SOURCING_LINE: (
        IdKind.ORDER,
        """SELECT line.id, act.order_id FROM order_sourcing_line line
           JOIN order_sourcing act ON act.id = line.sourcing_id WHERE line.id = ANY (CAST(:lines AS uuid[]))""",
    ),
    CauseKind.SHIPMENT_LINE: (
        IdKind.SHIPMENT,
        "SELECT id, shipment_id FROM shipment_line WHERE id = ANY (CAST(:lines AS uuid[]))",
    ),
    CauseKind.RETURN_RECEIPT_LINE: (
        IdKind.RETURN,
        """SELECT line.id, receipt.return_id FROM return_receipt_line line
           JOIN return_receipt receipt ON receipt.id = line.receipt_id WHERE line.id = ANY (CAST(:lines AS uuid[]))""",
    ),
    CauseKind.PURCHASE_RECEIPT_LINE: (
        IdKind.PURCHASE_RECEIPT,
        "SELECT id, receipt_id FROM purchase_receipt_line WHERE id = ANY (CAST(:lines AS uuid[]))",
    ),
    CauseKind.RESERVATION_LINE: (
        IdKind.RESERVATION,
        "SELECT id, reservation_id FROM reservation_line WHERE id = ANY (CAST(:lines AS uuid[]))",
    ),
    CauseKind.ADJUSTMENT_LINE: (
        IdKind.ADJUSTMENT,
        "SELECT id, adjustment_id FROM inventory_adjustment_line WHERE id = ANY (CAST(:lines AS uuid[]))",
    ),
    CauseKind.MOVE_LINE: (IdKind.MOVE, "SELECT id, move_id FROM inventory_move_line WHERE id = ANY (CAST(:lines AS uuid[]))"),
    CauseKind.TRANSFER_ACT_LINE: (
        IdKind.TRANSFER,
        """SELECT line.id, act.transfer_id FROM transfer_act_line line
           JOIN transfer_act act ON act.id = line.act_id WHERE line.id = ANY (CAST(:lines AS uuid[]))""",
    ),
    CauseKind.COUNT_LINE: (
        IdKind.COUNT,
        "SELECT id, count_id FROM stock_count_line WHERE id = ANY (CAST(:lines AS uuid[]))",
    ),
    CauseKind.UNPROMISE_LINE: (
        IdKind.UNPROMISE,
        "SELECT id, unpromise_id FROM inventory_unpromise_line WHERE id = ANY (CAST(:lines AS uuid[]))",
    ),
}
"""For each kind of line that moves units the kind of its document, and the statement that finds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFilter:
    """Which moves between buckets. `None` means any."""

    references: tuple[str, ...] | None = None
    reasons: tuple[str, ...] | None = None
    actors: tuple[str, ...] | None = None
    sku_ids: tuple[SkuId, ...] | None = None
    location_ids: tuple[LocationId, ...] | None = None
    occurred_from: datetime | None = None
    occurred_before: datetime | None = None


async def documents_behind(read: Reader, causes: Iterable[tuple[CauseKind, UUID]]) -> Mapping[UUID, tuple[IdKind, UUID]]:
    """Return the document behind each of *causes*, which are lines: one statement for each kind of line."""
    by_kind: dict[CauseKind, list[UUID]] = {}
    for kind, line in causes:
        by_kind.setdefault(kind, []).append(line)
    found: dict[UUID, tuple[IdKind, UUID]] = {}
    for kind, lines in by_kind.items():
        document, statement = BEHIND[kind]
        rows = await read.rows(text(statement), {"lines": lines})
        found.update({line: (document, key) for line, key in rows})
    return found


async def page_of_moves(
    read: Reader, where: MoveFilter, page: PageRequest, *, by: Ordering = MOVED_LAST_FIRST
) -> Page[InventoryMove]:
    """Return one page of the moves; a limited caller sees those that touch a location it sees. Raises: InvalidCursor."""
    table = InventoryMove
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (table.reference, where.references),
        (table.reason, where.reasons),
        (table.actor, where.actors),
    )
    statement = select(table).where(*touching(read, table.id, LINES_OF_MOVES, where.sku_ids, where.location_ids))
    statement = statement.where(*(among(column, values) for column, values in columns if values is not None))
    if where.occurred_from is not None:
        statement = statement.where(table.occurred_at >= where.occurred_from)
    if where.occurred_before is not None:
        statement = statement.where(table.occurred_at < where.occurred_before)
    return await keyset(read, statement, by=by, page=page)


async def moves_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, InventoryMove]:
    """Return the moves among *ids* that exist; a limited caller sees those that touch a location it sees."""
    seen = _touches(read, InventoryMoveLine.move_id == InventoryMove.id, InventoryMoveLine.level_id)
    return {row.id: row for row in await read.all(select(InventoryMove).where(among(InventoryMove.id, ids), seen))}


async def move_by_id(read: Reader, move_id: UUID) -> InventoryMove:
    """Return the move. Raises: NotFound, also where it touches nothing that can be seen."""
    found = await moves_by_id(read, [move_id])
    if move_id not in found:
        raise NotFound(what="inventory move", given=text_id(IdKind.MOVE, move_id))
    return found[move_id]


async def unpromises_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, InventoryUnpromise]:
    """Return the acts of taking promises back among *ids* that exist and touch a location that can be seen."""
    return {row.id: row for row in await _unpromises(read, among(InventoryUnpromise.id, ids))}


async def unpromises_by_document(read: Reader, documents: Iterable[UUID]) -> Mapping[UUID, InventoryUnpromise]:
    """Return what each of *documents* took back of promises, where it did and it can be seen."""
    return {row.document_id: row for row in await _unpromises(read, among(InventoryUnpromise.document_id, documents))}


async def pages_of_move_lines(read: Reader, moves: Sequence[UUID], page: PageRequest) -> Mapping[UUID, Page[InventoryMoveLine]]:
    """Return one page of each move's lines that can be seen, in the order given."""
    line = InventoryMoveLine
    where = _seen(read, line.level_id)
    return await keyset_of_each(read, line, parent=line.move_id, keys=moves, by=MOVE_LINES, page=page, where=where)


async def pages_of_unpromise_lines(
    read: Reader, unpromises: Sequence[UUID], page: PageRequest
) -> Mapping[UUID, Page[InventoryUnpromiseLine]]:
    """Return one page of the promises that each act took back and that can be seen, in the order in which it did."""
    line, by = InventoryUnpromiseLine, UNPROMISE_LINES
    where = _seen(read, line.level_id)
    return await keyset_of_each(read, line, parent=line.unpromise_id, keys=unpromises, by=by, page=page, where=where)


async def _unpromises(read: Reader, condition: ColumnElement[bool]) -> Sequence[InventoryUnpromise]:
    line = InventoryUnpromiseLine
    seen = _touches(read, line.unpromise_id == InventoryUnpromise.id, line.level_id)
    return await read.all(select(InventoryUnpromise).where(condition, seen))


def _seen(read: Reader, level_id: InstrumentedAttribute[UUID]) -> list[ColumnElement[bool]]:
    """Return the principal's limit of locations as conditions on the level of a line."""
    if read.principal.locations is None:
        return []
    visible = visible_locations(read.principal, InventoryLevel.location_id)
    return [level_id.in_(select(InventoryLevel.id).where(*visible))]


def _touches(read: Reader, of_document: ColumnElement[bool], level_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    seen = _seen(read, level_id)
    return exists().where(of_document, *seen) if seen else true()
