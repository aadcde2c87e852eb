"""A location says whether units may be promised from it."""

from alembic import op

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE location ADD COLUMN IF NOT EXISTS accepts_orders boolean DEFAULT true NOT NULL")
