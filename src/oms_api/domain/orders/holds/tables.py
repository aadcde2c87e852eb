"""Holds of orders and of fulfillment orders."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.orders.holds.states import HoldStatus
from oms_api.kernel.ids import ChannelId, FulfillmentOrderId, HoldId, IntegrationId, LocationId, OrderId

ACTIVE = "status = 'ACTIVE'"


class OrderHoldRow(Base):
    """Why an order, or one of its fulfillment orders, is not worked on, by whom, and how that ended.

    `owner` is the client that placed it, `reason` the code of an `order_reason`, `handle` the client's own name for it.
    An `approval` waits for somebody who may approve.
    """

    __tablename__ = "order_hold"
    id: Mapped[Key[HoldId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    fulfillment_order_id: Mapped[FulfillmentOrderId | None] = mapped_column(ForeignKey("fulfillment_order.id"))
    channel_id: Mapped[ChannelId]
    location_id: Mapped[LocationId | None]
    status: Mapped[HoldStatus] = mapped_column(coded(HoldStatus, "status"))
    reason: Mapped[str]
    handle: Mapped[str | None]
    owner: Mapped[IntegrationId]
    placed_by: Mapped[str]
    note: Mapped[str | None]
    approval: Mapped[bool] = mapped_column(server_default=text("false"))
    release_at: Mapped[datetime | None]
    placed_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]
    release_note: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    __table_args__ = (
        CheckConstraint("(status = 'ACTIVE') = (released_at IS NULL)", name="released_once"),
        CheckConstraint("(fulfillment_order_id IS NULL) = (location_id IS NULL)", name="location_of_work"),
        Index(None, "order_id", "id"),
        Index(
            "ix_order_hold_fulfillment_order_id",
            "fulfillment_order_id",
            "id",
            postgresql_where=text("fulfillment_order_id IS NOT NULL"),
        ),
        Index(
            "uq_order_hold_handle",
            text("coalesce(fulfillment_order_id, order_id)"),
            "handle",
            unique=True,
            postgresql_where=text(f"{ACTIVE} AND handle IS NOT NULL"),
        ),
        Index("ix_order_hold_reason", "reason", "order_id", postgresql_where=text(ACTIVE)),
        Index("ix_order_hold_due", "release_at", "id", postgresql_where=text(f"{ACTIVE} AND release_at IS NOT NULL")),
    )


results_in(OrderHoldRow.id, "orderHold", "fulfillmentOrderHold")
