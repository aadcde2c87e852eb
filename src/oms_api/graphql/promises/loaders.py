"""Batch loaders around backorders and oversell rules."""

from collections.abc import Sequence
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.channels.queries import oversell_rules_by_channel
from oms_api.domain.channels.tables import OversellRule
from oms_api.domain.fulfillment.backorders.queries import backorders_by_id, backorders_by_line
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.graphql.context import BatchLoader


class BackorderById(BatchLoader[UUID, BackorderRow | None]):
    """Backorders that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[BackorderRow | None]:
        found = await backorders_by_id(read, keys)
        return [found.get(key) for key in keys]


class BackordersByLine(BatchLoader[UUID, list[BackorderRow]]):
    """The backorders of each order line."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[list[BackorderRow]]:
        found = await backorders_by_line(read, keys)
        return [found[key] for key in keys]


class OversellRulesByChannel(BatchLoader[UUID, Sequence[OversellRule]]):
    """The first rules of each channel, the one for all SKUs first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Sequence[OversellRule]]:
        found = await oversell_rules_by_channel(read, keys)
        return [found.get(key, []) for key in keys]
