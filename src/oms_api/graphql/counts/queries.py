"""Asking for stock counts."""

from enum import Enum

from oms_api.domain.inventory.counts.queries import NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.inventory.counts.tables import StockCountLineRow, StockCountRow
from oms_api.graphql.catalog.filters import on_skus
from oms_api.graphql.counts.types import StockCount
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.declared.through import Through
from oms_api.graphql.described import enum, input_type, one_of, output

LINES = Through(StockCountLineRow.count_id == StockCountRow.id)


@enum
class StockCountOrder(Enum):
    """The sort order of a list of stock counts."""

    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    CREATED_AT_ASC = OLDEST_FIRST
    """The oldest first."""


@input_type
class StockCountFilterInput(Where):
    """Conditions on counts; all must be true."""

    location_id = on(StockCountRow.location_id)
    status = on(StockCountRow.status)
    skus = on_skus(StockCountLineRow.sku_id, through=LINES)
    """Only counts with any of these SKUs, at most 250; an unknown SKU matches no count."""
    created_at = on(StockCountRow.created_at)
    """When the counts were opened."""


@one_of
class StockCountByInput(By):
    """Identifies a count: give exactly one field."""

    id = key(StockCountRow.id)
    number = key(StockCountRow.number)


STOCK_COUNTS = Listing(show=StockCount, where=StockCountFilterInput, order=StockCountOrder, by=StockCountByInput)


@output
class StockCountQueries:
    """Asking for stock counts."""

    stock_counts = listed(STOCK_COUNTS)
    """A list of stock counts, the newest first by default."""
    stock_count = found(STOCK_COUNTS, "The id of the record, or another unique key.")
    """One stock count; null where there is none that the API key may see."""
