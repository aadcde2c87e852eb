"""Telling how many units are on hand: absolute numbers, guarded by what the caller believes is there."""

from datetime import datetime

from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.adjustment import Correction, write_adjustment
from oms_api.domain.inventory.errors import BeforeRecords, StaleQuantity, Superseded, TooMuchStock
from oms_api.domain.inventory.events import InventoryAdjusted
from oms_api.domain.inventory.levels import Level, Levels
from oms_api.domain.inventory.named import MOST_ROWS, explained, levels_named_once
from oms_api.domain.inventory.numbers import record_numbers
from oms_api.domain.inventory.reasons import wrong_reason
from oms_api.domain.inventory.shortfall import ALONE, Covered, Covers, Missing, Taking, missing_to
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import AdjustmentKind, NumberSource, OnShortfall
from oms_api.domain.inventory.tables import InventoryAdjustmentRow, InventoryReasonRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import AdjustmentId, IdKind, LocationId
from oms_api.kernel.occurrence import text_time
from oms_api.kernel.quantities import LARGEST_QUANTITY


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of one SKU at one location that are on hand; *expected* is what the caller believes was there, None not to say."""

    sku: SkuRef
    location_id: LocationId
    quantity: int
    expected: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetInventory:
    """Set the units on hand, all or none."""

    sets: tuple[Counted, ...]
    reason: str
    reference: str | None = None
    note: str | None = None
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    occurred_at: datetime | None = None


async def set_inventory(tx: Tx, command: SetInventory, covers: Covers = ALONE) -> InventoryAdjustmentRow:
    """Make the units on hand what they are told to be, by finding or missing the difference.

    Missing units are taken from free, and with DEALLOCATE from promises, then from quality control and damaged ones. The
    levels are locked before anything is decided, for the numbers are absolute. What is told of an earlier moment is compared
    with what was on hand then, so that what moved since stays moved. Raises: Refused with an error for each row
    that is wrong (UnknownSku, NotFound, NotStocked, InvalidValue, LevelTwice, StaleQuantity, Superseded, BeforeRecords,
    WrongReason, BelowZero, BelowPicked, TooMuchStock), UnknownReason, TooManyItems, MissingScope, InvalidValue.
    """
    check_length(command.sets, "sets", MOST_ROWS)
    reason, header = await explained(tx, command)
    want = await levels_named_once(tx, "sets", command.sets)
    adjustment = InventoryAdjustmentRow(id=tx.new_id(AdjustmentId), kind=AdjustmentKind.SET, **header)

    def missing(levels: Levels) -> dict[LevelKey, Missing]:
        right = {key: row for key, (_, row) in want.items() if wrong_before(levels[key], row, command.occurred_at) is None}
        found = {key: missing_to(levels[key], row.quantity) for key, row in right.items()}
        return {key: short for key, short in found.items() if short is not None}

    cover = covers[command.on_shortfall]
    document = IdKind.ADJUSTMENT, adjustment.id
    taking = Taking(
        document=document, keys=want, missing=missing, at=adjustment.occurred_at, lock=True, as_of=command.occurred_at
    )
    covered = await cover(tx, taking)
    corrections = [
        Correction(key, index, row.quantity - level.then, row.quantity, level.then)
        for key, (index, row) in want.items()
        for level in (covered.levels[key],)
    ]
    covered.check(
        [
            error.at("sets", index)
            for (key, (index, row)), correction in zip(want.items(), corrections, strict=True)
            if (error := _wrong_with(reason, row, correction, covered, command.occurred_at)) is not None
        ]
    )
    write_adjustment(tx, adjustment, corrections, covered)
    record_numbers(
        tx, NumberSource.HAND, {level.id: adjustment.occurred_at for level in covered.levels.values() if level.id is not None}
    )
    locations = tuple(dict.fromkeys(location for _, location in want))
    tx.emit(InventoryAdjusted(subject_id=adjustment.id, location_ids=locations, occurred_at=adjustment.occurred_at))
    return adjustment


def wrong_before(level: Level, row: Counted, as_of: datetime | None) -> OmsError | None:
    """Return the error that *row* cannot replace what is known of the level, or None: now, or *as_of* an earlier moment."""
    if as_of is not None and level.last_number is not None and level.last_number.as_of > as_of:
        return Superseded(applied=level.last_number.time, given=text_time(as_of), by=level.last_number.by, field=("quantity",))
    if as_of is not None and not level.known:
        return BeforeRecords(given=text_time(as_of), field=("quantity",))
    if row.expected is not None and row.expected != level.then:
        return StaleQuantity(current=level.then, given=row.expected, field=("changeFromQuantity",))
    return None


def _wrong_with(
    reason: InventoryReasonRow, row: Counted, correction: Correction, covered: Covered, as_of: datetime | None
) -> OmsError | None:
    level = covered.levels[correction.key]
    if (error := wrong_before(level, row, as_of)) is not None:
        return error
    full = TooMuchStock() if level.on_hand + correction.delta > LARGEST_QUANTITY else None
    error = covered.short.get(correction.key) or full or wrong_reason(reason, correction.delta)
    return None if error is None else error.at("quantity")
