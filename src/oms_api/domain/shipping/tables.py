"""Shipments, packages and their contents."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, begins, changed_at, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.kernel.ids import (
    BoxId,
    ChannelId,
    FulfillmentOrderId,
    FulfillmentOrderLineId,
    LineId,
    LocationId,
    OrderId,
    PackageId,
    PackageLineId,
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
    version: Mapped[int] = mapped_column(server_default=text("1"))
    method: Mapped[str | None]
    shipped_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (Index(None, "shipped_at", "id"),)


class PackageRow(Base):
    """One parcel of a fulfillment order; when it leaves it gets its shipment.

    Its sides are those outside, its weight is with all that is in it. `scanned_at` is when its carrier first told of it.
    Once it left, a sweep says on which day of its location that was, `left_on`, and when it should arrive: `expected_on` counts
    from its leaving, `promised_on` from when it had to leave, each None where nothing is known of the way to its `country` by
    its `service`; `dated` is whether that was done.
    """

    __tablename__ = "package"
    id: Mapped[Key[PackageId]]
    fulfillment_order_id: Mapped[FulfillmentOrderId] = mapped_column(ForeignKey("fulfillment_order.id"), index=True)
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    channel_id: Mapped[ChannelId]
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    shipment_id: Mapped[ShipmentId | None] = mapped_column(ForeignKey("shipment.id"), index=True)
    status: Mapped[PackageStatus] = mapped_column(coded(PackageStatus, "status"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    box_id: Mapped[BoxId | None] = mapped_column(ForeignKey("box.id"))
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    weight_g: Mapped[int | None]
    packed_at: Mapped[datetime]
    scanned_at: Mapped[datetime | None]
    dated: Mapped[bool] = mapped_column(server_default=text("false"))
    country: Mapped[str | None]
    service: Mapped[str | None]
    left_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None] = mapped_column(index=True)
    tracking_url: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
    lost_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (
        begins("package", "tracking_number", only="tracking_number IS NOT NULL"),
        CheckConstraint("least(length_mm, width_mm, height_mm, weight_g) > 0", name="measures_positive"),
        CheckConstraint(
            "(status IN ('DRAFT', 'LABEL_PURCHASED', 'VOIDED')) = (shipment_id IS NULL)", name="left_in_a_shipment"
        ),
        Index(None, "packed_at", "id"),
        Index(None, "status", "packed_at", "id"),
        Index(None, "location_id", "status", "packed_at", "id"),
        Index("ix_package_left_on", "left_on", postgresql_where=text("promised_on IS NOT NULL")),
        Index("ix_package_undated", "id", postgresql_where=text("shipment_id IS NOT NULL AND NOT dated")),
    )


class PackageLineRow(Base):
    """Units of a fulfillment order's line that are in a package."""

    __tablename__ = "package_line"
    id: Mapped[Key[PackageLineId]]
    package_id: Mapped[PackageId] = mapped_column(ForeignKey("package.id"))
    fulfillment_order_line_id: Mapped[FulfillmentOrderLineId] = mapped_column(
        ForeignKey("fulfillment_order_line.id"), index=True
    )
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"))
    quantity: Mapped[int]
    __table_args__ = (
        UniqueConstraint("package_id", "fulfillment_order_line_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )


class ShipmentLineRow(Base):
    """Units of a fulfillment order's line as they left, and the package they left in; the cause of their movement."""

    __tablename__ = "shipment_line"
    id: Mapped[Key[ShipmentLineId]]
    shipment_id: Mapped[ShipmentId] = mapped_column(ForeignKey("shipment.id"), index=True)
    package_id: Mapped[PackageId] = mapped_column(ForeignKey("package.id"))
    fulfillment_order_line_id: Mapped[FulfillmentOrderLineId] = mapped_column(ForeignKey("fulfillment_order_line.id"))
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"), index=True)
    quantity: Mapped[int]
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)


results_in(PackageRow.id, "packageUpdate", "packageVoid")
results_in(ShipmentRow.id, "shipmentCreate", "shipmentMarkDelivered", "packageMarkLost", "packageMarkReturned")
results_in(ShipmentRow.id, "shipmentUpdate", "shipmentCancel", "packageMarkFound", "fulfillmentRequestShip")
results_in(PackageRow.id, "packageAdd")
