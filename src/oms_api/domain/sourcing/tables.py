"""Sourcing profiles with their versions, groups of locations, postal zones, decisions and simulations."""

from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, Double, ForeignKey, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, Minor, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.sourcing.states import Otherwise, ProfileStatus, SourcingAct
from oms_api.kernel.ids import (
    ChannelId,
    JobId,
    LocationGroupId,
    LocationId,
    OrderId,
    PostalZoneId,
    SourcingDecisionId,
    SourcingProfileId,
    SourcingProfileVersionId,
    SourcingSimulationId,
)


class SourcingProfileRow(Base):
    """A way to choose the locations of an order. `latest` is the number of its newest version, the active one decides."""

    __tablename__ = "sourcing_profile"
    id: Mapped[Key[SourcingProfileId]]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    status: Mapped[ProfileStatus] = mapped_column(coded(ProfileStatus, "status"))
    latest: Mapped[int]
    active_version_id: Mapped[SourcingProfileVersionId | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("(status = 'ACTIVE') = (active_version_id IS NOT NULL)", name="active_by_a_version"),)


class SourcingProfileVersionRow(Base):
    """One version of a profile; only its status ever changes. Amounts are millionths of a major unit."""

    __tablename__ = "sourcing_profile_version"
    id: Mapped[Key[SourcingProfileVersionId]]
    profile_id: Mapped[SourcingProfileId] = mapped_column(ForeignKey("sourcing_profile.id"))
    number: Mapped[int]
    status: Mapped[ProfileStatus] = mapped_column(coded(ProfileStatus, "status"))
    steps: Mapped[list[Json]] = mapped_column(JSONB)
    rates: Mapped[list[Json]] = mapped_column(JSONB)
    split_penalty: Mapped[Minor]
    scarcity: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    otherwise: Mapped[Otherwise] = mapped_column(coded(Otherwise, "otherwise"))
    actor: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("profile_id", "number"),
        Index("uq_sourcing_profile_version_active", "profile_id", unique=True, postgresql_where=text("status = 'ACTIVE'")),
        CheckConstraint("split_penalty >= 0", name="split_penalty_not_negative"),
    )


class LocationGroupRow(Base):
    """Locations that profiles name together."""

    __tablename__ = "location_group"
    id: Mapped[Key[LocationGroupId]]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    location_ids: Mapped[list[LocationId]] = mapped_column(ARRAY(Uuid))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (Index("ix_location_group_location_ids", "location_ids", postgresql_using="gin"),)


class PostalZoneRow(Base):
    """A part of a country by postal codes; a range is two codes. `latitude` and `longitude` are its centre."""

    __tablename__ = "postal_zone"
    id: Mapped[Key[PostalZoneId]]
    code: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str]
    prefixes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    ranges: Mapped[list[list[str]]] = mapped_column(JSONB)
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="centre_is_a_point"),)


class SourcingDecisionRow(Base):
    """The decision of one step of a profile on an order; without a `step`: that none served the remaining units."""

    __tablename__ = "sourcing_decision"
    id: Mapped[Key[SourcingDecisionId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    profile_version_id: Mapped[SourcingProfileVersionId] = mapped_column(ForeignKey("sourcing_profile_version.id"))
    act: Mapped[SourcingAct] = mapped_column(coded(SourcingAct, "act"))
    step: Mapped[str | None]
    bounded: Mapped[bool]
    chosen: Mapped[list[Json]] = mapped_column(JSONB)
    candidates: Mapped[list[Json]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    __table_args__ = (Index(None, "order_id", "id"),)


class SourcingSimulationRow(Base):
    """Past orders sourced anew by a version of a profile, beside what happened. `result` is there once it is finished."""

    __tablename__ = "sourcing_simulation"
    id: Mapped[Key[SourcingSimulationId]]
    profile_version_id: Mapped[SourcingProfileVersionId] = mapped_column(ForeignKey("sourcing_profile_version.id"))
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    job_id: Mapped[JobId]
    result: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    actor: Mapped[str]
    recorded_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "recorded_at", "id"), CheckConstraint("from_at < to_at", name="from_before_to"))


results_in(
    SourcingProfileRow.id,
    "sourcingProfileCreate",
    "sourcingProfileUpdate",
    "sourcingProfileActivate",
    "sourcingProfileRetire",
)
results_in(LocationGroupRow.id, "locationGroupUpsert")
results_in(PostalZoneRow.id, "postalZoneUpsert")
results_in(SourcingSimulationRow.id, "sourcingSimulate")
