"""Orders and fulfillment orders are put on hold, for reasons that are data, as those of cancellations can be."""

from alembic import op

revision = "0060"
down_revision = "0059"

REASONS = """
CREATE TABLE IF NOT EXISTS order_reason (
    id uuid NOT NULL,
    use varchar(40) NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    cancel_reason varchar(40),
    stock varchar(40),
    active boolean DEFAULT true NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_order_reason PRIMARY KEY (id),
    CONSTRAINT uq_order_reason_use_code UNIQUE (use, code),
    CONSTRAINT ck_order_reason_use_known CHECK (use IN ('CANCEL', 'HOLD', 'CHANGE')),
    CONSTRAINT ck_order_reason_cancel_reason_known
        CHECK (cancel_reason IN ('CUSTOMER', 'INVENTORY', 'FRAUD', 'DECLINED', 'STAFF', 'OTHER')),
    CONSTRAINT ck_order_reason_stock_known CHECK (stock IN ('RELEASE', 'INSPECT', 'NOT_FOUND', 'DAMAGED')),
    CONSTRAINT ck_order_reason_counts_as_one CHECK ((use = 'CANCEL') = (cancel_reason IS NOT NULL)),
    CONSTRAINT ck_order_reason_stock_of_cancellations CHECK (use = 'CANCEL' OR stock IS NULL),
    CONSTRAINT ck_order_reason_code_without_outer_blanks CHECK (code = btrim(code) AND code <> '')
)
"""
HOLDS = """
CREATE TABLE IF NOT EXISTS order_hold (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    fulfillment_order_id uuid,
    channel_id uuid NOT NULL,
    location_id uuid,
    status varchar(40) NOT NULL,
    reason text NOT NULL,
    handle text,
    owner uuid NOT NULL,
    placed_by text NOT NULL,
    note text,
    approval boolean DEFAULT false NOT NULL,
    release_at timestamptz,
    placed_at timestamptz NOT NULL,
    released_at timestamptz,
    released_by text,
    release_note text,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_order_hold PRIMARY KEY (id),
    CONSTRAINT fk_order_hold_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_order_hold_fulfillment_order_id FOREIGN KEY (fulfillment_order_id) REFERENCES fulfillment_order (id),
    CONSTRAINT ck_order_hold_status_known CHECK (status IN ('ACTIVE', 'RELEASED', 'EXPIRED', 'ENDED')),
    CONSTRAINT ck_order_hold_released_once CHECK ((status = 'ACTIVE') = (released_at IS NULL)),
    CONSTRAINT ck_order_hold_location_of_work CHECK ((fulfillment_order_id IS NULL) = (location_id IS NULL))
)
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_order_hold_order_id_id ON order_hold (order_id, id)",
    """
    CREATE INDEX IF NOT EXISTS ix_order_hold_fulfillment_order_id ON order_hold (fulfillment_order_id, id)
    WHERE fulfillment_order_id IS NOT NULL
    """,
    """
    CREATE UNIQUE INDEX IF NOT EXISTS uq_order_hold_handle ON order_hold (coalesce(fulfillment_order_id, order_id), handle)
    WHERE status = 'ACTIVE' AND handle IS NOT NULL
    """,
    "CREATE INDEX IF NOT EXISTS ix_order_hold_reason ON order_hold (reason, order_id) WHERE status = 'ACTIVE'",
    """
    CREATE INDEX IF NOT EXISTS ix_order_hold_due ON order_hold (release_at, id)
    WHERE status = 'ACTIVE' AND release_at IS NOT NULL
    """,
)
SEEDS = """
INSERT INTO order_reason (id, use, code, name, updated_at)
SELECT gen_random_uuid(), 'HOLD', code, name, now() FROM (VALUES
    ('FRAUD_REVIEW', 'Fraud review'), ('ADDRESS', 'Address missing or doubtful'), ('PAYMENT', 'Payment to be settled'),
    ('CUSTOMER_REQUEST', 'The customer asked to wait'), ('APPROVAL', 'Waits for an approval'), ('OTHER', 'Another reason')
) AS seed (code, name)
ON CONFLICT DO NOTHING
"""
COLUMNS = (
    "ALTER TABLE fulfillment_order ADD COLUMN IF NOT EXISTS on_hold boolean DEFAULT false NOT NULL",
    "ALTER TABLE order_cancellation ADD COLUMN IF NOT EXISTS reason_code text",
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in (REASONS, HOLDS, *INDEXES, SEEDS, *COLUMNS):
        op.execute(statement)
    with op.get_context().autocommit_block():  # work goes on while the index is built
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_orders_on_hold")  # of an attempt that was interrupted
        op.execute("CREATE INDEX CONCURRENTLY ix_orders_on_hold ON orders (placed_at, id) WHERE on_hold IS true")
