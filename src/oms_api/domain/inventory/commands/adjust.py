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
from oms_api.domain.inventory.levels import MOST_UNITS, Level, Levels
from oms_api.domain.inventory.lots.errors import LotShort
from oms_api.domain.inventory.lots.intake import LotGiven, Lots, check_lot, lots_named
from oms_api.domain.inventory.reasons import reason_in_use, wrong_reason
from oms_api.domain.inventory.shortfall import Cover, Missing, Taking, refuse
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import AdjustmentKind, OnShortfall
from oms_api.domain.inventory.tables import InventoryAdjustment
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, slots=True)
class Change:
    """Units more (or, negative, less) of one SKU at one location, of one lot if it is named."""

    sku: SkuRef
    location_id: UUID
    delta: int
    lot: LotGiven | None = None


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
    """What all rows for one level and lot come to, and which rows they are."""

    delta: int
    rows: list[int]


Want = Mapping[LevelKey, Mapping[str | None, LevelChange]]
"""The changes of each level, in key order: of each lot by its code, and of none."""


async def adjust_inventory(tx: Tx, command: AdjustInventory, unpromise: Cover = refuse) -> InventoryAdjustment:
    """Add and take away free units; levels that are missing are made, rows for one level and lot become one line.

    The writing is left to the last flush of *tx*. Raises: Refused with an error for each row that is wrong (UnknownSku,
    NotFound, NotStocked, ZeroDelta, WrongReason, BelowZero, BelowPicked, LotShort, LotMismatch, TooMuchStock), UnknownReason,
    TooManyItems, MissingScope, InvalidValue.
    """
    occurred_at = tx.business_time(command.occurred_at)
    check_words(command.reference, command.note)
    check_rows(command.changes, "changes")
    reason = await reason_in_use(tx, command.reason)
    want, lots = await _merged(tx, command.changes)
    each_change = [(key, lot, change) for key, by_lot in want.items() for lot, change in by_lot.items()]
    unexplained = [(change, error) for *_, change in each_change if (error := wrong_reason(reason, change.delta))]
    if unexplained:
        raise Refused(errors=[error.at("changes", change.rows[-1], "delta") for change, error in unexplained])
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
        fewer = {key: -net(by_lot) - aside(by_lot, levels[key]) for key, by_lot in want.items()}
        return {
            key: Missing(requested=units, units=units - levels[key].free)
            for key, units in fewer.items()
            if units > levels[key].free
        }

    cover = unpromise if command.on_shortfall is OnShortfall.UNPROMISE else refuse
    covered = await cover(tx, Taking(document=(IdKind.ADJUSTMENT, adjustment.id), keys=want, missing=missing, at=occurred_at))
    covered.check(_without_room(want, covered.levels) + _short_of_lots(want, covered.levels) + [
        error.at("changes", last_row(want[key]), "delta") for key, error in covered.short.items()
    ])  # fmt: skip
    corrections = [Correction(key, change.rows[0], change.delta, lot=lot) for key, lot, change in each_change]
    write_adjustment(tx, adjustment, corrections, covered, lots=lots.made)
    locations = tuple(dict.fromkeys(location for _, location in want))
    tx.emit(InventoryAdjusted(subject_id=adjustment.id, location_ids=locations, occurred_at=occurred_at))
    return adjustment


def net(by_lot: Mapping[str | None, LevelChange]) -> int:
    """Return what the changes of a level come to: units more or (negative) fewer."""
    return sum(change.delta for change in by_lot.values())


def aside(by_lot: Mapping[str | None, LevelChange], level: Level) -> int:
    """Return how many of the units that are taken away come from what is set aside of expired lots."""
    return sum(min(-change.delta, level.expired_aside(lot)) for lot, change in by_lot.items() if lot and change.delta < 0)


def last_row(by_lot: Mapping[str | None, LevelChange]) -> int:
    """Return the last row that names a level."""
    return max(change.rows[-1] for change in by_lot.values())


async def _merged(tx: Tx, changes: Sequence[Change]) -> tuple[Want, Lots]:
    """Return what *changes* come to for each level and lot, and the lots they name. Raises: Refused."""
    keys, wrong = await levels_named(tx, changes)
    named = [(key[0], change.lot) for key, change in zip(keys, changes, strict=True) if key and change.lot]
    lots = await lots_named(tx, named)
    errors: list[OmsError] = []
    merged: dict[LevelKey, dict[str | None, LevelChange]] = {}
    for index, (change, key, found) in enumerate(zip(changes, keys, wrong, strict=True)):
        if not change.delta:
            found.append(ZeroDelta(field=("delta",)))
        found.extend(_wrong_lot(change, key, lots))
        errors.extend(error.at("changes", index) for error in found)
        if key is not None and change.delta:
            code = None if change.lot is None else change.lot.code
            level = merged.setdefault(key, {}).setdefault(code, LevelChange(0, []))
            level.delta += change.delta
            level.rows.append(index)
    of_lots = [change for by_lot in merged.values() for change in by_lot.values()]
    errors.extend(ZeroDelta().at("changes", change.rows[-1], "delta") for change in of_lots if not change.delta)
    if errors:
        raise Refused(errors=errors)
    return {key: merged[key] for key in in_key_order(merged)}, lots


def _wrong_lot(change: Change, key: LevelKey | None, lots: Lots) -> list[OmsError]:
    try:
        check_lot(change.lot)
        if key is not None and change.lot is not None:
            lots.add(key[0], change.lot)
    except OmsError as error:
        return [error]
    return []


def _without_room(want: Want, levels: Levels) -> list[OmsError]:
    full = [by_lot for key, by_lot in want.items() if levels[key].on_hand + net(by_lot) > MOST_UNITS]
    return [TooMuchStock().at("changes", last_row(by_lot), "delta") for by_lot in full]


def _short_of_lots(want: Want, levels: Levels) -> list[OmsError]:
    return [
        LotShort(lot=lot, held=held, requested=-change.delta).at("changes", change.rows[-1], "delta")
        for key, by_lot in want.items()
        for lot, change in by_lot.items()
        if lot is not None and change.delta < 0 and (held := levels[key].units_of(lot)) < -change.delta
    ]
