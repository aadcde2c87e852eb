"""The versions of stock bands, by which a change made meanwhile is noticed."""

from alembic import op

revision = "0103"
down_revision = "0102"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE stock_band ADD COLUMN IF NOT EXISTS version integer NOT NULL DEFAULT 1")
