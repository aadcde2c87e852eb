"""The numbers under which customs know locations and channels."""

from alembic import op

revision = "0081"
down_revision = "0080"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE location ADD COLUMN IF NOT EXISTS eori text")
    op.execute("ALTER TABLE channel ADD COLUMN IF NOT EXISTS eori text, ADD COLUMN IF NOT EXISTS ioss text")
