"""Reads of lots and of where they lie, within the limits of the principal."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, case, exists, func, literal_column, null, select, true
from sqlalchemy.orm import aliased

from oms_api.db.keyset import Ordering, page_of
from oms_api.db.relations import Found, Keys, One, Relation, by, one_for, pages_of, required
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.statements import Query, statement
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.lots.good import EXPIRED_FREE
from oms_api.domain.inventory.lots.tables import LotLevelRow, LotRow
from oms_api.domain.inventory.states import HELD
from oms_api.domain.inventory.tables import InventoryLevelRow, StockMovementRow
from oms_api.domain.inventory.visibility import lines_seen
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind, LevelId, LocationId, LotId, SkuId
from oms_api.kernel.paging import Page, PageRequest

FIRST_EXPIRED_FIRST = Ordering("fefo", (LotLevelRow.fefo_date, LotLevelRow.id))
NEWEST_FIRST = Ordering("newest", (StockMovementRow.id,), descending=True)


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limit of locations as conditions on a lot: it lies or lay at one that is seen."""
    seen = visible_locations(sight, LotLevelRow.location_id)
    return [exists().where(LotLevelRow.lot_id == LotRow.id, *seen)] if seen else []


def in_stock(_sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on a lot at a level, which was seen before, that units of it are there."""
    return [LotLevelRow.in_stock == true()]


def in_stock_and_seen(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on a lot at a level that units of it are there, and that the level can be seen."""
    return [*in_stock(sight), *visible_locations(sight, LotLevelRow.location_id)]


lots_by_id: One[LotId, LotRow] = by(LotRow.id, visible=visible_to)
pages_of_lots_by_level = pages_of(LotLevelRow.level_id, order=FIRST_EXPIRED_FIRST, visible=in_stock)
pages_of_levels_by_lot = pages_of(LotLevelRow.lot_id, order=FIRST_EXPIRED_FIRST, visible=in_stock_and_seen)


@one_for("level_id")
def expired_units(levels: Keys, _sight: Sight) -> Found:
    """The free units that have expired and are not set aside yet, of levels that were seen before."""
    level = aliased(InventoryLevelRow, name="level")
    return select(level.id.label("level_id"), literal_column(EXPIRED_FREE, Integer).label("units")).where(
        among(level.id, levels)
    )


expired_by_level: Relation[LevelId, int] = expired_units.turned(lambda found: found.units if found else 0)


@statement
def lots_then(levels: Keys, moment: datetime, backwards: bool, place: tuple[Any, ...]) -> Select[Any]:
    """The lots of *levels* as they were at *moment* by the ledger, first expired first.

    How many were set aside then is NULL: not every movement names its lot.
    """
    movement, held = StockMovementRow, LotLevelRow.__table__
    flow = case((movement.target.in_(HELD), movement.quantity), else_=0) - case(
        (movement.source.in_(HELD), movement.quantity), else_=0
    )
    then = {"on_hand": func.sum(flow).label("on_hand"), "set_aside": null().label("set_aside")}
    return (
        select(*[then.get(column.name, column) for column in held.columns])
        .join(LotRow, LotRow.id == LotLevelRow.lot_id)
        .join(movement, (movement.level_id == LotLevelRow.level_id) & (movement.lot == LotRow.code))
        .where(among(LotLevelRow.level_id, levels), among(movement.level_id, levels), movement.occurred_at <= moment)
        .where(FIRST_EXPIRED_FIRST.past(place, backwards=backwards))
        .group_by(LotLevelRow.id)
        .having(func.sum(flow) > 0)
        .order_by(*FIRST_EXPIRED_FIRST.by(backwards=backwards))
    )


def _lots_then(levels: Sequence[LevelId], _sight: Sight, page: PageRequest, moment: datetime) -> Query[Any]:
    return lots_then(levels, moment, page.backwards, FIRST_EXPIRED_FIRST.at(page))


def _pages(
    levels: Sequence[LevelId], records: Sequence[LotLevelRow], page: PageRequest, _moment: datetime
) -> dict[LevelId, Page[LotLevelRow]]:
    found: dict[LevelId, list[LotLevelRow]] = {level: [] for level in levels}
    for record in records:
        found[record.level_id].append(record)
    return {level: page_of(lots, by=FIRST_EXPIRED_FIRST, page=page) for level, lots in found.items()}


pages_of_lots_then = Relation(_lots_then, _pages, partial(page_of, (), by=FIRST_EXPIRED_FIRST, page=PageRequest()))
"""The lots of levels, which were seen before, as they were at a moment."""


@statement
def lots_with_code(sku_id: UUID, code: str, sight: Sight) -> Select[LotRow]:
    """The lot of a SKU with *code*, if there is one that can be seen."""
    return select(LotRow).where(LotRow.sku_id == sku_id, LotRow.code == code, *visible_to(sight))


@statement
def movements_of_lot(
    sku_id: SkuId, code: str, sight: Sight, limit: int, backwards: bool, place: tuple[Any, ...]
) -> Select[StockMovementRow]:
    """What moved units of a lot at levels that can be seen, the newest first."""
    moved, level = StockMovementRow, cast("Any", StockMovementRow.level_id)
    wanted = moved.sku_id == sku_id, moved.lot == code, level.is_not(None), *lines_seen(level)(sight)
    found = select(moved).where(*wanted, NEWEST_FIRST.past(place, backwards=backwards))
    return found.order_by(*NEWEST_FIRST.by(backwards=backwards)).limit(limit)


@statement
def locations_of_lot(lot_id: LotId) -> Select[LocationId]:
    """The locations where units of a lot lie or lay, whoever may see them."""
    return select(LotLevelRow.location_id).where(LotLevelRow.lot_id == lot_id).order_by(LotLevelRow.location_id)


async def lot_of_sku(read: Reader, sku_id: SkuId, code: str) -> LotRow | None:
    """Return the lot of a SKU with *code*, if there is one that can be seen."""
    if "\0" in code:
        return None
    return await read.one_or_none(lots_with_code(sku_id, code, read.sight))


lot_by_id = required(lots_by_id, "lot", IdKind.LOT)
"""A lot. Raises: NotFound, also for one that lies and lay nowhere the principal may see."""


async def page_of_lot_movements(read: Reader, lot: LotRow, page: PageRequest) -> Page[StockMovementRow]:
    """Return one page of what moved units of a lot at levels that can be seen, the newest first. Raises: InvalidCursor."""
    place = NEWEST_FIRST.at(page)
    moved = movements_of_lot(lot.sku_id, lot.code, read.sight, page.size + 1, page.backwards, place)
    return page_of(await read.all(moved), by=NEWEST_FIRST, page=page)
