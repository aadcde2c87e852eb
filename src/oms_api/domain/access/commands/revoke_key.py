"""End an API key."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update

from oms_api.db.session import Tx
from oms_api.domain.access.tables import ApiKey
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import ApiKeyId


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """Which key, by the prefix that lists show."""

    prefix: str


@dataclass(frozen=True, slots=True)
class RevokedKey:
    """The key, and when it was first revoked."""

    id: ApiKeyId
    prefix: str
    revoked_at: datetime


async def revoke_key(tx: Tx, command: RevokeKey) -> RevokedKey:
    """End a key for good; every process refuses it within 5 seconds. Revoking twice changes nothing.

    Raises: NotFound.
    """
    rows = await tx.rows(
        update(ApiKey)
        .where(ApiKey.prefix == command.prefix)
        .values(revoked_at=func.coalesce(ApiKey.revoked_at, tx.now))
        .returning(ApiKey.id, ApiKey.prefix, ApiKey.revoked_at)
    )
    if not rows:
        raise NotFound(what="API key with the prefix", given=command.prefix)
    return RevokedKey(id=rows[0].id, prefix=rows[0].prefix, revoked_at=rows[0].revoked_at)
