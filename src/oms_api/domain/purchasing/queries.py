"""Reading purchase orders and receipts: what a principal may see, by which filter and in which order.

A purchase order is seen by whoever sees its supplier and its location; its lines and receipts with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.suppliers import visible_suppliers
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow, PurchaseReceipt, PurchaseReceiptLine
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("created_at_desc", (PurchaseOrderRow.created_at, PurchaseOrderRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (PurchaseOrderRow.created_at, PurchaseOrderRow.id))
LINE_ORDER = Ordering("position", (PurchaseOrderLineRow.position, PurchaseOrderLineRow.id))
RECEIPT_ORDER = Ordering("occurred_at", (PurchaseReceipt.occurred_at, PurchaseReceipt.id))
RECEIPT_LINE_ORDER = Ordering("line", (PurchaseReceiptLine.id,))


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderFilter:
    """Which purchase orders. `None` means any; the expected dates are those of open lines."""

    supplier_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    statuses: tuple[PurchaseOrderStatus, ...] | None = None
    external_refs: tuple[str, ...] | None = None
    sku_ids: tuple[UUID, ...] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    expected_from: datetime | None = None
    expected_before: datetime | None = None


def visible(read: Reader) -> list[ColumnElement[bool]]:
    """Return the principal's limits of suppliers and locations, as conditions."""
    suppliers = visible_suppliers(read.principal, PurchaseOrderRow.supplier_id)
    return [*suppliers, *visible_locations(read.principal, PurchaseOrderRow.location_id)]


def matching(where: PurchaseOrderFilter) -> list[ColumnElement[bool]]:
    """Return *where* as conditions."""
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (PurchaseOrderRow.supplier_id, where.supplier_ids),
        (PurchaseOrderRow.location_id, where.location_ids),
        (PurchaseOrderRow.status, where.statuses),
        (PurchaseOrderRow.external_ref, where.external_refs),
    )
    conditions = [among(column, values) for column, values in columns if values is not None]
    if where.created_from is not None:
        conditions.append(PurchaseOrderRow.created_at >= where.created_from)
    if where.created_before is not None:
        conditions.append(PurchaseOrderRow.created_at < where.created_before)
    lines = _lines_matching(where)
    if lines:
        conditions.append(exists().where(PurchaseOrderLineRow.purchase_order_id == PurchaseOrderRow.id, *lines))
    return conditions


def _lines_matching(where: PurchaseOrderFilter) -> list[ColumnElement[bool]]:
    line = PurchaseOrderLineRow
    conditions: list[ColumnElement[bool]] = [] if where.sku_ids is None else [among(line.sku_id, where.sku_ids)]
    if where.expected_from is not None:
        conditions += [line.open > 0, line.expected_at >= where.expected_from]
    if where.expected_before is not None:
        conditions += [line.open > 0, line.expected_at < where.expected_before]
    return conditions


async def page_of_purchase_orders(
    read: Reader, where: PurchaseOrderFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[PurchaseOrderRow]:
    """Return one page of the purchase orders that *read.principal* may see. Raises: InvalidCursor."""
    return await keyset(read, select(PurchaseOrderRow).where(*visible(read), *matching(where)), by=by, page=page)


async def purchase_orders_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, PurchaseOrderRow]:
    """Return the purchase orders among *ids* that the principal may see."""
    statement = select(PurchaseOrderRow).where(among(PurchaseOrderRow.id, ids), *visible(read))
    return {row.id: row for row in await read.all(statement)}


async def purchase_order_by_id(read: Reader, key: UUID) -> PurchaseOrderRow:
    """Return a purchase order. Raises: NotFound, also for one outside the principal's limits."""
    found = await purchase_orders_by_id(read, [key])
    if key not in found:
        raise NotFound(what="purchase order", given=text_id(IdKind.PURCHASE_ORDER, key))
    return found[key]


async def purchase_order_by_number(read: Reader, number: int) -> PurchaseOrderRow | None:
    """Return the purchase order with *number*, if the principal may see it."""
    return await read.one_or_none(select(PurchaseOrderRow).where(PurchaseOrderRow.number == number, *visible(read)))


async def purchase_order_by_reference(read: Reader, supplier_id: UUID, reference: str) -> PurchaseOrderRow | None:
    """Return the supplier's purchase order with the external *reference*, if the principal may see it."""
    named = (PurchaseOrderRow.supplier_id == supplier_id, PurchaseOrderRow.external_ref == reference)
    return await read.one_or_none(select(PurchaseOrderRow).where(*named, *visible(read)))


async def pages_of_lines(read: Reader, orders: Sequence[UUID], page: PageRequest) -> dict[UUID, Page[PurchaseOrderLineRow]]:
    """Return a page of the lines of each purchase order, in the order given. Raises: InvalidCursor."""
    table = PurchaseOrderLineRow
    return await keyset_of_each(read, table, parent=table.purchase_order_id, keys=orders, by=LINE_ORDER, page=page)


async def lines_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, PurchaseOrderLineRow]:
    """Return the lines with *ids*; their purchase orders were seen before."""
    statement = select(PurchaseOrderLineRow).where(among(PurchaseOrderLineRow.id, ids))
    return {row.id: row for row in await read.all(statement)}


async def pages_of_receipts(read: Reader, orders: Sequence[UUID], page: PageRequest) -> dict[UUID, Page[PurchaseReceipt]]:
    """Return a page of the receipts of each purchase order, oldest first. Raises: InvalidCursor."""
    table = PurchaseReceipt
    return await keyset_of_each(read, table, parent=table.purchase_order_id, keys=orders, by=RECEIPT_ORDER, page=page)


async def receipts_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, PurchaseReceipt]:
    """Return the receipts among *ids* whose purchase order the principal may see."""
    statement = select(PurchaseReceipt).where(among(PurchaseReceipt.id, ids))
    if seen := visible(read):
        statement = statement.where(exists().where(PurchaseOrderRow.id == PurchaseReceipt.purchase_order_id, *seen))
    return {row.id: row for row in await read.all(statement)}


async def pages_of_receipt_lines(
    read: Reader, receipts: Sequence[UUID], page: PageRequest
) -> dict[UUID, Page[PurchaseReceiptLine]]:
    """Return a page of the lines of each receipt, in the order given. Raises: InvalidCursor."""
    table = PurchaseReceiptLine
    return await keyset_of_each(read, table, parent=table.receipt_id, keys=receipts, by=RECEIPT_LINE_ORDER, page=page)
