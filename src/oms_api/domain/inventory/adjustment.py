"""Writing a correction of stock numbers: its header and lines, and the movements that the lines cause."""

from collections.abc import Sequence

from oms_api.db.rows import Given, types
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.correcting import CorrectingMove, UnitsLeft, found, gone, missed
from oms_api.domain.inventory.ledger import make_levels, post
from oms_api.domain.inventory.levels import Level, shelves
from oms_api.domain.inventory.lots.policies import by_lot
from oms_api.domain.inventory.lots.stock import NewLot
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.shortfall import Covered
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import ACCOUNT_OF, ASIDE, AdjustmentKind, Bucket, CauseKind
from oms_api.domain.inventory.tables import InventoryAdjustmentLineRow, InventoryAdjustmentRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import AdjustmentLineId

HEADER = types(InventoryAdjustmentRow, *InventoryAdjustmentRow.__table__.columns.keys())
COLUMNS = types(InventoryAdjustmentLineRow, "id", "adjustment_id", "position", "delta", "counted", "was", "lot", "bucket")
LINES = Given("line", sku_id="uuid", location_id="uuid", **COLUMNS)
ADD = Sql(f"""
WITH adjustment AS (
    INSERT INTO inventory_adjustment ({", ".join(HEADER)})
    VALUES ({", ".join(f":{name}::{type_}" for name, type_ in HEADER.items())})
)
INSERT INTO inventory_adjustment_line (level_id, {", ".join(COLUMNS)})
SELECT level.id, {", ".join(f"line.{name}" for name in COLUMNS)} FROM {LINES} CROSS JOIN LATERAL (
    SELECT id FROM inventory_level level WHERE level.sku_id = line.sku_id AND level.location_id = line.location_id OFFSET 0
) AS level
""")  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction changes at one level: units more or (negative) fewer; of a number told, that and what it replaces.

    With *lot* they are of the lot with that code. Where no number is told they come to *bucket*, or are taken from it.
    """

    key: LevelKey
    position: int
    delta: int
    counted: int | None = None
    was: int | None = None
    lot: str | None = None
    bucket: Bucket = Bucket.FREE


def write_adjustment(
    tx: Tx,
    adjustment: InventoryAdjustmentRow,
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
    ids = [tx.new_id(AdjustmentLineId) for _ in corrections]
    left = {key: UnitsLeft.of(level, covered.freed.get(key, 0)) for key, level in covered.levels.items()}
    for each in corrections:
        if each.bucket is Bucket.FREE:
            left[each.key].free += max(each.delta, 0)
    moves = [
        Move(
            sku_id=each.key[0],
            location_id=each.key[1],
            quantity=step.quantity,
            source=step.source,
            target=step.target,
            kind=step.kind,
            cause_kind=CauseKind.ADJUSTMENT_LINE,
            cause_id=line_id,
            reason=adjustment.reason,
            lot=each.lot,
            occurred_at=tx.now if step.late else None,
        )
        for line_id, each in zip(ids, corrections, strict=True)
        for step in _steps(each, covered.levels[each.key], left[each.key])
    ]
    absolute = adjustment.kind is not AdjustmentKind.ADJUST
    post(tx, [*covered.moves, *by_lot(moves, shelves(covered.levels))], adjustment.occurred_at, lots=lots, numbers=absolute)
    lines = [
        {
            "id": line_id,
            "adjustment_id": adjustment.id,
            "position": each.position,
            "sku_id": each.key[0],
            "location_id": each.key[1],
            "delta": each.delta,
            "counted": each.counted,
            "was": each.was,
            "lot": each.lot,
            "bucket": each.bucket,
        }
        for line_id, each in zip(ids, corrections, strict=True)
    ]
    tx.closing.append(ADD(line=LINES(lines), **{name: getattr(adjustment, name) for name in HEADER}))


def _steps(correction: Correction, level: Level, left: UnitsLeft) -> list[CorrectingMove]:
    """Return what *correction* moves from where to where, and take it from what is *left* at its level."""
    units = abs(correction.delta)
    if correction.delta > 0:
        return found(units, correction.bucket)
    if correction.bucket is not Bucket.FREE:
        left.take(units, ACCOUNT_OF[correction.bucket])
        return gone(units, correction.bucket)
    aside = 0 if correction.lot is None else min(units, level.expired_aside(correction.lot))
    return missed([*left.take(aside, *ASIDE), *left.miss(units - aside)], level, level.since)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
