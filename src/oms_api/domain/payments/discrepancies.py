"""Where providers reported more than is allowed: read from the fold itself, so that what explains one makes it vanish.

Each kind is a column that the database computes, above zero for the rows of an index that holds no others. All of them are one
list, like a table. A page takes the first of each kind and merges them: newest orders first.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Uuid, literal_column, null, select, type_coerce, union_all
from sqlalchemy.orm import InstrumentedAttribute, Mapped
from sqlalchemy.sql.util import ClauseAdapter

from oms_api.db.columns import Base, Minor, coded
from oms_api.db.keyset import Ordering
from oms_api.domain.payments.states import DiscrepancyKind
from oms_api.domain.payments.tables import PaymentBalanceRow, PaymentTransactionRow
from oms_api.kernel.ids import ChannelId, OrderId, PaymentTransactionId

AMOUNTS = {
    DiscrepancyKind.CAPTURED_BEYOND_AUTHORIZED: PaymentTransactionRow.captured_beyond_minor,
    DiscrepancyKind.CAPTURED_AGAIN: PaymentTransactionRow.captured_again_minor,
    DiscrepancyKind.VOIDED_BEYOND_AUTHORIZED: PaymentTransactionRow.voided_beyond_minor,
    DiscrepancyKind.REFUNDED_BEYOND_CAPTURED: PaymentBalanceRow.refunded_beyond_captured_minor,
    DiscrepancyKind.REFUNDED_BEYOND_GRANTED: PaymentBalanceRow.refunded_beyond_granted_minor,
}


def _found(kind: DiscrepancyKind, amount: InstrumentedAttribute[int]) -> Select[*tuple[Any, ...]]:
    row: Any = amount.class_
    of_transaction = row is PaymentTransactionRow
    key = row.id if of_transaction else row.order_id
    return select(
        type_coerce(row.order_id, Uuid).label("order_id"),
        type_coerce(key, Uuid).label("key"),
        literal_column(f"'{kind.value}'", coded(DiscrepancyKind, "kind")).label("kind"),
        row.channel_id,
        (row.id if of_transaction else null().cast(Uuid)).label("transaction_id"),
        row.currency,
        amount.label("amount_minor"),
    ).where(amount > literal_column("0"))  # written out: an index is chosen by what stands in the statement


KINDS = [_found(kind, amount) for kind, amount in AMOUNTS.items()]
WHOLE = "discrepancy"


class DiscrepancyRow(Base):
    """A report beyond what is allowed; `key` is its transaction, or its order where it is about that as a whole."""

    __table__ = union_all(*KINDS).subquery(WHOLE)
    __mapper_args__ = {"primary_key": [__table__.c.key, __table__.c.kind]}  # noqa: RUF012 - SQLAlchemy's own way
    order_id: Mapped[OrderId]
    key: Mapped[UUID]
    kind: Mapped[DiscrepancyKind]
    channel_id: Mapped[ChannelId]
    transaction_id: Mapped[PaymentTransactionId | None]
    currency: Mapped[str]
    amount_minor: Mapped[Minor]


NEWEST_ORDERS_FIRST = Ordering(
    "order_desc", (DiscrepancyRow.order_id, DiscrepancyRow.key, DiscrepancyRow.kind), descending=True
)


def first_of_each_kind(
    conditions: Sequence[ColumnElement[bool]], order: Ordering, limit: int, *, backwards: bool
) -> Select[*tuple[Any, ...]]:
    """Return the statement for the first discrepancies under *conditions*: of each kind it reads no more, by its index."""
    wanted, turned = [*conditions], order.by(backwards=backwards)
    parts = []
    for kind in KINDS:
        found = kind.subquery()
        here = _within(found)
        parts.append(select(found).where(*map(here, wanted)).order_by(*map(here, turned)).limit(limit))
    merged = union_all(*parts).subquery()
    return select(merged).order_by(*map(_within(merged), turned)).limit(limit)


def _within(found: FromClause) -> Callable[[Any], Any]:
    """Return what makes an expression about the whole list one about *found*, whose columns have the same names."""

    def whole(element: object) -> bool:
        return getattr(getattr(element, "table", None), "name", None) == WHOLE

    return ClauseAdapter(found, adapt_on_names=True, include_fn=whole).traverse
