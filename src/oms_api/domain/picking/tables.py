"""Bins and pick batches."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, changed_at, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.picking.states import PickBatchStatus
from oms_api.kernel.ids import (
    FulfillmentOrderId,
    FulfillmentOrderLineId,
    LineId,
    LocationId,
    OrderId,
    PickBatchId,
    PickBatchLineId,
    SkuId,
)

pick_batch_number = Sequence("pick_batch_number", start=1001, metadata=Base.metadata)


class BinPlacementRow(Base):
    """The bin in which a SKU lies at a location."""

    __tablename__ = "bin_placement"
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"), primary_key=True)
    bin: Mapped[str]


class PickBatchRow(Base):
    """Fulfillment orders of one location that are picked in one round."""

    __tablename__ = "pick_batch"
    id: Mapped[Key[PickBatchId]]
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    status: Mapped[PickBatchStatus] = mapped_column(coded(PickBatchStatus, "status"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    actor: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "status", "created_at", "id"),
        Index(None, "location_id", "status", "created_at", "id"),
        CheckConstraint("(status = 'OPEN') = (closed_at IS NULL)", name="closed_once"),
    )


class PickBatchLineRow(Base):
    """Units of a fulfillment order's line to take from a bin into the slot of its fulfillment order, and what was found.

    What neither was *picked* nor is *short* of a line that is confirmed was not wanted any more.
    """

    __tablename__ = "pick_batch_line"
    id: Mapped[Key[PickBatchLineId]]
    batch_id: Mapped[PickBatchId] = mapped_column(ForeignKey("pick_batch.id"))
    position: Mapped[int]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    fulfillment_order_id: Mapped[FulfillmentOrderId] = mapped_column(ForeignKey("fulfillment_order.id"), index=True)
    fulfillment_order_line_id: Mapped[FulfillmentOrderLineId] = mapped_column(ForeignKey("fulfillment_order_line.id"))
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"))
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"))
    slot: Mapped[int]
    bin: Mapped[str | None]
    quantity: Mapped[int]
    picked: Mapped[int | None]
    short: Mapped[int | None]
    reason: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("batch_id", "position"),
        CheckConstraint("quantity > 0 AND slot > 0", name="quantity_and_slot_positive"),
        CheckConstraint("least(picked, short) >= 0 AND picked + short <= quantity", name="within_quantity"),
        CheckConstraint(
            "num_nulls(picked, short, confirmed_at) IN (0, 3) AND (short > 0) IS TRUE = (reason IS NOT NULL)",
            name="confirmed_whole",
        ),
    )


results_in(LocationRow.id, "binsSet")
results_in(PickBatchRow.id, "pickBatchCreate", "pickBatchConfirm", "pickBatchCancel")
