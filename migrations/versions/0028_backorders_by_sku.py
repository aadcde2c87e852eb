"""Backorders of a SKU, also those that were served: a plan counts what waited as demand."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # orders go on while the index is built
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_backorder_sku_id_placed_at")  # of an attempt that was interrupted
        op.execute("CREATE INDEX CONCURRENTLY ix_backorder_sku_id_placed_at ON backorder (sku_id, placed_at)")
