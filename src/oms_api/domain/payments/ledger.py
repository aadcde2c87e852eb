"""Writing what was reported, granted and paid back, under the lock of the order and in the last flush of a transaction."""

from collections.abc import Sequence
from dataclasses import astuple

from oms_api.db.records import revised
from oms_api.db.rows import inserts, updates, upserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.fold import Sums
from oms_api.domain.payments.tables import (
    FOLDED,
    PaymentBalanceRow,
    PaymentEventRow,
    PaymentTransactionRow,
    RefundEventRow,
    RefundRow,
)
from oms_api.kernel.ids import PaymentEventId

TRANSACTIONS, EVENTS, GRANTS = inserts(PaymentTransactionRow), inserts(PaymentEventRow), inserts(RefundRow)
FOLD = Sql(f"""
{TRANSACTIONS} ON CONFLICT (id) DO UPDATE SET created_at = least(payment_transaction.created_at, excluded.created_at),
    capture_before = greatest(payment_transaction.capture_before, excluded.capture_before),
    {", ".join(f"{column} = excluded.{column}" for column in FOLDED)}
""")
AMOUNTS = ("authorized_minor", "voided_minor", "captured_minor", "refunded_minor", "charged_back_minor", "disputed_minor")
BALANCE = upserts(PaymentBalanceRow, *AMOUNTS)
BELONGING = inserts(RefundEventRow)
TIMES = ("requested_at", "succeeded_at", "failed_at", "canceled_at")
STATE = ("status", "refunded_minor", "called_off_minor", "gateway", "provider_reference", *TIMES, "cancel_note")
MOVED = updates(RefundRow, *STATE, "version")
SEEN_ELSEWHERE = "uq_payment_event_gateway_event_reference_type"


def write_report(tx: Tx, event: PaymentEventRow, reference: str, sums: Sums, balance: Balance) -> None:
    """Keep *event*, what its transaction with the provider's *reference* now adds up to, and how the order's money stands."""
    tx.races = frozenset({SEEN_ELSEWHERE})
    of_order = {"order_id": event.order_id, "channel_id": event.channel_id, "currency": event.currency}
    folded = {
        "id": event.transaction_id,
        **of_order,
        "gateway": event.gateway,
        "reference": reference,
        "capture_before": event.capture_before,
        "created_at": event.occurred_at,
        **dict(zip(FOLDED, astuple(sums), strict=True)),
    }
    tx.closing.append(FOLD(payment_transaction=TRANSACTIONS([folded])))
    tx.write(EVENTS, [event])
    amounts = {name: getattr(balance, name.removesuffix("_minor")) for name in AMOUNTS}
    tx.put(BALANCE, **of_order, **amounts)


def write_grant(tx: Tx, refund: RefundRow) -> None:
    """Keep a new refund; the database refuses it beyond what was captured and did not go back."""
    tx.write(GRANTS, [refund])


def write_move(tx: Tx, refund: RefundRow, events: Sequence[PaymentEventId] = ()) -> RefundRow:
    """Keep how far *refund* got, and which *events* belong to it since, and return its next version."""
    tx.write(BELONGING, [{"event_id": event, "refund_id": refund.id} for event in events])
    refund = revised(refund, tx.now)
    tx.write(MOVED, [refund])
    return refund
