"""Batch loaders around lots."""

from datetime import datetime
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.inventory.lots.queries import lots_by_id, pages_of_levels_by_lot, pages_of_lots_by_level
from oms_api.domain.inventory.lots.tables import LotLevel, LotRow
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class LotById(BatchLoader[UUID, LotRow | None]):
    """Lots that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[LotRow | None]:
        found = await lots_by_id(read, keys)
        return [found.get(key) for key in keys]


class LotsByLevel(BatchLoader[UUID, Page[LotLevel]]):
    """A page of the lots of each level, first expired first, as they are or were at a moment."""

    def __init__(self, context: RequestContext, page: PageRequest, as_of: datetime | None) -> None:
        super().__init__(context)
        self.page = page
        self.as_of = as_of

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[LotLevel]]:
        found = await pages_of_lots_by_level(read, keys, self.page, as_of=self.as_of)
        return [found[key] for key in keys]


class LevelsByLot(BatchLoader[UUID, Page[LotLevel]]):
    """A page of where the units of each lot lie."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[LotLevel]]:
        found = await pages_of_levels_by_lot(read, keys, self.page)
        return [found[key] for key in keys]
