"""Lots, as clients read them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self, cast

import strawberry

from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.channels.tables import Location as LocationRow
from oms_api.domain.inventory.lots.intake import attributes_of
from oms_api.domain.inventory.lots.queries import lots_by_id, pages_of_levels_by_lot, pages_of_lots_by_level, pages_of_lots_then
from oms_api.domain.inventory.lots.shelves import expired
from oms_api.domain.inventory.lots.tables import LotLevel as LotLevelRow
from oms_api.domain.inventory.lots.tables import LotRow
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.loaders import LocationById
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, LevelId, LotId, text_id
from oms_api.kernel.paging import PageRequest

if TYPE_CHECKING:
    from oms_api.graphql.inventory.types import InventoryLevel

InventoryLevelType = Annotated["InventoryLevel", strawberry.lazy("oms_api.graphql.inventory.types")]


@output
class LotAttribute:
    """Something that is known of a lot."""

    name: str
    """What it is."""
    value: str
    """What it says."""


@output
class LotLevel:
    """Units of one lot at one level, whether they are free, promised or set aside."""

    row: strawberry.Private[LotLevelRow]
    as_of: strawberry.Private[datetime | None]
    on_hand: int
    """Units that are there."""
    set_aside: int | None
    """Those of them that are known to lie in quality control or to be damaged: they came there with the code of the lot, or
    expired. Null for a moment in the past."""
    expires_on: date | None
    """The last day on which they are good, by the location's calendar; null where they stay so."""

    @classmethod
    def of(cls, row: LotLevelRow, as_of: datetime | None = None) -> Self:
        """Describe a lot at a level as it is, or as it was at a moment."""
        return cls(row=row, as_of=as_of, on_hand=row.on_hand, set_aside=row.set_aside, expires_on=row.expires_on)

    @field(description="The lot.")
    async def lot(self, info: Info) -> "Lot":
        return Lot.of(cast("LotRow", await info.context.load(lots_by_id, self.row.lot_id)))

    @field(description="The code of the lot.")
    async def code(self, info: Info) -> str:
        return cast("LotRow", await info.context.load(lots_by_id, self.row.lot_id)).code

    @field(
        description="Whether the last good day is over at the location: such units are never shipped to customers, and within "
        "seconds those that nobody has picked are set aside in quality control, whatever was promised of them."
    )
    async def expired(self, info: Info) -> bool:
        location = cast("LocationRow", await info.context.loader(LocationById).load(self.row.location_id))
        return expired(self.expires_on, location.time_zone, self.as_of or info.context.work.clock())

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @field(description="Where they lie.")
    async def location(self, info: Info) -> Location:
        return Location.of(cast("LocationRow", await info.context.loader(LocationById).load(self.row.location_id)))

    @field(description="The level, as it is now.")
    async def inventory_level(self, info: Info) -> InventoryLevelType:
        from oms_api.graphql.inventory.types import fetch_level  # noqa: PLC0415 - a level names its lots, a lot its levels

        return cast("InventoryLevel", await fetch_level(info, self.row.level_id))


@output
class Lot(Node):
    """Units of one SKU that were made together."""

    row: strawberry.Private[LotRow]
    code: str
    """Its code: unique for the SKU, case-sensitive, never changed."""
    expires_on: date | None
    """The last day on which its units are good, by the calendar of the location where they lie; null where they stay so."""
    attributes: list[LotAttribute]
    """What else is known of it, by name."""
    version: int
    """Moves with every change of it."""
    created_at: datetime
    """When it was made known."""
    updated_at: datetime
    """When it was changed last."""

    @classmethod
    def of(cls, row: LotRow) -> Self:
        """Describe a stored lot."""
        return cls(
            id=strawberry.ID(text_id(IdKind.LOT, row.id)),
            row=row,
            code=row.code,
            expires_on=row.expires_on,
            attributes=[LotAttribute(name=each.name, value=each.value) for each in attributes_of(row.attributes)],
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @field(description="Where its units lie, of the locations that the key may see.")
    async def levels(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[LotLevel]:
        page = PageRequest.of(first, after, last, before)
        return Connection.of(await info.context.load(pages_of_levels_by_lot, self.row.id, page), LotLevel.of)


async def lots_of_level(info: Info, level_id: LevelId, page: PageRequest, as_of: datetime | None) -> Connection[LotLevel]:
    """Return a page of the lots of a level, as they are or were at a moment."""
    then, now, load = pages_of_lots_then, pages_of_lots_by_level, info.context.load
    found = await (load(now, level_id, page) if as_of is None else load(then, level_id, page, as_of))
    return Connection.of(found, lambda row: LotLevel.of(row, as_of))


@fetches(IdKind.LOT, Scope.INVENTORY_READ)
async def fetch_lot(info: Info, lot_id: LotId) -> Lot | None:
    """Return a lot, if it lies or lay where the caller may see it."""
    row = await info.context.load(lots_by_id, lot_id)
    return Lot.of(row) if row else None
