"""Asking for corrections of stock."""

from enum import Enum
from typing import Annotated

import strawberry

from oms_api.db.session import Reader
from oms_api.domain.inventory.adjustments import NEWEST_FIRST, OLDEST_FIRST, AdjustmentFilter, page_of_adjustments
from oms_api.domain.inventory.states import AdjustmentKind
from oms_api.graphql.catalog.filters import skus_of
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.filters import DateTimeRange, Match, matched, matched_ids
from oms_api.graphql.inventory.types import InventoryAdjustment
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@enum
class InventoryAdjustmentOrder(Enum):
    """How a list of inventory adjustments is ordered."""

    OCCURRED_AT_DESC = "OCCURRED_AT_DESC"
    """What happened last first."""
    OCCURRED_AT_ASC = "OCCURRED_AT_ASC"
    """What happened first first."""


ORDERINGS = {
    InventoryAdjustmentOrder.OCCURRED_AT_DESC: NEWEST_FIRST,
    InventoryAdjustmentOrder.OCCURRED_AT_ASC: OLDEST_FIRST,
}


@input_type
class InventoryAdjustmentFilterInput:
    """Which adjustments. All that is given must hold."""

    reference: Match[str] | None = None
    """By the document they refer to; of a feed its source."""
    reason: Match[str] | None = None
    """By the code of their reason."""
    actor: Match[str] | None = None
    """By who made them."""
    kind: Match[AdjustmentKind] | None = None
    """By how they were told."""
    skus: list[SkuByInput] | None = None
    """That moved units of any of these SKUs, at most 250; unknown ones are on none."""
    location_id: Match[strawberry.ID] | None = None
    """Of which any line is at such a location; with `skus` the same line."""
    occurred_at: DateTimeRange | None = None
    """By when they happened, by the business's clock."""

    async def to_filter(self, read: Reader) -> AdjustmentFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        occurred = self.occurred_at or DateTimeRange()
        sku_ids = await skus_of(read, self.skus)
        return AdjustmentFilter(
            references=matched(self.reference, "where", "reference"),
            reasons=matched(self.reason, "where", "reason"),
            actors=matched(self.actor, "where", "actor"),
            kinds=matched(self.kind, "where", "kind"),
            sku_ids=sku_ids,
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            occurred_from=occurred.from_,
            occurred_before=occurred.before,
        )


@output
class InventoryAdjustmentQueries:
    """Asking for corrections of stock."""

    @query(
        Scope.INVENTORY_READ,
        description="A list of corrections of stock, of `inventoryAdjust`, `inventorySet` and feeds, what happened last first. "
        "What a stock count corrected stands at the count.",
    )
    async def inventory_adjustments(
        self,
        info: Info,
        where: Annotated[InventoryAdjustmentFilterInput | None, argument("Which adjustments; all of them unless told.")] = None,
        order_by: Annotated[InventoryAdjustmentOrder, argument("In which order.")] = InventoryAdjustmentOrder.OCCURRED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventoryAdjustment]:
        page = PageRequest.of(first, after, last, before)
        async with info.context.reads() as read:
            wanted = await (where or InventoryAdjustmentFilterInput()).to_filter(read)
            found = await page_of_adjustments(read, wanted, page, by=ORDERINGS[order_by])
        return Connection.of(found, InventoryAdjustment.of)
