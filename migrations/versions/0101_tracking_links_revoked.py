"""How often the tracking links of an order were taken back."""

from alembic import op

revision = "0101"
down_revision = "0100"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS links_revoked integer NOT NULL DEFAULT 0")
