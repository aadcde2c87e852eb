"""Lists of purchase orders and returns find what few of their lines and receipts have."""

from alembic import op

revision = "0097"
down_revision = "0096"

INDEXES = {
    "ix_purchase_order_line_expected": "purchase_order_line (expected_at) WHERE open > 0",
    "ix_return_line_reason": "return_line (reason)",
    "ix_return_receipt_location_id": "return_receipt (location_id)",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the indexes are built
        for name, of in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {of}")
