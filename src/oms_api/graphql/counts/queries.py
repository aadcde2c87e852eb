"""Asking for stock counts."""

from enum import Enum
from typing import Annotated

import strawberry

from oms_api.db.session import Reader
from oms_api.domain.inventory.counts.queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    CountFilter,
    counts_by_number,
    page_of_counts,
)
from oms_api.domain.inventory.counts.states import StockCountStatus
from oms_api.graphql.catalog.filters import skus_of
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.counts.types import StockCount, fetch_count
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.filters import DateTimeRange, Match, id_at, matched, matched_ids
from oms_api.graphql.permissions import query
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@enum
class StockCountOrder(Enum):
    """How a list of stock counts is ordered."""

    CREATED_AT_DESC = "CREATED_AT_DESC"
    """The newest first."""
    CREATED_AT_ASC = "CREATED_AT_ASC"
    """The oldest first."""


ORDERINGS = {StockCountOrder.CREATED_AT_DESC: NEWEST_FIRST, StockCountOrder.CREATED_AT_ASC: OLDEST_FIRST}


@input_type
class StockCountFilterInput:
    """Which counts. All that is given must hold."""

    location_id: Match[strawberry.ID] | None = None
    """By location."""
    status: Match[StockCountStatus] | None = None
    """By how far they are."""
    skus: list[SkuByInput] | None = None
    """With any of these SKUs, at most 250; unknown ones are on no count."""
    created_at: DateTimeRange | None = None
    """By when they were opened."""

    async def to_filter(self, read: Reader) -> CountFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        created = self.created_at or DateTimeRange()
        sku_ids = await skus_of(read, self.skus)
        return CountFilter(
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            statuses=matched(self.status, "where", "status"),
            sku_ids=sku_ids,
            created_from=created.from_,
            created_before=created.before,
        )


@one_of
class StockCountByInput:
    """What a count is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    number: Int64 | None = strawberry.UNSET
    """Its number."""


@output
class StockCountQueries:
    """Asking for stock counts."""

    @query(Scope.INVENTORY_READ, description="A list of stock counts, the newest first unless told otherwise.")
    async def stock_counts(
        self,
        info: Info,
        where: Annotated[StockCountFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        order_by: Annotated[StockCountOrder, argument("In which order.")] = StockCountOrder.CREATED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockCount]:
        page = PageRequest.of(first, after, last, before)
        read = info.context.read
        wanted = await where.to_filter(read) if where else CountFilter()
        return Connection.of(await page_of_counts(read, wanted, page, by=ORDERINGS[order_by]), StockCount.of)

    @query(Scope.INVENTORY_READ, description="One stock count, or null where there is none that the key may see.")
    async def stock_count(
        self, info: Info, by: Annotated[StockCountByInput, argument("What it is found by.")]
    ) -> StockCount | None:
        if isinstance(by.id, str):
            return await fetch_count(info, id_at(IdKind.COUNT, by.id, "by", "id"))
        row = await info.context.load(counts_by_number, by.number or 0)
        return StockCount.of(row) if row else None
