"""End an API key."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, update

from oms_api.db.session import Tx
from oms_api.db.statements import Select, statement
from oms_api.domain.access.tables import ApiKeyRow
from oms_api.kernel.dataclass import dataclass
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


@statement
def ended(prefix: str, at: datetime) -> Select[Any]:
    """The key with *prefix*, once it is revoked *at* the latest."""
    revoked = update(ApiKeyRow).where(ApiKeyRow.prefix == prefix).values(revoked_at=func.coalesce(ApiKeyRow.revoked_at, at))
    return revoked.returning(ApiKeyRow)


async def revoke_key(tx: Tx, command: RevokeKey) -> RevokedKey:
    """End a key for good; every process refuses it within 5 seconds. Revoking twice changes nothing.

    Raises: NotFound.
    """
    key = await tx.one_or_none(ended(command.prefix, tx.now))
    if key is None:
        raise NotFound(what="API key with the prefix", given=command.prefix)
    return RevokedKey(id=key.id, prefix=key.prefix, revoked_at=key.revoked_at)
