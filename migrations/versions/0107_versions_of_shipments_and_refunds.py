"""The versions of shipments and refunds, by which a change made meanwhile is noticed."""

from alembic import op

revision = "0107"
down_revision = "0106"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # one table after the other, so that work goes on
        for table in ("shipment", "refund"):
            op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS version integer NOT NULL DEFAULT 1")
