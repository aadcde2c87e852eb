"""Requests to suppliers."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, changed_at, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.kernel.ids import (
    ChannelId,
    FulfillmentOrderId,
    FulfillmentRequestId,
    LocationId,
    OrderId,
    PurchaseOrderId,
    SupplierId,
)


class FulfillmentRequestRow(Base):
    """A fulfillment order that is asked of the supplier whose location does its work; one for each.

    A supplier who gives no answer by `answer_by` has rejected it: `answered_at` stays null then. Its goods are bought by
    `purchase_order_id` where they are its own. Where it is asked to stop, `moves_on` says that others are to do the work then;
    `cancellation_answered_at` and `cancellation_accepted` are its last answer to that.
    """

    __tablename__ = "fulfillment_request"
    id: Mapped[Key[FulfillmentRequestId]]
    fulfillment_order_id: Mapped[FulfillmentOrderId] = mapped_column(ForeignKey("fulfillment_order.id"), unique=True)
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    channel_id: Mapped[ChannelId]
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("supplier.id"))
    status: Mapped[FulfillmentRequestStatus] = mapped_column(coded(FulfillmentRequestStatus, "status"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    submitted_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ships_by: Mapped[date | None]
    supplier_ref: Mapped[str | None]
    note: Mapped[str | None]
    moves_on: Mapped[bool] = mapped_column(server_default=text("false"))
    cancellation_answered_at: Mapped[datetime | None]
    cancellation_accepted: Mapped[bool | None]
    purchase_order_id: Mapped[PurchaseOrderId | None] = mapped_column(ForeignKey("purchase_order.id"), unique=True)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "status", "created_at", "id"),
        Index(None, "location_id", "status", "created_at", "id"),
        Index(None, "supplier_id", "status", "created_at", "id"),
        Index(
            "ix_fulfillment_request_answer_by",
            "answer_by",
            "id",
            postgresql_where=text("status = 'SUBMITTED' AND answer_by IS NOT NULL"),
        ),
        CheckConstraint("status <> 'SUBMITTED' OR submitted_at IS NOT NULL", name="submitted_once"),
    )


results_in(
    FulfillmentRequestRow.id,
    "fulfillmentRequestSubmit",
    "fulfillmentRequestAccept",
    "fulfillmentRequestReject",
    "fulfillmentRequestCancellationRequest",
    "fulfillmentRequestCancellationAccept",
    "fulfillmentRequestCancellationReject",
    "fulfillmentRequestTrack",
)
