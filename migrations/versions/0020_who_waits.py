"""Who waits for a SKU: looked up for every order, before it is promised units that others wait for."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # orders go on while the index is built
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_order_line_waits")  # of an attempt that was interrupted
        op.execute("CREATE INDEX CONCURRENTLY ix_order_line_waits ON order_line (sku_id, order_id) WHERE unsourced > 0")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_order_line_unsourced")
