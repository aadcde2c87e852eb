"""From the text of an API key to a principal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from oms_api.db.session import Reader
from oms_api.db.statements import statement
from oms_api.domain.access.errors import Unauthenticated
from oms_api.domain.access.key_text import parse_key_text
from oms_api.domain.access.tables import ApiKeyRow, IntegrationRow
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ApiKeyId, Id
from oms_api.kernel.secrets import Secrets

PURPOSE = "api-key"
KNOWN_SCOPES = {scope.value: scope for scope in Scope}


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A caller whose key was found good, and what the row says of the key's own life."""

    principal: Principal
    expires_at: datetime | None
    last_used_at: datetime | None

    def expired(self, now: datetime) -> bool:
        """Tell whether the key is over at *now*."""
        return self.expires_at is not None and self.expires_at <= now


def with_client() -> Select[Any]:
    """Return the columns of keys, and the name of the integration of each as `client`."""
    columns: list[Any] = [ApiKeyRow, IntegrationRow.name.label("client")]
    return select(*columns).join(IntegrationRow, IntegrationRow.id == ApiKeyRow.integration_id)


@statement
def held_key(prefix: str) -> Select[Any]:
    """The key with *prefix* that nobody revoked, with the name of its integration."""
    return with_client().where(ApiKeyRow.prefix == prefix, ApiKeyRow.revoked_at.is_(None))


@statement
def live_key(key_id: ApiKeyId, now: datetime) -> Select[Any]:
    """The id of a key that is neither revoked nor expired."""
    unexpired = or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > now)
    return select(ApiKeyRow.id).where(ApiKeyRow.id == key_id, ApiKeyRow.revoked_at.is_(None), unexpired)


async def authenticate(read: Reader, secrets: Secrets, text: str, now: datetime) -> Authenticated:
    """Return who holds the key *text*.

    Raises: Unauthenticated, for a key that is mistyped (without a read), unknown, expired or revoked.
    """
    key = parse_key_text(text)
    row = await read.one_or_none(held_key(key.prefix))
    if row is None or not secrets.verify(PURPOSE, text.encode(), row.digest):
        raise Unauthenticated
    principal = Principal(
        client_id=row.integration_id,
        key_id=row.id,
        name=row.client,
        # A scope that this version does not know grants nothing.
        scopes=frozenset(KNOWN_SCOPES[scope] for scope in row.scopes if scope in KNOWN_SCOPES),
        channels=_limit(row.channel_ids),
        locations=_limit(row.location_ids),
        suppliers=_limit(row.supplier_ids),
    )
    found = Authenticated(principal=principal, expires_at=row.expires_at, last_used_at=row.last_used_at)
    if found.expired(now):
        raise Unauthenticated(problem="it has expired")
    return found


async def key_is_live(read: Reader, key_id: ApiKeyId, now: datetime) -> bool:
    """Tell whether the key is neither revoked nor expired."""
    return await read.value(live_key(key_id, now)) is not None


def _limit(ids: Sequence[Id] | None) -> frozenset[Id] | None:
    return None if ids is None else frozenset(ids)
