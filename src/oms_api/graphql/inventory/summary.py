"""The stock of a SKU, added up, and what a channel can be told of it."""

from typing import Self

import strawberry

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.fulfillment.backorders.open_units import OpenUnits, open_units_by_sku
from oms_api.domain.inventory.summary import SUMMED, StockSum, stock_by_sku
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import Int64
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LocationId, SkuId, text_id


@output
class SkuInventory:
    """The stock of a SKU in units, added up over the locations that the API key may see.

    A bundle has no stock itself: all of its numbers are 0 except `available`, the number of complete bundles
    that its components make.
    """

    sku_id: strawberry.Private[SkuId]
    location_id: strawberry.Private[LocationId | None]
    on_hand: Int64
    """Units that are physically there."""
    available: Int64
    """Units that can be promised, without expired units. For a bundle: the complete bundles that its components make, even if
    the components lie at different locations."""
    committed: Int64
    """Units promised to order lines."""
    reserved: Int64
    """Units held for checkouts. After the deadline of a reservation, its units still count here for some seconds, until the
    reservation becomes EXPIRED."""
    damaged: Int64
    """Units not fit for sale."""
    quality_control: Int64
    """Units waiting to be inspected."""
    safety_stock: Int64
    """Units withheld from channels that do not sell safety stock."""

    @classmethod
    def of(cls, stock: StockSum, sku_id: SkuId, location_id: LocationId | None) -> Self:
        """Describe a sum, over all locations or of one."""
        return cls(sku_id=sku_id, location_id=location_id, **{name: Int64(getattr(stock, name)) for name in SUMMED})

    async def open_units(self, info: Info) -> OpenUnits:
        """Return the sums of open documents."""
        return await info.context.load(open_units_by_sku, self.sku_id, self.location_id)

    @field(description="Units expected at these locations: open units of purchase orders and transfers.")
    async def incoming(self, info: Info) -> Int64:
        return Int64((await self.open_units(info)).incoming)

    @field(description="Units that transfers have sent to these locations and that have not arrived: a part of `incoming`.")
    async def in_transit(self, info: Info) -> Int64:
        return Int64((await self.open_units(info)).in_transit)

    @field(
        description=(
            "Units that order lines wait for. If one location is asked for, or the API key is limited to locations, "
            "only units expected at those locations count."
        )
    )
    async def backordered(self, info: Info) -> Int64:
        return Int64((await self.open_units(info)).backordered)


@output
class ChannelAvailability:
    """The units of a SKU that a channel can offer."""

    sku: Sku | None
    """The SKU; null where the id or code asked for is not known."""
    unknown: str | None
    """The id or code asked for, where no SKU has it."""
    available: Int64
    """Sellable units at the channel's locations now, minus the channel's buffer and without expired units; 0 where the SKU is
    not known."""

    @classmethod
    def of(cls, asked: SkuRef, sku: SkuRow | None, units: int) -> Self:
        """Describe what was found of a SKU that was *asked* for."""
        if sku is None:
            return cls(sku=None, unknown=asked.given, available=Int64(0))
        return cls(sku=Sku.of(sku), unknown=None, available=Int64(units))


async def stock_of_sku(info: Info, sku_id: SkuId, location: LocationId | None = None) -> SkuInventory:
    """Return the stock of a SKU, added up, or at one location. Raises: NotFound, for one that the caller cannot see."""
    if location is not None and await info.context.load(locations_by_id, location) is None:
        raise NotFound(what="location", given=text_id(IdKind.LOCATION, location), field=("locationId",))
    return SkuInventory.of(await info.context.load(stock_by_sku, sku_id, location), sku_id, location)
