"""Reads of backorders: what waits, and for what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import aliased

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_channels
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.orders.tables import OrderLine
from oms_api.kernel.paging import Page, PageRequest

OLDEST_FIRST = Ordering("placed_at_asc", (BackorderRow.placed_at, BackorderRow.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class BackorderFilter:
    """Which backorders. `None` means any; *waiting* those of which units still wait; *promised* those with a day."""

    waiting: bool = True
    promised: bool | None = None
    sku_ids: tuple[UUID, ...] | None = None
    order_ids: tuple[UUID, ...] | None = None
    channel_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    supply_line_ids: tuple[UUID, ...] | None = None
    policies: tuple[Oversell, ...] | None = None


def matching(read: Reader, where: BackorderFilter) -> list[ColumnElement[bool]]:
    """Return *where* and the principal's limits as conditions."""
    conditions = [true(), *visible_channels(read.principal, BackorderRow.channel_id)]
    columns = (
        (BackorderRow.sku_id, where.sku_ids),
        (BackorderRow.order_id, where.order_ids),
        (BackorderRow.channel_id, where.channel_ids),
        (BackorderRow.location_id, where.location_ids),
        (BackorderRow.supply_line_id, where.supply_line_ids),
        (BackorderRow.policy, where.policies),
    )
    conditions += [among(column, values) for column, values in columns if values is not None]
    if where.waiting:
        conditions.append(BackorderRow.waiting > 0)
    if where.promised is not None:
        conditions.append(BackorderRow.ships_on.is_not(None) if where.promised else BackorderRow.ships_on.is_(None))
    return conditions


async def page_of_backorders(read: Reader, where: BackorderFilter, page: PageRequest) -> Page[BackorderRow]:
    """Return one page of the backorders, the orders placed first first. Raises: InvalidCursor."""
    return await keyset(read, select(BackorderRow).where(*matching(read, where)), by=OLDEST_FIRST, page=page)


async def backorders_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, BackorderRow]:
    """Return the backorders among *ids* that exist and can be seen."""
    visible = visible_channels(read.principal, BackorderRow.channel_id)
    return {row.id: row for row in await read.all(select(BackorderRow).where(among(BackorderRow.id, ids), *visible))}


async def backorders_by_line(read: Reader, lines: Sequence[UUID]) -> Mapping[UUID, list[BackorderRow]]:
    """Return the backorders of each order line, oldest first. The lines themselves were seen before."""
    found: dict[UUID, list[BackorderRow]] = {line: [] for line in lines}
    for row in await read.all(select(BackorderRow).where(among(BackorderRow.line_id, lines)).order_by(BackorderRow.id)):
        found[row.line_id].append(row)
    return found


async def backorders_by_bundle(read: Reader, lines: Sequence[UUID]) -> Mapping[UUID, list[BackorderRow]]:
    """Return the backorders of the components of each bundle's order line, oldest first. The lines were seen before."""
    bundle, part = aliased(OrderLine), aliased(OrderLine)
    statement = (
        select(BackorderRow, part.parent_line_id)
        .join(part, part.id == BackorderRow.line_id)
        .join(bundle, and_(bundle.order_id == part.order_id, bundle.id == part.parent_line_id))
        .where(among(bundle.id, lines))
        .order_by(BackorderRow.id)
    )
    found: dict[UUID, list[BackorderRow]] = {line: [] for line in lines}
    for row in await read.rows(statement):
        found[row.parent_line_id].append(row)
    return found
