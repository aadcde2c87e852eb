"""Two captures of one transaction by two references are a discrepancy, where nothing was authorized that allows them."""

from alembic import op

revision = "0039"
down_revision = "0038"

COLUMNS = """
ALTER TABLE payment_transaction ADD COLUMN IF NOT EXISTS largest_capture_minor bigint;
UPDATE payment_transaction SET largest_capture_minor = coalesce(
    (SELECT max(amount_minor) FROM payment_event WHERE transaction_id = payment_transaction.id AND type = 'CAPTURED'), 0);
ALTER TABLE payment_transaction ADD COLUMN IF NOT EXISTS captured_again_minor bigint GENERATED ALWAYS AS (
    CASE WHEN authorized_minor > 0 THEN 0 ELSE captured_minor - coalesce(largest_capture_minor, captured_minor) END
) STORED NOT NULL;
"""
DISCREPANT = "captured_beyond_minor > 0 OR captured_again_minor > 0 OR voided_beyond_minor > 0"
INDEXES = {
    "ix_payment_transaction_discrepant": "order_id, id",
    "ix_payment_transaction_discrepant_in_channel": "channel_id, order_id, id",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMNS)
    with op.get_context().autocommit_block():  # reports go on while the indexes are built
        for name, columns in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON payment_transaction ({columns}) WHERE {DISCREPANT}")
