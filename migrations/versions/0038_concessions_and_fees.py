"""What is conceded of an order lowers what is due, a fee that is kept raises it, and what refunds are of is known."""

from alembic import op

revision = "0038"
down_revision = "0037"

KINDS = "('LINE', 'SHIPPING', 'FEE', 'CONCESSION')"
TABLES = f"""
CREATE TABLE refund_part (
    id uuid NOT NULL,
    refund_id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind varchar(40) NOT NULL,
    line_id uuid,
    concedes boolean NOT NULL,
    amount_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT pk_refund_part PRIMARY KEY (id),
    CONSTRAINT ck_refund_part_amount_not_zero CHECK (amount_minor <> 0),
    CONSTRAINT ck_refund_part_lines_are_named CHECK ((kind = 'LINE') = (line_id IS NOT NULL)),
    CONSTRAINT ck_refund_part_kind_known CHECK (kind IN {KINDS}),
    CONSTRAINT fk_refund_part_refund_id FOREIGN KEY (refund_id) REFERENCES refund (id),
    CONSTRAINT fk_refund_part_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_refund_part_line_id FOREIGN KEY (line_id) REFERENCES order_line (id)
);
CREATE INDEX ix_refund_part_refund_id ON refund_part (refund_id);
CREATE INDEX ix_refund_part_order_id ON refund_part (order_id);

CREATE TABLE order_concession (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    act_id uuid NOT NULL,
    called_off boolean NOT NULL,
    kind varchar(40) NOT NULL,
    line_id uuid,
    amount_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT pk_order_concession PRIMARY KEY (id),
    CONSTRAINT ck_order_concession_amount_not_zero CHECK (amount_minor <> 0),
    CONSTRAINT ck_order_concession_lines_are_named CHECK ((kind = 'LINE') = (line_id IS NOT NULL)),
    CONSTRAINT ck_order_concession_kind_known CHECK (kind IN {KINDS}),
    CONSTRAINT fk_order_concession_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_order_concession_line_id FOREIGN KEY (line_id) REFERENCES order_line (id)
);
CREATE INDEX ix_order_concession_order_id ON order_concession (order_id);
CREATE INDEX ix_order_concession_act_id ON order_concession (act_id);

CREATE TABLE order_fee (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    return_id uuid,
    kind varchar(40) NOT NULL,
    amount_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    currency text NOT NULL,
    note text,
    waive_note text,
    actor text NOT NULL,
    charged_at timestamptz NOT NULL,
    waived_at timestamptz,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_order_fee PRIMARY KEY (id),
    CONSTRAINT ck_order_fee_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT ck_order_fee_tax_within_amount CHECK (tax_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT ck_order_fee_kind_known CHECK (kind IN ('RESTOCKING', 'RETURN_POSTAGE', 'SHIPPING', 'OTHER')),
    CONSTRAINT fk_order_fee_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
);
CREATE INDEX ix_order_fee_order_id_charged_at_id ON order_fee (order_id, charged_at, id);
CREATE INDEX ix_order_fee_return_id ON order_fee (return_id);
"""
PARTS = """
INSERT INTO refund_part (id, refund_id, order_id, kind, concedes, amount_minor, shipping_minor, tax_minor, occurred_at)
SELECT gen_random_uuid(), refund.id, orders.id, 'CONCESSION', true, part.amount, 0,
       CASE WHEN orders.total_minor > 0 THEN round(orders.tax_minor::numeric * part.amount / orders.total_minor) ELSE 0 END,
       part.at
FROM refund JOIN orders ON orders.id = refund.order_id,
     LATERAL (VALUES (refund.amount_minor, refund.granted_at), (-refund.called_off_minor, refund.canceled_at))
         AS part (amount, at)
WHERE refund.reason IN ('GOODWILL', 'DAMAGED', 'LOST') AND part.amount <> 0
"""
"""Refunds of the past that concede: each is a concession on the order as a whole."""
TAKEN_OFF = """
INSERT INTO order_concession (id, order_id, act_id, called_off, kind, amount_minor, shipping_minor, tax_minor, occurred_at)
SELECT gen_random_uuid(), order_id, refund_id, false, 'CONCESSION', least(so_far, due) - least(so_far - amount, due), 0,
       round(tax::numeric * (least(so_far, due) - least(so_far - amount, due)) / amount), at
FROM (
    SELECT refund_id, part.order_id, sum(part.amount_minor) AS amount, sum(part.tax_minor) AS tax, min(part.occurred_at) AS at,
           sum(sum(part.amount_minor)) OVER (PARTITION BY part.order_id ORDER BY refund_id) AS so_far, orders.due_minor AS due
    FROM refund_part part JOIN orders ON orders.id = part.order_id
    GROUP BY refund_id, part.order_id, orders.due_minor HAVING sum(part.amount_minor) > 0
) AS conceded WHERE least(so_far, due) > least(so_far - amount, due)
"""
"""What is called off since, and what was conceded beyond what is due, takes nothing off."""
DUE = """
UPDATE orders SET due_minor = due_minor - taken.amount
FROM (SELECT order_id, sum(amount_minor) AS amount FROM order_concession GROUP BY order_id) AS taken
WHERE taken.order_id = orders.id
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
        SELECT orders.id, orders.due_minor AS due, balance.refunded_minor AS refunded, balance.authorized_minor AS authorized,
               balance.voided_minor AS voided,
               balance.captured_minor - balance.refunded_minor - balance.charged_back_minor AS net,
               greatest(balance.captured_minor, balance.refunded_minor, balance.charged_back_minor) > 0 AS moved
        FROM orders JOIN payment_balance balance ON balance.order_id = orders.id
        WHERE EXISTS (SELECT FROM order_concession WHERE order_concession.order_id = orders.id)
    ) AS money
) AS derived WHERE derived.id = orders.id AND derived.status <> orders.payment_status
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
    for statement in (PARTS, TAKEN_OFF, DUE, STATUSES):
        op.execute(statement)
