"""Reads of levels and their ledger, within the limits of the principal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, bindparam, func, select

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import MovementKind
from oms_api.domain.inventory.tables import InventoryLevel, StockMovement
from oms_api.kernel.ids import LevelId
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

    kinds: tuple[MovementKind, ...] | None = None
    occurred_from: datetime | None = None
    occurred_before: datetime | None = None


ALL_MOVEMENTS = MovementFilter()


def _visible(read: Reader) -> list[ColumnElement[bool]]:
    return visible_locations(read.principal, InventoryLevel.location_id)


async def page_of_levels(read: Reader, where: LevelFilter, page: PageRequest) -> Page[InventoryLevel]:
    """Return one page of the levels, in the order they came to be."""
    statement = select(InventoryLevel).where(*_visible(read))
    for column, values in ((InventoryLevel.sku_id, where.sku_ids), (InventoryLevel.location_id, where.location_ids)):
        if values is not None:
            statement = statement.where(among(column, values))
    return await keyset(read, statement, by=BY_ID, page=page)


async def pages_of_levels(read: Reader, skus: Sequence[UUID], page: PageRequest) -> Mapping[UUID, Page[InventoryLevel]]:
    """Return one page of each SKU's levels."""
    return await keyset_of_each(
        read, InventoryLevel, parent=InventoryLevel.sku_id, keys=skus, by=BY_ID, page=page, where=_visible(read)
    )


async def levels_by_id(read: Reader, ids: Iterable[LevelId]) -> Mapping[LevelId, InventoryLevel]:
    """Return the levels among *ids* that exist and can be seen."""
    statement = select(InventoryLevel).where(among(InventoryLevel.id, ids), *_visible(read))
    return {level.id: level for level in await read.all(statement)}


async def level_of(read: Reader, sku_id: UUID, location_id: UUID) -> InventoryLevel | None:
    """Return the level of a SKU at a location, if there is one that can be seen."""
    of_both = (InventoryLevel.sku_id == sku_id, InventoryLevel.location_id == location_id)
    return await read.one_or_none(select(InventoryLevel).where(*of_both, *_visible(read)))


async def levels_at(read: Reader, keys: Sequence[LevelKey]) -> Mapping[LevelKey, InventoryLevel]:
    """Return the levels of *keys* that exist and can be seen."""
    given = [bindparam(None, values, type_=ARRAY(Uuid), unique=True) for values in map(list, zip(*keys, strict=True))]
    want = func.unnest(*given).table_valued("sku_id", "location_id", name="want").render_derived()
    both = (InventoryLevel.sku_id == want.c.sku_id) & (InventoryLevel.location_id == want.c.location_id)
    found = await read.all(select(InventoryLevel).join(want, both).where(*_visible(read)))
    return {(level.sku_id, level.location_id): level for level in found}


async def pages_of_movements(
    read: Reader,
    levels: Sequence[UUID],
    page: PageRequest,
    *,
    where: MovementFilter = ALL_MOVEMENTS,
    as_of: datetime | None = None,
) -> Mapping[UUID, Page[StockMovement]]:
    """Return one page of each level's ledger, newest first, up to *as_of*. The levels themselves were seen before."""
    movement, conditions = StockMovement, list[ColumnElement[bool]]()
    if where.kinds is not None:
        conditions.append(among(movement.kind, where.kinds))
    if where.occurred_from is not None:
        conditions.append(movement.occurred_at >= where.occurred_from)
    if where.occurred_before is not None:
        conditions.append(movement.occurred_at < where.occurred_before)
    if as_of is not None:
        conditions.append(movement.occurred_at <= as_of)
    parent = movement.level_id
    return await keyset_of_each(read, movement, parent=parent, keys=levels, by=NEWEST_FIRST, page=page, where=conditions)
