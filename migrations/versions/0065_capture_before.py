"""Authorizations say until when they can be captured."""

from alembic import op

revision = "0065"
down_revision = "0064"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in ("payment_event", "payment_transaction"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS capture_before timestamptz")
    with op.get_context().autocommit_block():  # work goes on while the index is built
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_payment_transaction_lapsing")  # of an attempt that was interrupted
        op.execute("""
            CREATE INDEX CONCURRENTLY ix_payment_transaction_lapsing ON payment_transaction (capture_before, id)
            WHERE capture_before IS NOT NULL AND open_authorization_minor > 0
        """)
