"""Integrations and API keys."""

from datetime import datetime

from sqlalchemy import ARRAY, ForeignKey, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Key
from oms_api.kernel.ids import ApiKeyId, ChannelId, IntegrationId, LocationId, SupplierId


class IntegrationRow(Base):
    """A system that calls this one: a shop, a warehouse, a developer's tool. Idempotency keys belong to it."""

    __tablename__ = "integration"
    id: Mapped[Key[IntegrationId]]
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class ApiKeyRow(Base):
    """A credential of an integration. `None` as a limit means unlimited."""

    __tablename__ = "api_key"
    id: Mapped[Key[ApiKeyId]]
    integration_id: Mapped[IntegrationId] = mapped_column(ForeignKey("integration.id"), index=True)
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[bytes]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    channel_ids: Mapped[list[ChannelId] | None] = mapped_column(ARRAY(Uuid))
    location_ids: Mapped[list[LocationId] | None] = mapped_column(ARRAY(Uuid))
    supplier_ids: Mapped[list[SupplierId] | None] = mapped_column(ARRAY(Uuid))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
