"""Make an API key."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from oms_api.db.relations import by
from oms_api.db.session import Tx
from oms_api.domain.access.authentication import PURPOSE
from oms_api.domain.access.errors import BeyondSupplier, NoScopes
from oms_api.domain.access.key_text import new_key_text
from oms_api.domain.access.tables import ApiKeyRow, IntegrationRow
from oms_api.kernel.access import Scope
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import ApiKeyId, ChannelId, Id, IntegrationId, LocationId, SupplierId
from oms_api.kernel.secrets import Secrets

OF_SUPPLIERS = frozenset(
    {
        Scope.PURCHASING_READ,
        Scope.PURCHASING_WRITE,
        Scope.COSTS_READ,
        Scope.CATALOG_READ,
        Scope.EVENTS_READ,
    }
)
"""Rights to what a supplier's own records and the catalog are; nothing else can be limited to a supplier."""
integrations_by_name = by(IntegrationRow.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueKey:
    """Whose key, what it may do, and for how long. `None` as a limit means unlimited."""

    client: str
    name: str
    scopes: AbstractSet[Scope]
    channels: AbstractSet[ChannelId] | None = None
    locations: AbstractSet[LocationId] | None = None
    suppliers: AbstractSet[SupplierId] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key; *text* is shown to its holder now and cannot be had again."""

    id: ApiKeyId
    prefix: str
    text: str


async def issue_key(tx: Tx, command: IssueKey, *, secrets: Secrets) -> IssuedKey:
    """Make a key for the integration of that name, which is made with its first key.

    Raises: NoScopes; BeyondSupplier; InvalidValue, for an empty name or an expiry that is over.
    """
    for field, value in (("client", command.client), ("name", command.name)):
        if not value or value != value.strip():
            raise InvalidValue(problem=f"{field} must be some text without blanks around it.", field=(field,))
    if not command.scopes:
        raise NoScopes(field=("scopes",))
    beyond = command.scopes - OF_SUPPLIERS
    if beyond and command.suppliers is not None and command.locations is None:
        raise BeyondSupplier(scopes=", ".join(sorted(beyond)), field=("scopes",))
    if command.expires_at is not None and command.expires_at <= tx.now:
        raise InvalidValue(problem="expiresAt must lie in the future.", field=("expiresAt",))
    new = {"id": tx.new_id(IntegrationId), "name": command.client, "created_at": tx.now}
    client = await tx.made_or_none(IntegrationRow, new) or await integrations_by_name.of_one(tx, command.client)
    key, key_id = new_key_text(), tx.new_id(ApiKeyId)
    row = {
        "id": key_id,
        "integration_id": client.id,
        "name": command.name,
        "prefix": key.prefix,
        "digest": secrets.sign(PURPOSE, str(key).encode()),
        "scopes": sorted(command.scopes),
        "channel_ids": _limit(command.channels),
        "location_ids": _limit(command.locations),
        "supplier_ids": _limit(command.suppliers),
        "created_at": tx.now,
        "expires_at": command.expires_at,
    }
    await tx.insert(ApiKeyRow, [row])
    return IssuedKey(id=key_id, prefix=key.prefix, text=str(key))


def _limit(ids: AbstractSet[Id] | None) -> list[Id] | None:
    return None if ids is None else sorted(ids)
