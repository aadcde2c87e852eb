"""Correcting stock numbers: by how much, all or none, whatever the number of levels."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import product

from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.adjustment import Correction, write_adjustment
from oms_api.domain.inventory.correcting import UnitsLeft
from oms_api.domain.inventory.errors import EmptyBucket, TooMuchStock, ZeroDelta
from oms_api.domain.inventory.events import InventoryAdjusted
from oms_api.domain.inventory.levels import Level, Levels
from oms_api.domain.inventory.lots.errors import LotShort
from oms_api.domain.inventory.lots.given import LotGiven, Lots, check_lot, lots_named
from oms_api.domain.inventory.named import MOST_ROWS, explained, levels_named
from oms_api.domain.inventory.reasons import wrong_reason
from oms_api.domain.inventory.shortfall import ALONE, Covers, Missing, Taking
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import ASIDE, AdjustmentKind, Bucket, OnShortfall
from oms_api.domain.inventory.tables import InventoryAdjustmentRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import AdjustmentId, IdKind, LocationId
from oms_api.kernel.quantities import LARGEST_QUANTITY


@dataclass(frozen=True, slots=True)
class Change:
    """Units more (or, negative, less) of one SKU in one bucket at one location, of one lot if it is named."""

    sku: SkuRef
    location_id: LocationId
    delta: int
    lot: LotGiven | None = None
    bucket: Bucket = Bucket.FREE


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustInventory:
    """Correct stock numbers, all or none."""

    changes: tuple[Change, ...]
    reason: str
    reference: str | None = None
    note: str | None = None
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    occurred_at: datetime | None = None


@dataclass(slots=True)
class BucketChange:
    """What all rows for one bucket and lot of a level come to, and which rows they are."""

    delta: int
    rows: list[int]


Part = tuple[Bucket, str | None]
Want = Mapping[LevelKey, Mapping[Part, BucketChange]]
"""The changes of each level, in key order: by bucket, of each lot by its code, and of none."""


async def adjust_inventory(tx: Tx, command: AdjustInventory, covers: Covers = ALONE) -> InventoryAdjustmentRow:
    """Add and take away units; levels that are missing are made, rows for one bucket and lot of a level become one line.

    The writing is left to the last flush of *tx*. Raises: Refused with an error for each row that is wrong (UnknownSku,
    NotFound, NotStocked, ZeroDelta, WrongReason, BelowZero, BelowPicked, EmptyBucket, LotShort, LotMismatch, TooMuchStock),
    UnknownReason, TooManyItems, MissingScope, InvalidValue.
    """
    check_length(command.changes, "changes", MOST_ROWS)
    reason, header = await explained(tx, command)
    want, lots = await _merged(tx, command.changes)
    each_change = [(key, part, change) for key, parts in want.items() for part, change in parts.items()]
    unexplained = [(change, error) for *_, change in each_change if (error := wrong_reason(reason, change.delta))]
    if unexplained:
        raise Refused(errors=[error.at("changes", change.rows[-1], "delta") for change, error in unexplained])
    adjustment = InventoryAdjustmentRow(id=tx.new_id(AdjustmentId), kind=AdjustmentKind.ADJUST, **header)

    def missing(levels: Levels) -> dict[LevelKey, Missing]:
        fewer = {key: -net(parts, Bucket.FREE) - aside(parts, levels[key]) for key, parts in want.items()}
        return {
            key: Missing(requested=units, units=units - levels[key].free)
            for key, units in fewer.items()
            if units > levels[key].free
        }

    cover = covers[command.on_shortfall]
    covered = await cover(
        tx, Taking(document=(IdKind.ADJUSTMENT, adjustment.id), keys=want, missing=missing, at=adjustment.occurred_at)
    )
    covered.check(
        [
            *_without_capacity(want, covered.levels),
            *_empty_buckets(want, covered.levels),
            *_short_of_lots(want, covered.levels),
            *(error.at("changes", last_row(want[key], Bucket.FREE), "delta") for key, error in covered.short.items()),
        ]
    )
    corrections = [
        Correction(key, change.rows[0], change.delta, lot=lot, bucket=bucket) for key, (bucket, lot), change in each_change
    ]
    write_adjustment(tx, adjustment, corrections, covered, lots=lots.made)
    locations = tuple(dict.fromkeys(location for _, location in want))
    tx.emit(InventoryAdjusted(subject_id=adjustment.id, location_ids=locations, occurred_at=adjustment.occurred_at))
    return adjustment


def net(parts: Mapping[Part, BucketChange], *buckets: Bucket) -> int:
    """Return what the changes of a level come to in *buckets*, or in all: units more or (negative) fewer."""
    return sum(change.delta for (bucket, _), change in parts.items() if not buckets or bucket in buckets)


def aside(parts: Mapping[Part, BucketChange], level: Level) -> int:
    """Return how many of the units that are taken away come from what is set aside of expired lots."""
    named = ((lot, -change.delta) for (bucket, lot), change in parts.items() if bucket is Bucket.FREE and lot is not None)
    return sum(min(units, level.expired_aside(lot)) for lot, units in named if units > 0)


def last_row(parts: Mapping[Part, BucketChange], *buckets: Bucket) -> int:
    """Return the last row that names a level, or *buckets* of it."""
    return max(change.rows[-1] for (bucket, _), change in parts.items() if not buckets or bucket in buckets)


async def _merged(tx: Tx, changes: Sequence[Change]) -> tuple[Want, Lots]:
    """Return what *changes* come to for each bucket and lot of a level, and the lots they name. Raises: Refused."""
    keys, wrong = await levels_named(tx, changes)
    named = [(key[0], change.lot) for key, change in zip(keys, changes, strict=True) if key and change.lot]
    lots = await lots_named(tx, named)
    errors: list[OmsError] = []
    merged: dict[LevelKey, dict[Part, BucketChange]] = {}
    for index, (change, key, found) in enumerate(zip(changes, keys, wrong, strict=True)):
        if not change.delta:
            found.append(ZeroDelta(field=("delta",)))
        found.extend(_wrong_lot(change, key, lots))
        errors.extend(error.at("changes", index) for error in found)
        if key is not None and change.delta:
            code = None if change.lot is None else change.lot.code
            part = merged.setdefault(key, {}).setdefault((change.bucket, code), BucketChange(0, []))
            part.delta += change.delta
            part.rows.append(index)
    summed = [change for parts in merged.values() for change in parts.values()]
    errors.extend(_nothing_left(change) for change in summed if not change.delta)
    if errors:
        raise Refused(errors=errors)
    return {key: merged[key] for key in in_key_order(merged)}, lots


def _nothing_left(change: BucketChange) -> OmsError:
    problem = f"The rows {', '.join(map(str, change.rows))} come to 0 together: leave them out, or give two adjustments."
    return ZeroDelta(problem=problem).at("changes", change.rows[-1], "delta")


def _wrong_lot(change: Change, key: LevelKey | None, lots: Lots) -> list[OmsError]:
    try:
        check_lot(change.lot)
        if key is not None and change.lot is not None:
            lots.add(key[0], change.lot)
    except OmsError as error:
        return [error]
    return []


def _without_capacity(want: Want, levels: Levels) -> list[OmsError]:
    full = [parts for key, parts in want.items() if levels[key].on_hand + net(parts) > LARGEST_QUANTITY]
    return [TooMuchStock().at("changes", last_row(parts), "delta") for parts in full]


def _empty_buckets(want: Want, levels: Levels) -> list[OmsError]:
    errors: list[OmsError] = []
    for key, parts in want.items():
        left = UnitsLeft.of(levels[key])
        left.take(aside(parts, levels[key]), *ASIDE)
        for bucket, units in ((Bucket.QUALITY_CONTROL, left.quality_control), (Bucket.DAMAGED, left.damaged)):
            fewer = -net(parts, bucket)
            if fewer > units:
                empty = EmptyBucket(bucket=bucket.value, held=units, requested=fewer)
                errors.append(empty.at("changes", last_row(parts, bucket), "delta"))
    return errors


def _short_of_lots(want: Want, levels: Levels) -> list[OmsError]:
    errors: list[OmsError] = []
    for key, parts in want.items():
        shelf, lots = levels[key].shelf, dict.fromkeys(lot for _, lot in parts if lot is not None)
        for lot, is_aside in product(lots, (False, True)):
            here = [change for (bucket, code), change in parts.items() if (code, bucket is not Bucket.FREE) == (lot, is_aside)]
            fewer, held = -sum(change.delta for change in here), shelf.held(lot, aside=is_aside)
            held += 0 if is_aside else levels[key].expired_aside(lot)
            if fewer > held:
                row = max(change.rows[-1] for change in here)
                errors.append(LotShort(lot=lot, held=held, requested=fewer).at("changes", row, "delta"))
    return errors
