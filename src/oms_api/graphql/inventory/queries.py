"""Asking for stock."""

from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.db.session import Reader
from oms_api.domain.catalog.references import skus_by_reference
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.inventory.as_of import levels_as_of
from oms_api.domain.inventory.errors import AsOfInFuture
from oms_api.domain.inventory.queries import LevelFilter, level_of, levels_by_id, page_of_levels
from oms_api.domain.inventory.reasons import all_reasons
from oms_api.domain.inventory.summary import channel_availability
from oms_api.domain.inventory.tables import InventoryLevel as LevelRow
from oms_api.graphql.catalog.filters import sku_references, skus_of
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.filters import Match, id_at, matched_ids
from oms_api.graphql.inventory.inputs import InventoryLevelByInput
from oms_api.graphql.inventory.summary import ChannelAvailability
from oms_api.graphql.inventory.types import InventoryLevel, InventoryReason
from oms_api.graphql.permissions import query
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind
from oms_api.kernel.occurrence import text_time
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
        locations = matched_ids(IdKind.LOCATION, given.location_id, "where", "locationId")
        read = info.context.read
        chosen = LevelFilter(sku_ids=await skus_of(read, given.skus), location_ids=locations)
        return Connection.of(await page_of_levels(read, chosen, page), InventoryLevel.of)

    @query(
        Scope.INVENTORY_READ,
        description="One level as it is, or as its ledger says that it was at a moment, all that happened by then by the "
        "business's clock, however late it was recorded; null where there is none that the key may see.",
    )
    async def inventory_level(
        self,
        info: Info,
        by: Annotated[InventoryLevelByInput, argument("What the level is found by.")],
        as_of: Annotated[datetime | None, argument("The moment, by the business's clock; never in the future.")] = None,
    ) -> InventoryLevel | None:
        if as_of is not None and as_of > info.context.work.clock():
            raise AsOfInFuture(given=text_time(as_of), field=("asOf",))
        row = await _found(info.context.read, by)
        if row is None:
            return None
        if as_of is None:
            return InventoryLevel.of(row)
        then = (await levels_as_of(info.context.read, [row.id], as_of))[row.id]
        return InventoryLevel.of(then.level, as_of, contradicted=then.contradicted)

    @query(Scope.INVENTORY_READ, description="Every reason by which stock numbers are corrected, by code.")
    async def inventory_reasons(self, info: Info) -> list[InventoryReason]:
        return [InventoryReason.of(row) for row in await info.context.read.all(all_reasons())]

    @query(
        Scope.INVENTORY_READ,
        description="How many units of SKUs, or sets of bundles, a channel can be told to have: what its locations could sell "
        "less its buffer.",
    )
    async def channel_availability(
        self,
        info: Info,
        channel_id: Annotated[strawberry.ID, argument("The channel.")],
        skus: Annotated[list[SkuByInput], argument("Of which SKUs, at most 250; unknown ones are left out.")],
    ) -> list[ChannelAvailability]:
        channel = id_at(IdKind.CHANNEL, channel_id, "channelId")
        wanted = sku_references(skus, "skus")
        read = info.context.read
        if channel not in await channels_by_id(read, [channel]):
            raise NotFound(what="channel", given=channel_id, field=("channelId",))
        known = await skus_by_reference(read, wanted)
        found = dict.fromkeys(known[ref] for ref in wanted if ref in known)
        units = await channel_availability(read, [channel], [sku.id for sku in found])
        return [ChannelAvailability(sku=Sku.of(sku), available=Int64(units[channel, sku.id])) for sku in found]


async def _found(read: Reader, by: InventoryLevelByInput) -> LevelRow | None:
    if isinstance(by.id, str):
        level_id = id_at(IdKind.LEVEL, by.id, "by", "id")
        return await levels_by_id.of_one(read, level_id)
    if not by.sku_at:
        return None
    location = id_at(IdKind.LOCATION, by.sku_at.location_id, "by", "skuAt", "locationId")
    wanted = by.sku_at.sku.to_reference("by", "skuAt", "sku")
    sku = (await skus_by_reference(read, [wanted])).get(wanted)
    return await level_of(read, sku.id, location) if sku else None
