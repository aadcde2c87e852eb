"""Reading payments and refunds: what a principal may see, and in which order.

Both belong to their order and are seen by whoever sees that.
"""

from typing import Any

from sqlalchemy import Select, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, One, Several, all_for, by, of, one_for, required
from oms_api.db.sets import among
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.tables import (
    FeeRow,
    PaymentBalanceRow,
    PaymentEventRow,
    PaymentTransactionRow,
    RefundEventRow,
    RefundPartRow,
    RefundRow,
)
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import (
    CancellationId,
    FeeId,
    IdKind,
    OrderChangeId,
    OrderId,
    PaymentEventId,
    PaymentTransactionId,
    RefundId,
    ReturnId,
)
from oms_api.kernel.paging import LARGEST_PAGE

NEWEST_FIRST = Ordering("granted_at_desc", (RefundRow.granted_at, RefundRow.id), descending=True)
OLDEST_FIRST = Ordering("granted_at_asc", (RefundRow.granted_at, RefundRow.id))
OLDEST_FEES_FIRST = Ordering("charged_at_asc", (FeeRow.charged_at, FeeRow.id))
TRANSACTION_ORDER = Ordering("reference", (PaymentTransactionRow.gateway, PaymentTransactionRow.reference))
EVENT_ORDER = Ordering("occurred_at", (PaymentEventRow.occurred_at, PaymentEventRow.id))
NOTHING = Balance()
refunds_seen = in_channels(RefundRow.channel_id)
transactions_seen = in_channels(PaymentTransactionRow.channel_id)


def balance_in(row: PaymentBalanceRow | None) -> Balance:
    """Return the balance of a row; without one nothing happened yet."""
    if row is None:
        return NOTHING
    return Balance(
        authorized=row.authorized_minor,
        voided=row.voided_minor,
        captured=row.captured_minor,
        refunded=row.refunded_minor,
        charged_back=row.charged_back_minor,
        disputed=row.disputed_minor,
        granted=row.granted_minor,
    )


@all_for("refund_id")
def events_by_refund(refunds: Keys, _sight: Sight) -> Select[Any, Any]:
    """Find all events of each refund, oldest first; the refunds were seen before."""
    events = select(PaymentEventRow, RefundEventRow.refund_id).join(
        RefundEventRow, RefundEventRow.event_id == PaymentEventRow.id
    )
    return events.where(among(RefundEventRow.refund_id, refunds)).order_by(PaymentEventRow.occurred_at, PaymentEventRow.id)


@one_for("event_id")
def refunds_by_event(events: Keys, _sight: Sight) -> Select[Any, Any]:
    """Find the refund that each event belongs to, if to any; the events were seen before."""
    about = select(RefundRow, RefundEventRow.event_id).join(RefundEventRow, RefundEventRow.refund_id == RefundRow.id)
    return about.where(among(RefundEventRow.event_id, events))


refunds_by_id: One[RefundId, RefundRow] = by(RefundRow.id, visible=refunds_seen)
refunds_by_cancellation: One[CancellationId | None, RefundRow] = by(RefundRow.cancellation_id, visible=refunds_seen)
refund_by_cancellation = refunds_by_cancellation.of_one
refunds_by_change: One[OrderChangeId | None, RefundRow] = by(RefundRow.change_id, visible=refunds_seen)
refund_by_change = refunds_by_change.of_one
refunds_by_order: Several[OrderId, RefundRow] = of(
    RefundRow.order_id, order=OLDEST_FIRST, visible=refunds_seen, first=LARGEST_PAGE
)
refunds_by_return: Several[ReturnId | None, RefundRow] = of(
    RefundRow.return_id, order=OLDEST_FIRST, visible=refunds_seen, first=LARGEST_PAGE
)
parts_by_refund: Several[RefundId, RefundPartRow] = of(RefundPartRow.refund_id, order=Ordering("id", (RefundPartRow.id,)))
"""All parts of each refund, in the order in which they were named; the refunds were seen before."""
fees_by_id: One[FeeId, FeeRow] = by(FeeRow.id, visible=in_channels(FeeRow.channel_id))
fees_by_order: Several[OrderId, FeeRow] = of(
    FeeRow.order_id, order=OLDEST_FEES_FIRST, visible=in_channels(FeeRow.channel_id), first=LARGEST_PAGE
)
balances_by_order = by(PaymentBalanceRow.order_id).turned(balance_in)
transactions_by_id: One[PaymentTransactionId, PaymentTransactionRow] = by(PaymentTransactionRow.id, visible=transactions_seen)
transactions_by_order: Several[OrderId, PaymentTransactionRow] = of(
    PaymentTransactionRow.order_id, order=TRANSACTION_ORDER, visible=transactions_seen, first=LARGEST_PAGE
)
events_by_id: One[PaymentEventId, PaymentEventRow] = by(PaymentEventRow.id, visible=in_channels(PaymentEventRow.channel_id))
event_by_id = required(events_by_id, "payment event", IdKind.PAYMENT_EVENT)
events_by_transaction: Several[PaymentTransactionId, PaymentEventRow] = of(
    PaymentEventRow.transaction_id, order=EVENT_ORDER, first=LARGEST_PAGE
)
"""The first 250 events, oldest first; the transactions were seen before."""
