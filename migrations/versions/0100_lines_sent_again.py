"""Lines that send lost units of another line again."""

from alembic import op

revision = "0100"
down_revision = "0099"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE order_line ADD COLUMN IF NOT EXISTS sends_again boolean NOT NULL DEFAULT false")
