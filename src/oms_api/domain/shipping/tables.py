"""Shipments, packages and their contents."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, begins, changed_at, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.kernel.ids import (
    ChannelId,
    FulfillmentOrderId,
    FulfillmentOrderLineId,
    LineId,
    LocationId,
    OrderId,
    PackageId,
    ShipmentId,
    ShipmentLineId,
)


class ShipmentRow(Base):
    """Goods of one order that left one location together."""

    __tablename__ = "shipment"
    id: Mapped[Key[ShipmentId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    fulfillment_order_id: Mapped[FulfillmentOrderId] = mapped_column(ForeignKey("fulfillment_order.id"), index=True)
    channel_id: Mapped[ChannelId]
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    status: Mapped[ShipmentStatus] = mapped_column(coded(ShipmentStatus, "status"))
    shipped_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (Index(None, "shipped_at", "id"),)


class PackageRow(Base):
    """One parcel with its carrier and tracking number."""

    __tablename__ = "package"
    id: Mapped[Key[PackageId]]
    shipment_id: Mapped[ShipmentId] = mapped_column(ForeignKey("shipment.id"), index=True)
    status: Mapped[PackageStatus] = mapped_column(coded(PackageStatus, "status"))
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None] = mapped_column(index=True)
    tracking_url: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
    lost_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    __table_args__ = (begins("package", "tracking_number", only="tracking_number IS NOT NULL"),)


class ShipmentLineRow(Base):
    """Units of a fulfillment order's line in a package; the cause of the movement that shipped them."""

    __tablename__ = "shipment_line"
    id: Mapped[Key[ShipmentLineId]]
    shipment_id: Mapped[ShipmentId] = mapped_column(ForeignKey("shipment.id"), index=True)
    package_id: Mapped[PackageId] = mapped_column(ForeignKey("package.id"))
    fulfillment_order_line_id: Mapped[FulfillmentOrderLineId] = mapped_column(ForeignKey("fulfillment_order_line.id"))
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"), index=True)
    quantity: Mapped[int]
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)


results_in(ShipmentRow.id, "shipmentCreate", "shipmentMarkDelivered", "packageMarkLost", "packageMarkReturned")
