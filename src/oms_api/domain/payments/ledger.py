"""Writing what was reported, granted and paid back, under the lock of the order and in the last flush of a transaction.

Amounts travel in one array: a parameter each would make the database prepare a statement for every mixture of their sizes.
"""

from collections.abc import Sequence
from dataclasses import astuple

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.fold import Sums
from oms_api.domain.payments.tables import SUMS, PaymentEventRow, RefundRow
from oms_api.kernel.ids import PaymentEventId

SUM_COLUMNS = ", ".join(SUMS)
REPORT = f"""
WITH folded AS (
    INSERT INTO payment_transaction (id, order_id, channel_id, gateway, reference, currency, created_at, {SUM_COLUMNS})
    SELECT $1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::text, $7::timestamptz,
           {", ".join(f"($8::bigint[])[{position}]" for position in range(1, len(SUMS) + 1))}
    ON CONFLICT (id) DO UPDATE SET created_at = least(payment_transaction.created_at, EXCLUDED.created_at),
        {", ".join(f"{column} = EXCLUDED.{column}" for column in SUMS)}
), told AS (
    INSERT INTO payment_event (id, order_id, channel_id, transaction_id, gateway, event_reference, type, amount_minor, currency,
                               note, actor, occurred_at, recorded_at)
    SELECT $9::uuid, $2::uuid, $3::uuid, $1::uuid, $4::text, $10::text, $11::text, ($12::bigint[])[1], $6::text, $13::text,
           $14::text, $7::timestamptz, $15::timestamptz
)
INSERT INTO payment_balance (order_id, channel_id, currency, authorized_minor, captured_minor, refunded_minor,
                             charged_back_minor, disputed_minor)
SELECT $2::uuid, $3::uuid, $6::text, ($12::bigint[])[2], ($12::bigint[])[3], ($12::bigint[])[4], ($12::bigint[])[5],
       ($12::bigint[])[6]
ON CONFLICT (order_id) DO UPDATE SET authorized_minor = EXCLUDED.authorized_minor, captured_minor = EXCLUDED.captured_minor,
    refunded_minor = EXCLUDED.refunded_minor, charged_back_minor = EXCLUDED.charged_back_minor,
    disputed_minor = EXCLUDED.disputed_minor
"""  # noqa: S608 - our own columns
SEEN_ELSEWHERE = "uq_payment_event_gateway_event_reference_type"
GRANT = """
INSERT INTO refund (id, order_id, channel_id, return_id, cancellation_id, status, reason, note, amount_minor, currency, actor,
                    granted_at, recorded_at)
SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::text, $7::text, $8::text, ($9::bigint[])[1], $10::text, $11::text,
       $12::timestamptz, $13::timestamptz
"""
MOVE = """
WITH told AS (INSERT INTO refund_event (event_id, refund_id) SELECT event_id, $1::uuid FROM unnest($2::uuid[]) AS event_id)
UPDATE refund SET status = $3, refunded_minor = ($4::bigint[])[1], called_off_minor = ($4::bigint[])[2], gateway = $5,
    provider_reference = $6, requested_at = $7, succeeded_at = $8, failed_at = $9, canceled_at = $10, cancel_note = $11
WHERE id = $1::uuid
"""


def write_report(tx: Tx, event: PaymentEventRow, reference: str, sums: Sums, balance: Balance) -> None:
    """Keep *event*, what its transaction with the provider's *reference* now adds up to, and how the order's money stands."""
    tx.races = frozenset({SEEN_ELSEWHERE})
    standing = balance.authorized, balance.captured, balance.refunded, balance.charged_back, balance.disputed
    tx.closing.append((REPORT, (
        event.transaction_id, event.order_id, event.channel_id, event.gateway, reference, event.currency, event.occurred_at,
        array(astuple(sums)), event.id, event.event_reference, event.type, array((event.amount_minor, *standing)), event.note,
        event.actor, event.recorded_at,
    )))  # fmt: skip


def write_grant(tx: Tx, refund: RefundRow) -> None:
    """Keep a new refund; the database refuses it beyond what was captured and did not go back."""
    tx.closing.append((GRANT, (
        refund.id, refund.order_id, refund.channel_id, refund.return_id, refund.cancellation_id, refund.status, refund.reason,
        refund.note, array((refund.amount_minor,)), refund.currency, refund.actor, refund.granted_at, refund.recorded_at,
    )))  # fmt: skip


def write_move(tx: Tx, refund: RefundRow, events: Sequence[PaymentEventId] = ()) -> None:
    """Keep how far *refund* got, and which *events* belong to it since."""
    tx.closing.append((MOVE, (
        refund.id, array(events), refund.status, array((refund.refunded_minor, refund.called_off_minor)), refund.gateway,
        refund.provider_reference, refund.requested_at, refund.succeeded_at, refund.failed_at, refund.canceled_at,
        refund.cancel_note,
    )))  # fmt: skip
