"""Reads of lots and of where they lie, within the limits of the principal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.records import Shape
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.lots.tables import LotLevel, LotRow
from oms_api.domain.inventory.states import HELD
from oms_api.domain.inventory.tables import InventoryLevel, StockMovement
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LocationId, LotId, text_id
from oms_api.kernel.paging import Page, PageRequest

FIRST_EXPIRED_FIRST = Ordering("fefo", (LotLevel.fefo_date, LotLevel.id))
NEWEST_FIRST = Ordering("newest", (StockMovement.id,), descending=True)
IN_STOCK = LotLevel.in_stock == true()
LEVELS = Shape(LotLevel)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotFilter:
    """Which lots at which levels. `None` means any; with *expiring_before* only lots that expire, and before that day."""

    expiring_before: date | None = None
    sku_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None


async def page_of_lots(read: Reader, where: LotFilter, page: PageRequest) -> Page[LotLevel]:
    """Return one page of the lots in stock, level by level, those that expire first before others. Raises: InvalidCursor."""
    return await keyset(read, lots_where(read, where), by=FIRST_EXPIRED_FIRST, page=page)


def lots_where(read: Reader, where: LotFilter) -> Select[LotLevel]:
    """Return the statement for the lots in stock that can be seen and that *where* asks for, in any order."""
    statement = select(LotLevel).where(IN_STOCK, *_visible(read))
    for column, values in ((LotLevel.sku_id, where.sku_ids), (LotLevel.location_id, where.location_ids)):
        if values is not None:  # one value keeps the order of the index
            statement = statement.where(column == values[0] if len(values) == 1 else among(column, values))
    if where.expiring_before is not None:
        statement = statement.where(LotLevel.fefo_date < where.expiring_before, LotLevel.expires_on.is_not(None))
    return statement


async def pages_of_lots_by_level(
    read: Reader, levels: Sequence[UUID], page: PageRequest, *, as_of: datetime | None = None
) -> Mapping[UUID, Page[LotLevel]]:
    """Return one page of the lots of each level, first expired first, as they are or were at a moment by the ledger.

    How many were set aside then is None: not every movement names its lot. The levels themselves were seen before.
    """
    if as_of is None:
        return await _pages(read, LotLevel.level_id, levels, page, IN_STOCK)
    units = await _units_as_of(read, levels, as_of)
    found = await _pages(read, LotLevel.level_id, levels, page, among(LotLevel.id, units))
    return {
        level: replace(one, items=[_with_units(held, units[held.id]) for held in one.items]) for level, one in found.items()
    }


async def pages_of_levels_by_lot(read: Reader, lots: Sequence[UUID], page: PageRequest) -> Mapping[UUID, Page[LotLevel]]:
    """Return one page of the levels where units of each lot lie that can be seen."""
    return await _pages(read, LotLevel.lot_id, lots, page, IN_STOCK, *_visible(read))


async def lots_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, LotRow]:
    """Return the lots among *ids* that exist and can be seen."""
    statement = select(LotRow).where(among(LotRow.id, ids), *visible_lots(read))
    return {lot.id: lot for lot in await read.all(statement)}


async def lot_by_id(read: Reader, lot_id: UUID) -> LotRow:
    """Return a lot. Raises: NotFound, also for one that lies and lay nowhere the principal may see."""
    found = await lots_by_id(read, [lot_id])
    if lot_id not in found:
        raise NotFound(what="lot", given=text_id(IdKind.LOT, lot_id))
    return found[lot_id]


async def lot_of_sku(read: Reader, sku_id: UUID, code: str) -> LotRow | None:
    """Return the lot of a SKU with *code*, if there is one that can be seen."""
    if "\0" in code:
        return None
    return await read.one_or_none(select(LotRow).where(LotRow.sku_id == sku_id, LotRow.code == code, *visible_lots(read)))


async def page_of_lot_movements(read: Reader, lot: LotRow, page: PageRequest) -> Page[StockMovement]:
    """Return one page of what moved units of a lot at levels that can be seen, the newest first. Raises: InvalidCursor."""
    statement = select(StockMovement).where(
        StockMovement.sku_id == lot.sku_id, StockMovement.lot == lot.code, StockMovement.level_id.is_not(None)
    )
    if read.principal.locations is not None:
        seen = select(InventoryLevel.id).where(*visible_locations(read.principal, InventoryLevel.location_id))
        statement = statement.where(StockMovement.level_id.in_(seen))
    return await keyset(read, statement, by=NEWEST_FIRST, page=page)


async def locations_of_lot(read: Reader, lot_id: LotId) -> tuple[LocationId, ...]:
    """Return the locations where units of a lot lie or lay, whoever may see them."""
    statement = select(LotLevel.location_id).where(LotLevel.lot_id == lot_id).order_by(LotLevel.location_id)
    return tuple(await read.values(statement))


def visible_lots(read: Reader) -> list[ColumnElement[bool]]:
    """Return the principal's limit of locations as conditions on a lot: it lies or lay at one of them."""
    seen = _visible(read)
    return [exists().where(LotLevel.lot_id == LotRow.id, *seen)] if seen else []


def _visible(read: Reader) -> list[ColumnElement[bool]]:
    return visible_locations(read.principal, LotLevel.location_id)


async def _pages(
    read: Reader, parent: InstrumentedAttribute[UUID], keys: Sequence[UUID], page: PageRequest, *where: ColumnElement[bool]
) -> dict[UUID, Page[LotLevel]]:
    return await keyset_of_each(read, LotLevel, parent=parent, keys=keys, by=FIRST_EXPIRED_FIRST, page=page, where=where)


async def _units_as_of(read: Reader, levels: Sequence[UUID], moment: datetime) -> dict[UUID, int]:
    """Return how many units each lot had at each of *levels* at a moment, where it had any."""
    movement = StockMovement
    flow = case((movement.target.in_(HELD), movement.quantity), else_=0) - case(
        (movement.source.in_(HELD), movement.quantity), else_=0
    )
    statement = (
        select(LotLevel.id, func.sum(flow).label("units"))
        .join(LotRow, LotRow.id == LotLevel.lot_id)
        .join(movement, (movement.level_id == LotLevel.level_id) & (movement.lot == LotRow.code))
        .where(among(LotLevel.level_id, levels), among(movement.level_id, levels), movement.occurred_at <= moment)
        .group_by(LotLevel.id)
        .having(func.sum(flow) > 0)
    )
    return {row.id: int(row.units) for row in await read.rows(statement)}


def _with_units(held: LotLevel, units: int) -> LotLevel:
    values = {name: getattr(held, name) for name in LEVELS.names} | {"on_hand": units, "set_aside": None}
    return cast("LotLevel", SimpleNamespace(**values))
