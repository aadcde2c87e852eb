"""Taking what has expired out of what can be sold: into quality control, by a move like any other, once its last day is over.

Free units go first, then promises are taken back as for every shortfall; what is picked stays, guarded at its shipment, and is
looked for again only when something of its level can be taken.
"""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.commands.move import UnitsToMove, write_move
from oms_api.domain.inventory.levels import Level, Levels
from oms_api.domain.inventory.lots.policies import share_out, still_sellable
from oms_api.domain.inventory.shortfall import Missing, Taking
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import AdjustmentReason, Bucket
from oms_api.domain.inventory.tables import InventoryMoveRow
from oms_api.kernel.ids import IdKind, MoveId
from oms_api.workflows.deallocate import deallocate

FIRST_CLOCK = timedelta(hours=14)
"""By how much the first clock of all is ahead of UTC: no day is over anywhere before it is there."""

EXPIRED = Sql("""
SELECT level.id, held.sku_id, held.location_id
FROM lot_level held JOIN location ON location.id = held.location_id JOIN inventory_level level ON level.id = held.level_id
WHERE held.on_shelf AND level.id <> ALL (:passed::uuid[]) AND held.expires_on < :latest_day::date
  AND held.expires_on < (:now::timestamptz AT TIME ZONE location.time_zone)::date
  AND (level.free + level.reserved > 0 OR EXISTS (
    SELECT FROM allocation promise
    LEFT JOIN fulfillment_order_line line ON line.allocation_id = promise.id
    LEFT JOIN fulfillment_order work ON work.id = line.fulfillment_order_id
    WHERE promise.level_id = level.id AND promise.allocated + promise.in_fulfillment > 0
      AND (promise.allocated > 0 OR work.status IS DISTINCT FROM 'IN_PROGRESS')
  ))
ORDER BY held.expires_on, held.id LIMIT :size
""")


async def set_aside_expired(tx: Tx, batch: Batch) -> int:
    """Set aside what can be taken of at most so many lots at levels, what expired first first, and return how many they were.

    0 where nothing could be taken of them.
    """
    latest_day = (tx.now + FIRST_CLOCK).date()
    found = await tx.fetch(EXPIRED(latest_day=latest_day, now=tx.now, size=batch.size, passed=batch.passed))
    batch.take(level for level, *_ in found)
    keys = in_key_order({(sku, location) for _, sku, location in found})
    if not keys:
        return 0
    move = InventoryMoveRow(
        id=tx.new_id(MoveId),
        reason=AdjustmentReason.EXPIRED.value,
        reference=None,
        note=None,
        actor=tx.actor,
        occurred_at=tx.now,
        recorded_at=tx.now,
    )
    covered = await deallocate(tx, Taking(document=(IdKind.MOVE, move.id), keys=keys, missing=missing_expired, at=tx.now))
    number = count()
    rows = {
        key: [(next(number), row) for row in to_set_aside(key, covered.levels[key], covered.freed.get(key, 0))] for key in keys
    }
    if not any(rows.values()):
        return 0
    write_move(tx, move, {key: given for key, given in rows.items() if given}, covered)
    return len(found)


def missing_expired(levels: Levels) -> Mapping[LevelKey, Missing]:
    """Return where fewer units are free than have expired; what cannot be taken back of promises stays."""
    wanted = {key: sum(still_sellable(level.lots).values()) for key, level in levels.items()}
    return {
        key: Missing(requested=units, units=units - levels[key].free, aside=units)
        for key, units in wanted.items()
        if units > levels[key].free
    }


def to_set_aside(key: LevelKey, level: Level, freed: int) -> list[UnitsToMove]:
    """Return the rows that set aside what is free of the expired lots at *level*, *freed* units of it since."""
    sku_id, location_id = key
    shares = share_out(level.free + freed, still_sellable(level.lots))
    return [
        UnitsToMove(SkuRef(id=sku_id), location_id, units, Bucket.FREE, Bucket.QUALITY_CONTROL, lot)
        for lot, units in shares.items()
    ]
