"""Allocations, fulfillment orders and their lines."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, changed_at, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.kernel.ids import (
    AllocationId,
    ChannelId,
    FulfillmentOrderId,
    FulfillmentOrderLineId,
    LevelId,
    LineId,
    LocationId,
    OrderId,
    PickBatchId,
    SourcingId,
    SourcingLineId,
)

WAITS = "status IN ('OPEN', 'IN_PROGRESS') AND leave_by IS NOT NULL"


class AllocationRow(Base):
    """A promise of units of one level to one order line, and how far it was kept; `order_id` is the order of the line.

    Its states of DOMAIN are quantities here, so that a part can ship or be released without splitting rows. Only where
    a part goes to another fulfillment order a row is split: the part keeps the first one in `split_from_id`.
    """

    __tablename__ = "allocation"
    id: Mapped[Key[AllocationId]]
    order_id: Mapped[OrderId]
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"), index=True)
    level_id: Mapped[LevelId] = mapped_column(ForeignKey("inventory_level.id"))
    location_id: Mapped[LocationId]
    quantity: Mapped[int]
    allocated: Mapped[int] = mapped_column(server_default=text("0"))
    in_fulfillment: Mapped[int] = mapped_column(server_default=text("0"))
    consumed: Mapped[int] = mapped_column(server_default=text("0"))
    released: Mapped[int] = mapped_column(server_default=text("0"))
    reason: Mapped[str]
    split_from_id: Mapped[AllocationId | None] = mapped_column(ForeignKey("allocation.id"))
    created_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "order_id"),
        Index("ix_allocation_open", "level_id", postgresql_where=text("allocated + in_fulfillment > 0")),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("least(allocated, in_fulfillment, consumed, released) >= 0", name="parts_not_negative"),
        CheckConstraint("quantity = allocated + in_fulfillment + consumed + released", name="parts_add_up"),
    )


class FulfillmentOrderRow(Base):
    """The work that one location has with one order; what is SCHEDULED waits for `opens_on`, a day of the location.

    Where it `opens_by_hand` somebody said so, and not the rule of its channel. `pick_batch_id` is the batch that it was last
    picked in, `leave_by` when it must have left, None until that is worked out. It `awaits_pickup` while its goods
    wait for a customer.
    """

    __tablename__ = "fulfillment_order"
    id: Mapped[Key[FulfillmentOrderId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    channel_id: Mapped[ChannelId]
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    status: Mapped[FulfillmentOrderStatus] = mapped_column(coded(FulfillmentOrderStatus, "status"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    opens_on: Mapped[date | None]
    opens_by_hand: Mapped[bool] = mapped_column(server_default=text("false"))
    on_hold: Mapped[bool] = mapped_column(server_default=text("false"))
    awaits_pickup: Mapped[bool] = mapped_column(server_default=text("false"))
    pick_batch_id: Mapped[PickBatchId | None] = mapped_column(ForeignKey("pick_batch.id"))
    leave_by: Mapped[datetime | None]
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "location_id", "status", "created_at", "id"),
        Index(None, "status", "created_at", "id"),
        Index("ix_fulfillment_order_leave_by", "leave_by", "id", postgresql_where=text(WAITS)),
        Index("ix_fulfillment_order_location_leave_by", "location_id", "leave_by", "id", postgresql_where=text(WAITS)),
        Index(
            "ix_fulfillment_order_without_leave_by",
            "id",
            postgresql_where=text("leave_by IS NULL AND status IN ('SCHEDULED', 'OPEN', 'IN_PROGRESS')"),
        ),
        Index("ix_fulfillment_order_pick_batch_id", "pick_batch_id", postgresql_where=text("pick_batch_id IS NOT NULL")),
        Index("ix_fulfillment_order_on_hold", "created_at", "id", postgresql_where=text("on_hold IS true")),
        Index("ix_fulfillment_order_scheduled", "opens_on", "id", postgresql_where=text("status = 'SCHEDULED'")),
    )


class FulfillmentOrderLineRow(Base):
    """Units of an order line that a fulfillment order has to ship: all of them, until shipped or canceled.

    `packed` are those in packages that have not left, `line_id` is the line of the allocation.
    """

    __tablename__ = "fulfillment_order_line"
    id: Mapped[Key[FulfillmentOrderLineId]]
    fulfillment_order_id: Mapped[FulfillmentOrderId] = mapped_column(ForeignKey("fulfillment_order.id"), index=True)
    line_id: Mapped[LineId] = mapped_column(index=True)
    allocation_id: Mapped[AllocationId] = mapped_column(ForeignKey("allocation.id"), unique=True)
    quantity: Mapped[int]
    shipped: Mapped[int] = mapped_column(server_default=text("0"))
    canceled: Mapped[int] = mapped_column(server_default=text("0"))
    packed: Mapped[int] = mapped_column(server_default=text("0"))
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("packed BETWEEN 0 AND quantity - shipped - canceled", name="packed_is_there"),
        CheckConstraint("least(shipped, canceled) >= 0 AND shipped + canceled <= quantity", name="within_quantity"),
    )


class OrderSourcingRow(Base):
    """One act of promising units to an order after it was placed."""

    __tablename__ = "order_sourcing"
    id: Mapped[Key[SourcingId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class OrderSourcingLineRow(Base):
    """The units that one act promised to one line from one level; the cause of the movement."""

    __tablename__ = "order_sourcing_line"
    id: Mapped[Key[SourcingLineId]]
    sourcing_id: Mapped[SourcingId] = mapped_column(ForeignKey("order_sourcing.id"), index=True)
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"))
    allocation_id: Mapped[AllocationId] = mapped_column(ForeignKey("allocation.id"), unique=True)
    quantity: Mapped[int]
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)


results_in(
    FulfillmentOrderRow.id,
    "fulfillmentOrderStart",
    "fulfillmentOrderPutBack",
    "fulfillmentOrderHoldRelease",
    "fulfillmentOrderPack",
    "fulfillmentOrderMove",
    "fulfillmentOrderSplit",
    "fulfillmentOrderMerge",
    "fulfillmentOrderReject",
    "fulfillmentOrderReschedule",
)
