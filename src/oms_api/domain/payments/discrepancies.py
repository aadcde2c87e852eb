"""Where providers reported more than is allowed: read from the fold itself, so that what explains one makes it vanish.

Each kind is a column that the database computes, above zero for the rows of an index that holds no others. A page takes the
first of each kind and merges them: newest orders first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, column, exists, literal_column, null, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, page_of
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_channels
from oms_api.domain.payments.states import DiscrepancyKind
from oms_api.domain.payments.tables import PaymentBalance, PaymentTransactionRow
from oms_api.kernel.ids import ChannelId, OrderId, PaymentTransactionId
from oms_api.kernel.paging import Page, PageRequest

BY_TRANSACTION = {
    DiscrepancyKind.CAPTURED_BEYOND_AUTHORIZED: PaymentTransactionRow.captured_beyond_minor,
    DiscrepancyKind.VOIDED_BEYOND_AUTHORIZED: PaymentTransactionRow.voided_beyond_minor,
}
BY_ORDER = {
    DiscrepancyKind.REFUNDED_BEYOND_CAPTURED: PaymentBalance.refunded_beyond_captured_minor,
    DiscrepancyKind.REFUNDED_BEYOND_GRANTED: PaymentBalance.refunded_beyond_granted_minor,
}
PLACE = cast("tuple[InstrumentedAttribute[Any], ...]", (column("order_id", Uuid), column("key", Uuid), column("kind", Text)))
NEWEST_ORDERS_FIRST = Ordering("order_desc", PLACE, descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyFilter:
    """Which discrepancies. `None` means any."""

    order_ids: tuple[OrderId, ...] | None = None
    kinds: tuple[DiscrepancyKind, ...] | None = None
    gateways: tuple[str, ...] | None = None
    channel_ids: tuple[ChannelId, ...] | None = None


class Discrepancy(Protocol):
    """A report beyond what is allowed; `key` is its transaction, or its order where it is about that as a whole."""

    kind: str
    order_id: OrderId
    key: UUID
    transaction_id: PaymentTransactionId | None
    currency: str
    amount_minor: int


async def page_of_discrepancies(read: Reader, where: DiscrepancyFilter, page: PageRequest) -> Page[Discrepancy]:
    """Return one page of the discrepancies that *read.principal* may see, newest orders first. Raises: InvalidCursor."""
    kinds = set(DiscrepancyKind) if where.kinds is None else set(where.kinds)
    if not kinds:
        return page_of([], by=NEWEST_ORDERS_FIRST, page=page)
    by, turned = NEWEST_ORDERS_FIRST, NEWEST_ORDERS_FIRST.by(backwards=page.backwards)
    branches = []
    for kind in sorted(kinds):
        found = (_of_transactions if kind in BY_TRANSACTION else _of_orders)(read, kind, where).subquery()
        beyond = true() if page.cursor is None else by.beyond(page.cursor, backwards=page.backwards)
        branches.append(select(found).where(beyond).order_by(*turned).limit(page.size + 1))
    merged = union_all(*branches).subquery()
    rows = await read.rows(select(merged).order_by(*turned).limit(page.size + 1))
    return page_of(cast("list[Discrepancy]", rows), by=by, page=page)


def _of_transactions(read: Reader, kind: DiscrepancyKind, where: DiscrepancyFilter) -> Select[Any]:
    table, amount = PaymentTransactionRow, BY_TRANSACTION[kind]
    conditions = [*visible_channels(read.principal, table.channel_id), *_matching(table.order_id, table.channel_id, where)]
    if where.gateways is not None:
        conditions.append(among(table.gateway, where.gateways))
    columns = (table.order_id, table.id.label("key"), _named(kind), table.id.label("transaction_id"), table.currency)
    statement = select(*columns, amount.label("amount_minor")).where(_above_zero(amount), *conditions)
    return cast("Select[Any]", statement)


def _of_orders(read: Reader, kind: DiscrepancyKind, where: DiscrepancyFilter) -> Select[Any]:
    table, amount, transaction = PaymentBalance, BY_ORDER[kind], PaymentTransactionRow
    conditions = [*visible_channels(read.principal, table.channel_id), *_matching(table.order_id, table.channel_id, where)]
    if where.gateways is not None:
        through = exists().where(transaction.order_id == table.order_id, among(transaction.gateway, where.gateways))
        conditions.append(through)
    none = null().cast(Uuid).label("transaction_id")
    columns = (table.order_id, table.order_id.label("key"), _named(kind), none, table.currency)
    statement = select(*columns, amount.label("amount_minor")).where(_above_zero(amount), *conditions)
    return cast("Select[Any]", statement)


def _matching(
    order_id: InstrumentedAttribute[UUID], channel_id: InstrumentedAttribute[UUID], where: DiscrepancyFilter
) -> list[ColumnElement[bool]]:
    columns: tuple[tuple[InstrumentedAttribute[UUID], Collection[UUID] | None], ...] = (
        (order_id, where.order_ids),
        (channel_id, where.channel_ids),
    )
    return [among(attribute, values) for attribute, values in columns if values is not None]


def _named(kind: DiscrepancyKind) -> ColumnElement[str]:
    return literal_column(f"'{kind.value}'", Text).label("kind")


def _above_zero(amount: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return amount > literal_column("0")  # written out: an index is chosen by what stands in the statement
