"""Batch loaders around stock counts."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.inventory.counts.comparing import Compared, Summary
from oms_api.domain.inventory.counts.queries import (
    compared_lines,
    counts_by_id,
    pages_of_count_lines,
    pages_of_differences,
    summaries,
)
from oms_api.domain.inventory.counts.tables import StockCountLineRow, StockCountRow
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class CountById(BatchLoader[UUID, StockCountRow | None]):
    """Counts that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[StockCountRow | None]:
        found = await counts_by_id(read, keys)
        return [found.get(key) for key in keys]


class LinesByCount(BatchLoader[UUID, Page[StockCountLineRow]]):
    """A page of the lines of each count, in their order; where *differing*, those that move units when it is posted."""

    def __init__(self, context: RequestContext, page: PageRequest, differing: bool) -> None:
        super().__init__(context)
        self.page = page
        self.pages = pages_of_differences if differing else pages_of_count_lines

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[StockCountLineRow]]:
        found = await self.pages(read, keys, self.page)
        return [found[key] for key in keys]


class ComparedById(BatchLoader[UUID, Compared]):
    """What lines of counts that were seen before are compared with."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Compared]:
        found = await compared_lines(read, keys)
        return [found[key] for key in keys]


class SummaryByCount(BatchLoader[UUID, Summary]):
    """What counts that were seen before come to."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Summary]:
        found = await summaries(read, keys)
        return [found[key] for key in keys]
