"""Moving units between the buckets of levels and the accounts outside: one statement, whatever the number of movements."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.pipeline import Statement
from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.domain.inventory.lots.stock import LotChange, LotKey, NewLot, count_lots, fit_lots, make_lots
from oms_api.domain.inventory.moves import Change, Move, changes_by_level
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import ASIDE, HELD
from oms_api.kernel.ids import LevelId

MAKE_LEVELS = """
INSERT INTO inventory_level (id, sku_id, location_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS new (id, sku_id, location_id) ORDER BY sku_id, location_id
ON CONFLICT (sku_id, location_id) DO NOTHING
"""

# A line that refers to a level shares its key: FOR UPDATE would wait for that. Lines that cause movements are inserted after
# they are posted: whoever shares the key of a level before locking it can get into a circle with others who wait for it.
MOVE = """
WITH want AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[],
                         $25::int[])
        AS want (sku_id, location_id, free, committed, reserved, quality_control, damaged, promised, moves, in_lots)
), locked AS (
    SELECT level.id, want.*
    FROM inventory_level level JOIN want ON want.sku_id = level.sku_id AND want.location_id = level.location_id
    ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
), moved AS (
    UPDATE inventory_level level
    SET free = level.free + locked.free, committed = level.committed + locked.committed,
        reserved = level.reserved + locked.reserved, quality_control = level.quality_control + locked.quality_control,
        damaged = level.damaged + locked.damaged, in_lots = level.in_lots + locked.in_lots,
        sequence = level.sequence + locked.moves
    FROM locked WHERE level.id = locked.id AND level.available >= locked.promised
        AND least(level.free::bigint + locked.free, level.committed::bigint + locked.committed,
                  level.reserved::bigint + locked.reserved, level.quality_control::bigint + locked.quality_control,
                  level.damaged::bigint + locked.damaged, level.in_lots::bigint + locked.in_lots) >= 0
        AND level.on_hand + locked.free + locked.committed + locked.reserved + locked.quality_control + locked.damaged
            BETWEEN level.in_lots::bigint + locked.in_lots AND 2147483647
    RETURNING level.id, level.sku_id, level.location_id, level.sequence - locked.moves AS before
), written AS (
    INSERT INTO stock_movement (level_id, sequence, sku_id, kind, quantity, source, target, lot, cause_kind, cause_id, reason,
                                actor, occurred_at, recorded_at)
    SELECT moved.id, moved.before + move.position, moved.sku_id, move.kind, move.quantity, move.source, move.target, move.lot,
           move.cause_kind, move.cause_id, move.reason, $10, move.occurred_at, $11
    FROM unnest($12::uuid[], $13::uuid[], $14::int[], $15::text[], $16::int[], $17::text[], $18::text[], $19::text[],
                $20::text[], $21::uuid[], $22::text[], $23::timestamptz[])
         AS move (sku_id, location_id, position, kind, quantity, source, target, lot, cause_kind, cause_id, reason, occurred_at)
    JOIN moved ON moved.sku_id = move.sku_id AND moved.location_id = move.location_id
)
SELECT CASE WHEN count(*) < $24 THEN oms_refuse('stock') END FROM moved
"""


def making_levels(tx: Tx, keys: Sequence[LevelKey]) -> list[Statement]:
    """Return the statement that makes the levels among *keys* that are missing, if there are any keys."""
    ordered = in_key_order(keys)
    if not ordered:
        return []
    ids = array(tx.new_id(LevelId) for _ in ordered)
    return [(MAKE_LEVELS, (ids, array(sku for sku, _ in ordered), array(place for _, place in ordered)))]


def make_levels(tx: Tx, keys: Sequence[LevelKey]) -> None:
    """Make the levels among *keys* that are missing; written in the last flush of *tx*."""
    tx.closing += making_levels(tx, keys)


def post(tx: Tx, moves: Sequence[Move], occurred_at: datetime, *, lots: Sequence[NewLot] = ()) -> None:
    """Carry out *moves* in the last flush of *tx*, levels locked in key order, or refuse the whole flush.

    A level that would fall below zero in a bucket or a lot, below what it may promise or what its lots hold, or rise above
    2147483647 units, makes the transaction run again with `tx.pessimistic` set: whoever posts has looked before, and looks
    again under locks. What leaves a level with lots is split by them before (`lots.policies.by_lot`). *lots* that are new are
    made.
    """
    if not moves:
        return
    changes, positions = changes_by_level(moves)
    tx.closing.append((MOVE, (
        array(sku for sku, _ in changes), array(place for _, place in changes),
        *(array(change.buckets[bucket] for change in changes.values()) for bucket in HELD),
        array(change.promised for change in changes.values()), array(change.moves for change in changes.values()),
        tx.actor, tx.now,
        array(move.sku_id for move in moves), array(move.location_id for move in moves), array(positions),
        text_array(move.kind for move in moves), array(move.quantity for move in moves),
        text_array(move.source for move in moves), text_array(move.target for move in moves),
        text_array(move.lot for move in moves), text_array(move.cause_kind for move in moves),
        array(move.cause_id for move in moves), text_array(move.reason for move in moves),
        array((move.occurred_at or occurred_at).isoformat() for move in moves), len(changes),
        array(change.in_lots for change in changes.values()),
    )))  # fmt: skip
    make_lots(tx, lots)
    lots_changed = changes_by_lot(moves)
    count_lots(tx, lots_changed)
    fit_lots(tx, levels_to_fit(changes, lots_changed))


def changes_by_lot(moves: Sequence[Move]) -> dict[LotKey, LotChange]:
    """Return what *moves* come to for each lot at each level, in key order."""
    changes: dict[LotKey, LotChange] = {}
    for move in moves:
        if move.lot is not None:
            change = changes.setdefault((*move.key, move.lot), LotChange())
            change.units += move.on_hand
            change.aside += move.aside
    return {key: changes[key] for key in sorted(changes, key=lambda key: (key[0].int, key[1].int, key[2]))}


def levels_to_fit(changes: Mapping[LevelKey, Change], lots: Mapping[LotKey, LotChange]) -> list[LevelKey]:
    """Return the levels that may have fewer units set aside than their lots after *changes*, in key order."""
    room = {key: sum(change.buckets[bucket] for bucket in ASIDE) for key, change in changes.items()}
    for (sku, location, _), change in lots.items():
        room[sku, location] -= max(change.aside, 0)
    return [key for key, units in room.items() if units < 0]
