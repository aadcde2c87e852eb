"""Asking for feeds, and for moves between buckets."""

from enum import Enum
from typing import Annotated

import strawberry

from oms_api.db.session import Reader
from oms_api.domain.inventory import feeds
from oms_api.domain.inventory.documents import MOVED_FIRST_FIRST, MOVED_LAST_FIRST, MoveFilter, page_of_moves
from oms_api.graphql.catalog.filters import skus_of
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.filters import DateTimeRange, Match, matched, matched_ids
from oms_api.graphql.inventory.documents import InventoryMove, InventorySync
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@enum
class InventorySyncOrder(Enum):
    """How a list of feeds is ordered."""

    RECORDED_AT_DESC = "RECORDED_AT_DESC"
    """What came last first."""
    RECORDED_AT_ASC = "RECORDED_AT_ASC"
    """What came first first."""


@enum
class InventoryMoveOrder(Enum):
    """How a list of inventory moves is ordered."""

    OCCURRED_AT_DESC = "OCCURRED_AT_DESC"
    """What happened last first."""
    OCCURRED_AT_ASC = "OCCURRED_AT_ASC"
    """What happened first first."""


FEEDS_BY = {
    InventorySyncOrder.RECORDED_AT_DESC: feeds.NEWEST_FIRST,
    InventorySyncOrder.RECORDED_AT_ASC: feeds.OLDEST_FIRST,
}
MOVES_BY = {
    InventoryMoveOrder.OCCURRED_AT_DESC: MOVED_LAST_FIRST,
    InventoryMoveOrder.OCCURRED_AT_ASC: MOVED_FIRST_FIRST,
}


@input_type
class InventorySyncFilterInput:
    """Which feeds. All that is given must hold."""

    source: Match[str] | None = None
    """By who counted."""
    actor: Match[str] | None = None
    """By who sent them."""
    location_id: Match[strawberry.ID] | None = None
    """Of which any row names such a location."""
    failed: bool | None = None
    """Whether some row failed (true) or none did (false)."""
    recorded_at: DateTimeRange | None = None
    """By when they came."""

    def to_filter(self) -> feeds.SyncFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        recorded = self.recorded_at or DateTimeRange()
        return feeds.SyncFilter(
            sources=matched(self.source, "where", "source"),
            actors=matched(self.actor, "where", "actor"),
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            failed=self.failed,
            recorded_from=recorded.from_,
            recorded_before=recorded.before,
        )


@input_type
class InventoryMoveFilterInput:
    """Which moves. All that is given must hold."""

    reference: Match[str] | None = None
    """By the document they refer to."""
    reason: Match[str] | None = None
    """By the code of their reason."""
    actor: Match[str] | None = None
    """By who made them."""
    skus: list[SkuByInput] | None = None
    """That moved units of any of these SKUs, at most 250; unknown ones are on none."""
    location_id: Match[strawberry.ID] | None = None
    """Of which any line is at such a location; with `skus` the same line."""
    occurred_at: DateTimeRange | None = None
    """By when they happened, by the business's clock."""

    async def to_filter(self, read: Reader) -> MoveFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        occurred = self.occurred_at or DateTimeRange()
        return MoveFilter(
            references=matched(self.reference, "where", "reference"),
            reasons=matched(self.reason, "where", "reason"),
            actors=matched(self.actor, "where", "actor"),
            sku_ids=await skus_of(read, self.skus),
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            occurred_from=occurred.from_,
            occurred_before=occurred.before,
        )


@output
class InventoryDocumentQueries:
    """Asking for feeds, and for moves between buckets."""

    @query(
        Scope.INVENTORY_READ,
        description="A list of feeds of `inventorySync`, what came last first. A key limited to locations sees those that "
        "named one of them, also where nothing differed.",
    )
    async def inventory_syncs(
        self,
        info: Info,
        where: Annotated[InventorySyncFilterInput | None, argument("Which feeds; all of them unless told.")] = None,
        order_by: Annotated[InventorySyncOrder, argument("In which order.")] = InventorySyncOrder.RECORDED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventorySync]:
        page, wanted = PageRequest.of(first, after, last, before), (where or InventorySyncFilterInput()).to_filter()
        async with info.context.reads() as read:
            found = await feeds.page_of_syncs(read, wanted, page, by=FEEDS_BY[order_by])
        return Connection.of(found, InventorySync.of)

    @query(
        Scope.INVENTORY_READ,
        description="A list of moves between free, quality control and damaged, of `inventoryMove` and of lots that "
        "expired, what happened last first.",
    )
    async def inventory_moves(
        self,
        info: Info,
        where: Annotated[InventoryMoveFilterInput | None, argument("Which moves; all of them unless told.")] = None,
        order_by: Annotated[InventoryMoveOrder, argument("In which order.")] = InventoryMoveOrder.OCCURRED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventoryMove]:
        page = PageRequest.of(first, after, last, before)
        async with info.context.reads() as read:
            wanted = await (where or InventoryMoveFilterInput()).to_filter(read)
            found = await page_of_moves(read, wanted, page, by=MOVES_BY[order_by])
        return Connection.of(found, InventoryMove.of)
