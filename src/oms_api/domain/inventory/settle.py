"""Ending promises: committed units leave to the customer, or become free again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.domain.inventory.lots.stock import take_lots
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.kernel.ids import LevelId

SETTLE = """
WITH want AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $15::int[]) AS want (level_id, quantity, moves, in_lots)
), locked AS (
    SELECT level.id, want.quantity, want.moves, want.in_lots
    FROM inventory_level level JOIN want ON want.level_id = level.id
    ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
), settled AS (
    UPDATE inventory_level level
    SET committed = level.committed - locked.quantity, sequence = level.sequence + locked.moves,
        in_lots = level.in_lots - locked.in_lots,
        free = level.free + CASE WHEN $4 = 'free' THEN locked.quantity ELSE 0 END
    FROM locked WHERE level.id = locked.id AND level.committed >= locked.quantity
        AND ($4 = 'free' OR level.in_lots - locked.in_lots BETWEEN 0 AND level.on_hand - locked.quantity)
    RETURNING level.id, level.sku_id, level.sequence - locked.moves AS before
), moved AS (
    INSERT INTO stock_movement (level_id, sequence, sku_id, kind, quantity, source, target, lot, cause_kind, cause_id,
                                actor, occurred_at, recorded_at)
    SELECT settled.id, settled.before + move.position, settled.sku_id, $5, move.quantity, 'committed', $4, move.lot, $6,
           move.cause_id, $7, $8, $9
    FROM unnest($10::uuid[], $11::int[], $12::int[], $13::uuid[], $16::text[])
         AS move (level_id, position, quantity, cause_id, lot)
    JOIN settled ON settled.id = move.level_id
)
SELECT CASE WHEN count(*) < $14 THEN oms_refuse('committed') END FROM settled
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """Committed units of one level, of one lot or of none, that a document's line settles."""

    level_id: LevelId
    quantity: int
    cause_id: UUID
    lot: str | None = None


def ship_committed(tx: Tx, moves: Sequence[Settled], occurred_at: datetime) -> None:
    """Let committed units leave to the customer, caused by lines of a shipment; written in the last flush of *tx*."""
    _settle(tx, moves, Account.CUSTOMER, MovementKind.SHIP, CauseKind.SHIPMENT_LINE, occurred_at)
    lots: dict[tuple[LevelId, str], int] = {}
    for move in moves:
        if move.lot is not None:
            lots[move.level_id, move.lot] = lots.get((move.level_id, move.lot), 0) + move.quantity
    take_lots(tx, lots)


def release_committed(tx: Tx, moves: Sequence[Settled], occurred_at: datetime) -> None:
    """Free committed units, caused by lines of a cancellation; written in the last flush of *tx*."""
    _settle(tx, moves, Account.FREE, MovementKind.RELEASE, CauseKind.CANCELLATION_LINE, occurred_at)


def _settle(
    tx: Tx, moves: Sequence[Settled], target: Account, kind: MovementKind, cause: CauseKind, occurred_at: datetime
) -> None:
    if not moves:
        return
    want: dict[LevelId, list[int]] = {}
    positions = []
    for move in moves:
        total = want.setdefault(move.level_id, [0, 0, 0])
        total[0] += move.quantity
        total[1] += 1
        total[2] += 0 if move.lot is None else move.quantity
        positions.append(total[1])
    tx.closing.append((SETTLE, (
        array(want), array(units for units, _, _ in want.values()), array(count for _, count, _ in want.values()),
        target, kind, cause, tx.actor, occurred_at, tx.now,
        array(move.level_id for move in moves), array(positions), array(move.quantity for move in moves),
        array(move.cause_id for move in moves), len(want), array(in_lots for *_, in_lots in want.values()),
        text_array(move.lot for move in moves),
    )))  # fmt: skip
