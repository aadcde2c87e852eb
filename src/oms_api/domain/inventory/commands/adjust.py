"""Correcting stock numbers: one statement behind a guard, whatever the number of levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.db.session import LookAgain, Tx
from oms_api.db.sets import array
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.catalog.tables import Sku
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.inventory.errors import BelowZero, NotStocked, TooMuchStock, ZeroDelta
from oms_api.domain.inventory.events import InventoryAdjusted
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import AdjustmentReason
from oms_api.domain.inventory.tables import InventoryAdjustment
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused, TooManyItems
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.naming import check_text

MOST_CHANGES = 1_000
MOST_UNITS = 2**31 - 1

READ = """
SELECT level.sku_id, level.location_id, level.free, level.on_hand FROM inventory_level level
JOIN unnest($1::uuid[], $2::uuid[]) AS want (sku_id, location_id) USING (sku_id, location_id)
"""
READ_LOCKED = READ + "ORDER BY level.sku_id, level.location_id FOR UPDATE OF level"

MAKE_LEVELS = """
INSERT INTO inventory_level (id, sku_id, location_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS new (id, sku_id, location_id) ORDER BY sku_id, location_id
ON CONFLICT (sku_id, location_id) DO NOTHING
"""

ADJUST = """
WITH want AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::int[])
        AS want (sku_id, location_id, delta, line_id, position)
), locked AS (
    SELECT level.id, want.delta, want.line_id, want.position
    FROM inventory_level level JOIN want USING (sku_id, location_id)
    ORDER BY level.sku_id, level.location_id FOR UPDATE OF level
), adjusted AS (
    UPDATE inventory_level level SET free = level.free + locked.delta, sequence = level.sequence + 1
    FROM locked WHERE level.id = locked.id
        AND level.free::bigint + locked.delta >= 0 AND level.on_hand + locked.delta <= 2147483647
    RETURNING level.id, level.sku_id, level.sequence, locked.delta, locked.line_id, locked.position
), guard AS (
    SELECT CASE WHEN count(*) < $6 THEN oms_refuse('stock') END FROM adjusted
), document AS (
    INSERT INTO inventory_adjustment (id, reason, reference, note, actor, occurred_at, recorded_at)
    VALUES ($7::uuid, $8, $9, $10, $11, $12, $13)
), lines AS (
    INSERT INTO inventory_adjustment_line (id, adjustment_id, position, level_id, delta)
    SELECT line_id, $7::uuid, position, id, delta FROM adjusted
), moved AS (
    INSERT INTO stock_movement (level_id, sequence, sku_id, kind, quantity, source, target, cause_kind, cause_id, reason,
                                actor, occurred_at, recorded_at)
    SELECT id, sequence, sku_id, CASE WHEN delta > 0 THEN 'FOUND' ELSE 'NOT_FOUND' END, abs(delta),
           CASE WHEN delta > 0 THEN 'adjustment' ELSE 'free' END, CASE WHEN delta > 0 THEN 'free' ELSE 'adjustment' END,
           'adjline', line_id, $8, $11, $12, $13
    FROM adjusted
)
SELECT * FROM guard
"""


@dataclass(frozen=True, slots=True)
class Change:
    """Units more (or, negative, less) of one SKU at one location."""

    sku: SkuRef
    location_id: UUID
    delta: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustInventory:
    """Correct stock numbers, all or none."""

    changes: tuple[Change, ...]
    reason: AdjustmentReason
    reference: str | None = None
    note: str | None = None
    occurred_at: datetime | None = None


@dataclass(slots=True)
class LevelChange:
    """What all rows for one level come to, and which rows they are."""

    delta: int
    rows: list[int]


async def adjust_inventory(tx: Tx, command: AdjustInventory) -> InventoryAdjustment:
    """Add and take away free units; levels that are missing are made, rows for one level become one movement.

    The writing is left to the last flush of *tx*. Raises: Refused with an error for each row that is wrong (UnknownSku,
    NotFound, NotStocked, ZeroDelta, BelowZero, TooMuchStock), TooManyItems, MissingScope, InvalidValue.
    """
    occurred_at = tx.business_time(command.occurred_at)
    check_text(command.reference, "reference")
    check_text(command.note, "note")
    if not command.changes:
        raise InvalidValue(problem="An adjustment needs at least one change.", field=("changes",))
    if len(command.changes) > MOST_CHANGES:
        raise TooManyItems(limit=MOST_CHANGES, given=len(command.changes), field=("changes",))
    want = await _merged(tx, command.changes)
    await _check_room(tx, want)
    adjustment = InventoryAdjustment(
        id=tx.new_id(),
        reason=command.reason,
        reference=command.reference,
        note=command.note,
        actor=tx.actor,
        occurred_at=occurred_at,
        recorded_at=tx.now,
    )
    _write(tx, adjustment, want)
    locations = tuple(dict.fromkeys(location for _, location in want))
    tx.emit(InventoryAdjusted(subject_id=adjustment.id, location_ids=locations, occurred_at=occurred_at))
    return adjustment


async def _merged(tx: Tx, changes: Sequence[Change]) -> Mapping[LevelKey, LevelChange]:
    """Return what *changes* come to for each level, in key order. Raises: Refused."""
    skus = await skus_by_reference(tx, [change.sku for change in changes])
    locations = await locations_by_id(tx, {change.location_id for change in changes})
    errors: list[OmsError] = []
    merged: dict[LevelKey, LevelChange] = {}
    for index, change in enumerate(changes):
        sku = skus.get(change.sku)
        wrong = _wrong_with(change, sku, known=change.location_id in locations)
        errors.extend(error.at("changes", index) for error in wrong)
        if sku is not None and not wrong:
            level = merged.setdefault((sku.id, change.location_id), LevelChange(0, []))
            level.delta += change.delta
            level.rows.append(index)
    errors.extend(ZeroDelta().at("changes", level.rows[-1], "delta") for level in merged.values() if not level.delta)
    if errors:
        raise Refused(errors=errors)
    return dict(sorted(merged.items()))


def _wrong_with(change: Change, sku: Sku | None, *, known: bool) -> list[OmsError]:
    errors: list[OmsError] = []
    if sku is None:
        errors.append(change.sku.unknown("sku"))
    elif not sku.kind.stocked:
        errors.append(NotStocked(sku=sku.code, kind=sku.kind, field=("sku",)))
    if not known:
        given = text_id(IdKind.LOCATION, change.location_id)
        errors.append(NotFound(what="location", given=given, field=("locationId",)))
    if not change.delta:
        errors.append(ZeroDelta(field=("delta",)))
    return errors


async def _check_room(tx: Tx, want: Mapping[LevelKey, LevelChange]) -> None:
    """Raises: LookAgain, where a look without locks finds too few or too many units; Refused, where one with locks does."""
    keys = array(sku for sku, _ in want), array(location for _, location in want)
    rows = await tx.fetch(READ_LOCKED if tx.pessimistic else READ, keys)
    levels = {(sku, location): (free, on_hand) for sku, location, free, on_hand in rows}
    errors: list[OmsError] = []
    for key, level in want.items():
        free, on_hand = levels.get(key, (0, 0))
        path = ("changes", level.rows[-1], "delta")
        if free + level.delta < 0:
            errors.append(BelowZero(free=free, requested=-level.delta).at(*path))
        elif on_hand + level.delta > MOST_UNITS:
            errors.append(TooMuchStock().at(*path))
    if errors:
        if not tx.pessimistic:
            raise LookAgain
        raise Refused(errors=errors)


def _write(tx: Tx, adjustment: InventoryAdjustment, want: Mapping[LevelKey, LevelChange]) -> None:
    keys = array(sku for sku, _ in want), array(location for _, location in want)
    tx.closing.append((MAKE_LEVELS, (array(tx.new_id() for _ in want), *keys)))
    changes = array(change.delta for change in want.values()), array(tx.new_id() for _ in want)
    document = (
        adjustment.id,
        adjustment.reason.value,
        adjustment.reference,
        adjustment.note,
        adjustment.actor,
        adjustment.occurred_at,
        adjustment.recorded_at,
    )
    positions = array(change.rows[0] for change in want.values())
    tx.closing.append((ADJUST, (*keys, *changes, positions, len(want), *document)))
