"""Documents that are to become orders, and every attempt to read them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.intake.states import OrderIntakeStatus
from oms_api.kernel.ids import ChannelId, OrderId, OrderIntakeAttemptId, OrderIntakeId

WAITS = "status = 'RECEIVED'"


class OrderIntakeRow(Base):
    """A document of a `source`, as it came: JSON that names people. `digest` tells whether another one says the same.

    `order_id` is the order that it became, of `channel_id`.
    """

    __tablename__ = "order_intake"
    id: Mapped[Key[OrderIntakeId]]
    source: Mapped[str]
    external_ref: Mapped[str | None]
    digest: Mapped[str]
    document: Mapped[Json] = mapped_column(JSONB)
    status: Mapped[OrderIntakeStatus] = mapped_column(coded(OrderIntakeStatus, "status"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    note: Mapped[str | None]
    order_id: Mapped[OrderId | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    channel_id: Mapped[ChannelId | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    actor: Mapped[str]
    received_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "received_at", "id"),
        Index(None, "status", "received_at", "id"),
        Index(None, "source", "received_at", "id"),
        Index("ix_order_intake_waiting", "received_at", "id", postgresql_where=text(WAITS)),
        Index(
            "uq_order_intake_external_ref",
            "source",
            "external_ref",
            unique=True,
            postgresql_where=text("external_ref IS NOT NULL"),
        ),
        Index("uq_order_intake_digest", "source", "digest", unique=True, postgresql_where=text("external_ref IS NULL")),
        CheckConstraint("(status = 'PLACED') = (order_id IS NOT NULL)", name="placed_as_an_order"),
    )


class OrderIntakeAttemptRow(Base):
    """One attempt to read a document, numbered from 1: what it came to, and the `errors` as code, message and path."""

    __tablename__ = "order_intake_attempt"
    id: Mapped[Key[OrderIntakeAttemptId]]
    intake_id: Mapped[OrderIntakeId] = mapped_column(ForeignKey("order_intake.id"))
    number: Mapped[int]
    status: Mapped[OrderIntakeStatus] = mapped_column(coded(OrderIntakeStatus, "status"))
    errors: Mapped[Json] = mapped_column(JSONB)
    actor: Mapped[str]
    attempted_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("intake_id", "number"),)


results_in(OrderIntakeRow.id, "orderIntakeSubmit", "orderIntakeRetry", "orderIntakeResolve", "orderIntakeDiscard")
