"""Lines that insist on a location keep to it when they wait, and work on preorders is scheduled for their day."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # one lock at a time: nobody holds one table and waits for another
        op.execute("ALTER TABLE order_line ADD COLUMN IF NOT EXISTS pinned_to uuid")
        op.execute("ALTER TABLE backorder ADD COLUMN IF NOT EXISTS pinned_to uuid")
        op.execute("ALTER TABLE fulfillment_order ADD COLUMN IF NOT EXISTS opens_on date")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_fulfillment_order_scheduled")  # of an attempt that was interrupted
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_fulfillment_order_scheduled ON fulfillment_order (opens_on, id) "
            "WHERE status = 'SCHEDULED'"
        )
