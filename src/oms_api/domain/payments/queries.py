"""Reading payments and refunds: what a principal may see, by which filter and in which order.

Both belong to their order and are seen by whoever sees that.
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
from oms_api.domain.channels.queries import visible_channels
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.states import RefundReason, RefundStatus
from oms_api.domain.payments.tables import PaymentBalance, PaymentEventRow, PaymentTransactionRow, RefundEvent, RefundRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import LARGEST_PAGE, Page, PageRequest

NEWEST_FIRST = Ordering("granted_at_desc", (RefundRow.granted_at, RefundRow.id), descending=True)
OLDEST_FIRST = Ordering("granted_at_asc", (RefundRow.granted_at, RefundRow.id))
TRANSACTION_ORDER = Ordering("reference", (PaymentTransactionRow.gateway, PaymentTransactionRow.reference))
EVENT_ORDER = Ordering("occurred_at", (PaymentEventRow.occurred_at, PaymentEventRow.id))
ALL = PageRequest(size=LARGEST_PAGE)
NOTHING = Balance()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFilter:
    """Which refunds. `None` means any."""

    order_ids: tuple[UUID, ...] | None = None
    channel_ids: tuple[UUID, ...] | None = None
    return_ids: tuple[UUID, ...] | None = None
    statuses: tuple[RefundStatus, ...] | None = None
    reasons: tuple[RefundReason, ...] | None = None
    granted_from: datetime | None = None
    granted_before: datetime | None = None


def matching(where: RefundFilter) -> list[ColumnElement[bool]]:
    """Return *where* as conditions."""
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (RefundRow.order_id, where.order_ids),
        (RefundRow.channel_id, where.channel_ids),
        (RefundRow.return_id, where.return_ids),
        (RefundRow.status, where.statuses),
        (RefundRow.reason, where.reasons),
    )
    conditions = [among(column, values) for column, values in columns if values is not None]
    if where.granted_from is not None:
        conditions.append(RefundRow.granted_at >= where.granted_from)
    if where.granted_before is not None:
        conditions.append(RefundRow.granted_at < where.granted_before)
    return conditions


async def page_of_refunds(
    read: Reader, where: RefundFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[RefundRow]:
    """Return one page of the refunds that *read.principal* may see. Raises: InvalidCursor."""
    seen = visible_channels(read.principal, RefundRow.channel_id)
    return await keyset(read, select(RefundRow).where(*seen, *matching(where)), by=by, page=page)


async def refunds_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, RefundRow]:
    """Return the refunds among *ids* that the principal may see."""
    seen = visible_channels(read.principal, RefundRow.channel_id)
    return {row.id: row for row in await read.all(select(RefundRow).where(among(RefundRow.id, ids), *seen))}


async def refund_by_id(read: Reader, key: UUID) -> RefundRow:
    """Return a refund. Raises: NotFound, also for one outside the principal's channels."""
    found = await refunds_by_id(read, [key])
    if key not in found:
        raise NotFound(what="refund", given=text_id(IdKind.REFUND, key))
    return found[key]


async def refund_by_cancellation(read: Reader, cancellation_id: UUID) -> RefundRow | None:
    """Return the refund that a cancellation granted, if there is one that the principal may see."""
    seen = visible_channels(read.principal, RefundRow.channel_id)
    return await read.one_or_none(select(RefundRow).where(RefundRow.cancellation_id == cancellation_id, *seen))


async def refunds_by_order(read: Reader, orders: Sequence[UUID]) -> dict[UUID, Sequence[RefundRow]]:
    """Return the first 250 refunds of each order that the principal may see, oldest first."""
    return await _refunds_of(read, RefundRow.order_id, orders)


async def refunds_by_return(read: Reader, returns: Sequence[UUID]) -> dict[UUID, Sequence[RefundRow]]:
    """Return the first 250 refunds of each return that the principal may see, oldest first."""
    return await _refunds_of(read, RefundRow.return_id, returns)


async def _refunds_of(
    read: Reader, parent: InstrumentedAttribute[Any], keys: Sequence[UUID]
) -> dict[UUID, Sequence[RefundRow]]:
    seen = visible_channels(read.principal, RefundRow.channel_id)
    pages = await keyset_of_each(read, RefundRow, parent=parent, keys=keys, by=OLDEST_FIRST, page=ALL, where=seen)
    return {key: pages[key].items for key in keys}


async def balances_by_order(read: Reader, orders: Sequence[UUID]) -> dict[UUID, Balance]:
    """Return how the money of each order stands; orders without payments are left out."""
    rows = await read.all(select(PaymentBalance).where(among(PaymentBalance.order_id, orders)))
    return {row.order_id: balance_in(row) for row in rows}


def balance_in(row: PaymentBalance) -> Balance:
    """Return the balance of a row."""
    return Balance(
        authorized=row.authorized_minor,
        captured=row.captured_minor,
        refunded=row.refunded_minor,
        charged_back=row.charged_back_minor,
        disputed=row.disputed_minor,
        granted=row.granted_minor,
    )


async def transactions_by_order(read: Reader, orders: Sequence[UUID]) -> dict[UUID, Sequence[PaymentTransactionRow]]:
    """Return the first 250 transactions of each order that the principal may see, by gateway and reference."""
    table = PaymentTransactionRow
    seen = visible_channels(read.principal, table.channel_id)
    parent = table.order_id
    pages = await keyset_of_each(read, table, parent=parent, keys=orders, by=TRANSACTION_ORDER, page=ALL, where=seen)
    return {key: pages[key].items for key in orders}


async def transactions_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, PaymentTransactionRow]:
    """Return the transactions among *ids* that the principal may see."""
    table = PaymentTransactionRow
    seen = visible_channels(read.principal, table.channel_id)
    return {row.id: row for row in await read.all(select(table).where(among(table.id, ids), *seen))}


async def events_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, PaymentEventRow]:
    """Return the events among *ids* that the principal may see."""
    seen = visible_channels(read.principal, PaymentEventRow.channel_id)
    return {row.id: row for row in await read.all(select(PaymentEventRow).where(among(PaymentEventRow.id, ids), *seen))}


async def event_by_id(read: Reader, key: UUID) -> PaymentEventRow:
    """Return an event. Raises: NotFound, also for one outside the principal's channels."""
    found = await events_by_id(read, [key])
    if key not in found:
        raise NotFound(what="payment event", given=text_id(IdKind.PAYMENT_EVENT, key))
    return found[key]


async def events_by_transaction(read: Reader, transactions: Sequence[UUID]) -> dict[UUID, Sequence[PaymentEventRow]]:
    """Return the first 250 events of each transaction, oldest first; the transactions were seen before."""
    parent = PaymentEventRow.transaction_id
    pages = await keyset_of_each(read, PaymentEventRow, parent=parent, keys=transactions, by=EVENT_ORDER, page=ALL)
    return {key: pages[key].items for key in transactions}


async def events_by_refund(read: Reader, refunds: Sequence[UUID]) -> dict[UUID, Sequence[PaymentEventRow]]:
    """Return all events of each refund, oldest first; the refunds were seen before."""
    statement = (
        select(PaymentEventRow, RefundEvent.refund_id)
        .join(RefundEvent, RefundEvent.event_id == PaymentEventRow.id)
        .where(among(RefundEvent.refund_id, refunds))
        .order_by(PaymentEventRow.occurred_at, PaymentEventRow.id)
    )
    found: dict[UUID, list[Any]] = {key: [] for key in refunds}
    for row in await read.rows(statement):
        found[row.refund_id].append(row)
    return {key: found[key] for key in refunds}


async def refunds_by_event(read: Reader, events: Sequence[UUID]) -> dict[UUID, RefundRow]:
    """Return the refund that each event belongs to; events without one are left out. The events were seen before."""
    statement = (
        select(RefundRow, RefundEvent.event_id)
        .join(RefundEvent, RefundEvent.refund_id == RefundRow.id)
        .where(among(RefundEvent.event_id, events))
    )
    found: dict[UUID, Any] = {row.event_id: row for row in await read.rows(statement)}
    return found
