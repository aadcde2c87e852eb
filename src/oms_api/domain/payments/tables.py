"""Payment events, their fold by transaction and by order, and refunds. All amounts are in the order's minor units."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, Minor, coded
from oms_api.domain.payments.states import PaymentEventType, RefundReason, RefundStatus


class PaymentTransactionRow(Base):
    """What one provider's transaction came to for one order: sums over its events, in whatever order they came."""

    __tablename__ = "payment_transaction"
    id: Mapped[Key]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    gateway: Mapped[str]
    reference: Mapped[str]
    currency: Mapped[str]
    authorized_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    captured_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    voided_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    refunded_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    charged_back_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    charged_back_reversed_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    disputed_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    dispute_closed_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    open_authorization_minor: Mapped[Minor] = mapped_column(
        Computed("greatest(authorized_minor - captured_minor - voided_minor, 0)", persisted=True)
    )
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("order_id", "gateway", "reference"),
        Index(None, "gateway", "reference"),
        CheckConstraint(
            "least(authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor,"
            " charged_back_reversed_minor, disputed_minor, dispute_closed_minor) >= 0",
            name="sums_not_negative",
        ),
    )


class PaymentEventRow(Base):
    """A provider's report, as it came. Append-only; unique per gateway, event reference and type."""

    __tablename__ = "payment_event"
    id: Mapped[Key]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[UUID]
    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("payment_transaction.id"), index=True)
    refund_id: Mapped[UUID | None] = mapped_column(index=True)
    gateway: Mapped[str]
    event_reference: Mapped[str]
    type: Mapped[PaymentEventType] = mapped_column(coded(PaymentEventType, "type"))
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    note: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("gateway", "event_reference", "type"),
        Index(None, "order_id", "occurred_at", "id"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )


class PaymentBalance(Base):
    """How an order's money stands: the fold of all its transactions, and what we grant beside it.

    `granted_minor` is what refunds that are open still owe. A trigger lets it grow only within
    captured - refunded - charged back. An order without a row has had no payment and no refund.
    """

    __tablename__ = "payment_balance"
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    authorized_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    captured_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    refunded_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    charged_back_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    disputed_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    granted_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    __table_args__ = (CheckConstraint("granted_minor >= 0", name="granted_not_negative"),)


class RefundRow(Base):
    """Money that we owe back, until a provider reports that it was paid."""

    __tablename__ = "refund"
    id: Mapped[Key]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[UUID]
    return_id: Mapped[UUID | None] = mapped_column(index=True)
    status: Mapped[RefundStatus] = mapped_column(coded(RefundStatus, "status"))
    reason: Mapped[RefundReason] = mapped_column(coded(RefundReason, "reason"))
    note: Mapped[str | None]
    amount_minor: Mapped[Minor]
    refunded_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    currency: Mapped[str]
    gateway: Mapped[str | None]
    provider_reference: Mapped[str | None]
    actor: Mapped[str]
    granted_at: Mapped[datetime]
    requested_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "order_id", "granted_at", "id"),
        Index(None, "granted_at", "id"),
        Index(None, "gateway", "provider_reference"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("refunded_minor >= 0", name="refunded_not_negative"),
        CheckConstraint("(status = 'SUCCEEDED') = (succeeded_at IS NOT NULL)", name="succeeded_when_told"),
    )
