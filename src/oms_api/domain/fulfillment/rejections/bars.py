"""Locations that a line is barred from: they rejected it, and are asked again once somebody counted there, or moves it back."""

from collections.abc import Collection

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.kernel.ids import LineId, LocationId

CHANGE = """
WITH line AS (
    UPDATE order_line SET barred_from = {barred} WHERE id = ANY (:lines::uuid[]) RETURNING id, barred_from
), locked AS (
    SELECT backorder.id, line.barred_from FROM backorder JOIN line ON line.id = backorder.line_id WHERE backorder.waiting > 0
    ORDER BY backorder.sku_id, backorder.priority DESC, backorder.placed_at, backorder.id FOR NO KEY UPDATE OF backorder
)
UPDATE backorder SET barred_from = locked.barred_from FROM locked WHERE backorder.id = locked.id
"""
BAR = Sql(CHANGE.format(barred="array_append(array_remove(coalesce(barred_from, '{}'), :place::uuid), :place::uuid)"))
LIFT = Sql(CHANGE.format(barred="nullif(array_remove(barred_from, :place::uuid), '{}')"))


def bar(tx: Tx, lines: Collection[LineId], place: LocationId) -> None:
    """Ask *place* for units of *lines* no more: in the last flush of *tx*, under the lock of their order, after levels."""
    if lines:
        tx.closing.append(BAR(lines=array(sorted(lines)), place=place))


def lift(tx: Tx, lines: Collection[LineId], place: LocationId) -> None:
    """Ask *place* for units of *lines* again: as `bar`."""
    if lines:
        tx.closing.append(LIFT(lines=array(sorted(lines)), place=place))
