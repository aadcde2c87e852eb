"""Reads of plans, suggestions and alerts, within the limits of the principal."""

from collections.abc import Sequence

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, by, required
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.statements import statement
from oms_api.domain.channels.queries import at_locations, visible_locations
from oms_api.domain.planning.errors import NoPlan
from oms_api.domain.planning.tables import InventoryAlertRow, StockBandRow, StockPlanLineRow, StockPlanRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind, InventoryAlertId, SkuId, StockBandId, StockPlanId, StockPlanLineId

MOST_URGENT = Ordering("urgency", (StockPlanLineRow.urgency, StockPlanLineRow.id))
NEWEST_PLANS = Ordering("at_desc", (StockPlanRow.at, StockPlanRow.id), descending=True)
NEWEST_ALERTS = Ordering("raised_at_desc", (InventoryAlertRow.raised_at, InventoryAlertRow.id), descending=True)

lines_visible_to = at_locations(StockPlanLineRow.location_id)
alerts_visible_to = at_locations(InventoryAlertRow.location_id)


plans_by_id: One[StockPlanId, StockPlanRow] = by(StockPlanRow.id)
"""The plans there are."""
suggestions_by_id: One[StockPlanLineId, StockPlanLineRow] = by(StockPlanLineRow.id, visible=lines_visible_to)
"""The levels of plans that can be seen."""
alerts_by_id: One[InventoryAlertId, InventoryAlertRow] = by(InventoryAlertRow.id, visible=alerts_visible_to)
"""The alerts that can be seen."""
bands_by_id: One[StockBandId, StockBandRow] = by(StockBandRow.id)
"""The band of each class."""


@statement
def _bands() -> Select[StockBandRow]:
    return select(StockBandRow).order_by(StockBandRow.abc)


async def bands(read: Reader) -> Sequence[StockBandRow]:
    """Return the band of each class, A first."""
    return await read.all(_bands())


plan_by_id = required(plans_by_id, "plan", IdKind.STOCK_PLAN)
"""A plan. Raises: NotFound."""


async def newest_plan(read: Reader) -> StockPlanRow:
    """Return the finished plan of the latest moment. Raises: NoPlan."""
    found = await read.one_or_none(_newest())
    if found is None:
        raise NoPlan
    return found


@statement
def _newest() -> Select[StockPlanRow]:
    finished = select(StockPlanRow).where(StockPlanRow.finished_at.is_not(None))
    return finished.order_by(StockPlanRow.at.desc(), StockPlanRow.id.desc()).limit(1)


async def skus_to_move(read: Reader, plan_id: StockPlanId, limit: int) -> Sequence[SkuId]:
    """Return the SKUs that are to be ordered somewhere while more than is to be had lies elsewhere, the most urgent first."""
    return await read.values(_to_move(plan_id, limit, read.sight))


@statement
def _to_move(plan_id: StockPlanId, limit: int, sight: Sight) -> Select[SkuId]:
    line, other = StockPlanLineRow, aliased(StockPlanLineRow)
    rich = exists().where(
        other.plan_id == plan_id,
        other.sku_id == line.sku_id,
        other.available - other.backordered > other.order_up_to,
        *visible_locations(sight, other.location_id),
    )
    poor = (line.plan_id == plan_id, line.suggested > 0, *lines_visible_to(sight), rich)
    by_sku = select(line.sku_id).where(*poor).group_by(line.sku_id).order_by(func.min(line.urgency), line.sku_id)
    return by_sku.limit(limit)


async def lines_of_skus(read: Reader, plan_id: StockPlanId, skus: Sequence[SkuId]) -> Sequence[StockPlanLineRow]:
    """Return the plan of every visible level of *skus*."""
    return await read.all(_of_skus(plan_id, list(skus), read.sight))


@statement
def _of_skus(plan_id: StockPlanId, skus: list[SkuId], sight: Sight) -> Select[StockPlanLineRow]:
    line = StockPlanLineRow
    wanted = (line.plan_id == plan_id, among(line.sku_id, skus), *lines_visible_to(sight))
    return select(line).where(*wanted).order_by(line.sku_id, line.location_id)
