"""Correcting stock numbers: by how much, all or none, whatever the number of levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.adjustment import Correction, write_adjustment
from oms_api.domain.inventory.errors import TooMuchStock, ZeroDelta
from oms_api.domain.inventory.events import InventoryAdjusted
from oms_api.domain.inventory.intake import check_rows, check_words, levels_named
from oms_api.domain.inventory.levels import MOST_UNITS, Levels
from oms_api.domain.inventory.reasons import reason_in_use, wrong_reason
from oms_api.domain.inventory.shortfall import Cover, Missing, Taking, refuse
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import AdjustmentKind, OnShortfall
from oms_api.domain.inventory.tables import InventoryAdjustment
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import IdKind


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
    reason: str
    reference: str | None = None
    note: str | None = None
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    occurred_at: datetime | None = None


@dataclass(slots=True)
class LevelChange:
    """What all rows for one level come to, and which rows they are."""

    delta: int
    rows: list[int]


async def adjust_inventory(tx: Tx, command: AdjustInventory, unpromise: Cover = refuse) -> InventoryAdjustment:
    """Add and take away free units; levels that are missing are made, rows for one level become one movement.

    The writing is left to the last flush of *tx*. Raises: Refused with an error for each row that is wrong (UnknownSku,
    NotFound, NotStocked, ZeroDelta, WrongReason, BelowZero, BelowPicked, TooMuchStock), UnknownReason, TooManyItems,
    MissingScope, InvalidValue.
    """
    occurred_at = tx.business_time(command.occurred_at)
    check_words(command.reference, command.note)
    check_rows(command.changes, "changes")
    reason = await reason_in_use(tx, command.reason)
    want = await _merged(tx, command.changes)
    unexplained = [(level, error) for level in want.values() if (error := wrong_reason(reason, level.delta))]
    if unexplained:
        raise Refused(errors=[error.at("changes", level.rows[-1], "delta") for level, error in unexplained])
    adjustment = InventoryAdjustment(
        id=tx.new_id(),
        kind=AdjustmentKind.ADJUST,
        reason=reason.code,
        reference=command.reference,
        note=command.note,
        actor=tx.actor,
        occurred_at=occurred_at,
        recorded_at=tx.now,
    )

    def missing(levels: Levels) -> dict[LevelKey, Missing]:
        short = {key: -levels[key].free - level.delta for key, level in want.items()}
        return {key: Missing(requested=-want[key].delta, units=units) for key, units in short.items() if units > 0}

    cover = unpromise if command.on_shortfall is OnShortfall.UNPROMISE else refuse
    covered = await cover(tx, Taking(document=(IdKind.ADJUSTMENT, adjustment.id), keys=want, missing=missing, at=occurred_at))
    covered.check(_without_room(want, covered.levels) + [
        error.at("changes", want[key].rows[-1], "delta") for key, error in covered.short.items()
    ])  # fmt: skip
    corrections = [Correction(key, level.rows[0], level.delta) for key, level in want.items()]
    write_adjustment(tx, adjustment, corrections, covered)
    locations = tuple(dict.fromkeys(location for _, location in want))
    tx.emit(InventoryAdjusted(subject_id=adjustment.id, location_ids=locations, occurred_at=occurred_at))
    return adjustment


async def _merged(tx: Tx, changes: Sequence[Change]) -> Mapping[LevelKey, LevelChange]:
    """Return what *changes* come to for each level, in key order. Raises: Refused."""
    keys, wrong = await levels_named(tx, changes)
    errors: list[OmsError] = []
    merged: dict[LevelKey, LevelChange] = {}
    for index, (change, key, named_wrongly) in enumerate(zip(changes, keys, wrong, strict=True)):
        if not change.delta:
            named_wrongly.append(ZeroDelta(field=("delta",)))
        errors.extend(error.at("changes", index) for error in named_wrongly)
        if key is not None and change.delta:
            level = merged.setdefault(key, LevelChange(0, []))
            level.delta += change.delta
            level.rows.append(index)
    errors.extend(ZeroDelta().at("changes", level.rows[-1], "delta") for level in merged.values() if not level.delta)
    if errors:
        raise Refused(errors=errors)
    return {key: merged[key] for key in in_key_order(merged)}


def _without_room(want: Mapping[LevelKey, LevelChange], levels: Levels) -> list[OmsError]:
    full = [level for key, level in want.items() if levels[key].on_hand + level.delta > MOST_UNITS]
    return [TooMuchStock().at("changes", level.rows[-1], "delta") for level in full]
