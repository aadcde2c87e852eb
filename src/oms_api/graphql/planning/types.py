"""Plans, suggestions and alerts, as clients read them."""

from datetime import datetime
from decimal import Decimal
from typing import Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.channels.tables import Location as LocationRow
from oms_api.domain.inventory.queries import levels_by_id
from oms_api.domain.inventory.tables import InventoryLevel as LevelRow
from oms_api.domain.planning.classes import AGE_LIMITS_DAYS
from oms_api.domain.planning.plan import NO_DEMAND
from oms_api.domain.planning.queries import band_by_id, plan_by_id
from oms_api.domain.planning.states import AbcClass, AlertKind, ForecastMethod, SupplierReason, XyzClass
from oms_api.domain.planning.tables import InventoryAlertRow, StockPlanLine
from oms_api.domain.planning.tables import StockBand as BandRow
from oms_api.domain.planning.tables import StockPlan as PlanRow
from oms_api.domain.purchasing.suppliers import supplier_skus_of, suppliers_by_id
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.loaders import LocationById
from oms_api.graphql.channels.types import Location
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.inventory.types import InventoryLevel
from oms_api.graphql.jobs.types import Job, fetch_job
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field, guarded
from oms_api.graphql.planning.loaders import AlertById, SuggestionById
from oms_api.graphql.purchasing.suppliers import Supplier, SupplierSku
from oms_api.graphql.purchasing.types import PurchaseOrder
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, StockPlanLineId, text_id

for states in (ForecastMethod, AbcClass, XyzClass, SupplierReason):
    enum(states)
enum(AlertKind, name="InventoryAlertKind")


@output
class ForecastError:
    """How wrong one-week forecasts would have been over the last 13 weeks, as fractions of what was demanded."""

    wape: Decimal | None
    """Sum of absolute errors; null where nothing was demanded."""
    bias: Decimal | None
    """Sum of errors, forecast less demand: above 0 too much was forecast."""
    naive_wape: Decimal | None
    """The same error of forecasting as many as the week before: what the method has to beat."""


@output
class StockPlan(Node):
    """What to have and to order at every level, as seen at one moment."""

    row: strawberry.Private[PlanRow]
    at: datetime
    """The moment: only what was before it counts."""
    service_level: Decimal
    """In what share of order cycles stock shall not run out."""
    review_days: int
    """Every how many days orders are written."""
    levels: Int64
    """How many levels were planned."""
    error: ForecastError
    """The error over the units of all levels, also those of which nothing was demanded."""
    actor: str
    """Who asked for it."""
    recorded_at: datetime
    """When it was asked for."""
    finished_at: datetime | None
    """When it was finished; null while the worker is at it."""

    @classmethod
    def of(cls, row: PlanRow) -> Self:
        """Describe a stored plan."""
        return cls(
            id=strawberry.ID(text_id(IdKind.STOCK_PLAN, row.id)),
            row=row,
            at=row.at,
            service_level=row.service_level,
            review_days=row.review_days,
            levels=Int64(row.levels),
            error=ForecastError(wape=row.wape, bias=row.bias, naive_wape=row.naive_wape),
            actor=row.actor,
            recorded_at=row.recorded_at,
            finished_at=row.finished_at,
        )

    @field(description="The job that makes it; null for those who may not see it.")
    async def job(self, info: Info) -> Job | None:
        return await fetch_job(info, self.row.job_id)


@output
class StockAge:
    """Units on hand by how long they have been there, first in first out."""

    from_days: int
    """At least so many whole days."""
    to_days: int | None
    """At most so many whole days; null for the oldest."""
    units: int
    """How many units."""


@output
class ReplenishmentSuggestion(Node):
    """What to order for one level, and how that was found."""

    row: strawberry.Private[StockPlanLine]
    suggested: Int64
    """Units to order: whole packs, at least the supplier's minimum; 0 where nothing is needed, or all of it is drafted."""
    supplier_reason: SupplierReason | None
    """Why that supplier would be asked; null where none is known, and in plans made before the reason was kept."""
    on_hand: Int64
    """Units that were there at the plan's moment."""
    available: int
    """Units that could be promised then."""
    incoming: Int64
    """Units that were on their way at the plan's moment."""
    drafted: Int64
    """Units on purchase orders that were drafts: not suggested again, and not on their way either."""
    backordered: Int64
    """Units that lines waited for then."""
    days_of_cover: int | None
    """For how many days the available units last; null where nothing is demanded."""
    method: ForecastMethod
    """How demand was forecast: the method that did best on this level's own past."""
    weekly_demand: Decimal
    """Units a week to come."""
    deviation: Decimal
    """By how many units a week the forecast is off: root of the mean squared error."""
    error: ForecastError
    """How wrong the method would have been."""
    abc: AbcClass
    """How much of the value sold it makes up."""
    xyz: XyzClass
    """How steady its demand is."""
    lead_days: Decimal
    """Days from ordering to receiving."""
    safety_stock: Int64
    """Units kept for what the forecast and the supplier get wrong."""
    reorder_point: Int64
    """Order when what is there and comes is at or below this: it covers lead time and review period. -1 where it is not
    stocked: next to nothing is demanded, or the SKU is INACTIVE."""
    order_up_to: Int64
    """Order up to this: the reorder point and what is demanded in a review period."""
    alerts: list[AlertKind]
    """What was wrong with the level at the plan's moment."""
    last_demand_at: datetime | None
    """When units were last asked for."""
    ages: list[StockAge]
    """How old what is there is."""

    @classmethod
    def of(cls, row: StockPlanLine) -> Self:
        """Describe the plan of a level."""
        starts = (0, *(limit + 1 for limit in AGE_LIMITS_DAYS))
        spans = zip(starts, (*AGE_LIMITS_DAYS, None), row.ages, strict=True)
        return cls(
            id=strawberry.ID(text_id(IdKind.STOCK_PLAN_LINE, row.id)),
            row=row,
            suggested=Int64(row.suggested),
            supplier_reason=row.supplier_reason,
            on_hand=Int64(row.on_hand),
            available=row.available,
            incoming=Int64(row.incoming),
            drafted=Int64(row.drafted),
            backordered=Int64(row.backordered),
            days_of_cover=None if row.urgency == NO_DEMAND else row.urgency,
            method=row.method,
            weekly_demand=row.weekly,
            deviation=row.deviation,
            error=ForecastError(wape=row.wape, bias=row.bias, naive_wape=row.naive_wape),
            abc=row.abc,
            xyz=row.xyz,
            lead_days=row.lead_days,
            safety_stock=Int64(row.safety_stock),
            reorder_point=Int64(row.reorder_point),
            order_up_to=Int64(row.order_up_to),
            alerts=[AlertKind(kind) for kind in row.alerts],
            last_demand_at=row.last_demand_at,
            ages=[StockAge(from_days=start, to_days=end, units=units) for start, end, units in spans],
        )

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @guarded(Scope.PURCHASING_READ, description="Who would be asked; null where nobody is known, or the key may not see them.")
    async def supplier(self, info: Info) -> Supplier | None:
        if self.row.supplier_id is None:
            return None
        row = await info.context.load(suppliers_by_id, self.row.supplier_id)
        return Supplier.of(row) if row else None

    @guarded(
        Scope.PURCHASING_READ,
        description="How they would sell it as of now: cost, minimum, pack size; null where nobody is known, or the key may "
        "not see them.",
    )
    async def supplier_sku(self, info: Info) -> SupplierSku | None:
        if self.row.supplier_id is None:
            return None
        row = await info.context.load(supplier_skus_of, (self.row.supplier_id, self.row.sku_id))
        return SupplierSku.of(row) if row else None

    @guarded(
        Scope.PURCHASING_READ,
        description="The purchase order that was written of it, also one that was canceled since; null where none was, or the "
        "key may not see it.",
    )
    async def purchase_order(self, info: Info) -> PurchaseOrder | None:
        return None if self.row.purchase_order_id is None else await PurchaseOrder.fetch(info, self.row.purchase_order_id)

    @field(description="Where they are needed.")
    async def location(self, info: Info) -> Location:
        return Location.of(cast("LocationRow", await info.context.loader(LocationById).load(self.row.location_id)))

    @field(description="The level as it is now.")
    async def inventory_level(self, info: Info) -> InventoryLevel:
        return InventoryLevel.of(cast("LevelRow", await info.context.load(levels_by_id, self.row.level_id)))


@output
class InventoryAlert(Node):
    """Something that is wrong with a level, from when it was seen until it was seen to be over."""

    row: strawberry.Private[InventoryAlertRow]
    kind: AlertKind
    """What is wrong."""
    available: int
    """Units that could be promised when it was raised."""
    weekly_demand: Decimal
    """Units a week that were forecast then."""
    raised_at: datetime
    """When it was seen."""
    resolved_at: datetime | None
    """When it was seen to be over."""

    @classmethod
    def of(cls, row: InventoryAlertRow) -> Self:
        """Describe a stored alert."""
        return cls(
            id=strawberry.ID(text_id(IdKind.INVENTORY_ALERT, row.id)),
            row=row,
            kind=row.kind,
            available=row.available,
            weekly_demand=row.weekly,
            raised_at=row.raised_at,
            resolved_at=row.resolved_at,
        )

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @field(description="Where they lie.")
    async def location(self, info: Info) -> Location:
        return Location.of(cast("LocationRow", await info.context.loader(LocationById).load(self.row.location_id)))

    @field(description="The level as it is now.")
    async def inventory_level(self, info: Info) -> InventoryLevel:
        return InventoryLevel.of(cast("LevelRow", await info.context.load(levels_by_id, self.row.level_id)))


@output
class StockBand(Node):
    """How many days of cover the articles of a class may have."""

    abc: AbcClass
    """The class."""
    most_days: int
    """Above so many days of cover there is too much."""
    dead_after_days: int
    """After so many days without demand it is dead stock."""

    @classmethod
    def of(cls, row: BandRow) -> Self:
        """Describe a stored band."""
        return cls(
            id=strawberry.ID(text_id(IdKind.STOCK_BAND, row.id)),
            abc=row.abc,
            most_days=row.most_days,
            dead_after_days=row.dead_after_days,
        )


@fetches(IdKind.STOCK_PLAN, Scope.INVENTORY_READ)
async def fetch_plan(info: Info, plan_id: UUID) -> StockPlan | None:
    """Return a plan."""
    try:
        async with info.context.reads() as read:
            return StockPlan.of(await plan_by_id(read, plan_id))
    except NotFound:
        return None


@fetches(IdKind.STOCK_BAND, Scope.INVENTORY_READ)
async def fetch_band(info: Info, band_id: UUID) -> StockBand | None:
    """Return the band of a class."""
    async with info.context.reads() as read:
        row = await band_by_id(read, band_id)
    return StockBand.of(row) if row else None


@fetches(IdKind.STOCK_PLAN_LINE, Scope.INVENTORY_READ)
async def fetch_suggestion(info: Info, line_id: StockPlanLineId) -> ReplenishmentSuggestion | None:
    """Return the plan of a level, if the caller may see it."""
    row = await info.context.loader(SuggestionById).load(line_id)
    return ReplenishmentSuggestion.of(row) if row else None


@fetches(IdKind.INVENTORY_ALERT, Scope.INVENTORY_READ)
async def fetch_alert(info: Info, alert_id: UUID) -> InventoryAlert | None:
    """Return an alert, if the caller may see it."""
    row = await info.context.loader(AlertById).load(alert_id)
    return InventoryAlert.of(row) if row else None
