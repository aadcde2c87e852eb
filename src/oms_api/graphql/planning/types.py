"""Plans, suggestions and alerts, as clients read them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Self

from oms_api.domain.planning.classes import AGE_LIMITS_DAYS
from oms_api.domain.planning.plan import NO_DEMAND
from oms_api.domain.planning.queries import alerts_by_id, bands_by_id, plans_by_id, suggestions_by_id
from oms_api.domain.planning.states import AbcClass, AlertKind, ForecastMethod, SupplierReason, XyzClass
from oms_api.domain.planning.tables import InventoryAlertRow, StockBandRow, StockPlanLineRow, StockPlanRow
from oms_api.domain.purchasing.suppliers import supplier_skus_of
from oms_api.domain.purchasing.tables import SupplierSkuRow
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
    """The sum of absolute errors, divided by the demand; null where there was no demand."""
    bias: Decimal | None
    """The sum of errors, forecast minus demand, divided by the demand; null where there was no demand. Above 0, the forecast
    was too high."""
    naive_wape: Decimal | None
    """The sum of absolute errors of the naive forecast, divided by the demand; null where there was no demand. The naive
    forecast repeats the demand of the week before, and is the benchmark for the method."""

    @classmethod
    def of(cls, wape: Decimal | None, bias: Decimal | None, naive_wape: Decimal | None) -> Self:
        """Return the errors as they are stored."""
        return cls(wape=wape, bias=bias, naive_wape=naive_wape)


@entity(plans_by_id, Scope.INVENTORY_READ)
class StockPlan(Node, Record[StockPlanRow]):
    """The wanted stock and suggested orders of every level, as seen at one moment."""

    id: StockPlanId
    at: datetime
    """The moment for which the plan is made: only earlier facts count."""
    service_level: Decimal
    """The share of order cycles in which stock must not run out."""
    review_days: int
    """The review period: days between two orders."""
    levels: Int64
    """The number of planned levels."""
    error: ForecastError = made(ForecastError.of, StockPlanRow.wape, StockPlanRow.bias, StockPlanRow.naive_wape)
    """The forecast error, added up over the units of all levels. Levels without demand are included."""
    actor: str
    """The author."""
    recorded_at: datetime
    """When it was asked for."""
    finished_at: datetime | None
    """When the plan was finished; null until then."""
    job: Job | None = leads_to(StockPlanRow.job_id)
    """The job that makes the plan; null where the API key may not see it."""


@output
class StockAge:
    """Units on hand by their age in stock, on the assumption that the oldest units leave first."""

    from_days: int
    """The least age, in whole days."""
    to_days: int | None
    """The greatest age, in whole days; null for the oldest units."""
    units: int
    """Units."""


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
class ReplenishmentSuggestion(Node, Record[StockPlanLineRow]):
    """The suggested order for one level, and the figures behind it."""

    id: StockPlanLineId
    suggested: Int64
    """Units to order: whole packs, at least the supplier's minimum. 0 where no units are needed, or where draft purchase orders
    cover the need."""
    supplier_reason: SupplierReason | None
    """The reason for the suggested supplier; null where none is known, and in plans older than this field."""
    on_hand: Int64
    """Units on hand at the moment for which the plan was made."""
    available: int
    """Available units at the moment for which the plan was made."""
    incoming: Int64
    """Incoming units at the moment for which the plan was made."""
    drafted: Int64
    """Units on draft purchase orders. They are not suggested again, and do not count as incoming."""
    backordered: Int64
    """Backordered units at the moment for which the plan was made."""
    days_of_cover: int | None = made(_days, StockPlanLineRow.urgency)
    """Days that the available units last; null where there is no demand."""
    method: ForecastMethod
    """The method of the forecast: the one that would have predicted the level's past demand most accurately."""
    weekly_demand: Decimal = column(StockPlanLineRow.weekly)
    """The forecast demand, in units a week."""
    deviation: Decimal
    """The error of the forecast, in units a week: root of the mean squared error."""
    error: ForecastError = made(ForecastError.of, StockPlanLineRow.wape, StockPlanLineRow.bias, StockPlanLineRow.naive_wape)
    """How far the method's forecasts of the level's past demand were off."""
    abc: AbcClass
    """The class of the level by its share of the value sold."""
    xyz: XyzClass
    """The class of the level by the steadiness of its demand."""
    lead_days: Decimal
    """The lead time: days from ordering to receiving."""
    safety_stock: Int64
    """Units kept against errors of the forecast and of the supplier."""
    reorder_point: Int64
    """The reorder point, in units: order when units on hand and incoming are at or below it. It covers the lead time and the
    review period. -1 where the SKU is not stocked: it has next to no demand, or is INACTIVE."""
    order_up_to: Int64
    """The order-up-to level, in units: the reorder point plus the demand of a review period."""
    alerts: list[AlertKind] = made(_alerts, StockPlanLineRow.alerts)
    """The problems of the level at the moment for which the plan was made."""
    last_demand_at: datetime | None
    """When the last units were demanded; null for never."""
    ages: list[StockAge] = made(_ages, StockPlanLineRow.ages)
    """The units in stock by their age."""
    sku: Sku = leads_to(StockPlanLineRow.sku_id)
    """The goods."""
    supplier: Supplier | None = leads_to(StockPlanLineRow.supplier_id, scope=Scope.PURCHASING_READ)
    """The suggested supplier; null where none is known, or the API key may not see it."""
    supplier_sku: SupplierSku | None = loaded(
        supplier_skus_of, _supply, key=(StockPlanLineRow.supplier_id, StockPlanLineRow.sku_id), scope=Scope.PURCHASING_READ
    )
    """The suggested supplier's present terms: cost, minimum, pack size; null where none is known, or the API key may not see
    them."""
    purchase_order: PurchaseOrder | None = leads_to(StockPlanLineRow.purchase_order_id, scope=Scope.PURCHASING_READ)
    """The purchase order created from the suggestion, even if it was canceled; null for none, or where the API key may not see
    it."""
    location: Location = leads_to(StockPlanLineRow.location_id)
    """The location that needs the units."""
    inventory_level: InventoryLevel = leads_to(StockPlanLineRow.level_id)
    """The level as it is now."""


@entity(alerts_by_id, Scope.INVENTORY_READ)
class InventoryAlert(Node, Record[InventoryAlertRow]):
    """A problem of a level, from its detection to its end."""

    id: InventoryAlertId
    kind: AlertKind
    """The kind of problem."""
    available: int
    """The available units when the alert was raised."""
    weekly_demand: Decimal = column(InventoryAlertRow.weekly)
    """The forecast demand when the alert was raised, in units a week."""
    raised_at: datetime
    """When the problem was detected."""
    resolved_at: datetime | None
    """When the end of the problem was detected; null while the alert is open."""
    sku: Sku = leads_to(InventoryAlertRow.sku_id)
    """The goods."""
    location: Location = leads_to(InventoryAlertRow.location_id)
    """The location of the goods."""
    inventory_level: InventoryLevel = leads_to(InventoryAlertRow.level_id)
    """The level as it is now."""


@entity(bands_by_id, Scope.INVENTORY_READ)
class StockBand(Node, Record[StockBandRow]):
    """The days of cover allowed for the inventory levels of one ABC class."""

    id: StockBandId
    abc: AbcClass
    """The class."""
    most_days: int
    """The most days of cover. A level with more days has too much stock."""
    dead_after_days: int
    """Days without demand after which stock is dead."""
    version: int
    """Increases with every change."""
