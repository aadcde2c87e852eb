"""Drafts of orders."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.orders.drafts.states import OrderDraftStatus
from oms_api.kernel.ids import ChannelId, OrderDraftId, OrderId


class OrderDraftRow(Base):
    """An order in preparation. `cart` is what was given, see `stored`: it may be incomplete, and names people.

    `order_id` is the order that it became.
    """

    __tablename__ = "order_draft"
    id: Mapped[Key[OrderDraftId]]
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"))
    status: Mapped[OrderDraftStatus] = mapped_column(coded(OrderDraftStatus, "status"))
    cart: Mapped[Json] = mapped_column(JSONB)
    note: Mapped[str | None]
    order_id: Mapped[OrderId | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    actor: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "status", "created_at", "id"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        CheckConstraint("(status = 'PLACED') = (order_id IS NOT NULL)", name="placed_as_an_order"),
    )


results_in(OrderDraftRow.id, "orderDraftCreate", "orderDraftUpdate", "orderDraftPlace", "orderDraftDiscard")
