"""Invariants of payments and refunds: everything is the fold of what providers reported and of what we granted."""

INVARIANTS = {
    "payment transactions are the fold of their events": """
        WITH folded AS (
            SELECT transaction_id,
                   coalesce(sum(amount_minor) FILTER (WHERE type = 'AUTHORIZED'), 0) AS authorized,
                   coalesce(sum(amount_minor) FILTER (WHERE type = 'CAPTURED'), 0) AS captured,
                   coalesce(max(amount_minor) FILTER (WHERE type = 'CAPTURED'), 0) AS largest,
                   coalesce(sum(amount_minor) FILTER (WHERE type = 'VOIDED'), 0) AS voided,
                   coalesce(sum(amount_minor) FILTER (WHERE type = 'REFUNDED'), 0) AS refunded,
                   coalesce(sum(amount_minor) FILTER (WHERE type = 'CHARGEBACK'), 0) AS charged_back,
                   coalesce(sum(amount_minor) FILTER (WHERE type = 'CHARGEBACK_REVERSED'), 0) AS charged_back_reversed,
                   coalesce(sum(amount_minor) FILTER (WHERE type = 'DISPUTE_OPENED'), 0) AS disputed,
                   coalesce(sum(amount_minor) FILTER (WHERE type = 'DISPUTE_CLOSED'), 0) AS dispute_closed
            FROM payment_event GROUP BY transaction_id
        )
        SELECT format('transaction %s: %s authorized, %s captured, %s refunded; its events make %s, %s, %s', payment.id,
                      payment.authorized_minor, payment.captured_minor, payment.refunded_minor, folded.authorized,
                      folded.captured, folded.refunded)
        FROM payment_transaction payment LEFT JOIN folded ON folded.transaction_id = payment.id
        WHERE (payment.authorized_minor, payment.captured_minor, payment.voided_minor, payment.refunded_minor,
               payment.charged_back_minor, payment.charged_back_reversed_minor, payment.disputed_minor,
               payment.dispute_closed_minor,
               coalesce(payment.largest_capture_minor, folded.largest)) IS DISTINCT FROM
              (folded.authorized, folded.captured, folded.voided, folded.refunded, folded.charged_back,
               folded.charged_back_reversed, folded.disputed, folded.dispute_closed, folded.largest)
    """,
    "payments, refunds and balances belong to their order, its channel and its currency": """
        SELECT format('%s %s', kind, record.id) FROM (
            SELECT 'event' AS kind, event.id, event.order_id, event.channel_id, event.currency
            FROM payment_event event
            UNION ALL SELECT 'transaction', id, order_id, channel_id, currency FROM payment_transaction
            UNION ALL SELECT 'balance of order', order_id, order_id, channel_id, currency FROM payment_balance
            UNION ALL SELECT 'refund', id, order_id, channel_id, currency FROM refund
            UNION ALL SELECT 'fee', id, order_id, channel_id, currency FROM order_fee
        ) AS record JOIN orders ON orders.id = record.order_id
        WHERE (record.channel_id, record.currency) <> (orders.channel_id, orders.currency)
        UNION ALL
        SELECT format('event %s is of another order or gateway than its transaction', event.id)
        FROM payment_event event JOIN payment_transaction payment ON payment.id = event.transaction_id
        WHERE (event.order_id, event.gateway) <> (payment.order_id, payment.gateway)
        UNION ALL
        SELECT format('refund %s is for a return or a cancellation of another order', refund.id)
        FROM refund LEFT JOIN returns ON returns.id = refund.return_id
        LEFT JOIN order_cancellation act ON act.id = refund.cancellation_id
        WHERE (refund.return_id IS NOT NULL AND returns.order_id IS DISTINCT FROM refund.order_id)
           OR (refund.cancellation_id IS NOT NULL AND act.order_id IS DISTINCT FROM refund.order_id)
    """,
    "balances are the fold of transactions": """
        WITH folded AS (
            SELECT order_id, sum(open_authorization_minor) AS authorized, sum(voided_minor) AS voided,
                   sum(captured_minor) AS captured,
                   sum(refunded_minor) AS refunded,
                   greatest(sum(charged_back_minor) - sum(charged_back_reversed_minor), 0) AS charged_back,
                   greatest(sum(disputed_minor) - sum(dispute_closed_minor), 0) AS disputed
            FROM payment_transaction GROUP BY order_id
        )
        SELECT format('order %s: %s authorized, %s captured, %s refunded; its transactions make %s, %s, %s',
                      coalesce(balance.order_id, folded.order_id), balance.authorized_minor, balance.captured_minor,
                      balance.refunded_minor, folded.authorized, folded.captured, folded.refunded)
        FROM payment_balance balance FULL JOIN folded ON folded.order_id = balance.order_id
        WHERE (balance.authorized_minor, balance.voided_minor, balance.captured_minor, balance.refunded_minor,
               balance.charged_back_minor, balance.disputed_minor) IS DISTINCT FROM
              (folded.authorized, folded.voided, folded.captured, folded.refunded, folded.charged_back, folded.disputed)
    """,
    "what is granted is what open refunds owe": """
        WITH owed AS (
            SELECT order_id, sum(greatest(amount_minor - refunded_minor, 0))
                       FILTER (WHERE status IN ('GRANTED', 'REQUESTED', 'FAILED')) AS granted,
                   sum(least(refunded_minor, amount_minor - called_off_minor)) AS settled
            FROM refund GROUP BY order_id
        )
        SELECT format('order %s: %s granted, %s settled; its refunds make %s, %s', coalesce(balance.order_id, owed.order_id),
                      balance.granted_minor, balance.settled_minor, owed.granted, owed.settled)
        FROM payment_balance balance FULL JOIN owed ON owed.order_id = balance.order_id
        WHERE (coalesce(balance.granted_minor, 0), coalesce(balance.settled_minor, 0)) <>
              (coalesce(owed.granted, 0), coalesce(owed.settled, 0))
    """,
    "parts of a refund add up to what it is of": """
        SELECT format('refund %s: %s granted, %s called off, its parts make %s', refund.id, refund.amount_minor,
                      refund.called_off_minor, sum(part.amount_minor))
        FROM refund JOIN refund_part part ON part.refund_id = refund.id GROUP BY refund.id
        HAVING sum(part.amount_minor) <> refund.amount_minor - refund.called_off_minor
            OR bool_or(part.order_id <> refund.order_id)
    """,
    "what went back of a refund is in its events": """
        SELECT format('refund %s: %s refunded, %s in its events', refund.id, refund.refunded_minor, coalesce(report.amount, 0))
        FROM refund LEFT JOIN (
            SELECT link.refund_id, sum(event.amount_minor) FILTER (WHERE event.type = 'REFUNDED') AS amount
            FROM refund_event link JOIN payment_event event ON event.id = link.event_id GROUP BY link.refund_id
        ) AS report ON report.refund_id = refund.id
        WHERE refund.refunded_minor <> coalesce(report.amount, 0)
        UNION ALL
        SELECT format('event %s is %s and belongs to refund %s', event.id, event.type, refund.id)
        FROM refund_event link JOIN payment_event event ON event.id = link.event_id JOIN refund ON refund.id = link.refund_id
        WHERE event.type NOT IN ('REFUNDED', 'FAILED') OR event.order_id <> refund.order_id
    """,
    "refunds got as far as their events say": """
        SELECT format('refund %s is %s; %s events, %s of a failure', refund.id, refund.status, report.events, report.failures)
        FROM refund CROSS JOIN LATERAL (
            SELECT count(*) AS events, count(*) FILTER (WHERE event.type = 'FAILED') AS failures
            FROM refund_event link JOIN payment_event event ON event.id = link.event_id WHERE link.refund_id = refund.id
        ) AS report
        WHERE (refund.status = 'GRANTED' AND report.events > 0)
           OR (refund.status = 'FAILED' AND (report.failures = 0 OR refund.failed_at IS NULL))
           OR (refund.status = 'SUCCEEDED' AND refund.refunded_minor < refund.amount_minor)
           OR (refund.status IN ('REQUESTED', 'SUCCEEDED', 'FAILED') AND refund.requested_at IS NULL)
    """,
    "stored payment statuses are the derived ones": """
        WITH money AS (
            SELECT orders.id, orders.payment_status AS stored, orders.due_minor AS due,
                   coalesce(balance.refunded_minor, 0) AS refunded, coalesce(balance.authorized_minor, 0) AS authorized,
                   coalesce(balance.voided_minor, 0) AS voided,
                   coalesce(balance.captured_minor - balance.refunded_minor - balance.charged_back_minor, 0) AS net,
                   coalesce(greatest(balance.captured_minor, balance.refunded_minor, balance.charged_back_minor), 0) > 0
                       AS moved
            FROM orders LEFT JOIN payment_balance balance ON balance.order_id = orders.id
        ), derived AS (
            SELECT id, stored, CASE
                WHEN net > due THEN 'OVERPAID'
                WHEN moved AND net <= 0 AND (refunded > 0 OR due = 0) THEN 'REFUNDED'
                WHEN refunded > 0 THEN 'PARTIALLY_REFUNDED'
                WHEN moved AND net = due THEN 'PAID'
                WHEN net > 0 THEN 'PARTIALLY_PAID'
                WHEN authorized > 0 THEN 'AUTHORIZED'
                WHEN voided > 0 AND NOT moved THEN 'VOIDED'
                WHEN due = 0 AND NOT moved THEN 'NOT_REQUIRED'
                ELSE 'PENDING' END AS now
            FROM money
        )
        SELECT format('order %s: stored %s, derived %s', id, stored, now) FROM derived WHERE stored <> now
    """,
}
