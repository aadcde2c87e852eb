"""Plans, suggestions and alerts, as clients read them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Self

from oms_api.domain.planning.classes import AGE_LIMITS_DAYS
from oms_api.domain.planning.plan import NO_DEMAND
from oms_api.domain.planning.queries import alerts_by_id, bands_by_id, plans_by_id, suggestions_by_id
from oms_api.domain.planning.states import AbcClass, AlertKind, ForecastMethod, SupplierReason, XyzClass
from oms_api.domain.planning.tables import InventoryAlertRow
from oms_api.domain.planning.tables import StockBand as BandRow
from oms_api.domain.planning.tables import StockPlan as PlanRow
from oms_api.domain.planning.tables import StockPlanLine as LineRow
from oms_api.domain.purchasing.suppliers import supplier_skus_of
from oms_api.domain.purchasing.tables import SupplierSku as SupplierSkuRow
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Location
from oms_api.graphql.declared.links import leads_to, loaded
from oms_api.graphql.declared.records import Record, column, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.inventory.types import InventoryLevel
from oms_api.graphql.jobs.types import Job
from oms_api.graphql.nodes import Node
from oms_api.graphql.purchasing.suppliers import Supplier, SupplierSku
from oms_api.graphql.purchasing.types import PurchaseOrder
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import InventoryAlertId, StockBandId, StockPlanId, StockPlanLineId

for states in (ForecastMethod, AbcClass, XyzClass, SupplierReason):
    enum(states)
enum(AlertKind, name="InventoryAlertKind")


@output
class ForecastError:
    """The error of one-week forecasts over the last 13 weeks, as fractions of the demand."""

    wape: Decimal | None
    """The sum of absolute errors; null where there was no demand."""
    bias: Decimal | None
    """The sum of errors, forecast less demand: above 0, the forecast was too high."""
    naive_wape: Decimal | None
    """The same error for the naive forecast, which repeats the demand of the week before: the benchmark for the method."""

    @classmethod
    def of(cls, wape: Decimal | None, bias: Decimal | None, naive_wape: Decimal | None) -> Self:
        """Return the errors as they are stored."""
        return cls(wape=wape, bias=bias, naive_wape=naive_wape)


@entity(plans_by_id, Scope.INVENTORY_READ)
class StockPlan(Node, Record[PlanRow]):
    """What to have and to order at every level, as seen at one moment."""

    id: StockPlanId
    at: datetime
    """The moment: only what was before it counts."""
    service_level: Decimal
    """In what share of order cycles stock shall not run out."""
    review_days: int
    """Every how many days orders are written."""
    levels: Int64
    """How many levels were planned."""
    error: ForecastError = made(ForecastError.of, PlanRow.wape, PlanRow.bias, PlanRow.naive_wape)
    """The error over the units of all levels, also those of which nothing was demanded."""
    actor: str
    """Who asked for it."""
    recorded_at: datetime
    """When it was asked for."""
    finished_at: datetime | None
    """When it was finished; null while the worker is at it."""
    job: Job | None = leads_to(PlanRow.job_id)
    """The job that makes it; null for those who may not see it."""


@output
class StockAge:
    """Units on hand by how long they have been there, first in first out."""

    from_days: int
    """At least so many whole days."""
    to_days: int | None
    """At most so many whole days; null for the oldest."""
    units: int
    """How many units."""


def _supply(row: SupplierSkuRow | None) -> SupplierSku | None:
    return None if row is None else SupplierSku.of(row)


def _days(urgency: int) -> int | None:
    return None if urgency == NO_DEMAND else urgency


def _alerts(kinds: Sequence[str]) -> list[AlertKind]:
    return [AlertKind(kind) for kind in kinds]


def _ages(units: Sequence[int]) -> list[StockAge]:
    starts = (0, *(limit + 1 for limit in AGE_LIMITS_DAYS))
    spans = zip(starts, (*AGE_LIMITS_DAYS, None), units, strict=True)
    return [StockAge(from_days=start, to_days=end, units=many) for start, end, many in spans]


@entity(suggestions_by_id, Scope.INVENTORY_READ)
class ReplenishmentSuggestion(Node, Record[LineRow]):
    """What to order for one level, and how that was found."""

    id: StockPlanLineId
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
    days_of_cover: int | None = made(_days, LineRow.urgency)
    """For how many days the available units last; null where nothing is demanded."""
    method: ForecastMethod
    """How demand was forecast: the method that did best on this level's own past."""
    weekly_demand: Decimal = column(LineRow.weekly)
    """Units a week to come."""
    deviation: Decimal
    """By how many units a week the forecast is off: root of the mean squared error."""
    error: ForecastError = made(ForecastError.of, LineRow.wape, LineRow.bias, LineRow.naive_wape)
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
    alerts: list[AlertKind] = made(_alerts, LineRow.alerts)
    """What was wrong with the level at the plan's moment."""
    last_demand_at: datetime | None
    """When units were last asked for."""
    ages: list[StockAge] = made(_ages, LineRow.ages)
    """How old what is there is."""
    sku: Sku = leads_to(LineRow.sku_id)
    """The goods."""
    supplier: Supplier | None = leads_to(LineRow.supplier_id, scope=Scope.PURCHASING_READ)
    """Who would be asked; null where nobody is known, or the key may not see them."""
    supplier_sku: SupplierSku | None = loaded(
        supplier_skus_of, _supply, key=(LineRow.supplier_id, LineRow.sku_id), scope=Scope.PURCHASING_READ
    )
    """How they would sell it as of now: cost, minimum, pack size; null where nobody is known, or the key may not see them."""
    purchase_order: PurchaseOrder | None = leads_to(LineRow.purchase_order_id, scope=Scope.PURCHASING_READ)
    """The purchase order that was written of it, also one that was canceled since; null where none was, or the key may not see
    it."""
    location: Location = leads_to(LineRow.location_id)
    """Where they are needed."""
    inventory_level: InventoryLevel = leads_to(LineRow.level_id)
    """The level as it is now."""


@entity(alerts_by_id, Scope.INVENTORY_READ)
class InventoryAlert(Node, Record[InventoryAlertRow]):
    """A problem of a level, from its detection to its end."""

    id: InventoryAlertId
    kind: AlertKind
    """The kind of problem."""
    available: int
    """The available units when it was raised."""
    weekly_demand: Decimal = column(InventoryAlertRow.weekly)
    """The forecast demand when it was raised, in units a week."""
    raised_at: datetime
    """When the problem was detected."""
    resolved_at: datetime | None
    """When its end was detected; null while it is open."""
    sku: Sku = leads_to(InventoryAlertRow.sku_id)
    """The goods."""
    location: Location = leads_to(InventoryAlertRow.location_id)
    """The location where they lie."""
    inventory_level: InventoryLevel = leads_to(InventoryAlertRow.level_id)
    """The level as it is now."""


@entity(bands_by_id, Scope.INVENTORY_READ)
class StockBand(Node, Record[BandRow]):
    """How many days of cover the articles of a class may have."""

    id: StockBandId
    abc: AbcClass
    """The class."""
    most_days: int
    """Above so many days of cover there is too much."""
    dead_after_days: int
    """After so many days without demand it is dead stock."""
