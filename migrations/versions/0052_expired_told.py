"""What has expired of a level and is not set aside yet is told of it, too."""

from alembic import op

revision = "0052"
down_revision = "0051"

COLUMN = "ALTER TABLE level_told ADD COLUMN IF NOT EXISTS expired integer DEFAULT 0 NOT NULL"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMN)
