"""Pickups."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, changed_at, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.pickups.states import PickupStatus
from oms_api.kernel.ids import ChannelId, FulfillmentOrderId, LocationId, OrderId, PickupId, ShipmentId

READY = "status = 'READY'"


class PickupRow(Base):
    """Goods of a fulfillment order that wait for their customer, up to the end of the day `collect_by` of their location.

    They are handed over for the `code`, of which `tries` were wrong. The shipment is what was handed over.
    """

    __tablename__ = "pickup"
    id: Mapped[Key[PickupId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    fulfillment_order_id: Mapped[FulfillmentOrderId] = mapped_column(ForeignKey("fulfillment_order.id"))
    channel_id: Mapped[ChannelId]
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    status: Mapped[PickupStatus] = mapped_column(coded(PickupStatus, "status"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    code: Mapped[str | None]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    ready_at: Mapped[datetime]
    remind_on: Mapped[date | None]
    reminded_at: Mapped[datetime | None]
    collect_by: Mapped[date]
    closed_at: Mapped[datetime | None]
    collected_by: Mapped[str | None]
    shipment_id: Mapped[ShipmentId | None] = mapped_column(ForeignKey("shipment.id"))
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (
        Index("uq_pickup_ready", "fulfillment_order_id", unique=True, postgresql_where=text(READY)),
        Index(None, "fulfillment_order_id", "ready_at", "id"),
        Index(None, "order_id", "ready_at", "id"),
        Index(None, "ready_at", "id"),
        Index(None, "collect_by", "id"),
        Index(None, "status", "collect_by", "id"),
        Index(None, "location_id", "status", "collect_by", "id"),
        Index(
            "ix_pickup_to_remind",
            "remind_on",
            "id",
            postgresql_where=text(f"{READY} AND reminded_at IS NULL AND remind_on IS NOT NULL"),
        ),
        CheckConstraint("(status = 'READY') = (code IS NOT NULL)", name="code_while_ready"),
        CheckConstraint("(status = 'READY') = (closed_at IS NULL)", name="closed_once"),
        CheckConstraint("(status = 'HANDED_OVER') = (shipment_id IS NOT NULL)", name="shipped_when_handed_over"),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
    )


results_in(PickupRow.id, "pickupReady", "pickupHandOver", "pickupCancel", "pickupCodeRenew", "pickupExtend")
