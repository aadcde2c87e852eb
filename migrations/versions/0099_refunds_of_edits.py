"""The change of an order that a refund was granted with."""

from alembic import op

revision = "0099"
down_revision = "0098"

FOREIGN, UNIQUE = "fk_refund_change_id", "uq_refund_change_id"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the column is looked through
        op.execute("ALTER TABLE refund ADD COLUMN IF NOT EXISTS change_id uuid")
        op.execute(f"ALTER TABLE refund DROP CONSTRAINT IF EXISTS {FOREIGN}")
        op.execute(
            f"ALTER TABLE refund ADD CONSTRAINT {FOREIGN} FOREIGN KEY (change_id) REFERENCES order_change (id) NOT VALID"
        )
        op.execute(f"ALTER TABLE refund VALIDATE CONSTRAINT {FOREIGN}")
        op.execute(f"ALTER TABLE refund DROP CONSTRAINT IF EXISTS {UNIQUE}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {UNIQUE}")  # of an attempt that was interrupted
        op.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {UNIQUE} ON refund (change_id)")
        op.execute(f"ALTER TABLE refund ADD CONSTRAINT {UNIQUE} UNIQUE USING INDEX {UNIQUE}")
