"""Notes on orders."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key
from oms_api.db.idempotency import results_in
from oms_api.kernel.ids import ChannelId, OrderId, OrderNoteId


class OrderNoteRow(Base):
    """Something that somebody wrote down about an order. It is never changed."""

    __tablename__ = "order_note"
    id: Mapped[Key[OrderNoteId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[ChannelId]
    text: Mapped[str]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    __table_args__ = (Index(None, "order_id", "occurred_at", "id"),)


results_in(OrderNoteRow.id, "orderNoteAdd")
