"""Payment events, their fold by transaction and by order, and refunds. All amounts are in the order's minor units.

What is computed from other columns is computed by the database, and a trigger adds up refunds in their order's balance: what we
grant is the sum of what open refunds owe, whoever writes.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key, Minor, begins, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.payments.states import FeeKind, PaymentEventType, RefundPartKind, RefundReason, RefundStatus
from oms_api.kernel.ids import (
    CancellationId,
    ChannelId,
    FeeId,
    LineId,
    OrderChangeId,
    OrderId,
    PaymentEventId,
    PaymentTransactionId,
    RefundId,
    ReturnId,
)

SUMS = (
    "authorized_minor",
    "captured_minor",
    "voided_minor",
    "refunded_minor",
    "charged_back_minor",
    "charged_back_reversed_minor",
    "disputed_minor",
    "dispute_closed_minor",
)
FOLDED = (*SUMS, "largest_capture_minor")
TRANSACTION_DISCREPANT = "captured_beyond_minor > 0 OR captured_again_minor > 0 OR voided_beyond_minor > 0"
BALANCE_DISCREPANT = "refunded_beyond_captured_minor > 0 OR refunded_beyond_granted_minor > 0"


class PaymentTransactionRow(Base):
    """What one provider's transaction came to for one order: sums over its events, in whatever order they came.

    `captured_beyond_minor` and `voided_beyond_minor` are what was reported beyond what had been authorized. A sale without any
    authorization (cash, a bank transfer) is no breach, but a second capture of it is: `captured_again_minor` is all beyond
    `largest_capture_minor`. What is authorized lapses at `capture_before`, the latest moment that an authorization of it named.
    """

    __tablename__ = "payment_transaction"
    id: Mapped[Key[PaymentTransactionId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[ChannelId]
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
    largest_capture_minor: Mapped[Minor | None]
    open_authorization_minor: Mapped[Minor] = mapped_column(
        Computed("greatest(authorized_minor - captured_minor - voided_minor, 0)", persisted=True)
    )
    captured_beyond_minor: Mapped[Minor] = mapped_column(
        Computed(
            "CASE WHEN authorized_minor > 0 THEN greatest(captured_minor - authorized_minor, 0) ELSE 0 END", persisted=True
        )
    )
    captured_again_minor: Mapped[Minor] = mapped_column(
        Computed(
            "CASE WHEN authorized_minor > 0 THEN 0 ELSE captured_minor - coalesce(largest_capture_minor, captured_minor) END",
            persisted=True,
        )
    )
    voided_beyond_minor: Mapped[Minor] = mapped_column(
        Computed("greatest(voided_minor - greatest(authorized_minor - captured_minor, 0), 0)", persisted=True)
    )
    capture_before: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("order_id", "gateway", "reference"),
        Index(
            "ix_payment_transaction_lapsing",
            "capture_before",
            "id",
            postgresql_where=text("capture_before IS NOT NULL AND open_authorization_minor > 0"),
        ),
        Index("ix_payment_transaction_discrepant", "order_id", "id", postgresql_where=text(TRANSACTION_DISCREPANT)),
        Index(
            "ix_payment_transaction_discrepant_in_channel",
            "channel_id",
            "order_id",
            "id",
            postgresql_where=text(TRANSACTION_DISCREPANT),
        ),
        CheckConstraint(f"least({', '.join(SUMS)}) >= 0", name="sums_not_negative"),
    )


class PaymentEventRow(Base):
    """A provider's report, as it came. Append-only; unique per gateway, event reference and type."""

    __tablename__ = "payment_event"
    id: Mapped[Key[PaymentEventId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    channel_id: Mapped[ChannelId]
    transaction_id: Mapped[PaymentTransactionId] = mapped_column(ForeignKey("payment_transaction.id"))
    gateway: Mapped[str]
    event_reference: Mapped[str]
    type: Mapped[PaymentEventType] = mapped_column(coded(PaymentEventType, "type"))
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    capture_before: Mapped[datetime | None]
    note: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("gateway", "event_reference", "type"),
        Index(None, "transaction_id", "occurred_at", "id"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )


class PaymentBalanceRow(Base):
    """How an order's money stands: the fold of all its transactions, and of its refunds beside it.

    `authorized_minor` is what can still be captured, `voided_minor` what was given up. `granted_minor` is what open refunds
    still owe, and `settled_minor` what went back of what was granted: both are kept by a trigger on refunds, and another lets
    `granted_minor` grow only within captured - refunded - charged back. An order without a row has had no payment and no
    refund.
    """

    __tablename__ = "payment_balance"
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    channel_id: Mapped[ChannelId]
    currency: Mapped[str]
    authorized_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    voided_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    captured_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    refunded_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    charged_back_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    disputed_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    granted_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    settled_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    refunded_beyond_captured_minor: Mapped[Minor] = mapped_column(
        Computed("greatest(refunded_minor + charged_back_minor - captured_minor, 0)", persisted=True)
    )
    refunded_beyond_granted_minor: Mapped[Minor] = mapped_column(
        Computed("greatest(refunded_minor - settled_minor, 0)", persisted=True)
    )
    __table_args__ = (
        Index("ix_payment_balance_discrepant", "order_id", postgresql_where=text(BALANCE_DISCREPANT)),
        Index("ix_payment_balance_discrepant_in_channel", "channel_id", "order_id", postgresql_where=text(BALANCE_DISCREPANT)),
        CheckConstraint("granted_minor >= 0", name="granted_not_negative"),
    )


class RefundRow(Base):
    """Money that we owe back, until a provider reports that it was paid.

    `called_off_minor` is what we no longer owe since it was canceled, `owed_minor` what we still owe, and `settled_minor` what
    went back of what we owed. It is open as long as something is owed.
    """

    __tablename__ = "refund"
    id: Mapped[Key[RefundId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[ChannelId]
    return_id: Mapped[ReturnId | None] = mapped_column(index=True)
    cancellation_id: Mapped[CancellationId | None] = mapped_column(ForeignKey("order_cancellation.id"), unique=True)
    change_id: Mapped[OrderChangeId | None] = mapped_column(ForeignKey("order_change.id"), unique=True)
    status: Mapped[RefundStatus] = mapped_column(coded(RefundStatus, "status"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    reason: Mapped[RefundReason] = mapped_column(coded(RefundReason, "reason"))
    note: Mapped[str | None]
    cancel_note: Mapped[str | None]
    amount_minor: Mapped[Minor]
    refunded_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    called_off_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    owed_minor: Mapped[Minor] = mapped_column(
        Computed("greatest(amount_minor - called_off_minor - refunded_minor, 0)", persisted=True)
    )
    settled_minor: Mapped[Minor] = mapped_column(
        Computed("least(refunded_minor, amount_minor - called_off_minor)", persisted=True)
    )
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
        Index(None, "channel_id", "granted_at", "id"),
        Index(None, "status", "granted_at", "id"),
        Index(None, "reason", "granted_at", "id"),
        begins("refund", "provider_reference", only="provider_reference IS NOT NULL"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("refunded_minor >= 0", name="refunded_not_negative"),
        CheckConstraint("called_off_minor BETWEEN 0 AND amount_minor", name="called_off_within_amount"),
        CheckConstraint(
            "(status IN ('GRANTED', 'REQUESTED', 'FAILED')) = (amount_minor - called_off_minor - refunded_minor > 0)",
            name="open_while_owed",
        ),
        CheckConstraint("(status = 'SUCCEEDED') = (succeeded_at IS NOT NULL)", name="succeeded_when_told"),
        CheckConstraint("(status = 'CANCELED') = (canceled_at IS NOT NULL)", name="canceled_when_told"),
    )


class RefundEventRow(Base):
    """Which refund an event belongs to: named by the event, or found by the provider's reference, also later. Append-only."""

    __tablename__ = "refund_event"
    event_id: Mapped[PaymentEventId] = mapped_column(ForeignKey("payment_event.id"), primary_key=True)
    refund_id: Mapped[RefundId] = mapped_column(ForeignKey("refund.id"), index=True)


class RefundPartRow(Base):
    """What a part of a refund is of, with what of it is shipping and tax. Append-only: what is called off is a negative row.

    The parts add up to amount - called off of their refund, where it has any. A part that `concedes` lowers what is due.
    """

    __tablename__ = "refund_part"
    id: Mapped[Key[UUID]]
    refund_id: Mapped[RefundId] = mapped_column(ForeignKey("refund.id"), index=True)
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    kind: Mapped[RefundPartKind] = mapped_column(coded(RefundPartKind, "kind"))
    line_id: Mapped[LineId | None] = mapped_column(ForeignKey("order_line.id"))
    concedes: Mapped[bool]
    amount_minor: Mapped[Minor]
    shipping_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    occurred_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        CheckConstraint("(kind = 'LINE') = (line_id IS NOT NULL)", name="lines_are_named"),
    )


class ConcessionRow(Base):
    """By how much an act moved what concessions take off what is due: a refund, or units that came back or were canceled.

    Append-only. The act is the grant of a refund, or where it is `called_off` its end; a receipt, a cancellation, or a fee.
    """

    __tablename__ = "order_concession"
    id: Mapped[Key[UUID]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    act_id: Mapped[UUID] = mapped_column(index=True)
    called_off: Mapped[bool]
    kind: Mapped[RefundPartKind] = mapped_column(coded(RefundPartKind, "kind"))
    line_id: Mapped[LineId | None] = mapped_column(ForeignKey("order_line.id"))
    amount_minor: Mapped[Minor]
    shipping_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    occurred_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        CheckConstraint("(kind = 'LINE') = (line_id IS NOT NULL)", name="lines_are_named"),
    )


class FeeRow(Base):
    """A fee that is kept of an order's money, such as for restocking, due until it is waived; `tax_minor` is part of it."""

    __tablename__ = "order_fee"
    id: Mapped[Key[FeeId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    channel_id: Mapped[ChannelId]
    return_id: Mapped[ReturnId | None] = mapped_column(index=True)
    kind: Mapped[FeeKind] = mapped_column(coded(FeeKind, "kind"))
    amount_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    currency: Mapped[str]
    note: Mapped[str | None]
    waive_note: Mapped[str | None]
    actor: Mapped[str]
    charged_at: Mapped[datetime]
    waived_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "order_id", "charged_at", "id"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("tax_minor BETWEEN 0 AND amount_minor", name="tax_within_amount"),
    )


results_in(FeeRow.id, "feeCharge", "feeWaive")
results_in(PaymentEventRow.id, "paymentEventReport")
results_in(RefundRow.id, "refundCreate", "refundRequest", "refundCancel")
