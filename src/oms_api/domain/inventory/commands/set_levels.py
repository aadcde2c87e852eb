"""Telling how many units are on hand: absolute numbers, guarded by what the caller believes is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.adjustment import Correction, write_adjustment
from oms_api.domain.inventory.errors import LevelTwice, StaleQuantity
from oms_api.domain.inventory.events import InventoryAdjusted
from oms_api.domain.inventory.intake import check_quantity, check_rows, check_words, levels_named
from oms_api.domain.inventory.levels import Level, Levels
from oms_api.domain.inventory.reasons import reason_in_use, wrong_reason
from oms_api.domain.inventory.shortfall import Cover, Covered, Missing, Taking, missing_to, refuse
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import AdjustmentKind, OnShortfall
from oms_api.domain.inventory.tables import InventoryAdjustment, InventoryReason
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of one SKU at one location that are on hand; *expected* is what the caller believes was there, None not to say."""

    sku: SkuRef
    location_id: UUID
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


async def set_inventory(tx: Tx, command: SetInventory, unpromise: Cover = refuse) -> InventoryAdjustment:
    """Make the units on hand what they are told to be, by finding or missing the difference.

    Missing units are taken from free, and with UNPROMISE from promises, then from quality control and damaged ones. The
    levels are locked before anything is decided, for the numbers are absolute. Raises: Refused with an error for each row
    that is wrong (UnknownSku, NotFound, NotStocked, InvalidValue, LevelTwice, StaleQuantity, WrongReason, BelowZero,
    BelowPicked), UnknownReason, TooManyItems, MissingScope, InvalidValue.
    """
    occurred_at = tx.business_time(command.occurred_at)
    check_words(command.reference, command.note)
    check_rows(command.sets, "sets")
    reason = await reason_in_use(tx, command.reason)
    want = await _named(tx, command.sets)
    adjustment = InventoryAdjustment(
        id=tx.new_id(),
        kind=AdjustmentKind.SET,
        reason=reason.code,
        reference=command.reference,
        note=command.note,
        actor=tx.actor,
        occurred_at=occurred_at,
        recorded_at=tx.now,
    )

    def missing(levels: Levels) -> dict[LevelKey, Missing]:
        found = {key: missing_to(levels[key], row.quantity) for key, (_, row) in want.items()}
        return {key: short for key, short in found.items() if short is not None and stale(levels[key], want[key][1]) is None}

    cover = unpromise if command.on_shortfall is OnShortfall.UNPROMISE else refuse
    document = IdKind.ADJUSTMENT, adjustment.id
    covered = await cover(tx, Taking(document=document, keys=want, missing=missing, at=occurred_at, lock=True))
    corrections = [
        Correction(key, index, row.quantity - level.on_hand, row.quantity, level.on_hand)
        for key, (index, row) in want.items()
        for level in (covered.levels[key],)
    ]
    covered.check([
        error.at("sets", index)
        for (key, (index, row)), correction in zip(want.items(), corrections, strict=True)
        if (error := _wrong_with(reason, row, correction, covered)) is not None
    ])  # fmt: skip
    write_adjustment(tx, adjustment, corrections, covered)
    locations = tuple(dict.fromkeys(location for _, location in want))
    tx.emit(InventoryAdjusted(subject_id=adjustment.id, location_ids=locations, occurred_at=occurred_at))
    return adjustment


def stale(level: Level, row: Counted) -> OmsError | None:
    """Return the error that *row* replaces another number than the caller believes, or None."""
    if row.expected is None or row.expected == level.on_hand:
        return None
    return StaleQuantity(current=level.on_hand, given=row.expected, field=("changeFromQuantity",))


def _wrong_with(reason: InventoryReason, row: Counted, correction: Correction, covered: Covered) -> OmsError | None:
    if (error := stale(covered.levels[correction.key], row)) is not None:
        return error
    error = covered.short.get(correction.key) or wrong_reason(reason, correction.delta)
    return None if error is None else error.at("quantity")


async def _named(tx: Tx, rows: Sequence[Counted]) -> Mapping[LevelKey, tuple[int, Counted]]:
    """Return the row for each level, and its place among *rows*, in key order. Raises: Refused."""
    keys, wrong = await levels_named(tx, rows)
    errors: list[OmsError] = []
    named: dict[LevelKey, tuple[int, Counted]] = {}
    for index, (row, key, found) in enumerate(zip(rows, keys, wrong, strict=True)):
        if (too_few := check_quantity(row.quantity, least=0)) is not None:
            found.append(too_few)
        if key is not None and key in named:
            found.append(LevelTwice(row=named[key][0]))
        errors.extend(error.at("sets", index) for error in found)
        if key is not None:
            named.setdefault(key, (index, row))
    if errors:
        raise Refused(errors=errors)
    return {key: named[key] for key in in_key_order(named)}
