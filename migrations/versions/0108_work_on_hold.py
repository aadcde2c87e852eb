"""Fulfillment orders on hold, which are few, by an index of their own."""

from alembic import op

revision = "0108"
down_revision = "0107"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the index is built
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_fulfillment_order_on_hold")  # of an attempt that was interrupted
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_fulfillment_order_on_hold ON fulfillment_order (created_at, id) WHERE on_hold IS true"
        )
