"""Who is asking, and what they may do and see."""

from collections.abc import Hashable, Sequence
from enum import StrEnum
from typing import Literal
from uuid import UUID

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import LimitedKey, MissingScope
from oms_api.kernel.ids import ApiKeyId, ChannelId, Id, IntegrationId, LocationId, SupplierId


class Scope(StrEnum):
    """A right that an API key can carry."""

    CARRIERS_WRITE = "carriers:write"
    """Create and change accounts with carriers, their rates, and shipping services."""
    CATALOG_READ = "catalog:read"
    """Read SKUs."""
    CATALOG_WRITE = "catalog:write"
    """Create and change SKUs."""
    CHANNELS_READ = "channels:read"
    """Read channels, listings and locations."""
    CHANNELS_WRITE = "channels:write"
    """Create and change channels, listings and locations."""
    COSTS_READ = "costs:read"
    """Read what goods cost the merchant."""
    CUSTOMERS_READ = "customers:read"
    """Read customers and the personal data on customers and orders."""
    CUSTOMERS_WRITE = "customers:write"
    """Create and change customers."""
    DOCUMENTS_WRITE = "documents:write"
    """Write the templates of documents, and put them in use."""
    EVENTS_READ = "events:read"
    """Read the feed of events."""
    INVENTORY_READ = "inventory:read"
    """Read stock and its ledger."""
    INVENTORY_WRITE = "inventory:write"
    """Correct stock."""
    ORDERS_APPROVE = "orders:approve"
    """Release holds that wait for an approval."""
    ORDERS_READ = "orders:read"
    """Read orders."""
    ORDERS_REQUEST = "orders:request"
    """Propose changes of orders, for staff to apply or decline."""
    ORDERS_WRITE = "orders:write"
    """Place, change and cancel orders."""
    ORDERS_IMPORT = "orders:import"
    """Say when something happened, in the past."""
    PAYMENTS_READ = "payments:read"
    """Read payments and refunds."""
    PAYMENTS_WRITE = "payments:write"
    """Report payments, grant refunds."""
    PURCHASING_READ = "purchasing:read"
    """Read suppliers and purchase orders."""
    PURCHASING_WRITE = "purchasing:write"
    """Create and change suppliers and purchase orders, and receive what was bought."""
    REPORTS_READ = "reports:read"
    """Read reports of sales."""
    REQUESTS_ANSWER = "requests:answer"
    """Answer what is asked of a supplier, ship it and track it: for a key that is limited to the supplier."""
    REQUESTS_READ = "requests:read"
    """Read what is asked of a supplier, with the names and addresses that its parcels go to; no e-mails, no prices."""
    RETURNS_READ = "returns:read"
    """Read returns."""
    RETURNS_WRITE = "returns:write"
    """Announce returns and receive them."""
    RULES_READ = "rules:read"
    """Read the rules that decide about orders."""
    RULES_WRITE = "rules:write"
    """Make and change the rules that decide about orders, and put them in force; conditions may ask for personal data."""
    SHIPPING_READ = "shipping:read"
    """Read fulfillment orders and shipments."""
    SHIPPING_WRITE = "shipping:write"
    """Ship, and report deliveries."""
    SYSTEM = "system"
    """Look into the installation itself and run its checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A caller. `None` as a limit means unlimited; an empty set means nothing at all.

    `client_id` is the integration: it stays when its keys are rotated, and idempotency keys belong to it.
    """

    client_id: IntegrationId
    key_id: ApiKeyId | None = None
    name: str
    scopes: frozenset[Scope]
    channels: frozenset[ChannelId] | None = None
    locations: frozenset[LocationId] | None = None
    suppliers: frozenset[SupplierId] | None = None

    @property
    def holder(self) -> ApiKeyId | IntegrationId:
        """Whose shares of sockets, operations and events the caller takes from: each key has its own."""
        return self.key_id or self.client_id

    @property
    def rights(self) -> tuple[Hashable, ...]:
        """All that decides what a caller is told: those with the same rights are told the same."""
        return self.client_id, self.scopes, self.channels, self.locations, self.suppliers

    def may(self, scope: Scope) -> bool:
        """Tell whether the caller has *scope*."""
        return scope in self.scopes

    def demand(self, scope: Scope) -> None:
        """Raises: MissingScope."""
        if scope not in self.scopes:
            raise MissingScope(scope=scope.value)

    def check_unlimited(self, *limits: Literal["channels", "locations", "suppliers"]) -> None:
        """Raises: LimitedKey, for a caller with one of these *limits*: what is for all is changed by who sees all."""
        for what in limits:
            if getattr(self, what) is not None:
                raise LimitedKey(what=what)

    def sees_channel(self, channel_id: ChannelId) -> bool:
        """Tell whether records of the channel are visible to the caller."""
        return self.channels is None or channel_id in self.channels

    def sees_location(self, location_id: LocationId) -> bool:
        """Tell whether records of the location are visible to the caller."""
        return self.locations is None or location_id in self.locations

    def sees_supplier(self, supplier_id: SupplierId) -> bool:
        """Tell whether records of the supplier are visible to the caller."""
        return self.suppliers is None or supplier_id in self.suppliers


@dataclass(frozen=True, slots=True)
class Sight:
    """The limits of what a caller sees, as statements take them: `None` for no limit.

    What belongs to a client, such as its jobs, is seen by that client and by whoever looks after the system.
    """

    channels: Sequence[ChannelId] | None
    locations: Sequence[LocationId] | None
    suppliers: Sequence[SupplierId] | None
    clients: Sequence[IntegrationId] | None

    @classmethod
    def of(cls, principal: Principal) -> "Sight":
        """Return the limits of *principal*."""
        clients = None if principal.may(Scope.SYSTEM) else [principal.client_id]
        return cls(_listed(principal.channels), _listed(principal.locations), _listed(principal.suppliers), clients)


def _listed(limit: frozenset[Id] | None) -> Sequence[Id] | None:
    return None if limit is None else list(limit)


SYSTEM_CLIENT = IntegrationId(UUID(int=0))
"""The installation itself."""


VISITOR = Principal(
    client_id=IntegrationId(UUID(int=1)),
    name="visitors",
    scopes=frozenset(),
    channels=frozenset(),
    locations=frozenset(),
    suppliers=frozenset(),
)
"""Whoever comes without a key: all of them together are one caller, who may ask for what is public, and sees nothing."""


def system_principal(name: str) -> Principal:
    """Return the principal of the installation itself, for seeds, jobs and commands on the server."""
    return Principal(client_id=SYSTEM_CLIENT, name=name, scopes=frozenset(Scope))
