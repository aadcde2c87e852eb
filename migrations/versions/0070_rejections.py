"""Locations reject work, for reasons that are data and say what follows for stock."""

from alembic import op

revision = "0070"
down_revision = "0069"

REJECTIONS = """
CREATE TABLE IF NOT EXISTS fulfillment_rejection (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    fulfillment_order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    reason text NOT NULL,
    effect varchar(40) NOT NULL,
    note text,
    count_id uuid,
    adjustment_id uuid,
    actor text NOT NULL,
    rejected_at timestamptz NOT NULL,
    CONSTRAINT pk_fulfillment_rejection PRIMARY KEY (id),
    CONSTRAINT ck_fulfillment_rejection_effect_known CHECK (effect IN ('NOTHING', 'SHORT', 'COUNT', 'LOCATION_OFF')),
    CONSTRAINT fk_fulfillment_rejection_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_fulfillment_rejection_fulfillment_order_id
        FOREIGN KEY (fulfillment_order_id) REFERENCES fulfillment_order (id)
)
"""
LINES = """
CREATE TABLE IF NOT EXISTS fulfillment_rejection_line (
    id uuid NOT NULL,
    rejection_id uuid NOT NULL,
    line_id uuid NOT NULL,
    quantity integer NOT NULL,
    CONSTRAINT pk_fulfillment_rejection_line PRIMARY KEY (id),
    CONSTRAINT ck_fulfillment_rejection_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_fulfillment_rejection_line_rejection_id FOREIGN KEY (rejection_id) REFERENCES fulfillment_rejection (id),
    CONSTRAINT fk_fulfillment_rejection_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id)
)
"""
INDEXES = (
    ("fulfillment_rejection", "order_id"),
    ("fulfillment_rejection", "fulfillment_order_id"),
    ("fulfillment_rejection", "location_id"),
    ("fulfillment_rejection_line", "rejection_id"),
    ("fulfillment_rejection_line", "line_id"),
)
KNOWN = "('CANCEL', 'HOLD', 'CHANGE', 'REJECT')"
CHECKS = {
    "ck_order_reason_use_known": f"use IN {KNOWN}",
    "ck_order_reason_effect_known": "effect IN ('NOTHING', 'SHORT', 'COUNT', 'LOCATION_OFF')",
    "ck_order_reason_effect_of_rejections": "(use = 'REJECT') = (effect IS NOT NULL)",
}
REASONS = """
INSERT INTO order_reason (id, use, code, name, effect, updated_at)
SELECT gen_random_uuid(), 'REJECT', reason.code, reason.name, reason.effect, now()
FROM (VALUES ('NO_CAPACITY', 'No capacity', 'NOTHING'), ('DAMAGED', 'Damaged', 'SHORT'), ('NOT_FOUND', 'Not found', 'COUNT'),
             ('CLOSED', 'Closed', 'LOCATION_OFF')) AS reason (code, name, effect)
ON CONFLICT (use, code) DO NOTHING
"""
GUARD = """
DROP TRIGGER IF EXISTS only_grows ON {table};
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION oms_only_grows();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_grows;
"""
RIGHTS = """
DO $$
BEGIN
    IF to_regrole('oms_app') IS NOT NULL AND current_user <> 'oms_app' THEN
        REVOKE UPDATE, DELETE ON fulfillment_rejection, fulfillment_rejection_line FROM oms_app;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(REJECTIONS)
    op.execute(LINES)
    for table, column in INDEXES:
        op.execute(f"CREATE INDEX IF NOT EXISTS ix_{table}_{column} ON {table} ({column})")
    for table in ("fulfillment_rejection", "fulfillment_rejection_line"):
        op.execute(GUARD.format(table=table))
    op.execute(RIGHTS)
    op.execute("ALTER TABLE order_reason ADD COLUMN IF NOT EXISTS effect varchar(40)")
    for name, holds in CHECKS.items():
        op.execute(f"ALTER TABLE order_reason DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE order_reason ADD CONSTRAINT {name} CHECK ({holds})")
    op.execute(REASONS)
