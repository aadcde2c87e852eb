"""A canceled order may give its external reference up."""

from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS freed_external_ref text")
