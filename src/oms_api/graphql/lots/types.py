"""Lots, as clients read them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.inventory.lots.given import attributes_of
from oms_api.domain.inventory.lots.queries import (
    lots_by_id,
    pages_of_levels_by_lot,
    pages_of_lots_by_level,
    pages_of_lots_then,
)
from oms_api.domain.inventory.lots.shelves import expired
from oms_api.domain.inventory.lots.tables import LotLevelRow, LotRow
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import connection, leads_to, loaded, pages
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import output
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LevelId, LotId
from oms_api.kernel.paging import PageRequest

if TYPE_CHECKING:
    from oms_api.graphql.inventory.types import InventoryLevel

InventoryLevelType = Annotated["InventoryLevel", strawberry.lazy("oms_api.graphql.inventory.types")]


@output
class LotAttribute:
    """An attribute of a lot."""

    name: str
    """The name of the attribute."""
    value: str
    """The value."""


def _attributes(kept: Mapping[str, str]) -> list[LotAttribute]:
    return [LotAttribute(name=each.name, value=each.value) for each in attributes_of(kept)]


class Then:
    """What may be shown as it was at a moment."""

    as_of: datetime | None = None
    """The moment; None for now."""
    is_contradicted: bool = False
    """Whether what became known later contradicts what was there then."""


async def expired_there(self: "LotLevel", info: Info) -> bool:
    """Tell whether the last good day of a lot is over at its location."""
    location = cast("LocationRow", await info.context.load(locations_by_id, self.row.location_id))
    return expired(self.expires_on, location.time_zone, self.as_of or info.context.work.clock())


@output
class LotLevel(Then, Record[LotLevelRow]):
    """Units of one lot at one level: free, promised or set aside."""

    on_hand: int
    """Units that are physically there."""
    set_aside: int | None = made(lambda units: units, LotLevelRow.set_aside)
    """Units of the lot that are out of sale: units that were moved to quality control or damaged with the code of the lot, and
    units that were set aside because the lot expired. Null where the lots of a past moment are asked for."""
    expires_on: date | None
    """The last day when the units are good, in the location's time zone; null where they do not expire."""
    lot: "Lot" = leads_to(LotLevelRow.lot_id)
    """The lot."""
    code: str = loaded(lots_by_id, lambda lot: lot.code, key=LotLevelRow.lot_id)
    """The code of the lot."""
    expired: bool = strawberry.field(resolver=expired_there)
    """Whether the last good day is over at the location. Expired units are never shipped to customers. Within seconds, expired
    units that nobody has picked are set aside in quality control, even if they are promised."""
    sku: Sku = leads_to(LotLevelRow.sku_id)
    """The goods."""
    location: Location = leads_to(LotLevelRow.location_id)
    """The location of the goods."""
    inventory_level: InventoryLevelType = leads_to(LotLevelRow.level_id)
    """The level, as it is now."""


@entity(lots_by_id, Scope.INVENTORY_READ)
class Lot(Node, Record[LotRow]):
    """Units of one SKU that were made together."""

    id: LotId
    code: str
    """Its code: unique for the SKU, case-sensitive, never changed."""
    expires_on: date | None
    """The last day when its units are good, in the time zone of the location that holds them; null where they do not expire."""
    attributes: list[LotAttribute] = made(_attributes, LotRow.attributes)
    """Further attributes, by name."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    sku: Sku = leads_to(LotRow.sku_id)
    """The goods."""
    levels: Connection[LotLevel] = pages(pages_of_levels_by_lot, LotLevel)
    """The stock of the lot, at the locations that the API key may see."""


async def lots_of_level(info: Info, level_id: LevelId, page: PageRequest, as_of: datetime | None) -> Connection[LotLevel]:
    """Return a page of the lots of a level, as they are or were at a moment."""
    load = info.context.load
    if as_of is None:
        return connection(await load(pages_of_lots_by_level, level_id, page), LotLevel)
    found = connection(await load(pages_of_lots_then, level_id, page, as_of), LotLevel)
    for held in found.nodes:
        held.as_of = as_of
    return found
