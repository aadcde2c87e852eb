"""A payment status says what is true: nothing due is not paid, what was given up is told, and so is what is overpaid."""

from alembic import op

revision = "0037"
down_revision = "0036"

KNOWN = """
ALTER TABLE orders DROP CONSTRAINT IF EXISTS ck_orders_payment_status_known, ADD CONSTRAINT ck_orders_payment_status_known
    CHECK (payment_status IN ('NOT_REQUIRED', 'PENDING', 'AUTHORIZED', 'VOIDED', 'PARTIALLY_PAID', 'PAID', 'OVERPAID',
        'PARTIALLY_REFUNDED', 'REFUNDED')) NOT VALID
"""
VOIDED = """
ALTER TABLE payment_balance ADD COLUMN IF NOT EXISTS voided_minor bigint DEFAULT 0 NOT NULL;
UPDATE payment_balance SET voided_minor = given_up.amount
FROM (SELECT order_id, sum(voided_minor) AS amount FROM payment_transaction GROUP BY order_id HAVING sum(voided_minor) > 0)
    AS given_up WHERE given_up.order_id = payment_balance.order_id;
"""
STATUSES = """
UPDATE orders SET payment_status = derived.status
FROM (
    SELECT id, CASE
        WHEN net > due THEN 'OVERPAID'
        WHEN moved AND net <= 0 AND (refunded > 0 OR due = 0) THEN 'REFUNDED'
        WHEN refunded > 0 THEN 'PARTIALLY_REFUNDED'
        WHEN moved AND net = due THEN 'PAID'
        WHEN net > 0 THEN 'PARTIALLY_PAID'
        WHEN authorized > 0 THEN 'AUTHORIZED'
        WHEN voided > 0 AND NOT moved THEN 'VOIDED'
        WHEN due = 0 AND NOT moved THEN 'NOT_REQUIRED'
        ELSE 'PENDING' END AS status
    FROM (
        SELECT orders.id, orders.due_minor AS due, coalesce(balance.refunded_minor, 0) AS refunded,
               coalesce(balance.authorized_minor, 0) AS authorized, coalesce(balance.voided_minor, 0) AS voided,
               coalesce(balance.captured_minor - balance.refunded_minor - balance.charged_back_minor, 0) AS net,
               coalesce(greatest(balance.captured_minor, balance.refunded_minor, balance.charged_back_minor), 0) > 0 AS moved
        FROM orders LEFT JOIN payment_balance balance ON balance.order_id = orders.id
    ) AS money
) AS derived WHERE derived.id = orders.id AND derived.status <> orders.payment_status
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # orders go on while they are looked through
        op.execute(KNOWN)
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_orders_payment_status_known")
        op.execute(VOIDED)
        op.execute(STATUSES)
