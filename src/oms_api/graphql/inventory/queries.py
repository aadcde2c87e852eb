"""Asking for stock."""

from datetime import datetime
from enum import Enum
from typing import Annotated

from oms_api.db.session import Reader
from oms_api.domain.catalog.references import skus_by_reference
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.inventory.as_of import levels_as_of
from oms_api.domain.inventory.errors import AsOfInFuture
from oms_api.domain.inventory.queries import (
    BY_ID,
    BY_STOCK,
    LEAST_AVAILABLE_FIRST,
    LEAST_ON_HAND_FIRST,
    MOST_AVAILABLE_FIRST,
    MOST_ON_HAND_FIRST,
    level_of,
    levels_by_id,
)
from oms_api.domain.inventory.reasons import all_reasons
from oms_api.domain.inventory.summary import channel_availability
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.domain.purchasing.incoming import COMING, LEAST_COMING_FIRST, MOST_COMING_FIRST
from oms_api.graphql.catalog.filters import on_skus, sku_references
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.lists import Listing, Within, listed
from oms_api.graphql.declared.searches import text_in
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.inventory.inputs import InventoryLevelByInput
from oms_api.graphql.inventory.summary import ChannelAvailability
from oms_api.graphql.inventory.types import InventoryLevel, InventoryReason
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import ChannelId, IdKind, text_id
from oms_api.kernel.occurrence import text_time


@enum
class InventoryLevelOrder(Enum):
    """The sort order of a list of levels."""

    CREATED = BY_ID
    """In order of creation."""
    AVAILABLE_ASC = LEAST_AVAILABLE_FIRST
    """The fewest available units first; needs a location or SKUs in `where`."""
    AVAILABLE_DESC = MOST_AVAILABLE_FIRST
    """The most available units first; needs a location or SKUs in `where`."""
    ON_HAND_ASC = LEAST_ON_HAND_FIRST
    """The fewest units on hand first; needs a location or SKUs in `where`."""
    ON_HAND_DESC = MOST_ON_HAND_FIRST
    """The most units on hand first; needs a location or SKUs in `where`."""
    INCOMING_ASC = LEAST_COMING_FIRST
    """The fewest incoming units first; needs a location or SKUs in `where`."""
    INCOMING_DESC = MOST_COMING_FIRST
    """The most incoming units first; needs a location or SKUs in `where`."""


@input_type
class InventoryLevelFilterInput(Where):
    """Conditions on levels; all must be true."""

    skus = on_skus(InventoryLevelRow.sku_id)
    """Of these SKUs, at most 250; an unknown SKU matches no level."""
    sku_text = text_in(SkuRow.code, SkuRow.name, SkuRow.barcode, key=InventoryLevelRow.sku_id, name=SkuRow.id)
    """By a text in the code, name or barcode of the SKU; upper and lower case are treated alike."""
    location_id = on(InventoryLevelRow.location_id)
    available = on(InventoryLevelRow.available)
    """By available units; only together with a location or SKUs."""
    on_hand = on(InventoryLevelRow.on_hand)
    """By units on hand; only together with a location or SKUs."""
    incoming = on(COMING)
    """By incoming units; only together with a location or SKUs."""


LEVELS = Listing(
    show=InventoryLevel,
    where=InventoryLevelFilterInput,
    order=InventoryLevelOrder,
    within=Within(
        of=("location_id", "skus", "sku_text"),
        filters=("available", "on_hand", "incoming"),
        orders=(*BY_STOCK, LEAST_COMING_FIRST, MOST_COMING_FIRST),
    ),
    which="Conditions on levels; by default, all levels are included.",
)


@output
class InventoryQueries:
    """Asking for stock."""

    inventory_levels = listed(LEVELS)
    """A list of levels, in order of creation by default."""

    @query(
        Scope.INVENTORY_READ,
        description=(
            "One level as it is, or as its ledger shows it at a past moment. A past level includes everything that "
            "had happened by then, even if it was recorded later. Null where there is no level that the API key may "
            "see."
        ),
    )
    async def inventory_level(
        self,
        info: Info,
        by: Annotated[InventoryLevelByInput, argument("The id of the level, or another unique key.")],
        as_of: Annotated[
            datetime | None, argument("The past moment; never in the future. By default the level as it is now.")
        ] = None,
    ) -> InventoryLevel | None:
        if as_of is not None and as_of > info.context.work.clock():
            raise AsOfInFuture(given=text_time(as_of), field=("asOf",))
        row = await _found(info.context.read, by)
        if row is None or as_of is None:
            return InventoryLevel.of(row) if row else None
        then = (await levels_as_of(info.context.read, [row.id], as_of))[row.id]
        level = InventoryLevel.of(then.level)
        level.as_of, level.is_contradicted = as_of, then.contradicted
        return level

    @query(Scope.INVENTORY_READ, description="Every reason for stock corrections, sorted by code.")
    async def inventory_reasons(self, info: Info) -> list[InventoryReason]:
        return InventoryReason.of_all(await info.context.read.all(all_reasons()))

    @query(
        Scope.INVENTORY_READ,
        description=(
            "The units of SKUs that a channel can offer, and for bundles the number of complete bundles: sellable units at "
            "the channel's locations minus the channel's buffer. There is one answer for each given SKU, in the same "
            "order. The answer for an unknown SKU repeats the given id or code."
        ),
    )
    async def channel_availability(
        self,
        info: Info,
        channel_id: Annotated[ChannelId, argument("The channel.")],
        skus: Annotated[list[SkuByInput], argument("The ids or codes of the SKUs, at most 250.")],
    ) -> list[ChannelAvailability]:
        wanted = sku_references(skus, "skus")
        read = info.context.read
        if channel_id not in await channels_by_id(read, [channel_id]):
            raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, channel_id), field=("channelId",))
        known = await skus_by_reference(read, wanted)
        units = await channel_availability(read, [channel_id], list({sku.id for sku in known.values()}))
        found = ((ref, known.get(ref)) for ref in wanted)
        return [ChannelAvailability.of(ref, sku, 0 if sku is None else units[channel_id, sku.id]) for ref, sku in found]


async def _found(read: Reader, by: InventoryLevelByInput) -> InventoryLevelRow | None:
    if by.id:
        return await levels_by_id.of_one(read, by.id)
    if not by.sku_at:
        return None
    wanted = by.sku_at.sku.to_reference()
    sku = (await skus_by_reference(read, [wanted])).get(wanted)
    return await level_of(read, sku.id, by.sku_at.location_id) if sku else None
