"""Ending the wait of units: they are promised from stock now, or canceled. Called under the lock of their order."""

from collections.abc import Iterable, Mapping, Sequence

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import BackorderId, LineId, SkuId

WAITS = Sql("""
SELECT id, line_id, sku_id, waiting, allocated FROM backorder WHERE order_id = :order::uuid AND waiting > 0 ORDER BY id
""")
SETTLE = """
WITH want AS (
    SELECT * FROM unnest(:lines::uuid[], :units::int[]) AS want (line_id, units)
), locked AS (
    SELECT backorder.id, backorder.line_id, backorder.waiting, want.units
    FROM backorder JOIN want ON want.line_id = backorder.line_id WHERE backorder.waiting > 0
    ORDER BY backorder.sku_id, backorder.priority DESC, backorder.placed_at, backorder.id FOR NO KEY UPDATE OF backorder
), queued AS (
    SELECT id, waiting, units,
           sum(waiting) OVER (PARTITION BY line_id ORDER BY {order} ROWS UNBOUNDED PRECEDING) - waiting AS before
    FROM locked
), settled AS (
    UPDATE backorder SET waiting = backorder.waiting - part.units, {part} = backorder.{part} + part.units
    FROM (SELECT id, least(waiting, units - before)::int AS units FROM queued WHERE units > before) AS part
    WHERE backorder.id = part.id RETURNING part.units
)
SELECT CASE WHEN coalesce(sum(settled.units), 0) < (SELECT sum(units) FROM want) THEN oms_refuse('backorders') END FROM settled
"""
ALLOCATE = Sql(SETTLE.format(order="id", part="allocated"))
CANCEL = Sql(SETTLE.format(order="id DESC", part="canceled"))


@dataclass(frozen=True, slots=True)
class Wait:
    """A backorder of which units wait: a row of WAITS."""

    id: BackorderId
    line_id: LineId
    sku_id: SkuId
    waiting: int
    allocated: int

    def changes(self, units: int) -> dict[str, tuple[object, object]]:
        """Return what moves when so many of its units are promised from stock."""
        return {"waiting": (self.waiting, self.waiting - units), "allocated": (self.allocated, self.allocated + units)}


def served(waits: Sequence[Wait], units: Mapping[LineId, int]) -> Iterable[tuple[Wait, int]]:
    """Return which of *waits*, the oldest first, get how many of the *units* by line: as ALLOCATE writes it."""
    left = dict(units)
    for wait in waits:
        taken = min(left.get(wait.line_id, 0), wait.waiting)
        if taken:
            left[wait.line_id] -= taken
            yield wait, taken


def allocate_waiting(tx: Tx, units: Mapping[LineId, int]) -> None:
    """Count *units* by line as promised from stock, the oldest backorder first; written in the last flush of *tx*."""
    _settle(tx, ALLOCATE, units)


def cancel_waiting(tx: Tx, units: Mapping[LineId, int]) -> None:
    """Count *units* by line as canceled, the newest backorder first; written in the last flush of *tx*."""
    _settle(tx, CANCEL, units)


def _settle(tx: Tx, statement: Sql, units: Mapping[LineId, int]) -> None:
    wanted = {line: count for line, count in units.items() if count}
    if wanted:
        tx.closing.append(statement(lines=array(wanted), units=array(wanted.values())))
