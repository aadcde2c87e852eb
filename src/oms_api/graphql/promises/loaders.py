"""Batch loaders around backorders and oversell rules."""

from typing import Any
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.channels.queries import oversell_defaults, pages_of_rules, pages_of_rules_of_skus
from oms_api.domain.channels.tables import OversellRule
from oms_api.domain.fulfillment.backorders.queries import backorders_by_bundle, backorders_by_id, backorders_by_line
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.inventory.promising import SupplyKind
from oms_api.domain.purchasing.incoming import documents_of_supply
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import Page, PageRequest


class BackorderById(BatchLoader[UUID, BackorderRow | None]):
    """Backorders that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[BackorderRow | None]:
        found = await backorders_by_id(read, keys)
        return [found.get(key) for key in keys]


class DocumentOfSupply(BatchLoader[tuple[SupplyKind, UUID], tuple[IdKind, UUID] | None]):
    """The document of each line that brings goods."""

    async def load_batch(self, read: Reader, keys: list[tuple[SupplyKind, UUID]]) -> list[tuple[IdKind, UUID] | None]:
        found = await documents_of_supply(read, keys)
        return [found.get(line) for _, line in keys]


class BackordersByLine(BatchLoader[UUID, list[BackorderRow]]):
    """The backorders of each order line."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[list[BackorderRow]]:
        found = await backorders_by_line(read, keys)
        return [found[key] for key in keys]


class BackordersByBundle(BatchLoader[UUID, list[BackorderRow]]):
    """The backorders of the components of each bundle's order line."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[list[BackorderRow]]:
        found = await backorders_by_bundle(read, keys)
        return [found[key] for key in keys]


class OversellDefault(BatchLoader[UUID, OversellRule | None]):
    """The rule of each channel for all SKUs that have none of their own."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[OversellRule | None]:
        found = await oversell_defaults(read, keys)
        return [found.get(key) for key in keys]


class _PageOfRules(BatchLoader[UUID, Page[OversellRule]]):
    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page


class OversellRulesByChannel(_PageOfRules):
    """A page of the rules of each channel for single SKUs."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[Page[OversellRule]]:
        found = await pages_of_rules(read, keys, self.page)
        return [found[key] for key in keys]


class OversellRulesBySku(_PageOfRules):
    """A page of the rules for each SKU, of channels that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[Page[OversellRule]]:
        found = await pages_of_rules_of_skus(read, keys, self.page)
        return [found[key] for key in keys]
