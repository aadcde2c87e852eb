"""A channel says whether its orders of goods must name an address or a contact; those that exist go on without."""

from alembic import op

revision = "0049"
down_revision = "0048"

COLUMN = "ALTER TABLE channel ADD COLUMN IF NOT EXISTS needs_recipient boolean DEFAULT false NOT NULL"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMN)
