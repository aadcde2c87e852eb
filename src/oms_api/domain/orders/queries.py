"""Reading orders: what a principal may see, by which filter and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.relations import Keys, all_for, by, of, one_for, pages_of, required
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.statements import statement
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus, PaymentStatus, ReturnStatus
from oms_api.domain.orders.tables import (
    OrderCancellation,
    OrderDiscount,
    OrderLine,
    OrderParty,
    OrderRow,
    OrderShipping,
    OrderTax,
)
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("placed_at_desc", (OrderRow.placed_at, OrderRow.id), descending=True)
OLDEST_FIRST = Ordering("placed_at_asc", (OrderRow.placed_at, OrderRow.id))
LINE_ORDER = Ordering("position", (OrderLine.position, OrderLine.id))
BY_VERSION = Ordering("version", (OrderParty.version,))
UNITS = [field.name for field in fields(LineUnits) if field.name != "money"]


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


visible_to = in_channels(OrderRow.channel_id)


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
    return await keyset(read, select(OrderRow).where(*visible_to(read.sight), matching(where)), by=by, page=page)


async def count_of_orders(read: Reader, where: OrderFilter, *, limit: int) -> int:
    """Return how many orders match, counted up to *limit* + 1."""
    found = select(literal(1)).select_from(OrderRow).where(*visible_to(read.sight), matching(where)).limit(limit + 1)
    return await read.value(select(func.count()).select_from(found.subquery())) or 0


orders_by_id = by(OrderRow.id, visible=visible_to)
order_by_id = required(orders_by_id, OrderRow, "order", IdKind.ORDER)
orders_by_number = by(OrderRow.number, visible=visible_to)
cancellation_by_id = required(by(OrderCancellation.id), OrderCancellation, "cancellation", IdKind.CANCELLATION)
pages_of_lines = pages_of(OrderLine.order_id, order=LINE_ORDER)
parties_by_order = by(OrderParty.order_id, order=BY_VERSION)
"""The people on each order, as of the latest version."""
discounts_by_order = of(OrderDiscount.order_id, order=Ordering("id", (OrderDiscount.id,)))
"""All discounts, on lines and on the order."""
taxes_by_order = of(OrderTax.order_id, order=Ordering("id", (OrderTax.id,)))
"""All taxes, on lines and on shipping."""
shipping_by_order = of(OrderShipping.order_id, order=Ordering("id", (OrderShipping.id,)))


@statement
def with_reference(channel_id: UUID, reference: str, sight: Sight) -> Select[OrderRow]:
    """Find the channel's order with the external *reference*."""
    named = (OrderRow.channel_id == channel_id, OrderRow.external_ref == reference)
    return select(OrderRow).where(*named, *visible_to(sight))


async def order_by_reference(read: Reader, channel_id: UUID, reference: str) -> OrderRow | None:
    """Return the channel's order with the external *reference*, if the principal may see it."""
    return await read.one_or_none(with_reference(channel_id, reference, read.sight))


@one_for("id")
def lines_by_id(ids: Keys, sight: Sight) -> Select[Any, Any]:
    """Find lines, each with the `currency` of its order, of orders that the principal may see."""
    lines = select(OrderLine, OrderRow.currency).join(OrderRow, OrderRow.id == OrderLine.order_id)
    return lines.where(among(OrderLine.id, ids), *visible_to(sight))


@all_for("order_id")
def lines_with_units(orders: Keys, _sight: Sight) -> Select[Any]:
    """Find where the units of every line of each order are."""
    columns = [OrderLine.parent_line_id if name == "parent_id" else getattr(OrderLine, name) for name in UNITS]
    return select(*columns, OrderLine.order_id).where(among(OrderLine.order_id, orders))


units_by_order = lines_with_units.turned(lambda lines: [LineUnits(**dict(zip(UNITS, line, strict=False))) for line in lines])
