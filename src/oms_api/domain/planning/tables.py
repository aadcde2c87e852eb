"""Plans of what to stock, the bands of days of cover, and alerts."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, Integer, Numeric, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.planning.states import AbcClass, AlertKind, ForecastMethod, SupplierReason, XyzClass
from oms_api.kernel.ids import (
    InventoryAlertId,
    JobId,
    LevelId,
    LocationId,
    PurchaseOrderId,
    SkuId,
    StockBandId,
    StockPlanId,
    StockPlanLineId,
    SupplierId,
)


class StockPlanRow(Base):
    """What to have and to order at every level, as seen at one moment: `at`. Errors are over the units of all levels."""

    __tablename__ = "stock_plan"
    id: Mapped[Key[StockPlanId]]
    at: Mapped[datetime]
    service_level: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    review_days: Mapped[int]
    levels: Mapped[int] = mapped_column(server_default=text("0"))
    wape: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    bias: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    naive_wape: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    job_id: Mapped[JobId]
    actor: Mapped[str]
    recorded_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "at", "id"),
        CheckConstraint("service_level > 0.5 AND service_level < 1", name="service_level_known"),
        CheckConstraint("review_days > 0", name="review_days_positive"),
    )


class StockPlanLineRow(Base):
    """The plan of one level.

    Rates are in units a week, errors fractions of demand, or in units: `missed`, `beyond` and `naive_missed`, absent in lines
    of before they were kept. `urgency` is days of cover, the largest integer where nothing is demanded. `suggested` is in whole
    packs, at least the supplier's minimum. `drafted` are units on purchase orders that were drafts, `purchase_order_id` is what
    was written of the suggestion.
    """

    __tablename__ = "stock_plan_line"
    id: Mapped[Key[StockPlanLineId]]
    plan_id: Mapped[StockPlanId] = mapped_column(ForeignKey("stock_plan.id"))
    level_id: Mapped[LevelId]
    sku_id: Mapped[SkuId]
    location_id: Mapped[LocationId]
    supplier_id: Mapped[SupplierId | None]
    supplier_reason: Mapped[SupplierReason | None] = mapped_column(coded(SupplierReason, "supplier_reason"))
    method: Mapped[ForecastMethod] = mapped_column(coded(ForecastMethod, "method"))
    weekly: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    deviation: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    wape: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    bias: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    naive_wape: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    missed: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    beyond: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    naive_missed: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    demanded: Mapped[int] = mapped_column(BigInteger)
    abc: Mapped[AbcClass] = mapped_column(coded(AbcClass, "abc"))
    xyz: Mapped[XyzClass] = mapped_column(coded(XyzClass, "xyz"))
    on_hand: Mapped[int] = mapped_column(BigInteger)
    available: Mapped[int]
    incoming: Mapped[int] = mapped_column(BigInteger)
    drafted: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    backordered: Mapped[int] = mapped_column(BigInteger)
    lead_days: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    safety_stock: Mapped[int] = mapped_column(BigInteger)
    reorder_point: Mapped[int] = mapped_column(BigInteger)
    order_up_to: Mapped[int] = mapped_column(BigInteger)
    suggested: Mapped[int] = mapped_column(BigInteger)
    urgency: Mapped[int]
    alerts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    ages: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    last_demand_at: Mapped[datetime | None]
    idle_since: Mapped[datetime | None]
    purchase_order_id: Mapped[PurchaseOrderId | None]
    __table_args__ = (
        Index(None, "plan_id", "level_id", unique=True),
        Index(None, "plan_id", "urgency", "id"),
        Index("ix_stock_plan_line_suggested", "plan_id", "urgency", "id", postgresql_where=text("suggested > 0")),
        Index(None, "level_id"),
    )


class SuggestionOrderRow(Base):
    """One act of ordering suggestions, and the purchase orders it wrote."""

    __tablename__ = "suggestion_order"
    id: Mapped[Key[UUID]]
    purchase_order_ids: Mapped[list[PurchaseOrderId]] = mapped_column(ARRAY(Uuid))
    actor: Mapped[str]
    recorded_at: Mapped[datetime]


class StockBandRow(Base):
    """The days of cover allowed for the inventory levels of one ABC class."""

    __tablename__ = "stock_band"
    id: Mapped[StockBandId] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    abc: Mapped[AbcClass] = mapped_column(coded(AbcClass, "abc"), primary_key=True)
    most_days: Mapped[int]
    dead_after_days: Mapped[int]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("most_days > 0 AND dead_after_days > 0", name="days_positive"),)


class InventoryAlertRow(Base):
    """A problem of a level, from its detection to its end."""

    __tablename__ = "inventory_alert"
    id: Mapped[Key[InventoryAlertId]]
    level_id: Mapped[LevelId]
    sku_id: Mapped[SkuId]
    location_id: Mapped[LocationId]
    kind: Mapped[AlertKind] = mapped_column(coded(AlertKind, "kind"))
    available: Mapped[int]
    weekly: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_inventory_alert_open", "level_id", "kind", unique=True, postgresql_where=text("resolved_at IS NULL")),
        Index(None, "raised_at", "id"),
        Index("ix_inventory_alert_open", "raised_at", "id", postgresql_where=text("resolved_at IS NULL")),
    )


results_in(StockPlanRow.id, "stockPlanCreate")
results_in(SuggestionOrderRow.id, "purchaseOrdersCreateFromSuggestions")
