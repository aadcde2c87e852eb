"""Orders that may be complete, also those that are delivered while something that was found is on its way."""

from alembic import op

revision = "0105"
down_revision = "0104"

STATUSES = "'SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED'"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the index is built
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_orders_sent")  # of an attempt that was interrupted
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_orders_sent ON orders (channel_id, placed_at, id) "
            f"WHERE status = 'OPEN' AND fulfillment_status IN ({STATUSES})"
        )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_orders_to_complete")
