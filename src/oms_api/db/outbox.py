"""What every transaction may leave behind: staged events, idempotency records and jobs; and the feed they end in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Identity, Index, SmallInteger, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, coded
from oms_api.kernel.ids import ChannelId, EventId, IntegrationId, JobId, LocationId, OrderId, SkuId, SupplierId

UUIDS = ARRAY(Uuid)
EMPTIED_AT_ONCE = {
    "autovacuum_vacuum_scale_factor": "0",
    "autovacuum_vacuum_threshold": "2000",
    "autovacuum_vacuum_cost_delay": "0",
}
"""Rows live for milliseconds: vacuum by what died, not by how much is there."""


class EventColumns:
    """The columns of an event, in the stage and in the feed alike.

    `supplier_ids` is null where no supplier is named, `sku_id` where the event is not about one SKU: that costs the many events
    of orders nothing.
    """

    id: Mapped[EventId]
    type: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    order_id: Mapped[OrderId | None]
    channel_id: Mapped[ChannelId | None]
    location_ids: Mapped[list[LocationId]] = mapped_column(UUIDS)
    cause_id: Mapped[UUID | None]
    changes: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    supplier_ids: Mapped[list[SupplierId] | None] = mapped_column(UUIDS)
    sku_id: Mapped[SkuId | None]


class StagedEvent(EventColumns, Base):
    """An event whose place in the feed is still to be given: identity order is not commit order."""

    __tablename__ = "outbox_stage"
    stage: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    __table_args__ = ({"postgresql_with": EMPTIED_AT_ONCE},)


class FeedEvent(EventColumns, Base):
    """An event with its place: positions have no gaps, and only the relay gives them. Append-only."""

    __tablename__ = "feed"
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    __table_args__ = (
        Index(None, "order_id", "position"),
        Index(None, "sku_id", "position", postgresql_where=text("sku_id IS NOT NULL")),
        Index(None, "subject_id", "position", postgresql_where=text("order_id IS NULL")),
        Index(None, "id", unique=True),
    )


class FeedHead(Base):
    """The last position given, and the epoch that a restore begins anew."""

    __tablename__ = "feed_head"
    one: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, server_default=text("1"))
    epoch: Mapped[UUID]
    position: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    __table_args__ = (
        CheckConstraint("one = 1", name="single_row"),
        {"postgresql_with": {**EMPTIED_AT_ONCE, "fillfactor": "10"}},
    )


class FollowerRow(Base):
    """How far a reaction has followed the feed: every event up to this position has had its effect, once.

    `failures` is how often it failed since it last got further, `failing_since` when it began to.
    """

    __tablename__ = "follower"
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("position >= 0", name="position_not_negative"),
        CheckConstraint(
            "(failures > 0) = (failing_since IS NOT NULL) AND (failures > 0) = (last_error IS NOT NULL)",
            name="failures_are_told",
        ),
        {"postgresql_with": {**EMPTIED_AT_ONCE, "fillfactor": "10"}},
    )


class IdempotencyRecord(Base):
    """What a client's key once did, kept 72 hours: the hash of the arguments and the id of the result."""

    __tablename__ = "idempotency"
    client_id: Mapped[IntegrationId] = mapped_column(primary_key=True)
    mutation: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    arguments: Mapped[bytes]
    result_id: Mapped[UUID]
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = ({"postgresql_with": {"autovacuum_vacuum_scale_factor": "0.02"}},)


class JobStatus(StrEnum):
    """The status of a job."""

    CREATED = "CREATED"
    """Asked for, and waiting for a worker."""
    VALIDATING = "VALIDATING"
    """Its input is being checked."""
    RUNNING = "RUNNING"
    """A worker carries out the job."""
    COMPLETED = "COMPLETED"
    """Done."""
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    """Done, except for the rows named in its errors."""
    FAILED = "FAILED"
    """Given up; its errors say why."""
    CANCELED = "CANCELED"
    """Stopped by somebody; finished work stays."""


class JobRow(Base):
    """Long work that a caller asked for, watched by its id. The relay hands it to the worker."""

    __tablename__ = "job"
    id: Mapped[Key[JobId]]
    kind: Mapped[str]
    status: Mapped[JobStatus] = mapped_column(coded(JobStatus, "status"))
    arguments: Mapped[Json] = mapped_column(JSONB)
    done: Mapped[int] = mapped_column(server_default=text("0"))
    total: Mapped[int | None]
    errors: Mapped[list[Json]] = mapped_column(JSONB, server_default=text("'[]'"))
    result: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    client_id: Mapped[IntegrationId]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
