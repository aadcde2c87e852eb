"""Moving units between what is for sale, what waits to be inspected, and what is damaged."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.errors import EmptyBucket, SameBucket
from oms_api.domain.inventory.events import InventoryMoved
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.levels import Level, Levels
from oms_api.domain.inventory.lots.errors import LotShort
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.named import MOST_ROWS, explained, levels_named, too_few
from oms_api.domain.inventory.shortfall import ALONE, Covered, Covers, Missing, Taking
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import ACCOUNT_OF, Bucket, CauseKind, MovementKind, OnShortfall
from oms_api.domain.inventory.tables import InventoryMoveLineRow, InventoryMoveRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import IdKind, LocationId, MoveId, MoveLineId

MOVES, LINES = inserts(InventoryMoveRow), inserts(InventoryMoveLineRow)


@dataclass(frozen=True, slots=True)
class UnitsToMove:
    """Units of one SKU at one location that go from one bucket to another: of free, quality control and damaged.

    With *lot* they are of the lot with that code.
    """

    sku: SkuRef
    location_id: LocationId
    quantity: int
    source: Bucket
    target: Bucket
    lot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveInventory:
    """Move units between buckets, all or none."""

    moves: tuple[UnitsToMove, ...]
    reason: str
    reference: str | None = None
    note: str | None = None
    on_shortfall: OnShortfall = OnShortfall.REFUSE
    occurred_at: datetime | None = None


Rows = Mapping[LevelKey, list[tuple[int, UnitsToMove]]]


async def move_inventory(tx: Tx, command: MoveInventory, covers: Covers = ALONE) -> InventoryMoveRow:
    """Move units, row after row; what a row brings to a bucket a later one may take from it.

    Raises: Refused with an error for each row that is wrong (UnknownSku, NotFound, NotStocked, InvalidValue, SameBucket,
    EmptyBucket, BelowZero, BelowPicked, LotShort), UnknownReason, TooManyItems, MissingScope, InvalidValue.
    """
    check_length(command.moves, "moves", MOST_ROWS)
    _, header = await explained(tx, command)
    rows = await _named(tx, command.moves)
    move = InventoryMoveRow(id=tx.new_id(MoveId), **header)

    def missing(levels: Levels) -> dict[LevelKey, Missing]:
        found = {key: missing_free(levels[key], [row for _, row in given]) for key, given in rows.items()}
        return {key: short for key, short in found.items() if short is not None}

    cover = covers[command.on_shortfall]
    covered = await cover(tx, Taking(document=(IdKind.MOVE, move.id), keys=rows, missing=missing, at=move.occurred_at))
    covered.check([error for key, given in rows.items() for error in _wrong_with(key, given, covered)])
    write_move(tx, move, rows, covered)
    return move


def missing_free(level: Level, rows: Sequence[UnitsToMove]) -> Missing | None:
    """Return how many free units *rows*, carried out one after another, find missing at *level*, or None."""
    free, lowest = level.free, 0
    for row in rows:
        free += row.quantity * ((row.target is Bucket.FREE) - (row.source is Bucket.FREE))
        lowest = min(lowest, free)
    return Missing(requested=level.free - lowest, units=-lowest) if lowest < 0 else None


def _wrong_with(key: LevelKey, given: Sequence[tuple[int, UnitsToMove]], covered: Covered) -> list[OmsError]:
    """Return what is wrong with the rows of one level: for each bucket that runs empty the row at which it does."""
    level = covered.levels[key]
    held = {
        Bucket.FREE: level.free + covered.freed.get(key, 0),
        Bucket.QUALITY_CONTROL: level.quality_control,
        Bucket.DAMAGED: level.damaged,
    }
    errors: dict[Bucket, OmsError] = {}
    for index, row in given:
        if held[row.source] < row.quantity and row.source not in errors:
            short = covered.short.get(key) if row.source is Bucket.FREE else None
            empty = EmptyBucket(bucket=row.source.value, held=max(held[row.source], 0), requested=row.quantity)
            errors[row.source] = (short or empty).at("moves", index, "quantity")
        held[row.source] -= row.quantity
        held[row.target] += row.quantity
    return list(errors.values()) or _short_of_lots(level, given)


def _short_of_lots(level: Level, given: Sequence[tuple[int, UnitsToMove]]) -> list[OmsError]:
    """Return for each row the error that fewer units of its lot may lie where it takes them from."""
    shelf = level.shelf
    on_shelf, aside = ({lot.code: shelf.held(lot.code, aside=each) for lot in level.lots} for each in (False, True))
    errors: list[OmsError] = []
    for index, row in given:
        if row.lot is None:
            continue
        held = (on_shelf if row.source is Bucket.FREE else aside).get(row.lot, 0)
        if held < row.quantity:
            errors.append(LotShort(lot=row.lot, held=max(held, 0), requested=row.quantity).at("moves", index, "quantity"))
        freed = row.quantity * ((row.target is Bucket.FREE) - (row.source is Bucket.FREE))
        on_shelf[row.lot] = on_shelf.get(row.lot, 0) + freed
        aside[row.lot] = aside.get(row.lot, 0) - freed
    return errors


async def _named(tx: Tx, given: Sequence[UnitsToMove]) -> Rows:
    """Return the rows for each level with their places, levels in key order. Raises: Refused."""
    keys, wrong = await levels_named(tx, given)
    errors: list[OmsError] = []
    rows: dict[LevelKey, list[tuple[int, UnitsToMove]]] = {}
    for index, (row, key, found) in enumerate(zip(given, keys, wrong, strict=True)):
        if (error := too_few(row.quantity, least=1)) is not None:
            found.append(error)
        if row.source is row.target:
            found.append(SameBucket(bucket=row.source.value, field=("to",)))
        errors.extend(error.at("moves", index) for error in found)
        if key is not None:
            rows.setdefault(key, []).append((index, row))
    if errors:
        raise Refused(errors=errors)
    return {key: rows[key] for key in in_key_order(rows)}


def write_move(tx: Tx, move: InventoryMoveRow, rows: Rows, covered: Covered) -> None:
    """Write *move* with a line for each of *rows* in the last flush of *tx*, post what they move, and tell of it."""
    lines = [(tx.new_id(MoveLineId), key, index, row) for key, given in rows.items() for index, row in given]
    moves = [
        Move(
            sku_id=key[0],
            location_id=key[1],
            quantity=row.quantity,
            source=ACCOUNT_OF[row.source],
            target=ACCOUNT_OF[row.target],
            kind=MovementKind.MOVE,
            cause_kind=CauseKind.MOVE_LINE,
            cause_id=line_id,
            reason=move.reason,
            lot=row.lot,
        )
        for line_id, key, _, row in lines
    ]
    post(tx, [*covered.moves, *moves], move.occurred_at)
    tx.write(MOVES, [move])
    tx.write(
        LINES,
        [
            {
                "id": line_id,
                "move_id": move.id,
                "position": index,
                "level_id": covered.levels[key].id,
                "quantity": row.quantity,
                "source": row.source,
                "target": row.target,
                "lot": row.lot,
            }
            for line_id, key, index, row in lines
        ],
    )
    locations = tuple(dict.fromkeys(location for _, location in rows))
    tx.emit(InventoryMoved(subject_id=move.id, location_ids=locations, occurred_at=move.occurred_at))
