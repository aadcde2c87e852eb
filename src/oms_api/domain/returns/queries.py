"""Reading returns and what became of them: what a principal may see, by which filter and in which order.

A return belongs to its order and is seen by whoever sees that; a receipt happened at a location and is hidden from those
limited to others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.orders.quantities import LineMoney, LineUnits
from oms_api.domain.orders.queries import orders_by_id
from oms_api.domain.orders.tables import OrderLine, OrderRow
from oms_api.domain.returns.policies import UnitsWanted, decide_return, value_of
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.domain.returns.tables import ReturnLineRow, ReturnReceipt, ReturnReceiptLine, ReturnRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LineId, OrderId, text_id
from oms_api.kernel.paging import LARGEST_PAGE, Page, PageRequest

NEWEST_FIRST = Ordering("created_at_desc", (ReturnRow.created_at, ReturnRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (ReturnRow.created_at, ReturnRow.id))
LINE_ORDER = Ordering("position", (ReturnLineRow.position, ReturnLineRow.id))
RECEIPT_ORDER = Ordering("occurred_at", (ReturnReceipt.occurred_at, ReturnReceipt.id))
RECEIPT_LINE_ORDER = Ordering("line", (ReturnReceiptLine.id,))
ALL = PageRequest(size=LARGEST_PAGE)
UNITS = ("id", "kind", "ordered", "canceled", "unsourced", "backordered", "allocated", "in_fulfillment", "shipped", "delivered",
         "lost", "returned_to_sender", "in_return", "returned")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFilter:
    """Which returns. `None` means any."""

    order_ids: tuple[UUID, ...] | None = None
    channel_ids: tuple[UUID, ...] | None = None
    statuses: tuple[ReturnOrderStatus, ...] | None = None
    external_refs: tuple[str, ...] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """An order, and what units of its lines cost: as a whole, and by row of what was asked."""

    order: OrderRow
    value: LineMoney
    rows: list[LineMoney]


def visible(read: Reader) -> list[ColumnElement[bool]]:
    """Return the principal's limit of channels, as conditions."""
    return visible_channels(read.principal, ReturnRow.channel_id)


def matching(where: ReturnFilter) -> list[ColumnElement[bool]]:
    """Return *where* as conditions."""
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (ReturnRow.order_id, where.order_ids),
        (ReturnRow.channel_id, where.channel_ids),
        (ReturnRow.status, where.statuses),
        (ReturnRow.external_ref, where.external_refs),
    )
    conditions = [among(column, values) for column, values in columns if values is not None]
    if where.created_from is not None:
        conditions.append(ReturnRow.created_at >= where.created_from)
    if where.created_before is not None:
        conditions.append(ReturnRow.created_at < where.created_before)
    return conditions


async def page_of_returns(
    read: Reader, where: ReturnFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[ReturnRow]:
    """Return one page of the returns that *read.principal* may see. Raises: InvalidCursor."""
    return await keyset(read, select(ReturnRow).where(*visible(read), *matching(where)), by=by, page=page)


async def returns_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, ReturnRow]:
    """Return the returns among *ids* that the principal may see."""
    return {row.id: row for row in await read.all(select(ReturnRow).where(among(ReturnRow.id, ids), *visible(read)))}


async def return_by_id(read: Reader, key: UUID) -> ReturnRow:
    """Return a return. Raises: NotFound, also for one outside the principal's channels."""
    found = await returns_by_id(read, [key])
    if key not in found:
        raise NotFound(what="return", given=text_id(IdKind.RETURN, key))
    return found[key]


async def return_by_number(read: Reader, number: int) -> ReturnRow | None:
    """Return the return with *number*, if the principal may see it."""
    return await read.one_or_none(select(ReturnRow).where(ReturnRow.number == number, *visible(read)))


async def return_by_reference(read: Reader, channel_id: UUID, reference: str) -> ReturnRow | None:
    """Return the channel's return with the external *reference*, if the principal may see it."""
    named = (ReturnRow.channel_id == channel_id, ReturnRow.external_ref == reference)
    return await read.one_or_none(select(ReturnRow).where(*named, *visible(read)))


async def returns_by_order(read: Reader, orders: Sequence[UUID]) -> dict[UUID, Sequence[ReturnRow]]:
    """Return the first 250 returns of each order that the principal may see, oldest first."""
    parent = ReturnRow.order_id
    pages = await keyset_of_each(read, ReturnRow, parent=parent, keys=orders, by=OLDEST_FIRST, page=ALL, where=visible(read))
    return {key: pages[key].items for key in orders}


async def pages_of_return_lines(read: Reader, returns: Sequence[UUID], page: PageRequest) -> dict[UUID, Page[ReturnLineRow]]:
    """Return a page of the lines of each return, in the order given. Raises: InvalidCursor."""
    return await keyset_of_each(read, ReturnLineRow, parent=ReturnLineRow.return_id, keys=returns, by=LINE_ORDER, page=page)


async def return_lines_by_id(read: Reader, ids: Sequence[UUID]) -> dict[UUID, ReturnLineRow]:
    """Return the lines with *ids*; their returns were seen before."""
    return {row.id: row for row in await read.all(select(ReturnLineRow).where(among(ReturnLineRow.id, ids)))}


async def receipts_by_return(read: Reader, returns: Sequence[UUID]) -> dict[UUID, Sequence[ReturnReceipt]]:
    """Return the first 250 receipts of each return at locations that the principal may see, oldest first."""
    parent, seen = ReturnReceipt.return_id, _seen_receipts(read)
    pages = await keyset_of_each(read, ReturnReceipt, parent=parent, keys=returns, by=RECEIPT_ORDER, page=ALL, where=seen)
    return {key: pages[key].items for key in returns}


async def receipts_by_id(read: Reader, ids: Sequence[UUID]) -> dict[UUID, ReturnReceipt]:
    """Return the receipts among *ids* at locations that the principal may see."""
    statement = select(ReturnReceipt).where(among(ReturnReceipt.id, ids), *_seen_receipts(read))
    return {receipt.id: receipt for receipt in await read.all(statement)}


async def pages_of_receipt_lines(
    read: Reader, receipts: Sequence[UUID], page: PageRequest
) -> dict[UUID, Page[ReturnReceiptLine]]:
    """Return a page of the lines of each receipt, in the order of their making. Raises: InvalidCursor."""
    parent = ReturnReceiptLine.receipt_id
    return await keyset_of_each(read, ReturnReceiptLine, parent=parent, keys=receipts, by=RECEIPT_LINE_ORDER, page=page)


async def receipt_lines_by_return_line(read: Reader, lines: Sequence[UUID]) -> dict[UUID, Sequence[ReturnReceiptLine]]:
    """Return the first 250 receipt lines of each line of a return, at locations that the principal may see, oldest first."""
    parent, seen = ReturnReceiptLine.return_line_id, _seen_receipts(read)
    receipts = [ReturnReceiptLine.receipt_id.in_(select(ReturnReceipt.id).where(*seen))] if seen else []
    pages = await keyset_of_each(
        read, ReturnReceiptLine, parent=parent, keys=lines, by=RECEIPT_LINE_ORDER, page=ALL, where=receipts
    )
    return {key: pages[key].items for key in lines}


async def preview_of_return(read: Reader, order_id: OrderId, wanted: Sequence[UnitsWanted]) -> Preview:
    """Return what units of an order's lines cost, as a return of them would value them.

    Raises: NotFound, InvalidValue, TooManyItems; Refused with all that is wrong with the lines.
    """
    order = (await orders_by_id(read, [order_id])).get(order_id)
    if order is None:
        raise NotFound(what="order", given=text_id(IdKind.ORDER, order_id), field=("orderId",))
    lines = await units_with_money(read, order_id)
    rows = [value_of(lines, units) for units in decide_return(lines, wanted)]
    return Preview(order, sum(rows, LineMoney()), rows)


async def units_with_money(read: Reader, order_id: OrderId) -> dict[LineId, LineUnits]:
    """Return where the units of each line of an order are and what all of them cost, in line order."""
    columns = (*(getattr(OrderLine, name) for name in UNITS), OrderLine.parent_line_id)
    money = (
        OrderLine.goods_minor,
        OrderLine.discount_minor + OrderLine.order_discount_minor,
        OrderLine.shipping_minor,
        OrderLine.tax_minor + OrderLine.shipping_tax_minor,
    )
    statement = select(*columns, *money).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    found: dict[LineId, LineUnits] = {}
    for row in await read.rows(statement):
        units = dict(zip(UNITS, row[: len(UNITS)], strict=True))
        parent_id, *amounts = row[len(UNITS) :]
        found[row[0]] = LineUnits(parent_id=parent_id, money=LineMoney(*amounts), **units)
    return found


def _seen_receipts(read: Reader) -> list[ColumnElement[bool]]:
    return visible_locations(read.principal, ReturnReceipt.location_id)
