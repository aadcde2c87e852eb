"""Reads of levels and their ledger, within the limits of the principal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.relations import Keys, Relation, by, one_for, pages_of
from oms_api.db.session import Reader
from oms_api.db.sets import among, array_of
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.states import MovementKind
from oms_api.domain.inventory.tables import InventoryLevel, StockMovement
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import LevelId, LocationId, SkuId
from oms_api.kernel.paging import Page, PageRequest

BY_ID = Ordering("id", (InventoryLevel.id,))
NEWEST_FIRST = Ordering("newest", (StockMovement.sequence,), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFilter:
    """Which levels. `None` means any."""

    sku_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementFilter:
    """Which movements. `None` means any."""

    kinds: frozenset[MovementKind] | None = None
    occurred_from: datetime | None = None
    occurred_before: datetime | None = None


ALL_MOVEMENTS = MovementFilter()


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limit of locations as conditions on a level."""
    return visible_locations(sight, InventoryLevel.location_id)


def matching(_sight: Sight, where: MovementFilter, as_of: datetime | None) -> list[ColumnElement[bool]]:
    """Return as conditions on a movement that it is one of *where*, and happened until *as_of*. Its level was seen before."""
    movement, conditions = StockMovement, list[ColumnElement[bool]]()
    if where.kinds is not None:
        conditions.append(among(movement.kind, where.kinds))
    if where.occurred_from is not None:
        conditions.append(movement.occurred_at >= where.occurred_from)
    if where.occurred_before is not None:
        conditions.append(movement.occurred_at < where.occurred_before)
    if as_of is not None:
        conditions.append(movement.occurred_at <= as_of)
    return conditions


levels_by_id: Relation[LevelId, InventoryLevel | None] = by(InventoryLevel.id, visible=visible_to)
pages_of_levels = pages_of(InventoryLevel.sku_id, order=BY_ID, visible=visible_to)
pages_of_movements = pages_of(StockMovement.level_id, order=NEWEST_FIRST, visible=matching)
"""The ledger of levels, which were seen before, the newest movement first: those of a filter, up to a moment."""


@one_for("sku_id", "location_id")
def levels_at(skus: Keys, locations: Keys, sight: Sight) -> Select[Any]:
    """The levels of SKUs at locations that can be seen."""
    level = InventoryLevel
    given = func.unnest(array_of(level.sku_id.type, skus), array_of(level.location_id.type, locations))
    want = given.table_valued("sku_id", "location_id", name="want").render_derived()
    both = (level.sku_id == want.c.sku_id) & (level.location_id == want.c.location_id)
    return select(level).join(want, both).where(*visible_to(sight))


async def level_of(read: Reader, sku_id: SkuId, location_id: LocationId) -> InventoryLevel | None:
    """Return the level of a SKU at a location, if there is one that can be seen."""
    return cast("InventoryLevel | None", await levels_at.of_one(read, (sku_id, location_id)))


async def page_of_levels(read: Reader, where: LevelFilter, page: PageRequest) -> Page[InventoryLevel]:
    """Return one page of the levels, in the order they came to be."""
    statement = select(InventoryLevel).where(*visible_to(read.sight))
    for column, values in ((InventoryLevel.sku_id, where.sku_ids), (InventoryLevel.location_id, where.location_ids)):
        if values is not None:
            statement = statement.where(among(column, values))
    return await keyset(read, statement, by=BY_ID, page=page)
