"""Batch loaders around transfers."""

from oms_api.db.session import Reader
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.transfers.coming import in_transit_by_level
from oms_api.graphql.context import BatchLoader


class InTransitByLevel(BatchLoader[LevelKey, int]):
    """Units that left for each level and have not arrived; the levels were seen before."""

    async def load_batch(self, read: Reader, keys: list[LevelKey]) -> list[int]:
        found = await in_transit_by_level(read, keys)
        return [found.get(key, 0) for key in keys]
