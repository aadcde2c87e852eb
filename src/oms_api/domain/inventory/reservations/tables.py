"""Reservations and what they hold."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.kernel.ids import ChannelId, IntegrationId, LevelId, LocationId, OrderId, ReservationId, ReservationLineId, SkuId

ACTIVE = text("status = 'ACTIVE'")
HOLDING = text("held > 0")


class ReservationRow(Base):
    """Units held for a checkout until a deadline. Only its own client may make an order of it, `client_id`.

    Beyond `expires_at` it holds nothing back, whatever its status still says. Who changes it or its lines has its lock.
    """

    __tablename__ = "reservation"
    id: Mapped[Key[ReservationId]]
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"))
    external_ref: Mapped[str | None]
    status: Mapped[ReservationStatus] = mapped_column(coded(ReservationStatus, "status"))
    expires_at: Mapped[datetime]
    order_id: Mapped[OrderId | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    client_id: Mapped[IntegrationId]
    actor: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_reservation_active_ref", "channel_id", "external_ref", unique=True, postgresql_where=ACTIVE),
        Index("ix_reservation_due", "expires_at", "id", postgresql_where=ACTIVE),
        Index(None, "channel_id", "created_at", "id"),
        Index(None, "created_at", "id"),
        Index(None, "external_ref"),
        Index(None, "status", "created_at", "id"),
        CheckConstraint("expires_at > created_at", name="ends_after_it_begins"),
        CheckConstraint("(status = 'CONVERTED') = (order_id IS NOT NULL)", name="converted_has_order"),
        CheckConstraint("(status = 'ACTIVE') = (closed_at IS NULL)", name="closed_unless_active"),
    )


class ReservationLineRow(Base):
    """Units of one level in a reservation: quantity = held + claimed by the order + released."""

    __tablename__ = "reservation_line"
    id: Mapped[Key[ReservationLineId]]
    reservation_id: Mapped[ReservationId] = mapped_column(ForeignKey("reservation.id"))
    position: Mapped[int]
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"))
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    level_id: Mapped[LevelId] = mapped_column(ForeignKey("inventory_level.id"))
    quantity: Mapped[int]
    claimed: Mapped[int] = mapped_column(server_default=text("0"))
    released: Mapped[int] = mapped_column(server_default=text("0"))
    held: Mapped[int] = mapped_column(Computed("quantity - claimed - released", persisted=True))
    __table_args__ = (
        UniqueConstraint("reservation_id", "position"),
        UniqueConstraint("reservation_id", "level_id"),
        Index("ix_reservation_line_holding", "level_id", postgresql_where=HOLDING),
        Index(None, "sku_id", "reservation_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("least(claimed, released) >= 0 AND held >= 0", name="within_quantity"),
    )


results_in(ReservationRow.id, "reservationCreate", "reservationExtend", "reservationRelease")
