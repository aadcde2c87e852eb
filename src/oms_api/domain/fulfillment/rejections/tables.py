"""Rejections of work, which only grow."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, coded
from oms_api.domain.orders.reasons.states import RejectEffect
from oms_api.kernel.ids import (
    AdjustmentId,
    ChannelId,
    CountId,
    FulfillmentOrderId,
    LineId,
    LocationId,
    OrderId,
    RejectionId,
    RejectionLineId,
)

WITHDRAWN = "WITHDRAWN"
"""The reason of what goes to other locations because the merchant took a request back: no supplier rejected it."""


class FulfillmentRejectionRow(Base):
    """A location that rejected units of a fulfillment order: `reason` is the code of an `order_reason`, which had an `effect`.

    `adjustment_id` wrote the units off, `count_id` counts what is there.
    """

    __tablename__ = "fulfillment_rejection"
    id: Mapped[Key[RejectionId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    fulfillment_order_id: Mapped[FulfillmentOrderId] = mapped_column(ForeignKey("fulfillment_order.id"), index=True)
    channel_id: Mapped[ChannelId]
    location_id: Mapped[LocationId] = mapped_column(index=True)
    reason: Mapped[str]
    effect: Mapped[RejectEffect] = mapped_column(coded(RejectEffect, "effect"))
    note: Mapped[str | None]
    count_id: Mapped[CountId | None]
    adjustment_id: Mapped[AdjustmentId | None]
    actor: Mapped[str]
    rejected_at: Mapped[datetime]


class FulfillmentRejectionLineRow(Base):
    """Units of one line that were rejected."""

    __tablename__ = "fulfillment_rejection_line"
    id: Mapped[Key[RejectionLineId]]
    rejection_id: Mapped[RejectionId] = mapped_column(ForeignKey("fulfillment_rejection.id"), index=True)
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"), index=True)
    quantity: Mapped[int]
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)
