"""Batch loaders around stock."""

from datetime import datetime
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.inventory.adjustments import adjustments_by_id, pages_of_adjustment_lines
from oms_api.domain.inventory.documents import (
    documents_behind,
    moves_by_id,
    pages_of_move_lines,
    pages_of_unpromise_lines,
    unpromises_by_document,
    unpromises_by_id,
)
from oms_api.domain.inventory.feeds import FailedRow, pages_of_failures, syncs_by_adjustment, syncs_by_id
from oms_api.domain.inventory.queries import MovementFilter, levels_at, levels_by_id, pages_of_levels, pages_of_movements
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.summary import StockSum, stock_by_sku
from oms_api.domain.inventory.tables import (
    InventoryAdjustment,
    InventoryAdjustmentLine,
    InventoryLevel,
    InventoryMove,
    InventoryMoveLine,
    InventorySync,
    InventoryUnpromise,
    InventoryUnpromiseLine,
    StockMovement,
)
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.ids import IdKind, LevelId
from oms_api.kernel.paging import Page, PageRequest


class LevelById(BatchLoader[LevelId, InventoryLevel | None]):
    """Levels that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[LevelId]) -> list[InventoryLevel | None]:
        found = await levels_by_id(read, keys)
        return [found.get(key) for key in keys]


class LevelAt(BatchLoader[LevelKey, InventoryLevel | None]):
    """Levels that the caller may see, by SKU and location."""

    async def load_batch(self, read: Reader, keys: list[LevelKey]) -> list[InventoryLevel | None]:
        found = await levels_at(read, keys)
        return [found.get(key) for key in keys]


class StockBySku(BatchLoader[UUID, StockSum]):
    """The stock of each SKU over the locations that the caller may see, or at one of them."""

    def __init__(self, context: RequestContext, location: UUID | None) -> None:
        super().__init__(context)
        self.location = location

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[StockSum]:
        found = await stock_by_sku(read, keys, self.location)
        return [found.get(key, StockSum()) for key in keys]


class DocumentBehind(BatchLoader[tuple[CauseKind, UUID], tuple[IdKind, UUID] | None]):
    """The document of each line that moved units."""

    async def load_batch(self, read: Reader, keys: list[tuple[CauseKind, UUID]]) -> list[tuple[IdKind, UUID] | None]:
        found = await documents_behind(read, keys)
        return [found.get(line) for _, line in keys]


class MoveById(BatchLoader[UUID, InventoryMove | None]):
    """Moves that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[InventoryMove | None]:
        found = await moves_by_id(read, keys)
        return [found.get(key) for key in keys]


class SyncById(BatchLoader[UUID, InventorySync | None]):
    """Feeds that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[InventorySync | None]:
        found = await syncs_by_id(read, keys)
        return [found.get(key) for key in keys]


class SyncByAdjustment(BatchLoader[UUID, InventorySync | None]):
    """The feed that made each adjustment, where one did and the caller may see it."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[InventorySync | None]:
        found = await syncs_by_adjustment(read, keys)
        return [found.get(key) for key in keys]


class UnpromiseById(BatchLoader[UUID, InventoryUnpromise | None]):
    """Acts of taking promises back that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[InventoryUnpromise | None]:
        found = await unpromises_by_id(read, keys)
        return [found.get(key) for key in keys]


class UnpromiseByDocument(BatchLoader[UUID, InventoryUnpromise | None]):
    """What each document took back of promises, as far as the caller may see it."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[InventoryUnpromise | None]:
        found = await unpromises_by_document(read, keys)
        return [found.get(key) for key in keys]


class LinesByMove(BatchLoader[UUID, Page[InventoryMoveLine]]):
    """A page of the lines of each move, in the order given."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[InventoryMoveLine]]:
        found = await pages_of_move_lines(read, keys, self.page)
        return [found[key] for key in keys]


class FailuresBySync(BatchLoader[UUID, Page[FailedRow]]):
    """A page of the rows of each feed that failed, in their order."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[FailedRow]]:
        found = await pages_of_failures(read, keys, self.page)
        return [found[key] for key in keys]


class LinesByUnpromise(BatchLoader[UUID, Page[InventoryUnpromiseLine]]):
    """A page of the promises that each act took back, in the order in which it did."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[InventoryUnpromiseLine]]:
        found = await pages_of_unpromise_lines(read, keys, self.page)
        return [found[key] for key in keys]


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
    """A page of the ledger of each level, newest first, up to a moment if one is given."""

    def __init__(self, context: RequestContext, page: PageRequest, as_of: datetime | None, where: MovementFilter) -> None:
        super().__init__(context)
        self.page = page
        self.as_of = as_of
        self.where = where

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[StockMovement]]:
        found = await pages_of_movements(read, keys, self.page, where=self.where, as_of=self.as_of)
        return [found[key] for key in keys]


class LinesByAdjustment(BatchLoader[UUID, Page[InventoryAdjustmentLine]]):
    """A page of the lines of each adjustment, in the order given."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[InventoryAdjustmentLine]]:
        found = await pages_of_adjustment_lines(read, keys, self.page)
        return [found[key] for key in keys]
