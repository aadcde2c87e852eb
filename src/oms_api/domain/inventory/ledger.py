"""Moving units between the buckets of levels and the accounts outside: one statement, whatever the number of movements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from oms_api.db.pipeline import Statement
from oms_api.db.rows import Given, inserts_missing, types
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.expired import is_guarded
from oms_api.domain.inventory.lots.good import AVAILABLE, EXPIRED_FREE
from oms_api.domain.inventory.lots.stock import LotChange, LotKey, NewLot, count_lots, fit_lots, make_lots
from oms_api.domain.inventory.movements import recorded
from oms_api.domain.inventory.moves import LevelChange, Move, changes_by_level
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import ASIDE, HELD
from oms_api.domain.inventory.superseded import keep_numbers
from oms_api.domain.inventory.tables import InventoryLevelRow, StockMovementRow
from oms_api.kernel.ids import LevelId

MAKE_LEVELS = inserts_missing(InventoryLevelRow)
WANT = Given(
    "want",
    sku_id="uuid",
    location_id="uuid",
    **dict.fromkeys((bucket.value for bucket in HELD), "int"),
    promised="int",
    moves="int",
    in_lots="int",
)
COLUMNS = ("sku_id", "kind", "quantity", "source", "target", "lot", "cause_kind", "cause_id", "reason", "occurred_at")
MOVES = Given("move", location_id="uuid", position="int", **types(StockMovementRow, *COLUMNS))
RECORDED = recorded(
    f"{MOVES} JOIN moved ON moved.sku_id = move.sku_id AND moved.location_id = move.location_id",
    level_id="moved.id",
    sequence="moved.before + move.position",
    **{name: f"move.{name}" for name in COLUMNS},
)

# A line that refers to a level shares its key: FOR UPDATE would wait for that. Lines that cause movements are inserted after
# they are posted: whoever shares the key of a level before locking it can get into a circle with others who wait for it.
MOVE = Sql(f"""
WITH locked AS (
    SELECT level.id, want.*
    FROM inventory_level level JOIN {WANT} ON want.sku_id = level.sku_id AND want.location_id = level.location_id
    ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
), moved AS (
    UPDATE inventory_level level
    SET free = level.free + locked.free, committed = level.committed + locked.committed,
        reserved = level.reserved + locked.reserved, quality_control = level.quality_control + locked.quality_control,
        damaged = level.damaged + locked.damaged, in_lots = level.in_lots + locked.in_lots,
        sequence = level.sequence + locked.moves
    FROM locked WHERE level.id = locked.id AND {AVAILABLE} >= locked.promised
        AND least(level.free::bigint + locked.free, level.committed::bigint + locked.committed,
                  level.reserved::bigint + locked.reserved, level.quality_control::bigint + locked.quality_control,
                  level.damaged::bigint + locked.damaged, level.in_lots::bigint + locked.in_lots) >= 0
        AND level.on_hand + locked.free + locked.committed + locked.reserved + locked.quality_control + locked.damaged
            BETWEEN level.in_lots::bigint + locked.in_lots AND 2147483647
    RETURNING level.id, level.sku_id, level.location_id, level.sequence - locked.moves AS before,
              :guarded AND {EXPIRED_FREE} > 0 AS over
), written AS ({RECORDED})
SELECT CASE WHEN count(*) < :levels THEN oms_refuse('stock') WHEN bool_or(over) THEN oms_refuse('expired') END FROM moved
""")  # noqa: S608 - our own columns


def making_levels(tx: Tx, keys: Iterable[LevelKey]) -> list[Statement]:
    """Return the statement that makes the levels among *keys* that are missing, if there are any keys."""
    ordered = in_key_order(keys)
    if not ordered:
        return []
    return [MAKE_LEVELS.of({"id": tx.new_id(LevelId), "sku_id": sku, "location_id": place} for sku, place in ordered)]


def make_levels(tx: Tx, keys: Iterable[LevelKey]) -> None:
    """Make the levels among *keys* that are missing; written in the last flush of *tx*."""
    tx.closing += making_levels(tx, keys)


def post(tx: Tx, moves: Sequence[Move], occurred_at: datetime, *, lots: Sequence[NewLot] = (), numbers: bool = False) -> None:
    """Carry out *moves* in the last flush of *tx*, levels locked in key order, or refuse the whole flush.

    A level that would fall below zero in a bucket or a lot, below what it may promise or what its lots hold, or rise above
    2147483647 units, makes the transaction run again with `tx.pessimistic` set: whoever posts has looked before, and looks
    again under locks. What leaves a level with lots is split by them before (`lots.policies.by_lot`). *lots* that are new are
    made. What comes or leaves and happened before a number that was told of its level is part of that (`superseded`), unless
    *numbers* says that the moves make a number true themselves. What has expired and comes into free is set aside (`expired`).
    """
    if not moves:
        return
    changes, positions = changes_by_level(moves)
    moving = [
        {
            "sku_id": move.sku_id,
            "location_id": move.location_id,
            "position": position,
            "kind": move.kind,
            "quantity": move.quantity,
            "source": move.source,
            "target": move.target,
            "lot": move.lot,
            "cause_kind": move.cause_kind,
            "cause_id": move.cause_id,
            "reason": move.reason,
            "occurred_at": move.occurred_at or occurred_at,
        }
        for move, position in zip(moves, positions, strict=True)
    ]
    want = [
        {
            "sku_id": sku,
            "location_id": place,
            **change.buckets,
            "promised": change.promised,
            "moves": change.moves,
            "in_lots": change.in_lots,
        }
        for (sku, place), change in changes.items()
    ]
    coming = [move for move in moves if move.comes]
    guarded = is_guarded(tx, {move.cause_id for move in coming}, known=any(move.of_lots for move in coming))
    tx.closing.append(
        MOVE(want=WANT(want), levels=len(changes), move=MOVES(moving), guarded=guarded, actor=tx.actor, now=tx.now)
    )
    make_lots(tx, lots)
    lots_changed = changes_by_lot(moves)
    count_lots(tx, lots_changed)
    fit_lots(tx, levels_to_fit(changes, lots_changed))
    if not numbers:
        late = [move for move in moves if move.on_hand]
        earliest = min((move.occurred_at or occurred_at for move in late), default=tx.now)
        keep_numbers(tx, {move.cause_id for move in late}, earliest)


def changes_by_lot(moves: Sequence[Move]) -> dict[LotKey, LotChange]:
    """Return what *moves* come to for each lot at each level, in key order."""
    changes: dict[LotKey, LotChange] = {}
    for move in moves:
        if move.lot is not None:
            change = changes.setdefault((*move.key, move.lot), LotChange())
            change.units += move.on_hand
            change.aside += move.aside
    return {key: changes[key] for key in sorted(changes, key=lambda key: (key[0].int, key[1].int, key[2]))}


def levels_to_fit(changes: Mapping[LevelKey, LevelChange], lots: Mapping[LotKey, LotChange]) -> list[LevelKey]:
    """Return the levels that may have fewer units set aside than their lots after *changes*, in key order."""
    spare = {key: sum(change.buckets[bucket] for bucket in ASIDE) for key, change in changes.items()}
    for (sku, location, _), change in lots.items():
        spare[sku, location] -= max(change.aside, 0)
    return [key for key, units in spare.items() if units < 0]
