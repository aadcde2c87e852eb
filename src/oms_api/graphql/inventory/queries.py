"""Asking for stock."""

from typing import Annotated

import strawberry

from oms_api.domain.catalog.references import skus_by_reference
from oms_api.domain.inventory.queries import LevelFilter, level_of, page_of_levels
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.filters import MOST_VALUES, Match, id_at, matched_ids
from oms_api.graphql.inventory.inputs import InventoryLevelByInput
from oms_api.graphql.inventory.types import InventoryLevel, fetch_level
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import TooManyItems
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@input_type
class InventoryLevelFilterInput:
    """Which levels. All that is given must hold."""

    skus: list[SkuByInput] | None = None
    """Of these SKUs, at most 250; unknown ones have no levels."""
    location_id: Match[strawberry.ID] | None = None
    """By location."""


@output
class InventoryQueries:
    """Asking for stock."""

    @query(Scope.INVENTORY_READ, description="A list of levels, in the order they came to be.")
    async def inventory_levels(
        self,
        info: Info,
        where: Annotated[InventoryLevelFilterInput | None, argument("Which levels; all of them unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventoryLevel]:
        page = PageRequest.of(first, after, last, before)
        given = where or InventoryLevelFilterInput()
        if given.skus is not None and len(given.skus) > MOST_VALUES:
            raise TooManyItems(limit=MOST_VALUES, given=len(given.skus), field=("where", "skus"))
        locations = matched_ids(IdKind.LOCATION, given.location_id, "where", "locationId")
        async with info.context.reads() as read:
            sku_ids = None
            if given.skus is not None:
                wanted = [sku.to_reference("where", "skus", index) for index, sku in enumerate(given.skus)]
                sku_ids = tuple({sku.id for sku in (await skus_by_reference(read, wanted)).values()})
            found = await page_of_levels(read, LevelFilter(sku_ids=sku_ids, location_ids=locations), page)
        return Connection.of(found, InventoryLevel.of)

    @query(Scope.INVENTORY_READ, description="One level, or null where there is none that the key may see.")
    async def inventory_level(
        self, info: Info, by: Annotated[InventoryLevelByInput, argument("What the level is found by.")]
    ) -> InventoryLevel | None:
        if by.id:
            return await fetch_level(info, id_at(IdKind.LEVEL, by.id, "by", "id"))
        if not by.sku_at:
            return None
        location = id_at(IdKind.LOCATION, by.sku_at.location_id, "by", "skuAt", "locationId")
        wanted = by.sku_at.sku.to_reference("by", "skuAt", "sku")
        async with info.context.reads() as read:
            sku = (await skus_by_reference(read, [wanted])).get(wanted)
            row = await level_of(read, sku.id, location) if sku else None
        return InventoryLevel.of(row) if row else None
