"""Units that come back from customers: into a location's stock, or through it and away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.inventory.commands.adjust import MAKE_LEVELS, MOST_UNITS, READ_LOCKED
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import Account, Bucket, CauseKind, MovementKind

TAKE_BACK = """
WITH want AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::int[])
        AS want (sku_id, location_id, free, quality_control, moves)
), locked AS (
    SELECT level.id, want.free, want.quality_control, want.moves
    FROM inventory_level level JOIN want USING (sku_id, location_id)
    ORDER BY level.sku_id, level.location_id FOR UPDATE OF level
), raised AS (
    UPDATE inventory_level level
    SET free = level.free + locked.free, quality_control = level.quality_control + locked.quality_control,
        sequence = level.sequence + locked.moves
    FROM locked WHERE level.id = locked.id AND level.on_hand + locked.free + locked.quality_control <= 2147483647
    RETURNING level.id, level.sku_id, level.location_id, level.sequence - locked.moves AS before
), moved AS (
    INSERT INTO stock_movement (level_id, sequence, sku_id, kind, quantity, source, target, cause_kind, cause_id, actor,
                                occurred_at, recorded_at)
    SELECT raised.id, raised.before + move.position, raised.sku_id, move.kind, move.quantity, move.source, move.target, $6,
           move.cause_id, $7, $8, $9
    FROM unnest($10::uuid[], $11::uuid[], $12::int[], $13::text[], $14::int[], $15::text[], $16::text[], $17::uuid[])
         AS move (sku_id, location_id, position, kind, quantity, source, target, cause_id)
    JOIN raised USING (sku_id, location_id)
)
SELECT CASE WHEN count(*) < $18 THEN oms_refuse('stock') END FROM raised
"""

Step = tuple[MovementKind, Account, Account]
STEPS: dict[Bucket, tuple[Step, ...]] = {
    Bucket.FREE: ((MovementKind.TAKE_BACK, Account.CUSTOMER, Account.FREE),),
    Bucket.QUALITY_CONTROL: ((MovementKind.TAKE_BACK, Account.CUSTOMER, Account.QUALITY_CONTROL),),
    Bucket.DAMAGED: (
        (MovementKind.TAKE_BACK, Account.CUSTOMER, Account.DAMAGED),
        (MovementKind.SCRAP, Account.DAMAGED, Account.ADJUSTMENT),
    ),
}
"""How units come into a bucket; damaged ones are thrown away at once."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Units of goods that came to a location, caused by a line of a receipt."""

    sku_id: UUID
    location_id: UUID
    bucket: Bucket
    quantity: int
    cause_id: UUID

    @property
    def key(self) -> LevelKey:
        """The level they come to."""
        return self.sku_id, self.location_id


async def levels_without_room(tx: Tx, units: Sequence[TakenBack]) -> set[LevelKey]:
    """Lock the levels of *units* and return those that cannot hold them."""
    more = _sums(units)
    rows = await tx.fetch(READ_LOCKED, (array(sku for sku, _ in more), array(location for _, location in more)))
    held = {(sku, location): on_hand for sku, location, _, on_hand in rows}
    return {key for key, (free, control, _) in more.items() if held.get(key, 0) + free + control > MOST_UNITS}


def take_back_units(tx: Tx, units: Sequence[TakenBack], occurred_at: datetime) -> None:
    """Bring units into stock, in the last flush of *tx*; levels that are missing are made.

    The flush fails behind a guard where a level would hold more than it can: see `levels_without_room`.
    """
    if not units:
        return
    want = dict(sorted(_sums(units).items()))
    keys = array(sku for sku, _ in want), array(location for _, location in want)
    tx.closing.append((MAKE_LEVELS, (array(tx.new_id() for _ in want), *keys)))
    numbers: dict[LevelKey, int] = dict.fromkeys(want, 0)
    moves = []
    for unit in units:
        for kind, source, target in STEPS[unit.bucket]:
            numbers[unit.key] += 1
            moves.append((*unit.key, numbers[unit.key], kind, unit.quantity, source, target, unit.cause_id))
    tx.closing.append((TAKE_BACK, (
        *keys, *(array(total[i] for total in want.values()) for i in range(3)),
        CauseKind.RETURN_RECEIPT_LINE, tx.actor, occurred_at, tx.now,
        *(array(column) for column in zip(*moves, strict=True)), len(want),
    )))  # fmt: skip


def _sums(units: Sequence[TakenBack]) -> dict[LevelKey, tuple[int, int, int]]:
    """Return, by level, how many more units are free and in quality control, and how many movements bring them there."""
    sums: dict[LevelKey, tuple[int, int, int]] = {}
    for unit in units:
        free, control, moves = sums.get(unit.key, (0, 0, 0))
        sums[unit.key] = (
            free + (unit.quantity if unit.bucket is Bucket.FREE else 0),
            control + (unit.quantity if unit.bucket is Bucket.QUALITY_CONTROL else 0),
            moves + len(STEPS[unit.bucket]),
        )
    return sums
