"""Reads of plans, suggestions and alerts, within the limits of the principal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.planning.errors import NoPlan
from oms_api.domain.planning.states import AbcClass, AlertKind, XyzClass
from oms_api.domain.planning.tables import InventoryAlertRow, StockBand, StockPlan, StockPlanLine
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, SkuId, StockPlanId, StockPlanLineId, text_id
from oms_api.kernel.paging import Page, PageRequest

MOST_URGENT = Ordering("urgency", (StockPlanLine.urgency, StockPlanLine.id))
NEWEST_PLANS = Ordering("at_desc", (StockPlan.at, StockPlan.id), descending=True)
NEWEST_ALERTS = Ordering("raised_at_desc", (InventoryAlertRow.raised_at, InventoryAlertRow.id), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionFilter:
    """Which levels of a plan. `None` means any; *needed* those of which something is to be ordered."""

    needed: bool = True
    sku_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    supplier_ids: tuple[UUID, ...] | None = None
    abc: tuple[AbcClass, ...] | None = None
    xyz: tuple[XyzClass, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Which alerts. `None` means any; *open* those that are not resolved."""

    open: bool | None = True
    kinds: tuple[AlertKind, ...] | None = None
    sku_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None


async def plan_by_id(read: Reader, plan_id: UUID) -> StockPlan:
    """Return a plan. Raises: NotFound."""
    found = await read.one_or_none(select(StockPlan).where(StockPlan.id == plan_id))
    if found is None:
        raise NotFound(what="plan", given=text_id(IdKind.STOCK_PLAN, plan_id))
    return found


async def newest_plan(read: Reader) -> StockPlan:
    """Return the finished plan of the latest moment. Raises: NoPlan."""
    newest = select(StockPlan).where(StockPlan.finished_at.is_not(None)).order_by(StockPlan.at.desc(), StockPlan.id.desc())
    found = await read.one_or_none(newest.limit(1))
    if found is None:
        raise NoPlan
    return found


async def page_of_plans(read: Reader, page: PageRequest) -> Page[StockPlan]:
    """Return one page of the plans, the one of the latest moment first."""
    return await keyset(read, select(StockPlan), by=NEWEST_PLANS, page=page)


async def page_of_suggestions(read: Reader, plan_id: UUID, where: SuggestionFilter, page: PageRequest) -> Page[StockPlanLine]:
    """Return one page of a plan's levels, those first that last for the fewest days."""
    line = StockPlanLine
    statement = select(line).where(line.plan_id == plan_id, *visible_locations(read.principal, line.location_id))
    if where.needed:
        statement = statement.where(line.suggested > 0)
    columns = (
        (line.sku_id, where.sku_ids),
        (line.location_id, where.location_ids),
        (line.supplier_id, where.supplier_ids),
        (line.abc, where.abc),
        (line.xyz, where.xyz),
    )
    for column, values in columns:
        if values is not None:
            statement = statement.where(among(column, values))
    return await keyset(read, statement, by=MOST_URGENT, page=page)


async def suggestions_by_id(read: Reader, ids: Iterable[StockPlanLineId]) -> Mapping[StockPlanLineId, StockPlanLine]:
    """Return the levels of plans among *ids* that exist and can be seen."""
    line = StockPlanLine
    statement = select(line).where(among(line.id, ids), *visible_locations(read.principal, line.location_id))
    return {row.id: row for row in await read.all(statement)}


async def skus_to_move(read: Reader, plan_id: StockPlanId, limit: int) -> Sequence[SkuId]:
    """Return the SKUs that are to be ordered somewhere while more than is to be had lies elsewhere, the most urgent first."""
    line, other = StockPlanLine, aliased(StockPlanLine)
    rich = exists().where(
        other.plan_id == plan_id,
        other.sku_id == line.sku_id,
        other.available - other.backordered > other.order_up_to,
        *visible_locations(read.principal, other.location_id),
    )
    poor = (line.plan_id == plan_id, line.suggested > 0, *visible_locations(read.principal, line.location_id), rich)
    by_sku = select(line.sku_id).where(*poor).group_by(line.sku_id).order_by(func.min(line.urgency), line.sku_id)
    return await read.values(by_sku.limit(limit))


async def lines_of_skus(read: Reader, plan_id: UUID, skus: Sequence[UUID]) -> Sequence[StockPlanLine]:
    """Return the plan of every visible level of *skus*."""
    line = StockPlanLine
    wanted = (line.plan_id == plan_id, among(line.sku_id, skus), *visible_locations(read.principal, line.location_id))
    return await read.all(select(line).where(*wanted).order_by(line.sku_id, line.location_id))


async def page_of_alerts(read: Reader, where: AlertFilter, page: PageRequest) -> Page[InventoryAlertRow]:
    """Return one page of the alerts, the newest first."""
    alert = InventoryAlertRow
    statement: Select[InventoryAlertRow] = select(alert).where(*visible_locations(read.principal, alert.location_id))
    if where.open is not None:
        statement = statement.where(alert.resolved_at.is_(None) if where.open else alert.resolved_at.is_not(None))
    for column, values in ((alert.kind, where.kinds), (alert.sku_id, where.sku_ids), (alert.location_id, where.location_ids)):
        if values is not None:
            statement = statement.where(among(column, values))
    return await keyset(read, statement, by=NEWEST_ALERTS, page=page)


async def alerts_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, InventoryAlertRow]:
    """Return the alerts among *ids* that exist and can be seen."""
    alert = InventoryAlertRow
    statement = select(alert).where(among(alert.id, ids), *visible_locations(read.principal, alert.location_id))
    return {row.id: row for row in await read.all(statement)}


async def band_by_id(read: Reader, band_id: UUID) -> StockBand | None:
    """Return the band of a class, if there is one with that id."""
    return await read.one_or_none(select(StockBand).where(StockBand.id == band_id))


async def bands(read: Reader) -> Sequence[StockBand]:
    """Return the band of each class, A first."""
    return await read.all(select(StockBand).order_by(StockBand.abc))
