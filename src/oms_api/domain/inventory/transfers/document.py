"""A transfer with its lines, read under its lock, changed in memory, and written by one statement with what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from oms_api.db.records import Shape
from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.lots.policies import HeldLot, Shelf
from oms_api.domain.inventory.lots.states import Leaving
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.inventory.transfers.states import TransferOutcome
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.inventory.transfers.units import Act, Outcome, Piece, TransferDocument, TransferLine
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import NotFound
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind, TransferId, TransferLineId, text_id
from oms_api.kernel.naming import check_version

TRANSFERS = Shape(TransferRow)
LOCK = f"SELECT {TRANSFERS.columns} FROM transfer WHERE transfer.id = $1::uuid FOR NO KEY UPDATE"  # noqa: S608 - our columns
LINES = """
SELECT line.id, line.sku_id, sku.code, line.quantity, line.sent, line.arrived, line.damaged, line.lost, line.brought_back,
       line.called_off
FROM transfer_line line JOIN sku ON sku.id = line.sku_id WHERE line.transfer_id = $1::uuid ORDER BY line.position
"""
LOTS = """
SELECT told.transfer_line_id, told.lot, sum(CASE told.outcome WHEN 'SENT' THEN told.quantity ELSE -told.quantity END),
       lot.expires_on
FROM transfer_act act JOIN transfer_act_line told ON told.act_id = act.id
JOIN transfer_line line ON line.id = told.transfer_line_id JOIN lot ON lot.sku_id = line.sku_id AND lot.code = told.lot
WHERE act.transfer_id = $1::uuid GROUP BY told.transfer_line_id, told.lot, lot.id ORDER BY told.transfer_line_id, lot.id
"""
LAST_ACT = "SELECT max(occurred_at) FROM transfer_act WHERE transfer_id = $1::uuid"

WRITE = """
WITH lines AS (
    UPDATE transfer_line line
    SET sent = new.sent, arrived = new.arrived, damaged = new.damaged, lost = new.lost, brought_back = new.brought_back,
        called_off = new.called_off
    FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[])
         AS new (id, sent, arrived, damaged, lost, brought_back, called_off)
    WHERE line.id = new.id
), act AS (
    INSERT INTO transfer_act (id, transfer_id, kind, location_id, resolution, reference, note, actor, occurred_at, recorded_at)
    VALUES ($8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
), act_lines AS (
    INSERT INTO transfer_act_line (id, act_id, transfer_line_id, outcome, quantity, reason, note, lot)
    SELECT id, $8, transfer_line_id, outcome, quantity, reason, note, lot
    FROM unnest($18::uuid[], $19::uuid[], $20::text[], $21::int[], $22::text[], $23::text[], $28::text[])
         AS piece (id, transfer_line_id, outcome, quantity, reason, note, lot)
), lost AS (
    INSERT INTO stock_movement (sku_id, kind, quantity, source, target, lot, cause_kind, cause_id, reason, actor, occurred_at,
                                recorded_at)
    SELECT line.sku_id, 'LOSE', piece.quantity, 'in_transit', 'adjustment', piece.lot, 'transline', piece.id, piece.reason,
           $15, $16, $17
    FROM unnest($18::uuid[], $19::uuid[], $20::text[], $21::int[], $22::text[], $28::text[])
         AS piece (id, transfer_line_id, outcome, quantity, reason, lot)
    JOIN transfer_line line ON line.id = piece.transfer_line_id WHERE piece.outcome = 'LOST'
)
UPDATE transfer SET status = $24, version = $25, shipped_at = $26, closed_at = $27 WHERE id = $9
"""
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
    lines = [document.lines[key] for key in document.before]
    pieces = [piece for _, piece in act.pieces]
    tx.closing.append((WRITE, (
        array(line.id for line in lines), array(line.sent for line in lines), array(line.arrived for line in lines),
        array(line.damaged for line in lines), array(line.lost for line in lines),
        array(line.brought_back for line in lines), array(line.called_off for line in lines),
        act.id, row.id, act.kind, act.location_id, act.resolution, act.reference, act.note, tx.actor, act.at, tx.now,
        array(key for key, _ in act.pieces), array(piece.line_id for piece in pieces),
        text_array(piece.outcome for piece in pieces), array(piece.quantity for piece in pieces),
        text_array(piece.reason for piece in pieces), text_array(piece.note for piece in pieces),
        row.status, row.version, row.shipped_at, row.closed_at, text_array(piece.lot for piece in pieces),
    )))  # fmt: skip
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
        for name in (outcome.value.lower() for outcome in TransferOutcome):
            if getattr(was, name) != getattr(document.lines[key], name):
                path = f"lines.{text_id(IdKind.TRANSFER_LINE, key)}.{name}"
                changes[path] = getattr(was, name), getattr(document.lines[key], name)
    ends = row.origin_id, row.destination_id
    cause = None if act is None else act.id
    tx.emit(kind(subject_id=row.id, location_ids=ends, changes=changes, occurred_at=at, cause_id=cause))


async def locked_transfer(tx: Tx, transfer_id: TransferId) -> TransferDocument | None:
    """Lock a transfer and read it with its lines, in one round trip; None where there is none that can be seen."""
    key = (transfer_id,)
    headers, lines, ((last_act_at,),), lots = await tx.flush([(LOCK, key), (LINES, key), (LAST_ACT, key), (LOTS, key)])
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
