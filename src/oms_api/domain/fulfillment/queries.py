"""Reading fulfillment orders: what a principal may see, by which filter and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.calendar import calendar_of
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.channels.tables import Location
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderLine, FulfillmentOrderRow
from oms_api.domain.inventory.promising import Days
from oms_api.domain.orders.tables import OrderLine, OrderRow
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import LARGEST_PAGE, Page, PageRequest

OLDEST_FIRST = Ordering("created_at_asc", (FulfillmentOrderRow.created_at, FulfillmentOrderRow.id))
NEWEST_FIRST = Ordering("created_at_desc", (FulfillmentOrderRow.created_at, FulfillmentOrderRow.id), descending=True)
LINE_ORDER = Ordering("line", (FulfillmentOrderLine.id,))


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentOrderFilter:
    """Which fulfillment orders. `None` means any."""

    order_ids: tuple[UUID, ...] | None = None
    channel_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    statuses: tuple[FulfillmentOrderStatus, ...] | None = None


def visible_to(principal: Principal) -> list[ColumnElement[bool]]:
    """Return the principal's limits of channels and locations, as conditions."""
    return [
        *visible_channels(principal, FulfillmentOrderRow.channel_id),
        *visible_locations(principal, FulfillmentOrderRow.location_id),
    ]


async def page_of_fulfillment_orders(
    read: Reader, where: FulfillmentOrderFilter, page: PageRequest, *, by: Ordering = OLDEST_FIRST
) -> Page[FulfillmentOrderRow]:
    """Return one page of the fulfillment orders that *read.principal* may see. Raises: InvalidCursor."""
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (FulfillmentOrderRow.order_id, where.order_ids),
        (FulfillmentOrderRow.channel_id, where.channel_ids),
        (FulfillmentOrderRow.location_id, where.location_ids),
        (FulfillmentOrderRow.status, where.statuses),
    )
    wanted = [among(column, values) for column, values in columns if values is not None]
    return await keyset(read, select(FulfillmentOrderRow).where(*visible_to(read.principal), *wanted), by=by, page=page)


async def fulfillment_orders_by_id(read: Reader, ids: Sequence[UUID]) -> dict[UUID, FulfillmentOrderRow]:
    """Return the fulfillment orders among *ids* that the principal may see."""
    statement = select(FulfillmentOrderRow).where(among(FulfillmentOrderRow.id, ids), *visible_to(read.principal))
    return {row.id: row for row in await read.all(statement)}


async def fulfillment_order_by_id(read: Reader, key: UUID) -> FulfillmentOrderRow:
    """Return a fulfillment order. Raises: NotFound, also for one outside the principal's limits."""
    found = await fulfillment_orders_by_id(read, [key])
    if key not in found:
        raise NotFound(what="fulfillment order", given=text_id(IdKind.FULFILLMENT_ORDER, key))
    return found[key]


async def fulfillment_orders_by_order(read: Reader, orders: Sequence[UUID]) -> dict[UUID, list[FulfillmentOrderRow]]:
    """Return the first 250 fulfillment orders of each order that the principal may see, oldest first."""
    row = FulfillmentOrderRow
    rank = func.row_number().over(partition_by=row.order_id, order_by=(row.created_at, row.id)).label("rank")
    ranked = select(row.id, rank).where(among(row.order_id, orders), *visible_to(read.principal)).subquery()
    statement = (
        select(row).join(ranked, ranked.c.id == row.id).where(ranked.c.rank <= LARGEST_PAGE).order_by(row.created_at, row.id)
    )
    found: dict[UUID, list[FulfillmentOrderRow]] = {key: [] for key in orders}
    for work in await read.all(statement):
        found[work.order_id].append(work)
    return found


async def days_of_scheduled_lines(read: Reader, lines: Sequence[UUID]) -> dict[UUID, list[Days]]:
    """Return when scheduled units of each order line leave and arrive, by the calendar of each location where they wait.

    A bundle's line is told of its components.
    """
    asked, line, part, work = aliased(OrderLine), aliased(OrderLine), FulfillmentOrderLine, FulfillmentOrderRow
    of_asked = (line.order_id == asked.order_id) & ((line.id == asked.id) | (line.parent_line_id == asked.id))
    statement = (
        select(asked.id, work.opens_on, OrderRow.placed_at, Location.time_zone, Location.calendar, OrderRow.country)
        .join(line, of_asked)
        .join(part, part.line_id == line.id)
        .join(work, work.id == part.fulfillment_order_id)
        .join(Location, Location.id == work.location_id)
        .join(OrderRow, OrderRow.id == asked.order_id)
        .where(among(asked.id, lines), work.status == FulfillmentOrderStatus.SCHEDULED)
        .where(part.quantity > part.shipped + part.canceled)
    )
    found: dict[UUID, list[Days]] = {}
    for key, opens_on, placed_at, zone, kept, country in await read.rows(statement):
        calendar, clock = calendar_of(kept), ZoneInfo(zone)
        leaves = calendar.ships_on(max(datetime.combine(opens_on, time(), clock), placed_at), clock)
        found.setdefault(key, []).append((leaves, leaves and calendar.delivered_on(leaves, country)))
    return found


async def pages_of_work_lines(
    read: Reader, fulfillment_orders: Sequence[UUID], page: PageRequest
) -> dict[UUID, Page[FulfillmentOrderLine]]:
    """Return a page of the lines of each fulfillment order, in the order of their making. Raises: InvalidCursor."""
    parent = FulfillmentOrderLine.fulfillment_order_id
    return await keyset_of_each(read, FulfillmentOrderLine, parent=parent, keys=fulfillment_orders, by=LINE_ORDER, page=page)
