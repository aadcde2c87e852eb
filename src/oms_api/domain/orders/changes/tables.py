"""Changes of orders, and what they changed of lines."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, Minor, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.orders.changes.states import OrderChangeKind, OrderChangeStatus
from oms_api.kernel.ids import ChannelId, LineId, OrderChangeId, OrderChangeLineId, OrderId


class OrderChangeRow(Base):
    """A change of an order, applied or proposed.

    `wanted` is what was asked for, while that may still be applied. `differences` is what differs, as a list of
    {path, before, after}; `personal_differences` is the part of it that names people.
    """

    __tablename__ = "order_change"
    id: Mapped[Key[OrderChangeId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[ChannelId]
    kind: Mapped[OrderChangeKind] = mapped_column(coded(OrderChangeKind, "kind"))
    status: Mapped[OrderChangeStatus] = mapped_column(coded(OrderChangeStatus, "status"))
    reason: Mapped[str | None]
    note: Mapped[str | None]
    actor: Mapped[str]
    wanted: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    differences: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    personal_differences: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    order_version: Mapped[int]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None]
    __table_args__ = (
        Index(None, "order_id", "id"),
        Index(None, "recorded_at", "id"),
        Index(None, "status", "recorded_at", "id"),
    )


class OrderChangeLineRow(Base):
    """What one edit changed of the units and the money of a line; the cause of the units it promised.

    `units` is how many more units were ordered. The amounts are what all units of the line cost more, in minor units, those
    that are canceled as well; `gone_*` is the part of it that canceled units take, so that what they were worth stays as it was
    recorded.
    """

    __tablename__ = "order_change_line"
    id: Mapped[Key[OrderChangeLineId]]
    change_id: Mapped[OrderChangeId] = mapped_column(ForeignKey("order_change.id"), index=True)
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"), index=True)
    units: Mapped[int]
    goods_minor: Mapped[Minor]
    discount_minor: Mapped[Minor]
    shipping_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    gone_goods_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    gone_discount_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    gone_shipping_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    gone_tax_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    __table_args__ = (CheckConstraint("units >= 0", name="units_not_negative"),)


results_in(OrderChangeRow.id, "orderEdit", "orderChangeRequest", "orderChangeApply", "orderChangeDecline")
