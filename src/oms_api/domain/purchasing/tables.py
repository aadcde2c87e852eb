"""Suppliers, what they supply, purchase orders with their lines, and receipts. Costs are in major units, sums in minor ones."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Numeric, Sequence, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, Minor, UnitPrice, begins, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.states import PurchaseOrderStatus, ReceiptBucket, RejectReason
from oms_api.kernel.ids import (
    FulfillmentOrderId,
    FulfillmentOrderLineId,
    LevelId,
    LocationId,
    PurchaseOrderId,
    PurchaseOrderLineId,
    PurchaseReceiptId,
    PurchaseReceiptLineId,
    SkuId,
    SupplierId,
    SupplierSkuId,
)

purchase_order_number = Sequence("purchase_order_number", start=1001, metadata=Base.metadata)

DAYS = Numeric(8, 2)
PERCENT = Numeric(5, 2)
OPEN = "greatest(coalesce(confirmed, quantity)::bigint - accepted - rejected - called_off, 0)"
TOLERATED = "accepted <= quantity + floor(quantity * over_receipt_percent / 100)"
LEAD_TIMES = "least(lead_time_mean_days, lead_time_deviation_days) >= 0"


class SupplierRow(Base):
    """Somebody goods are bought from. Its lead times, in days, hold for what it supplies unless that has others."""

    __tablename__ = "supplier"
    id: Mapped[Key[SupplierId]]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    status: Mapped[Activity] = mapped_column(coded(Activity, "status"))
    currency: Mapped[str]
    address: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    contact: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    lead_time_mean_days: Mapped[Decimal | None] = mapped_column(DAYS)
    lead_time_deviation_days: Mapped[Decimal | None] = mapped_column(DAYS)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("code = btrim(code) AND code <> ''", name="code_without_outer_blanks"),
        CheckConstraint(LEAD_TIMES, name="lead_times_not_negative"),
    )


class SupplierSkuRow(Base):
    """A SKU as one supplier sells it: `code` is the supplier's own. Lead times override the supplier's where they are given.

    Of those who sell a SKU one at most is `preferred`, active or not.
    """

    __tablename__ = "supplier_sku"
    id: Mapped[Key[SupplierSkuId]]
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("supplier.id"))
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"), index=True)
    status: Mapped[Activity] = mapped_column(coded(Activity, "status"))
    code: Mapped[str | None]
    cost: Mapped[Decimal | None] = mapped_column(Numeric(20, 6))
    currency: Mapped[str | None]
    minimum_quantity: Mapped[int] = mapped_column(server_default=text("1"))
    pack_size: Mapped[int] = mapped_column(server_default=text("1"))
    lead_time_mean_days: Mapped[Decimal | None] = mapped_column(DAYS)
    lead_time_deviation_days: Mapped[Decimal | None] = mapped_column(DAYS)
    over_receipt_percent: Mapped[Decimal] = mapped_column(PERCENT, server_default=text("0"))
    preferred: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("supplier_id", "sku_id"),
        Index("uq_supplier_sku_preferred", "sku_id", unique=True, postgresql_where=text("preferred")),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        CheckConstraint("(cost IS NULL) = (currency IS NULL)", name="cost_has_currency"),
        CheckConstraint("least(minimum_quantity, pack_size) > 0", name="quantities_positive"),
        CheckConstraint(LEAD_TIMES, name="lead_times_not_negative"),
        CheckConstraint("over_receipt_percent BETWEEN 0 AND 100", name="over_receipt_percent_known"),
    )


class PurchaseOrderRow(Base):
    """Goods ordered from one supplier to one location, and how far they are.

    `supplier_ref` is the supplier's own number for it, `close_note` of its end; `received_at` is when the last goods came,
    `closed_at` when it was closed or canceled. Goods of a purchase order that names a fulfillment order go to the customer.
    """

    __tablename__ = "purchase_order"
    id: Mapped[Key[PurchaseOrderId]]
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("supplier.id"))
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    fulfillment_order_id: Mapped[FulfillmentOrderId | None] = mapped_column(ForeignKey("fulfillment_order.id"))
    external_ref: Mapped[str | None]
    supplier_ref: Mapped[str | None]
    status: Mapped[PurchaseOrderStatus] = mapped_column(coded(PurchaseOrderStatus, "status"))
    currency: Mapped[str]
    total_minor: Mapped[Minor]
    note: Mapped[str | None]
    close_note: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    actor: Mapped[str]
    created_at: Mapped[datetime]
    ordered_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("supplier_id", "external_ref"),
        begins("purchase_order", "external_ref", only="external_ref IS NOT NULL"),
        begins("purchase_order", "supplier_ref", only="supplier_ref IS NOT NULL"),
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
        Index("ix_purchase_order_dropship", "fulfillment_order_id", postgresql_where=text("fulfillment_order_id IS NOT NULL")),
        Index(None, "created_at", "id"),
        Index(None, "supplier_id", "created_at", "id"),
        Index(None, "location_id", "created_at", "id"),
        Index(None, "status", "created_at", "id"),
    )


class PurchaseOrderLineRow(Base):
    """Units of one SKU on a purchase order.

    `confirmed` is what the supplier said will come, null before. Delivered units were accepted, `rejected` for good, or
    `replaced`: not taken in either, but others come in their place. `called_off` are those that nobody expects any more, `open`
    those that may still come. Accepted units stay within `over_receipt_percent` of what was ordered.
    """

    __tablename__ = "purchase_order_line"
    id: Mapped[Key[PurchaseOrderLineId]]
    purchase_order_id: Mapped[PurchaseOrderId] = mapped_column(ForeignKey("purchase_order.id"))
    position: Mapped[int]
    fulfillment_order_line_id: Mapped[FulfillmentOrderLineId | None] = mapped_column(ForeignKey("fulfillment_order_line.id"))
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"), index=True)
    supplier_code: Mapped[str | None]
    quantity: Mapped[int]
    confirmed: Mapped[int | None]
    accepted: Mapped[int] = mapped_column(server_default=text("0"))
    rejected: Mapped[int] = mapped_column(server_default=text("0"))
    replaced: Mapped[int] = mapped_column(server_default=text("0"))
    called_off: Mapped[int] = mapped_column(server_default=text("0"))
    open: Mapped[int] = mapped_column(BigInteger, Computed(OPEN, persisted=True))
    unit_cost: Mapped[UnitPrice]
    total_minor: Mapped[Minor]
    over_receipt_percent: Mapped[Decimal] = mapped_column(PERCENT)
    expected_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("purchase_order_id", "position"),
        Index("ix_purchase_order_line_open", "sku_id", postgresql_where=text("open > 0")),
        Index("ix_purchase_order_line_expected", "expected_at", postgresql_where=text("open > 0")),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("confirmed BETWEEN 0 AND quantity", name="confirmed_within_quantity"),
        CheckConstraint("least(accepted, rejected, called_off) >= 0", name="units_not_negative"),
        CheckConstraint("replaced >= 0", name="replaced_not_negative"),
        CheckConstraint(TOLERATED, name="accepted_within_tolerance"),
        CheckConstraint("least(unit_cost, total_minor) >= 0", name="cost_not_negative"),
    )


class PurchaseReceiptRow(Base):
    """One delivery of goods of a purchase order; `reference` is the supplier's delivery note."""

    __tablename__ = "purchase_receipt"
    id: Mapped[Key[PurchaseReceiptId]]
    purchase_order_id: Mapped[PurchaseOrderId] = mapped_column(ForeignKey("purchase_order.id"))
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    reference: Mapped[str | None]
    note: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    __table_args__ = (Index(None, "purchase_order_id", "occurred_at", "id"),)


class PurchaseReceiptLineRow(Base):
    """Units of one line that were delivered; those accepted went to `bucket` of the level, and this caused their movement.

    `lot` is the code of the lot they are of. Others come for rejected units where they are `replaced`.
    """

    __tablename__ = "purchase_receipt_line"
    id: Mapped[Key[PurchaseReceiptLineId]]
    receipt_id: Mapped[PurchaseReceiptId] = mapped_column(ForeignKey("purchase_receipt.id"), index=True)
    purchase_order_line_id: Mapped[PurchaseOrderLineId] = mapped_column(ForeignKey("purchase_order_line.id"), index=True)
    level_id: Mapped[LevelId | None] = mapped_column(ForeignKey("inventory_level.id"))
    bucket: Mapped[ReceiptBucket] = mapped_column(coded(ReceiptBucket, "bucket"))
    accepted: Mapped[int]
    rejected: Mapped[int]
    reject_reason: Mapped[RejectReason | None] = mapped_column(coded(RejectReason, "reject_reason"))
    replaced: Mapped[bool] = mapped_column(server_default=text("false"))
    note: Mapped[str | None]
    lot: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("least(accepted, rejected) >= 0 AND accepted::bigint + rejected > 0", name="units_delivered"),
        CheckConstraint("rejected > 0 OR NOT replaced", name="replaced_if_rejected"),
        CheckConstraint("(rejected > 0) = (reject_reason IS NOT NULL)", name="rejected_for_a_reason"),
        CheckConstraint("(accepted > 0) = (level_id IS NOT NULL)", name="accepted_at_a_level"),
    )


results_in(
    PurchaseOrderRow.id,
    "purchaseOrderCreate",
    "purchaseOrderUpdate",
    "purchaseOrderSubmit",
    "purchaseOrderConfirm",
    "purchaseOrderReceive",
    "purchaseOrderClose",
    "purchaseOrderCancel",
)
results_in(SupplierRow.id, "supplierUpsert")
results_in(SupplierSkuRow.id, "supplierSkuUpsert")
