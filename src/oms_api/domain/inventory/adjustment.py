"""Writing a correction of stock numbers: its header and lines, and the movements that the lines cause."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.domain.inventory.ledger import Move, make_levels, post
from oms_api.domain.inventory.levels import Level, shelves
from oms_api.domain.inventory.lots.policies import by_lot
from oms_api.domain.inventory.lots.stock import NewLot
from oms_api.domain.inventory.shortfall import Covered
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.inventory.tables import InventoryAdjustment

ADJUSTMENT = """
WITH document AS (
    INSERT INTO inventory_adjustment (id, kind, reason, reference, note, actor, occurred_at, recorded_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)
INSERT INTO inventory_adjustment_line (id, adjustment_id, position, level_id, delta, counted, was, lot)
SELECT line.id, $1, line.position, level.id, line.delta, line.counted, line.was, line.lot
FROM unnest($9::uuid[], $10::int[], $11::uuid[], $12::uuid[], $13::int[], $14::int[], $15::bigint[], $16::text[])
     AS line (id, position, sku_id, location_id, delta, counted, was, lot)
CROSS JOIN LATERAL (
    SELECT id FROM inventory_level level WHERE level.sku_id = line.sku_id AND level.location_id = line.location_id OFFSET 0
) AS level
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction changes at one level: units more or (negative) fewer; of a number told, that and what it replaces.

    With *lot* they are of the lot with that code.
    """

    key: LevelKey
    position: int
    delta: int
    counted: int | None = None
    was: int | None = None
    lot: str | None = None


def write_adjustment(
    tx: Tx,
    adjustment: InventoryAdjustment,
    corrections: Sequence[Correction],
    covered: Covered,
    *,
    lots: Sequence[NewLot] = (),
) -> None:
    """Write *adjustment* with a line for each of *corrections* in the last flush of *tx*, and post what they move.

    Units that are missing are taken from free, where a number was told then from what is set aside; and where no lot is named
    from those of no lot, then from the lots that expire first. Of an expired lot those set aside come first. *lots* are made
    where they are new.
    """
    make_levels(tx, [each.key for each in corrections if covered.levels[each.key].id is None])
    ids = [tx.new_id() for _ in corrections]
    left = {
        key: Left(level.free + covered.freed.get(key, 0), level.quality_control, level.damaged)
        for key, level in covered.levels.items()
    }
    for each in corrections:
        left[each.key].free += max(each.delta, 0)
    moves = [
        Move(
            sku_id=each.key[0],
            location_id=each.key[1],
            quantity=units,
            source=source,
            target=target,
            kind=MovementKind.FOUND if each.delta > 0 else MovementKind.NOT_FOUND,
            cause_kind=CauseKind.ADJUSTMENT_LINE,
            cause_id=line_id,
            reason=adjustment.reason,
            lot=each.lot,
        )
        for line_id, each in zip(ids, corrections, strict=True)
        for units, source, target in _steps(each, covered.levels[each.key], left[each.key])
    ]
    post(tx, [*covered.moves, *by_lot(moves, shelves(covered.levels))], adjustment.occurred_at, lots=lots)
    tx.closing.append((ADJUSTMENT, (
        adjustment.id, adjustment.kind, adjustment.reason, adjustment.reference, adjustment.note, adjustment.actor,
        adjustment.occurred_at, adjustment.recorded_at,
        array(ids), array(each.position for each in corrections), array(each.key[0] for each in corrections),
        array(each.key[1] for each in corrections), array(each.delta for each in corrections),
        text_array(_text(each.counted) for each in corrections), text_array(_text(each.was) for each in corrections),
        text_array(each.lot for each in corrections),
    )))  # fmt: skip


@dataclass(slots=True)
class Left:
    """The units of a level that its corrections have not taken yet."""

    free: int
    quality_control: int
    damaged: int

    def take(self, units: int, *sources: Account) -> Iterable[tuple[int, Account, Account]]:
        """Take *units* from *sources*, one after another, and yield what moves from where to where."""
        for source in sources:
            part = min(units, getattr(self, source.value))
            if part > 0:
                setattr(self, source.value, getattr(self, source.value) - part)
                yield part, source, Account.ADJUSTMENT
                units -= part


def _steps(correction: Correction, level: Level, left: Left) -> Iterable[tuple[int, Account, Account]]:
    """Return what *correction* moves from where to where, and take it from what is *left* at its level."""
    if correction.delta > 0:
        return [(correction.delta, Account.ADJUSTMENT, Account.FREE)]
    aside = 0 if correction.lot is None else min(-correction.delta, level.expired_aside(correction.lot))
    rest = -correction.delta - aside
    return [
        *left.take(aside, Account.QUALITY_CONTROL, Account.DAMAGED),
        *left.take(rest, Account.FREE, Account.QUALITY_CONTROL, Account.DAMAGED),
    ]


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
