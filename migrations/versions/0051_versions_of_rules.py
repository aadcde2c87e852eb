"""A rule on overselling has a version, so that a change can say which one it is based on."""

from alembic import op

revision = "0051"
down_revision = "0050"

COLUMN = "ALTER TABLE oversell_rule ADD COLUMN IF NOT EXISTS version integer DEFAULT 1 NOT NULL"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMN)
