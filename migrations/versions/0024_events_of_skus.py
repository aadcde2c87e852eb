"""Which SKU an event is about, so that whoever follows one SKU reads no more than its events."""

from alembic import op

revision = "0024"
down_revision = "0023"

COLUMNS = """
ALTER TABLE outbox_stage ADD COLUMN sku_id uuid;
ALTER TABLE feed ADD COLUMN sku_id uuid;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMNS)
    with op.get_context().autocommit_block():  # the relay goes on while the index is built
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_feed_sku_id_position")  # of an attempt that was interrupted
        op.execute("CREATE INDEX CONCURRENTLY ix_feed_sku_id_position ON feed (sku_id, position) WHERE sku_id IS NOT NULL")
