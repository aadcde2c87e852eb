"""Returns, their lines, and receipts of what came back."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, Minor, begins, changed_at, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.returns.states import Disposition, ReturnOrderStatus, ReturnReason
from oms_api.kernel.ids import (
    ChannelId,
    LevelId,
    LineId,
    LocationId,
    OrderId,
    ReturnId,
    ReturnLineId,
    ReturnReceiptId,
    ReturnReceiptLineId,
)

return_number = Sequence("return_number", start=1001, metadata=Base.metadata)


class ReturnRow(Base):
    """Units of one order that come back, and how far they are. `note` is of its creation, `close_note` of its end."""

    __tablename__ = "returns"
    id: Mapped[Key[ReturnId]]
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[ChannelId]
    external_ref: Mapped[str | None]
    status: Mapped[ReturnOrderStatus] = mapped_column(coded(ReturnOrderStatus, "status"))
    note: Mapped[str | None]
    close_note: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    actor: Mapped[str]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (
        UniqueConstraint("channel_id", "external_ref"),
        begins("returns", "external_ref", only="external_ref IS NOT NULL"),
        Index(None, "channel_id", "created_at", "id"),
        Index(None, "order_id", "created_at", "id"),
        Index(None, "created_at", "id"),
        Index(None, "status", "created_at", "id"),
    )


class ReturnLineRow(Base):
    """Units of one order line that come back: quantity = received + called off + what is still expected."""

    __tablename__ = "return_line"
    id: Mapped[Key[ReturnLineId]]
    return_id: Mapped[ReturnId] = mapped_column(ForeignKey("returns.id"))
    position: Mapped[int]
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"), index=True)
    reason: Mapped[ReturnReason] = mapped_column(coded(ReturnReason, "reason"), index=True)
    note: Mapped[str | None]
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(server_default=text("0"))
    called_off: Mapped[int] = mapped_column(server_default=text("0"))
    __table_args__ = (
        UniqueConstraint("return_id", "position"),
        UniqueConstraint("return_id", "line_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("least(received, called_off) >= 0 AND received + called_off <= quantity", name="within_quantity"),
    )


class ReturnReceiptRow(Base):
    """One arrival of goods of a return at a location."""

    __tablename__ = "return_receipt"
    id: Mapped[Key[ReturnReceiptId]]
    return_id: Mapped[ReturnId] = mapped_column(ForeignKey("returns.id"), index=True)
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"), index=True)
    note: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class ReturnReceiptLineRow(Base):
    """Units that arrived and what became of them; the cause of their movements. A line without stock has no level.

    The amounts are these units' share of what their order line cost, in minor units: `goods_minor` before discounts,
    `discount_minor` all discounts, `shipping_minor` and `tax_minor` their shares. `lot` is the code of the lot they are of.
    """

    __tablename__ = "return_receipt_line"
    id: Mapped[Key[ReturnReceiptLineId]]
    receipt_id: Mapped[ReturnReceiptId] = mapped_column(ForeignKey("return_receipt.id"), index=True)
    return_line_id: Mapped[ReturnLineId] = mapped_column(ForeignKey("return_line.id"), index=True)
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"), index=True)
    level_id: Mapped[LevelId | None] = mapped_column(ForeignKey("inventory_level.id"))
    disposition: Mapped[Disposition] = mapped_column(coded(Disposition, "disposition"))
    quantity: Mapped[int]
    goods_minor: Mapped[Minor]
    discount_minor: Mapped[Minor]
    shipping_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    lot: Mapped[str | None]
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)


results_in(ReturnRow.id, "returnCreate", "returnReceive", "returnClose", "returnCancel")
