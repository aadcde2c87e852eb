"""Asking for feeds, and for moves between buckets."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

from sqlalchemy import ColumnElement, Uuid, exists, func, select

from oms_api.domain.inventory import feeds, stock_documents
from oms_api.domain.inventory.tables import InventoryLevelRow, InventoryMoveRow, InventorySyncRow
from oms_api.graphql.catalog.filters import on_skus
from oms_api.graphql.declared.agreement import of_column
from oms_api.graphql.declared.asking import asks
from oms_api.graphql.declared.filters import On, Where, on
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.described import enum, input_type, output
from oms_api.graphql.inventory.adjustments import WithLinesAt
from oms_api.graphql.inventory.stock_documents import InventoryMove, InventorySync
from oms_api.kernel.access import Scope, Sight
from oms_api.kernel.dataclass import dataclass


@enum
class InventorySyncOrder(Enum):
    """The sort order of a list of inventory syncs."""

    RECORDED_AT_DESC = feeds.NEWEST_FIRST
    """The latest recorded first."""
    RECORDED_AT_ASC = feeds.OLDEST_FIRST
    """The earliest recorded first."""


@enum
class InventoryMoveOrder(Enum):
    """The sort order of a list of inventory moves."""

    OCCURRED_AT_DESC = stock_documents.MOVED_LAST_FIRST
    """Sorted by the time at which they happened, the latest first."""
    OCCURRED_AT_ASC = stock_documents.MOVED_FIRST_FIRST
    """Sorted by the time at which they happened, the earliest first."""


@dataclass(frozen=True)
class OnAny(On):
    """A filter on the ids in a column that holds several: one of them is as asked."""

    def value_type(self) -> Any:
        """Return the type of one id."""
        return get_args(of_column(self.column)[0])[0]

    def conditions(self, asked: Any, _sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the condition that one of the ids is as *asked*."""
        each: Any = func.unnest(self.column, type_=Uuid()).column_valued("each")
        held = [on.condition(each, value) for on in asked.operators if (value := getattr(asked, on.attribute)) is not None]
        yield exists(select(each).where(*held))


@input_type
class InventorySyncFilterInput(Where):
    """Conditions on inventory syncs; all must be true."""

    source = on(InventorySyncRow.source)
    """By the system or person that counted."""
    actor = on(InventorySyncRow.actor)
    """By the person or program that sent them."""
    location_id = OnAny(InventorySyncRow.location_ids)
    """Only those with a row of a matching location."""
    failed = asks(bool, lambda some: InventorySyncRow.failed > 0 if some else InventorySyncRow.failed == 0)
    """True: only inventory syncs with a refused row. False: only inventory syncs without one."""
    recorded_at = on(InventorySyncRow.recorded_at)
    """When they were recorded."""


TOUCHED = WithLinesAt(stock_documents.LINES_OF_MOVES)


@input_type
class InventoryMoveFilterInput(Where):
    """Conditions on moves; all must be true."""

    reference = on(InventoryMoveRow.reference)
    """By the document they refer to."""
    reason = on(InventoryMoveRow.reason)
    """By the code of the reason."""
    actor = on(InventoryMoveRow.actor)
    """By author."""
    skus = on_skus(InventoryLevelRow.sku_id, through=TOUCHED)
    """Only those with a line of one of these SKUs, at most 250; an unknown SKU matches nothing."""
    location_id = on(InventoryLevelRow.location_id, through=TOUCHED)
    """Only those with a line at a matching location; with `skus`, the same line must match both."""
    occurred_at = on(InventoryMoveRow.occurred_at)
    """When they happened, not when they were recorded."""


SYNCS = Listing(
    show=InventorySync,
    where=InventorySyncFilterInput,
    order=InventorySyncOrder,
    visible=feeds.visible_to,
    columns=feeds.HEADER,
    scope=Scope.INVENTORY_READ,
    which="Conditions on inventory syncs; by default, all inventory syncs are included.",
)
MOVES = Listing(
    show=InventoryMove,
    where=InventoryMoveFilterInput,
    order=InventoryMoveOrder,
    which="Conditions on moves; by default, all moves are included.",
)


@output
class InventoryDocumentQueries:
    """Asking for feeds, and for moves between buckets."""

    inventory_syncs = listed(SYNCS)
    """A list of the inventory syncs recorded by `inventorySync`, the latest first. An API key that is limited to certain
    locations sees each inventory sync that named one of its locations, even if it changed no stock there."""
    inventory_moves = listed(MOVES)
    """A list of moves of units between the buckets FREE, QUALITY_CONTROL and DAMAGED, the latest first. They were made by
    `inventoryMove`, or because a lot expired."""
