"""A transfer with its lines, read under its lock, changed in memory, and written by one statement with what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from oms_api.db.records import Shape
from oms_api.db.rows import inserts, updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.lots.policies import HeldLot, Shelf
from oms_api.domain.inventory.lots.states import Leaving
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.inventory.tables import StockMovement
from oms_api.domain.inventory.transfers.states import TransferOutcome
from oms_api.domain.inventory.transfers.tables import TransferAct, TransferActLine, TransferLineRow, TransferRow
from oms_api.domain.inventory.transfers.units import Act, Outcome, Piece, TransferDocument, TransferLine
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import NotFound
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind, TransferId, TransferLineId, text_id
from oms_api.kernel.naming import check_version

TRANSFERS = Shape(TransferRow)
LOCK = Sql(f"SELECT {TRANSFERS.columns} FROM transfer WHERE id = :transfer::uuid FOR NO KEY UPDATE")  # noqa: S608 - our own
LINES = Sql("""
SELECT line.id, line.sku_id, sku.code, line.quantity, line.sent, line.arrived, line.damaged, line.lost, line.brought_back,
       line.called_off
FROM transfer_line line JOIN sku ON sku.id = line.sku_id WHERE line.transfer_id = :transfer::uuid ORDER BY line.position
""")
LOTS = Sql("""
SELECT told.transfer_line_id, told.lot, sum(CASE told.outcome WHEN 'SENT' THEN told.quantity ELSE -told.quantity END),
       lot.expires_on
FROM transfer_act act JOIN transfer_act_line told ON told.act_id = act.id
JOIN transfer_line line ON line.id = told.transfer_line_id JOIN lot ON lot.sku_id = line.sku_id AND lot.code = told.lot
WHERE act.transfer_id = :transfer::uuid
GROUP BY told.transfer_line_id, told.lot, lot.id ORDER BY told.transfer_line_id, lot.id
""")
LAST_ACT = Sql("SELECT max(occurred_at) FROM transfer_act WHERE transfer_id = :transfer::uuid")

PARTS = tuple(outcome.value.lower() for outcome in TransferOutcome)
MOVED = updates(TransferLineRow, *PARTS)
HEADER = updates(TransferRow, "status", "version", "shipped_at", "closed_at")
ACTS, PIECES, LOST = inserts(TransferAct), inserts(TransferActLine), inserts(StockMovement)
"""A loss on the way touches no level, so the ledger's own statement cannot write it."""

MOVES: dict[TransferOutcome, tuple[MovementKind, Account, Account]] = {
    Outcome.SENT: (MovementKind.SEND, Account.FREE, Account.IN_TRANSIT),
    Outcome.ARRIVED: (MovementKind.ARRIVE, Account.IN_TRANSIT, Account.FREE),
    Outcome.DAMAGED: (MovementKind.ARRIVE, Account.IN_TRANSIT, Account.DAMAGED),
    Outcome.BROUGHT_BACK: (MovementKind.ARRIVE, Account.IN_TRANSIT, Account.FREE),
}
"""How units move that touch a level: the act's end has it. What is called off never moved."""


def write(tx: Tx, document: TransferDocument, row: TransferRow, act: Act) -> None:
    """Hand the lines, the new *row*, *act* and the movements it caused to *tx*, for its last flush; stock comes last."""
    tx.write(MOVED, [document.lines[key] for key in document.before])
    done = {"actor": tx.actor, "occurred_at": act.at, "recorded_at": tx.now}
    tx.put(
        ACTS,
        id=act.id,
        transfer_id=row.id,
        kind=act.kind,
        location_id=act.location_id,
        resolution=act.resolution,
        reference=act.reference,
        note=act.note,
        **done,
    )
    tx.write(
        PIECES,
        [
            {
                "id": key,
                "act_id": act.id,
                "transfer_line_id": piece.line_id,
                "outcome": piece.outcome,
                "quantity": piece.quantity,
                "reason": piece.reason,
                "note": piece.note,
                "lot": piece.lot,
            }
            for key, piece in act.pieces
        ],
    )
    tx.write(
        LOST,
        [
            {
                "sku_id": document.lines[piece.line_id].sku_id,
                "kind": MovementKind.LOSE,
                "quantity": piece.quantity,
                "source": Account.IN_TRANSIT,
                "target": Account.ADJUSTMENT,
                "lot": piece.lot,
                "cause_kind": CauseKind.TRANSFER_ACT_LINE,
                "cause_id": key,
                "reason": piece.reason,
                **done,
            }
            for key, piece in act.pieces
            if piece.outcome is Outcome.LOST
        ],
    )
    tx.write(HEADER, [row])
    post(tx, moves_of(document, act), act.at)


def moves_of(document: TransferDocument, act: Act) -> list[Move]:
    """Return the movements of *act* that touch levels of its location."""
    return [
        Move(
            sku_id=document.lines[piece.line_id].sku_id,
            location_id=act.location_id,
            quantity=piece.quantity,
            source=MOVES[piece.outcome][1],
            target=MOVES[piece.outcome][2],
            kind=MOVES[piece.outcome][0],
            cause_kind=CauseKind.TRANSFER_ACT_LINE,
            cause_id=key,
            reason=piece.reason,
            lot=piece.lot,
        )
        for key, piece in act.pieces
        if piece.outcome in MOVES
    ]


def tell(tx: Tx, document: TransferDocument, kind: type[Event], row: TransferRow, at: datetime, act: Act | None = None) -> None:
    """Tell whoever sees either end what moved: the status, and the units of lines."""
    changes: dict[str, tuple[object, object]] = {}
    if row.status is not document.row.status:
        changes["status"] = document.row.status, row.status
    for key, was in document.before.items():
        for name in PARTS:
            if getattr(was, name) != getattr(document.lines[key], name):
                path = f"lines.{text_id(IdKind.TRANSFER_LINE, key)}.{name}"
                changes[path] = getattr(was, name), getattr(document.lines[key], name)
    ends = row.origin_id, row.destination_id
    cause = None if act is None else act.id
    tx.emit(kind(subject_id=row.id, location_ids=ends, changes=changes, occurred_at=at, cause_id=cause))


async def locked_transfer(tx: Tx, transfer_id: TransferId) -> TransferDocument | None:
    """Lock a transfer and read it with its lines, in one round trip; None where there is none that can be seen."""
    reads = [read(transfer=transfer_id) for read in (LOCK, LINES, LAST_ACT, LOTS)]
    headers, lines, ((last_act_at,),), lots = await tx.flush(reads)
    row = TRANSFERS.record(headers[0]) if headers else None
    if row is None or not sees_either(tx.principal, row):
        return None
    document = TransferDocument(row, {line[0]: TransferLine(*line) for line in lines}, last_act_at)
    for line_id, code, units, expires_on in lots:
        document.lots.setdefault(line_id, []).append(HeldLot(code, int(units), expires_on))
    return document


async def found_transfer(tx: Tx, transfer_id: TransferId, expected_version: int | None) -> TransferDocument:
    """Lock a transfer to act on it. Raises: NotFound, VersionConflict."""
    document = await locked_transfer(tx, transfer_id)
    if document is None:
        raise NotFound(what="transfer", given=text_id(IdKind.TRANSFER, transfer_id), field=("transferId",))
    check_version(expected_version, document.row.version)
    return document


def by_lot(pieces: Sequence[Piece], shelves: Mapping[TransferLineId, Shelf]) -> list[Piece]:
    """Return *pieces*, those of lines with one of *shelves* split by the lots of their units: first those that expire first.

    A piece that names its lot takes from that, before any other does.
    """
    for piece in pieces:
        if piece.lot is not None:
            shelves[piece.line_id].take_of(piece.lot, piece.quantity)
    split: list[Piece] = []
    for piece in pieces:
        if piece.lot is not None:
            split.append(piece)
            continue
        shelf = shelves.get(piece.line_id) if piece.outcome is not Outcome.CALLED_OFF else None
        parts = [(None, piece.quantity)] if shelf is None else shelf.split(piece.quantity, Leaving.ELSEWHERE)
        split += [replace(piece, lot=code, quantity=units) for code, units in parts]
    return split


def sees_either(principal: Principal, row: TransferRow) -> bool:
    """Tell whether the caller may see one end of the transfer, and so all of it."""
    return principal.sees_location(row.origin_id) or principal.sees_location(row.destination_id)
