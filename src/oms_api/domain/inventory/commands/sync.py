"""A feed of what was counted at a moment: each row is compared with what was on hand then, so that later movements survive."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from oms_api.db.rows import inserts
from oms_api.db.session import Reader, Tx
from oms_api.db.statements import statement
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.channels.stock_reports import held_for_report, record_report
from oms_api.domain.inventory.adjustment import Correction, write_adjustment
from oms_api.domain.inventory.errors import AsOfInFuture, BeforeRecords, LevelTwice, OlderFeed, TooMuchStock
from oms_api.domain.inventory.events import InventorySynced
from oms_api.domain.inventory.feeds import read_back, stored
from oms_api.domain.inventory.levels import Level, Levels
from oms_api.domain.inventory.named import levels_named, too_few
from oms_api.domain.inventory.numbers import record_numbers
from oms_api.domain.inventory.shortfall import ALONE, Covered, Covers, Missing, Taking, missing_to
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import AdjustmentKind, AdjustmentReason, NumberSource, OnShortfall
from oms_api.domain.inventory.tables import InventoryAdjustmentRow, InventorySyncRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.ids import AdjustmentId, IdKind, LocationId, SyncId
from oms_api.kernel.naming import check_code
from oms_api.kernel.occurrence import text_time
from oms_api.kernel.quantities import LARGEST_QUANTITY

MOST_COUNTED = 10_000
MANY_ROWS = 500
OLDEST = timedelta(days=366)
PATIENTLY = "SET LOCAL statement_timeout = '30s'"
RECORD = inserts(InventorySyncRow)


@dataclass(frozen=True, slots=True)
class CountedThen:
    """Units of one SKU at one location that were on hand at the feed's moment."""

    sku: SkuRef
    location_id: LocationId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncInventory:
    """What *source* counted as of a moment; a row that could not even be read stands there as its error."""

    as_of: datetime
    source: str
    rows: tuple[CountedThen | OmsError, ...]
    on_shortfall: OnShortfall = OnShortfall.DEALLOCATE


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row: its level, or why nothing of it happened."""

    key: LevelKey | None = None
    error: OmsError | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """A feed that was taken, and the outcome of each of its rows in order."""

    sync: InventorySyncRow
    outcomes: Sequence[RowOutcome]

    @property
    def id(self) -> SyncId:
        """The id of the feed's record."""
        return self.sync.id


async def sync_inventory(tx: Tx, command: SyncInventory, covers: Covers = ALONE) -> Synced:
    """Correct each level by what was counted less what was on hand at the moment of the count; each row by itself.

    Levels that are missing are made. A row fails with UnknownSku, NotFound, NotStocked, InvalidId, InvalidValue, LevelTwice,
    OlderFeed, BeforeRecords, BelowZero, BelowPicked, TooMuchStock or Busy, and nothing of it happens.
    Raises: AsOfInFuture, TooManyItems, InvalidValue, for the whole.
    """
    check_code(command.source, "source")
    check_length(command.rows, "rows", MOST_COUNTED)
    if command.as_of > tx.now:
        raise AsOfInFuture(given=text_time(command.as_of), field=("asOf",))
    if command.as_of < tx.now - OLDEST:
        raise InvalidValue(problem=f"A feed is of the last {OLDEST.days} days.", field=("asOf",))
    named, outcomes = await _named(tx, command.rows)
    held = await held_for_report(tx, {location for _, location in named})
    sync_id, as_of = tx.new_id(SyncId), command.as_of

    def missing(levels: Levels) -> dict[LevelKey, Missing]:
        right = {key: row for key, (_, row) in named.items() if wrong_with(row, levels[key], as_of) is None}
        found = {key: missing_to(levels[key], row.quantity) for key, row in right.items()}
        return {key: short for key, short in found.items() if short is not None}

    cover = covers[command.on_shortfall]
    document = IdKind.SYNC, sync_id
    taking = Taking(document=document, keys=named, missing=missing, at=command.as_of, lock=True, as_of=as_of)
    covered = await cover(tx, taking) if named else Covered({}, locked=True)
    corrections: list[Correction] = []
    for key, (index, row) in named.items():
        level = covered.levels[key]
        error = wrong_with(row, level, as_of) or covered.short.get(key)
        if error is None:
            outcomes[index] = RowOutcome(key)
            corrections.append(Correction(key, index, row.quantity - level.then, row.quantity, level.then))
        else:
            outcomes[index] = RowOutcome(error=error.at("rows", index, "quantity"))
    sync = _write(tx, sync_id, command, corrections, covered, outcomes)
    await record_report(tx, held & {each.key[1] for each in corrections}, as_of)
    locations = tuple(dict.fromkeys(location for _, location in named))
    tx.emit(InventorySynced(subject_id=sync.id, location_ids=locations, occurred_at=command.as_of))
    return Synced(sync, outcomes)


def wrong_with(row: CountedThen, level: Level, as_of: datetime) -> OmsError | None:
    """Return the error that the level's number was told of a later moment, or that it would be too full, or None."""
    if level.last_number is not None and level.last_number.as_of > as_of:
        return OlderFeed(applied=level.last_number.time, given=text_time(as_of), by=level.last_number.by)
    if not level.known:
        return BeforeRecords(given=text_time(as_of))
    return TooMuchStock() if level.on_hand + row.quantity - level.then > LARGEST_QUANTITY else None


@statement
def feed_with_failures(sync_id: SyncId) -> Select[InventorySyncRow]:
    """The whole record of a feed."""
    return select(InventorySyncRow).where(InventorySyncRow.id == sync_id)


def failures_of(sync: InventorySyncRow) -> dict[int, OmsError]:
    """Return why which rows of a feed were refused, by their place."""
    return {failure["index"]: read_back(failure).error for failure in sync.failures}


async def synced_before(read: Reader, sync_id: SyncId, *, rows: Sequence[CountedThen | OmsError]) -> Synced:
    """Return what became of *rows* when they were taken. Raises: NoResultFound."""
    sync = await read.one(feed_with_failures(sync_id))
    failed = failures_of(sync)
    skus = await skus_by_reference(read, [row.sku for row in rows if isinstance(row, CountedThen)])
    outcomes = [
        RowOutcome(error=failed[index])
        if index in failed or isinstance(row, OmsError)
        else RowOutcome((skus[row.sku].id, row.location_id))
        for index, row in enumerate(rows)
    ]
    return Synced(sync, outcomes)


async def _named(
    tx: Tx, given: Sequence[CountedThen | OmsError]
) -> tuple[dict[LevelKey, tuple[int, CountedThen]], list[RowOutcome]]:
    """Return the row for each level with its place, in key order, and the outcome of those that name none."""
    rows = [(index, row) for index, row in enumerate(given) if isinstance(row, CountedThen)]
    keys, wrong = await levels_named(tx, [row for _, row in rows], *([(PATIENTLY, ())] if len(rows) > MANY_ROWS else []))
    outcomes = [RowOutcome(error=row if isinstance(row, OmsError) else None) for row in given]
    named: dict[LevelKey, tuple[int, CountedThen]] = {}
    for (index, row), key, found in zip(rows, keys, wrong, strict=True):
        error = found[0] if found else too_few(row.quantity, least=0)
        if error is None and key in named:
            error = LevelTwice(row=named[key][0])
        if error is not None:
            outcomes[index] = RowOutcome(error=error.at("rows", index))
        elif key is not None:
            named[key] = index, row
    return {key: named[key] for key in in_key_order(named)}, outcomes


def _write(
    tx: Tx,
    sync_id: SyncId,
    command: SyncInventory,
    corrections: Sequence[Correction],
    covered: Covered,
    outcomes: Sequence[RowOutcome],
) -> InventorySyncRow:
    """Write the record of the feed, and the adjustment of all levels that were not what was counted."""
    changes = [each for each in corrections if each.delta]
    adjustment_id = tx.new_id(AdjustmentId) if changes else None
    if adjustment_id is not None:
        adjustment = InventoryAdjustmentRow(
            id=adjustment_id,
            kind=AdjustmentKind.SYNC,
            reason=AdjustmentReason.COUNT_CORRECTION,
            reference=command.source,
            note=None,
            actor=tx.actor,
            occurred_at=command.as_of,
            recorded_at=tx.now,
        )
        write_adjustment(tx, adjustment, changes, covered)
    heard = [covered.levels[each.key].id for each in corrections]
    record_numbers(
        tx, NumberSource.FEED, {level_id: command.as_of for level_id in heard if level_id is not None}, command.source
    )
    failures = [stored(index, row.error) for index, row in enumerate(outcomes) if row.error is not None]
    sync = InventorySyncRow(
        id=sync_id,
        source=command.source,
        as_of=command.as_of,
        adjustment_id=adjustment_id,
        applied=len(changes),
        unchanged=len(corrections) - len(changes),
        failed=len(failures),
        failures=failures,
        actor=tx.actor,
        recorded_at=tx.now,
        location_ids=sorted(
            {
                row.location_id
                for row in command.rows
                if isinstance(row, CountedThen) and tx.principal.sees_location(row.location_id)
            }
        ),
    )
    tx.write(RECORD, [sync])
    return sync
