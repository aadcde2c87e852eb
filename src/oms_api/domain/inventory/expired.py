"""What has expired is set aside as it comes into free: by the move that a sweep makes of what expires on the shelf.

Free units go first, as they do there; what has expired and is promised is left to the sweep, which takes promises back. A first
look cares only for units that name their lot. Where others come to be free and some there have expired, the statement that
moves them refuses (`ledger.MOVE`, `settle.SETTLE`), and the second look cares for all: few levels have lots, and fewer
expired ones.
"""

from collections.abc import Collection
from uuid import UUID

from oms_api.db.outbox import StagedEvent
from oms_api.db.rows import inserting
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.events import InventoryMoved
from oms_api.domain.inventory.movements import recorded
from oms_api.domain.inventory.states import Account, AdjustmentReason, Bucket, CauseKind, MovementKind
from oms_api.domain.inventory.tables import InventoryMoveLineRow, InventoryMoveRow
from oms_api.kernel.ids import EventId, MoveId

HAPPENED = {"actor": ":actor", "occurred_at": ":now", "recorded_at": ":now"}
REASON = f"'{AdjustmentReason.EXPIRED}'"
MOVE = inserting(InventoryMoveRow, "(SELECT FROM taken LIMIT 1) AS any_taken", id=":move::uuid", reason=REASON, **HAPPENED)
LINES = inserting(
    InventoryMoveLineRow,
    "taken",
    id="line_id",
    move_id=":move::uuid",
    position="position",
    level_id="level_id",
    quantity="units",
    source=f"'{Bucket.FREE}'",
    target=f"'{Bucket.QUALITY_CONTROL}'",
    lot="lot",
)
EVENT = inserting(
    StagedEvent,
    "taken HAVING count(*) > 0",
    id=":event::uuid",
    type=f"'{InventoryMoved.type}'",
    subject_kind=f"'{InventoryMoved.subject}'",
    subject_id=":move::uuid",
    location_ids="array_agg(DISTINCT location_id)",
    **HAPPENED,
)
RECORDED = recorded(
    "taken JOIN levels ON levels.id = taken.level_id",
    level_id="taken.level_id",
    sequence="levels.before + taken.turn",
    sku_id="taken.sku_id",
    kind=f"'{MovementKind.MOVE}'",
    quantity="taken.units",
    source=f"'{Account.FREE}'",
    target=f"'{Account.QUALITY_CONTROL}'",
    lot="taken.lot",
    cause_kind=f"'{CauseKind.MOVE_LINE}'",
    cause_id="taken.line_id",
    reason=REASON,
    occurred_at=":now",
)

# The levels are locked by the statements that wrote the movements.
SET_ASIDE = Sql(f"""
WITH touched AS (
    SELECT DISTINCT level_id FROM stock_movement WHERE cause_id = ANY (:causes::uuid[]) AND recorded_at = :now
), expired AS (
    SELECT level.id AS level_id, level.sku_id, level.location_id, held.id AS held_id, held.lot_id,
           row_number() OVER each_level AS turn,
           least(held.units, level.free - coalesce(sum(held.units) OVER (
               each_level ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), 0))::int AS units
    FROM touched CROSS JOIN LATERAL (
        SELECT id, sku_id, location_id, free FROM inventory_level
        WHERE id = touched.level_id AND in_lots > 0 AND free > 0 OFFSET 0
    ) AS level CROSS JOIN LATERAL (
        SELECT held.id, lot_id, fefo_date, on_hand - set_aside AS units
        FROM lot_level held JOIN location here ON here.id = held.location_id
        WHERE held.level_id = level.id AND held.in_stock AND held.on_shelf
          AND held.fefo_date < (:now::timestamptz AT TIME ZONE here.time_zone)::date OFFSET 0
    ) AS held
    WINDOW each_level AS (PARTITION BY level.id ORDER BY held.fefo_date, held.id)
), taken AS MATERIALIZED (
    SELECT expired.*, lot.code AS lot, gen_random_uuid() AS line_id,
           row_number() OVER (ORDER BY expired.sku_id, expired.location_id, turn) - 1 AS position
    FROM expired JOIN lot ON lot.id = expired.lot_id WHERE units > 0
), levels AS (
    UPDATE inventory_level level
    SET free = level.free - grown.units, quality_control = level.quality_control + grown.units,
        sequence = level.sequence + grown.moves
    FROM (SELECT level_id, sum(units)::int AS units, count(*) AS moves FROM taken GROUP BY level_id) AS grown
    WHERE level.id = grown.level_id RETURNING level.id, level.sequence - grown.moves AS before
), lots AS (
    UPDATE lot_level held SET set_aside = held.set_aside + taken.units FROM taken WHERE held.id = taken.held_id
), move AS ({MOVE}), lines AS ({LINES}), event AS ({EVENT})
{RECORDED}
""")  # noqa: S608 - our own names


def is_guarded(tx: Tx, causes: Collection[UUID], *, known: bool) -> bool:
    """Tell whether the statement of movements by *causes* into free is to refuse where units there have expired.

    Else they are set aside at last: at a second look, or where it is *known* that lots come.
    """
    if known or tx.pessimistic:
        set_aside_at_last(tx, causes)
        return False
    return bool(causes)


def set_aside_at_last(tx: Tx, causes: Collection[UUID]) -> None:
    """Set aside what has expired and is free at the levels that movements by *causes* touch, once *tx* has moved all."""
    tx.at_last(set_aside, causes)


def set_aside(tx: Tx, causes: Collection[UUID]) -> None:
    """Set aside what has expired and is free at the levels that movements by *causes* touched, in the last flush of *tx*."""
    move, event = tx.new_id(MoveId), tx.new_id(EventId)
    tx.closing.append(SET_ASIDE(causes=array(causes), move=move, event=event, actor=tx.actor, now=tx.now))
