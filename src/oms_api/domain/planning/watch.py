"""Watching every level against its plan: alerts are raised when something goes wrong, and resolved when it is over."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column

from oms_api.db.records import DIALECT
from oms_api.db.rows import inserts_missing
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.lots.good import AVAILABLE
from oms_api.domain.planning.alerting import CONDITIONS
from oms_api.domain.planning.demand import WAITS_AT
from oms_api.domain.planning.events import InventoryAlertRaised, InventoryAlertResolved
from oms_api.domain.planning.states import AlertKind
from oms_api.domain.planning.tables import InventoryAlertRow
from oms_api.domain.purchasing.incoming import SUPPLY
from oms_api.kernel.ids import InventoryAlertId

MOST_ALERTS = 2_000


class Columns:
    """A level now, as the conditions of alerts look at it: columns of the statement below."""

    on_hand: ColumnElement[Any] = literal_column("level.on_hand")
    available: ColumnElement[Any] = literal_column("good.available")
    position: ColumnElement[Any] = literal_column("good.available + coalesce(coming.units, 0) - coalesce(waiting.units, 0)")
    reorder_point: ColumnElement[Any] = literal_column("line.reorder_point")
    weekly: ColumnElement[Any] = literal_column("line.weekly")
    most_days: ColumnElement[Any] = literal_column("band.most_days")
    idle_since: ColumnElement[Any] = literal_column("line.idle_since")
    dead_before: ColumnElement[Any] = literal_column(":now::timestamptz - make_interval(days => band.dead_after_days)")


def as_sql(condition: ColumnElement[bool]) -> str:
    """Return *condition* as it stands in a statement."""
    return str(condition.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))


ALERTS = ", ".join(f"('{kind}', {as_sql(holds(Columns()))})" for kind, holds in CONDITIONS.items())
WRONG = Sql(f"""
WITH plan AS (
    SELECT id FROM stock_plan WHERE finished_at IS NOT NULL ORDER BY at DESC, id DESC LIMIT 1
), coming AS (
    SELECT supply.sku_id, supply.location_id, sum(supply.quantity) AS units FROM ({SUPPLY}) AS supply GROUP BY 1, 2
), waiting AS (
    SELECT backorder.sku_id, {WAITS_AT} AS location_id, sum(backorder.waiting) AS units
    FROM backorder WHERE backorder.waiting > 0 GROUP BY 1, 2
), wrong AS (
    SELECT line.level_id, line.sku_id, line.location_id, alert.kind, good.available, line.weekly
    FROM stock_plan_line line JOIN plan ON plan.id = line.plan_id
    JOIN inventory_level level ON level.id = line.level_id
    CROSS JOIN LATERAL (SELECT {AVAILABLE}::bigint AS available OFFSET 0) AS good
    JOIN stock_band band ON band.abc = line.abc
    LEFT JOIN coming ON coming.sku_id = line.sku_id AND coming.location_id = line.location_id
    LEFT JOIN waiting ON waiting.sku_id = line.sku_id AND waiting.location_id = line.location_id
    CROSS JOIN LATERAL (VALUES {ALERTS}) AS alert (kind, holds)
    WHERE alert.holds
)
SELECT wrong.level_id, wrong.sku_id, wrong.location_id, wrong.kind, wrong.available, wrong.weekly, NULL::uuid
FROM wrong LEFT JOIN inventory_alert seen
    ON seen.level_id = wrong.level_id AND seen.kind = wrong.kind AND seen.resolved_at IS NULL
WHERE seen.id IS NULL
UNION ALL
SELECT seen.level_id, seen.sku_id, seen.location_id, seen.kind, seen.available, seen.weekly, seen.id
FROM inventory_alert seen LEFT JOIN wrong ON wrong.level_id = seen.level_id AND wrong.kind = seen.kind
WHERE seen.resolved_at IS NULL AND wrong.level_id IS NULL AND EXISTS (SELECT FROM plan)
LIMIT :limit
""")  # noqa: S608 - made of constants
"""What is wrong and not told, and what is told and over: by the newest plan and the levels, what comes and what waits now."""

WHAT = ("level_id", "sku_id", "location_id", "kind", "available", "weekly")
"""The columns of these rows, before the id of the alert that is over."""
RAISED = inserts_missing(InventoryAlertRow)
RESOLVE = Sql("UPDATE inventory_alert SET resolved_at = :now WHERE id = ANY (:alerts::uuid[]) AND resolved_at IS NULL")


async def watch_stock(tx: Tx, limit: int) -> int:
    """Raise and resolve alerts by the newest finished plan, and return how many; at *limit* there may be more."""
    changes = await tx.fetch(WRONG(now=tx.now, limit=limit))
    over = [row for row in changes if row[-1] is not None]
    begun = [
        {"id": tx.new_id(InventoryAlertId), **dict(zip(WHAT, row[:-1], strict=True)), "raised_at": tx.now}
        for row in changes
        if row[-1] is None
    ]
    tx.write(RAISED, begun)
    if over:
        tx.closing.append(RESOLVE(alerts=array(row[-1] for row in over), now=tx.now))
    for alert in begun:
        raised = {"kind": (None, AlertKind(alert["kind"]))}
        places = (alert["location_id"],)
        tx.emit(InventoryAlertRaised(subject_id=alert["id"], sku_id=alert["sku_id"], location_ids=places, changes=raised))
    for _, sku, place, kind, _, _, alert in over:
        resolved = {"kind": (AlertKind(kind), None)}
        tx.emit(InventoryAlertResolved(subject_id=alert, sku_id=sku, location_ids=(place,), changes=resolved))
    return len(changes)
