"""What suppliers answered when they were asked to stop."""

from alembic import op

revision = "0102"
down_revision = "0101"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE fulfillment_request ADD COLUMN IF NOT EXISTS cancellation_answered_at timestamptz")
    op.execute("ALTER TABLE fulfillment_request ADD COLUMN IF NOT EXISTS cancellation_accepted boolean")
