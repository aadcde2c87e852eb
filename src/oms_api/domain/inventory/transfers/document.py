"""A transfer with its lines under its lock, and the acts that change them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from oms_api.db.documents import Concerned, Document, published_as
from oms_api.db.pipeline import Rows
from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.lots.policies import HeldLot, Shelf
from oms_api.domain.inventory.lots.states import Leaving
from oms_api.domain.inventory.movements import OUTSIDE
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.inventory.transfers.states import TransferOutcome
from oms_api.domain.inventory.transfers.tables import TransferActLineRow, TransferActRow, TransferLineRow, TransferRow
from oms_api.domain.inventory.transfers.units import Outcome, RecordedAct, TransferPiece, UnitsOfTransfer
from oms_api.domain.inventory.transfers.verbs import LIFE, TransferFacts
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import TransferLineId

LINES = Sql("""
SELECT line.transfer_id, line.id, line.sku_id, sku.code, line.quantity, line.sent, line.arrived, line.damaged, line.lost,
       line.brought_back, line.called_off
FROM transfer_line line JOIN sku ON sku.id = line.sku_id WHERE line.transfer_id = ANY (:ids::uuid[])
ORDER BY line.transfer_id, line.position
""")
LOTS = Sql("""
SELECT act.transfer_id, part.transfer_line_id, part.lot,
       sum(CASE part.outcome WHEN 'SENT' THEN part.quantity ELSE -part.quantity END), lot.expires_on
FROM transfer_act act JOIN transfer_act_line part ON part.act_id = act.id
JOIN transfer_line line ON line.id = part.transfer_line_id JOIN lot ON lot.sku_id = line.sku_id AND lot.code = part.lot
WHERE act.transfer_id = ANY (:ids::uuid[])
GROUP BY act.transfer_id, part.transfer_line_id, part.lot, lot.id ORDER BY part.transfer_line_id, lot.id
""")
LAST_ACT = Sql(
    "SELECT transfer_id, max(occurred_at) FROM transfer_act WHERE transfer_id = ANY (:ids::uuid[]) GROUP BY transfer_id"
)

ACTS, PIECES = inserts(TransferActRow), inserts(TransferActLineRow)

MOVES: dict[TransferOutcome, tuple[MovementKind, Account, Account]] = {
    Outcome.SENT: (MovementKind.SEND, Account.FREE, Account.IN_TRANSIT),
    Outcome.ARRIVED: (MovementKind.ARRIVE, Account.IN_TRANSIT, Account.FREE),
    Outcome.DAMAGED: (MovementKind.ARRIVE, Account.IN_TRANSIT, Account.DAMAGED),
    Outcome.BROUGHT_BACK: (MovementKind.ARRIVE, Account.IN_TRANSIT, Account.FREE),
}
"""How units move that touch a level: the act's end has it. What is called off never moved."""


class TransferDocument(Document[TransferRow, UnitsOfTransfer]):
    """A transfer under its lock. `last_act_at` is when something was done with it last.

    `lots` are those of which units of a line are on the way.
    """

    table, life = TransferRow, LIFE
    published = published_as("status", "external_ref", "origin_id", "destination_id", "expected_at", "note")
    line, line_table, lines_of = UnitsOfTransfer, TransferLineRow, LINES
    more = (LAST_ACT, LOTS)
    last_act_at: datetime | None
    lots: dict[TransferLineId, list[HeldLot]]

    def take(self, last_act: Rows, lots: Rows) -> None:
        """Keep when something was done last, and the lots on the way."""
        self.last_act_at = last_act[0][0] if last_act else None
        self.lots = {}
        for line_id, code, units, expires_on in lots:
            self.lots.setdefault(line_id, []).append(HeldLot(code, int(units), expires_on))

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* may see one end, and so all of it."""
        return principal.sees_location(self.was.origin_id) or principal.sees_location(self.was.destination_id)

    def facts(self, principal: Principal) -> TransferFacts:
        """Return what its verbs are refused by."""
        return TransferFacts(self.was, self.unsent, self.in_transit, principal)

    def concerned(self) -> Concerned:
        """Return both of its ends, before and after."""
        ends = (self.was.origin_id, self.was.destination_id, self.row.origin_id, self.row.destination_id)
        return {"location_ids": tuple(dict.fromkeys(ends))}

    @property
    def in_transit(self) -> int:
        """Units on the way."""
        return sum(line.in_transit for line in self.lines.values())

    @property
    def unsent(self) -> int:
        """Units still to be sent."""
        return sum(line.unsent for line in self.lines.values())

    @property
    def shelves(self) -> dict[TransferLineId, Shelf]:
        """The units on the way of those lines of which some are of lots."""
        return {
            key: Shelf(self.lines[key].in_transit - sum(lot.units for lot in lots), lots) for key, lots in self.lots.items()
        }

    def carry_out(self, act: RecordedAct) -> None:
        """Count the pieces of *act* in their lines: it is the cause of what differs."""
        for _, piece in act.pieces:
            line = self.lines[piece.line_id]
            self.lines[line.id] = line.after(piece.outcome, piece.quantity)
        self.at, self.cause_id = act.at, act.id


def record(tx: Tx, document: TransferDocument, act: RecordedAct) -> None:
    """Hand *act* and the movements it caused to *tx*, for its last flush; stock comes last."""
    done = {"actor": tx.actor, "occurred_at": act.at, "recorded_at": tx.now}
    tx.put(
        ACTS,
        id=act.id,
        transfer_id=document.was.id,
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
        OUTSIDE,
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
    post(tx, moves_of(document, act), act.at)


def moves_of(document: TransferDocument, act: RecordedAct) -> list[Move]:
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


def by_lot(pieces: Sequence[TransferPiece], shelves: Mapping[TransferLineId, Shelf]) -> list[TransferPiece]:
    """Return *pieces*, those of lines with one of *shelves* split by the lots of their units: first those that expire first.

    A piece that names its lot takes from that, before any other does.
    """
    for piece in pieces:
        if piece.lot is not None:
            shelves[piece.line_id].take_of(piece.lot, piece.quantity)
    split: list[TransferPiece] = []
    for piece in pieces:
        if piece.lot is not None:
            split.append(piece)
            continue
        shelf = shelves.get(piece.line_id) if piece.outcome is not Outcome.CALLED_OFF else None
        parts = [(None, piece.quantity)] if shelf is None else shelf.split(piece.quantity, Leaving.ELSEWHERE)
        split += [replace(piece, lot=code, quantity=units) for code, units in parts]
    return split
