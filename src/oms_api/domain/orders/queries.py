"""Reading orders: what a principal may see, by which filter and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus, PaymentStatus, ReturnStatus
from oms_api.domain.orders.tables import OrderDiscount, OrderLine, OrderParty, OrderRow, OrderShipping, OrderTax
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("placed_at_desc", (OrderRow.placed_at, OrderRow.id), descending=True)
OLDEST_FIRST = Ordering("placed_at_asc", (OrderRow.placed_at, OrderRow.id))
LINE_ORDER = Ordering("position", (OrderLine.position, OrderLine.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders. What is None does not matter; a tuple holds the values allowed."""

    ids: tuple[UUID, ...] | None = None
    numbers: tuple[int, ...] | None = None
    channel_ids: tuple[UUID, ...] | None = None
    customer_ids: tuple[UUID, ...] | None = None
    external_refs: tuple[str, ...] | None = None
    sku_codes: tuple[str, ...] | None = None
    statuses: tuple[OrderStatus, ...] | None = None
    fulfillment_statuses: tuple[FulfillmentStatus, ...] | None = None
    payment_statuses: tuple[PaymentStatus, ...] | None = None
    return_statuses: tuple[ReturnStatus, ...] | None = None
    on_hold: bool | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    all_of: tuple["OrderFilter", ...] = ()
    any_of: tuple["OrderFilter", ...] = ()
    none_of: tuple["OrderFilter", ...] = ()


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return the condition that an order is within the principal's channels."""
    return true() if principal.channels is None else among(OrderRow.channel_id, principal.channels)


def matching(where: OrderFilter) -> ColumnElement[bool]:
    """Return *where* as a condition."""
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (OrderRow.id, where.ids),
        (OrderRow.number, where.numbers),
        (OrderRow.channel_id, where.channel_ids),
        (OrderRow.customer_id, where.customer_ids),
        (OrderRow.external_ref, where.external_refs),
        (OrderRow.status, where.statuses),
        (OrderRow.fulfillment_status, where.fulfillment_statuses),
        (OrderRow.payment_status, where.payment_statuses),
        (OrderRow.return_status, where.return_statuses),
    )
    conditions = [among(column, values) for column, values in columns if values is not None]
    if where.sku_codes is not None:
        conditions.append(exists().where(OrderLine.order_id == OrderRow.id, among(OrderLine.sku_code, where.sku_codes)))
    if where.on_hold is not None:
        conditions.append(OrderRow.on_hold.is_(where.on_hold))
    if where.placed_from is not None:
        conditions.append(OrderRow.placed_at >= where.placed_from)
    if where.placed_before is not None:
        conditions.append(OrderRow.placed_at < where.placed_before)
    conditions.extend(matching(inner) for inner in where.all_of)
    if where.any_of:
        conditions.append(or_(*(matching(inner) for inner in where.any_of)))
    conditions.extend(matching(inner).is_not(true()) for inner in where.none_of)  # NOT (NULL = x) would be no answer at all
    return and_(true(), *conditions)


async def page_of_orders(read: Reader, where: OrderFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST) -> Page[OrderRow]:
    """Return one page of the orders that *read.principal* may see. Raises: InvalidCursor."""
    return await keyset(read, select(OrderRow).where(visible_to(read.principal), matching(where)), by=by, page=page)


async def count_of_orders(read: Reader, where: OrderFilter, *, limit: int) -> int:
    """Return how many orders match, counted up to *limit* + 1."""
    found = select(literal(1)).select_from(OrderRow).where(visible_to(read.principal), matching(where)).limit(limit + 1)
    return await read.value(select(func.count()).select_from(found.subquery())) or 0


def selected(*conditions: ColumnElement[bool]) -> Select[OrderRow]:
    """Return the statement for orders under *conditions*."""
    return select(OrderRow).where(*conditions)


async def order_by_id(read: Reader, order_id: UUID) -> OrderRow:
    """Return an order. Raises: NotFound, also for one outside the principal's channels."""
    found = await read.one_or_none(selected(OrderRow.id == order_id, visible_to(read.principal)))
    if found is None:
        raise NotFound(what="order", given=text_id(IdKind.ORDER, order_id))
    return found


async def order_by_number(read: Reader, number: int) -> OrderRow | None:
    """Return the order with *number*, if the principal may see it."""
    return await read.one_or_none(selected(OrderRow.number == number, visible_to(read.principal)))


async def order_by_reference(read: Reader, channel_id: UUID, reference: str) -> OrderRow | None:
    """Return the channel's order with the external *reference*, if the principal may see it."""
    named = (OrderRow.channel_id == channel_id, OrderRow.external_ref == reference)
    return await read.one_or_none(selected(*named, visible_to(read.principal)))


async def orders_by_id(read: Reader, ids: Sequence[UUID]) -> dict[UUID, OrderRow]:
    """Return the orders with *ids* that the principal may see."""
    return {row.id: row for row in await read.all(selected(among(OrderRow.id, ids), visible_to(read.principal)))}


async def pages_of_lines(read: Reader, orders: Sequence[UUID], page: PageRequest) -> dict[UUID, Page[OrderLine]]:
    """Return a page of the lines of each order, in line order. Raises: InvalidCursor."""
    return await keyset_of_each(read, OrderLine, parent=OrderLine.order_id, keys=orders, by=LINE_ORDER, page=page)


async def parties_by_order(read: Reader, orders: Sequence[UUID]) -> dict[UUID, OrderParty]:
    """Return the people on each order, as of the latest version."""
    rows = await read.all(select(OrderParty).where(among(OrderParty.order_id, orders)).order_by(OrderParty.version))
    return {row.order_id: row for row in rows}


async def discounts_by_order(read: Reader, orders: Sequence[UUID]) -> Sequence[OrderDiscount]:
    """Return all discounts of *orders*, on lines and on the order."""
    return await read.all(select(OrderDiscount).where(among(OrderDiscount.order_id, orders)).order_by(OrderDiscount.id))


async def taxes_by_order(read: Reader, orders: Sequence[UUID]) -> Sequence[OrderTax]:
    """Return all taxes of *orders*, on lines and on shipping."""
    return await read.all(select(OrderTax).where(among(OrderTax.order_id, orders)).order_by(OrderTax.id))


async def shipping_by_order(read: Reader, orders: Sequence[UUID]) -> Sequence[OrderShipping]:
    """Return the shipping charges of *orders*."""
    return await read.all(select(OrderShipping).where(among(OrderShipping.order_id, orders)).order_by(OrderShipping.id))


async def lines_by_id(read: Reader, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Return the lines with *ids*, each with the `currency` of its order, of orders that the principal may see."""
    statement = (
        select(OrderLine, OrderRow.currency)
        .join(OrderRow, OrderRow.id == OrderLine.order_id)
        .where(among(OrderLine.id, ids), visible_to(read.principal))
    )
    return {row.id: row for row in await read.rows(statement)}


async def units_by_order(read: Reader, orders: Sequence[UUID]) -> dict[UUID, list[LineUnits]]:
    """Return where the units of every line of each order are."""
    names = [f.name for f in fields(LineUnits) if f.name not in {"parent_id", "money"}]
    columns = [getattr(OrderLine, name) for name in names]
    statement = select(OrderLine.order_id, OrderLine.parent_line_id, *columns).where(among(OrderLine.order_id, orders))
    found: dict[UUID, list[LineUnits]] = {key: [] for key in orders}
    for order_id, parent_id, *values in await read.rows(statement):
        found[order_id].append(LineUnits(parent_id=parent_id, **dict(zip(names, values, strict=True))))
    return found
