"""Planning every level: a job that goes through them in pieces, each planned from the ledger up to the plan's moment."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from oms_api.db.columns import Json
from oms_api.db.session import Reader, Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.events.jobs import JobErrors, JobRun
from oms_api.domain.inventory.ledger import make_levels
from oms_api.domain.planning.classes import abc_classes
from oms_api.domain.planning.commands.create_plan import CreatePlan, create_plan
from oms_api.domain.planning.demand import WAITS_AT
from oms_api.domain.planning.events import StockPlanned
from oms_api.domain.planning.history import histories
from oms_api.domain.planning.plan import Aims, Keeping, Planned, Supply, plan_level, wrong_with
from oms_api.domain.planning.queries import bands, plan_by_id
from oms_api.domain.planning.states import AbcClass
from oms_api.domain.planning.supplies import supplies_of
from oms_api.domain.planning.tables import StockPlanLineRow, StockPlanRow
from oms_api.domain.planning.watch import MOST_ALERTS, watch_stock
from oms_api.domain.purchasing.incoming import SUPPLY
from oms_api.kernel.ids import LevelId, SkuId, StockPlanId, StockPlanLineId, parse_id

PIECE = 500

LACKING = Sql(f"""
SELECT supply.sku_id, supply.location_id FROM ({SUPPLY}) AS supply
UNION SELECT backorder.sku_id, {WAITS_AT} FROM backorder WHERE backorder.waiting > 0 AND {WAITS_AT} IS NOT NULL
EXCEPT SELECT sku_id, location_id FROM inventory_level
""")  # noqa: S608 - made of constants
LEVELS = Sql("SELECT id FROM inventory_level ORDER BY id")
VALUES = Sql("""
SELECT line.sku_id, sum(line.goods_minor::numeric * (line.ordered - line.canceled) / line.ordered)
FROM order_line line JOIN orders ON orders.id = line.order_id
WHERE line.sku_id IS NOT NULL AND line.kind = 'GOODS' AND orders.placed_at < :at
  AND orders.placed_at >= :at::timestamptz - interval '364 days' GROUP BY line.sku_id
""")
OVERDUE = Sql("""
SELECT (EXISTS (SELECT FROM inventory_level) OR EXISTS (SELECT FROM backorder WHERE waiting > 0))
   AND NOT EXISTS (SELECT FROM stock_plan WHERE at > :now::timestamptz - interval '1 day')
""")
PIECES = Sql("""
SELECT level.id, level.sku_id, level.location_id, level.safety_stock_target,
       sku.status = 'ACTIVE' AND location.status = 'ACTIVE'
FROM inventory_level level JOIN sku ON sku.id = level.sku_id JOIN location ON location.id = level.location_id
WHERE level.id = ANY (:levels::uuid[]) ORDER BY level.id
""")
FINISH = Sql("""
WITH sums AS (
    SELECT count(*) AS levels, sum(missed) AS wrong, sum(beyond) AS beyond, sum(naive_missed) AS naive, sum(demanded) AS units
    FROM stock_plan_line WHERE plan_id = :plan
)
UPDATE stock_plan SET levels = sums.levels, wape = sums.wrong / nullif(sums.units, 0),
    bias = sums.beyond / nullif(sums.units, 0), naive_wape = sums.naive / nullif(sums.units, 0), finished_at = :now
FROM sums WHERE id = :plan AND finished_at IS NULL
""")


async def plan_stock(run: JobRun) -> Json:
    """Plan all levels, raise and resolve alerts by the new plan, and return how many levels there were."""
    plan_id = parse_id(StockPlanId, run.arguments["plan"])
    await run.work.execute(run.principal, make_lacking_levels, None)
    async with run.work.reads(run.principal) as read:
        plan = await plan_by_id(read, plan_id)
        levels = await read.values(Query[LevelId](*LEVELS()))
        classes = await classes_at(read, plan)
    while run.done < len(levels):
        piece = levels[run.done : run.done + PIECE]
        await run.step(partial(plan_piece, plan=plan, levels=piece, classes=classes), rows=len(piece), total=len(levels))
    await run.work.execute(run.principal, finish, plan)
    while await run.work.execute(run.principal, watch_stock, MOST_ALERTS) == MOST_ALERTS:
        pass
    return {"levels": len(levels)}


async def make_lacking_levels(tx: Tx, _: None) -> None:
    """Make the levels where goods are to come or are waited for, and none ever were."""
    make_levels(tx, await tx.fetch(LACKING()))


async def plan_daily(tx: Tx, _size: int) -> int:
    """Ask for a plan where stock is kept and the latest moment planned lies more than a day back; return how many: 0 or 1."""
    if not (await tx.fetch(OVERDUE(now=tx.now)))[0][0]:
        return 0
    await create_plan(tx, CreatePlan())
    return 1


async def classes_at(read: Reader, plan: StockPlanRow) -> dict[SkuId, AbcClass]:
    """Return the class of each SKU by what it sold in the year before the plan's moment, currencies taken at par."""
    rows = await read.all(Query[Any](*VALUES(at=plan.at)))
    return abc_classes({sku: float(value) for sku, value in rows})


async def plan_piece(tx: Tx, *, plan: StockPlanRow, levels: Sequence[LevelId], classes: dict[SkuId, AbcClass]) -> JobErrors:
    """Plan some levels and keep the lines."""
    rows = await tx.fetch(PIECES(levels=array(levels)))
    past = await histories(tx, levels, plan.at)
    limits = {band.abc: band for band in await bands(tx)}
    supplies = await supplies_of(tx, levels, then=plan.at if plan.at < plan.recorded_at else None)
    aims = Aims(at=plan.at, service_level=float(plan.service_level), review_days=plan.review_days)
    lines = []
    for level, sku, location, target, sold in rows:
        history, supply, abc = past[level], supplies[level], classes.get(sku, AbcClass.C)
        planned = plan_level(history, supply, Keeping(safety_stock_target=target, sold=sold, limits=limits[abc]), aims)
        known = {
            "id": tx.new_id(StockPlanLineId),
            "plan_id": plan.id,
            "level_id": level,
            "sku_id": sku,
            "location_id": location,
            "abc": abc,
            "on_hand": history.on_hand,
            "backordered": history.waiting,
            "last_demand_at": history.last_demand_at,
            "idle_since": history.idle_since(plan.at),
            "alerts": wrong_with(planned, history, limits[abc], plan.at),
        }
        lines.append({**known, **columns(supply, planned)})
    await tx.insert(StockPlanLineRow, lines)
    return ()


def columns(supply: Supply, planned: Planned) -> dict[str, Any]:
    """Return what planning a level came to, as columns."""
    forecast = planned.forecast
    return {
        "supplier_id": supply.supplier_id,
        "supplier_reason": supply.reason,
        "method": forecast.method,
        "weekly": rounded(forecast.weekly),
        "deviation": rounded(forecast.deviation),
        "wape": rounded(forecast.wape),
        "bias": rounded(forecast.bias),
        "naive_wape": rounded(forecast.naive_wape),
        "missed": rounded(forecast.missed),
        "beyond": rounded(forecast.beyond),
        "naive_missed": rounded(forecast.naive_missed),
        "demanded": forecast.demanded,
        "xyz": planned.xyz,
        "available": planned.available,
        "incoming": supply.incoming,
        "drafted": supply.drafted,
        "lead_days": rounded(supply.lead_time.mean_days),
        "safety_stock": planned.levels.safety_stock,
        "reorder_point": planned.levels.reorder_point,
        "order_up_to": planned.levels.order_up_to,
        "suggested": planned.suggested,
        "urgency": planned.urgency,
        "ages": planned.ages,
    }


def rounded(number: float | None) -> Decimal | None:
    """Return *number* with four decimals."""
    return None if number is None else Decimal(f"{number:.4f}")


async def finish(tx: Tx, plan: StockPlanRow) -> None:
    """Sum up the plan, tell of it, and let the alerts follow it."""
    tx.closing.append(FINISH(plan=plan.id, now=tx.now))
    tx.emit(StockPlanned(subject_id=plan.id))
