"""Reads of API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from oms_api.db.session import Reader
from oms_api.db.statements import statement
from oms_api.domain.access.authentication import with_client
from oms_api.domain.access.tables import ApiKeyRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ApiKeyId, ChannelId, Id, IntegrationId, LocationId, SupplierId


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeySummary:
    """An API key without its secret. `None` as a limit means unlimited."""

    id: ApiKeyId
    client_id: IntegrationId
    client: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    channel_ids: tuple[ChannelId, ...] | None
    location_ids: tuple[LocationId, ...] | None
    supplier_ids: tuple[SupplierId, ...] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@statement
def every_key() -> Select[Any]:
    """Every key with the name of its integration, oldest first."""
    return with_client().order_by(ApiKeyRow.created_at, ApiKeyRow.id)


async def api_keys(read: Reader) -> Sequence[ApiKeySummary]:
    """Return every key there ever was, oldest first."""
    return [
        ApiKeySummary(
            id=row.id,
            client_id=row.integration_id,
            client=row.client,
            name=row.name,
            prefix=row.prefix,
            scopes=tuple(row.scopes),
            channel_ids=_limit(row.channel_ids),
            location_ids=_limit(row.location_ids),
            supplier_ids=_limit(row.supplier_ids),
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )
        for row in await read.all(every_key())
    ]


def _limit(ids: Sequence[Id] | None) -> tuple[Id, ...] | None:
    return None if ids is None else tuple(ids)
