"""Reading payments and refunds: what a principal may see, by which filter and in which order.

Both belong to their order and are seen by whoever sees that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.relations import Keys, all_for, by, of, one_for, required
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.states import RefundReason, RefundStatus
from oms_api.domain.payments.tables import PaymentBalance, PaymentEventRow, PaymentTransactionRow, RefundEvent, RefundRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import LARGEST_PAGE, Page, PageRequest

NEWEST_FIRST = Ordering("granted_at_desc", (RefundRow.granted_at, RefundRow.id), descending=True)
OLDEST_FIRST = Ordering("granted_at_asc", (RefundRow.granted_at, RefundRow.id))
TRANSACTION_ORDER = Ordering("reference", (PaymentTransactionRow.gateway, PaymentTransactionRow.reference))
EVENT_ORDER = Ordering("occurred_at", (PaymentEventRow.occurred_at, PaymentEventRow.id))
NOTHING = Balance()
refunds_seen = in_channels(RefundRow.channel_id)
transactions_seen = in_channels(PaymentTransactionRow.channel_id)


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
    return await keyset(read, select(RefundRow).where(*refunds_seen(read.sight), *matching(where)), by=by, page=page)


def balance_in(row: PaymentBalance | None) -> Balance:
    """Return the balance of a row; without one nothing happened yet."""
    if row is None:
        return NOTHING
    return Balance(
        authorized=row.authorized_minor,
        captured=row.captured_minor,
        refunded=row.refunded_minor,
        charged_back=row.charged_back_minor,
        disputed=row.disputed_minor,
        granted=row.granted_minor,
    )


@all_for("refund_id")
def events_by_refund(refunds: Keys, _sight: Sight) -> Select[Any, Any]:
    """Find all events of each refund, oldest first; the refunds were seen before."""
    told = select(PaymentEventRow, RefundEvent.refund_id).join(RefundEvent, RefundEvent.event_id == PaymentEventRow.id)
    return told.where(among(RefundEvent.refund_id, refunds)).order_by(PaymentEventRow.occurred_at, PaymentEventRow.id)


@one_for("event_id")
def refunds_by_event(events: Keys, _sight: Sight) -> Select[Any, Any]:
    """Find the refund that each event belongs to, if to any; the events were seen before."""
    about = select(RefundRow, RefundEvent.event_id).join(RefundEvent, RefundEvent.refund_id == RefundRow.id)
    return about.where(among(RefundEvent.event_id, events))


refunds_by_id = by(RefundRow.id, visible=refunds_seen)
refund_by_id = required(refunds_by_id, RefundRow, "refund", IdKind.REFUND)
refund_by_cancellation = by(RefundRow.cancellation_id, visible=refunds_seen).of_one
refunds_by_order = of(RefundRow.order_id, order=OLDEST_FIRST, visible=refunds_seen, first=LARGEST_PAGE)
refunds_by_return = of(RefundRow.return_id, order=OLDEST_FIRST, visible=refunds_seen, first=LARGEST_PAGE)
balances_by_order = by(PaymentBalance.order_id).turned(balance_in)
transactions_by_id = by(PaymentTransactionRow.id, visible=transactions_seen)
transactions_by_order = of(
    PaymentTransactionRow.order_id, order=TRANSACTION_ORDER, visible=transactions_seen, first=LARGEST_PAGE
)
events_by_id = by(PaymentEventRow.id, visible=in_channels(PaymentEventRow.channel_id))
event_by_id = required(events_by_id, PaymentEventRow, "payment event", IdKind.PAYMENT_EVENT)
events_by_transaction = of(PaymentEventRow.transaction_id, order=EVENT_ORDER, first=LARGEST_PAGE)
"""The first 250 events, oldest first; the transactions were seen before."""
