"""Telling what lies at each level, whenever it changes: a reaction to whatever moves stock.

What moved is found as `publish_availability` finds it, and compared with what was told last, so that each change is told once
however often its piece of the feed is worked through, and several of one level as one.
"""

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.inventory.events import InventoryLevelChanged, SafetyStockChanged
from oms_api.domain.inventory.lots.good import EXPIRED_FREE
from oms_api.domain.shipping.events import ShipmentCreated
from oms_api.kernel.ids import LevelId
from oms_api.workflows.publish_availability import MOVING

TYPES = frozenset(event.type for event in (*MOVING, ShipmentCreated, SafetyStockChanged))
MOST_LEVELS = 5_000
"""How many levels one transaction tells of."""
NAMES = ("on_hand", "available", "committed", "reserved", "quality_control", "damaged", "safety_stock", "expired")
"""The numbers of a level that are told."""

_NUMBERS = ", ".join(NAMES)
_NOW = ", ".join(f"level.{name}" for name in NAMES)
_WAS = ", ".join(f"coalesce(last.{name}, 0) AS was_{name}" for name in NAMES)
# OFFSET 0 keeps each lookup one index scan for each level: the plan is kept, and may have been made while nothing was there.
PUBLISH = Sql(f"""
WITH concerned AS (
    SELECT level_id FROM stock_movement WHERE recorded_at BETWEEN :first AND :last AND level_id IS NOT NULL
    UNION SELECT unnest(:levels::uuid[])
), changed AS (
    SELECT level.id, level.sku_id, level.location_id, {_NOW}, {_WAS}
    FROM concerned CROSS JOIN LATERAL (
        SELECT good.*, greatest(free - expired - safety_stock_target, 0) AS available,
               least(free - expired, safety_stock_target) AS safety_stock
        FROM (
            SELECT id, sku_id, location_id, on_hand, free, committed, reserved, quality_control, damaged, safety_stock_target,
                   {EXPIRED_FREE} AS expired
            FROM inventory_level level WHERE level.id = concerned.level_id OFFSET 0
        ) AS good
    ) AS level LEFT JOIN LATERAL (
        SELECT {_NUMBERS} FROM level_told WHERE level_told.level_id = concerned.level_id OFFSET 0
    ) AS last ON true
    WHERE ({_NOW}) <> ({", ".join(f"coalesce(last.{name}, 0)" for name in NAMES)})
    ORDER BY level.id LIMIT :size
), written AS (
    INSERT INTO level_told (level_id, {_NUMBERS}, told_at) SELECT id, {_NUMBERS}, :now FROM changed
    ON CONFLICT (level_id) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in NAMES)}, told_at = excluded.told_at
)
SELECT * FROM changed ORDER BY id
""")  # noqa: S608 - made of constants


async def publish_levels(tx: Tx, piece: Piece) -> bool:
    """Tell of every level whose numbers are others than were told last, and whether there may be more of them."""
    events = await piece.events(tx)
    levels = [LevelId(event.subject_id) for event in events if event.type == SafetyStockChanged.type]
    times = [event.recorded_at for event in events]
    found = await tx.fetch(PUBLISH(first=min(times), last=max(times), levels=array(levels), size=MOST_LEVELS, now=tx.now))
    for level, sku, location, *numbers in found:
        now, was = numbers[: len(NAMES)], numbers[len(NAMES) :]
        changes = {
            name: (int(before), int(after)) for name, before, after in zip(NAMES, was, now, strict=True) if before != after
        }
        tx.emit(InventoryLevelChanged(subject_id=level, sku_id=sku, location_ids=(location,), changes=changes))
    return len(found) == MOST_LEVELS
