"""Backorders."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.domain.channels.states import Oversell
from oms_api.domain.inventory.promised_days import SupplyKind
from oms_api.kernel.ids import BackorderId, ChannelId, LineId, LocationId, OrderId, SkuId


class BackorderRow(Base):
    """Units of one order line that wait for goods: quantity = waiting + allocated + canceled.

    `supply_line_id` is the line of the purchase order or transfer that the first of them is expected from; `ships_on` and
    `arrives_on` are what the customer is promised for all of them, None where no day is known.
    """

    __tablename__ = "backorder"
    id: Mapped[Key[BackorderId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"), index=True)
    channel_id: Mapped[ChannelId]
    sku_id: Mapped[SkuId]
    policy: Mapped[Oversell] = mapped_column(coded(Oversell, "policy"))
    quantity: Mapped[int]
    waiting: Mapped[int]
    allocated: Mapped[int] = mapped_column(server_default=text("0"))
    canceled: Mapped[int] = mapped_column(server_default=text("0"))
    priority: Mapped[int]
    placed_at: Mapped[datetime]
    pinned_to: Mapped[LocationId | None]
    barred_from: Mapped[list[LocationId] | None] = mapped_column(ARRAY(Uuid))
    supply_kind: Mapped[SupplyKind | None] = mapped_column(coded(SupplyKind, "supply_kind"))
    supply_line_id: Mapped[UUID | None] = mapped_column(index=True)
    location_id: Mapped[LocationId | None]
    ships_on: Mapped[date | None]
    arrives_on: Mapped[date | None]
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_backorder_waiting", "sku_id", text("priority DESC"), "placed_at", "id", postgresql_where=text("waiting > 0")),
        Index(None, "placed_at", "id"),
        Index(None, "sku_id", "placed_at"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("least(waiting, allocated, canceled) >= 0", name="parts_not_negative"),
        CheckConstraint("quantity = waiting + allocated + canceled", name="parts_add_up"),
    )
