"""Batch loaders around stock."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.inventory.queries import (
    adjustments_by_id,
    levels_by_id,
    pages_of_adjustment_lines,
    pages_of_levels,
    pages_of_movements,
)
from oms_api.domain.inventory.tables import InventoryAdjustment, InventoryAdjustmentLine, InventoryLevel, StockMovement
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class LevelById(BatchLoader[UUID, InventoryLevel | None]):
    """Levels that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[InventoryLevel | None]:
        found = await levels_by_id(read, keys)
        return [found.get(key) for key in keys]


class AdjustmentById(BatchLoader[UUID, InventoryAdjustment | None]):
    """Adjustments that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[InventoryAdjustment | None]:
        found = await adjustments_by_id(read, keys)
        return [found.get(key) for key in keys]


class LevelsBySku(BatchLoader[UUID, Page[InventoryLevel]]):
    """A page of the levels of each SKU."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[InventoryLevel]]:
        found = await pages_of_levels(read, keys, self.page)
        return [found[key] for key in keys]


class MovementsByLevel(BatchLoader[UUID, Page[StockMovement]]):
    """A page of the ledger of each level, newest first."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[StockMovement]]:
        found = await pages_of_movements(read, keys, self.page)
        return [found[key] for key in keys]


class LinesByAdjustment(BatchLoader[UUID, Page[InventoryAdjustmentLine]]):
    """A page of the lines of each adjustment, in the order given."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[InventoryAdjustmentLine]]:
        found = await pages_of_adjustment_lines(read, keys, self.page)
        return [found[key] for key in keys]
