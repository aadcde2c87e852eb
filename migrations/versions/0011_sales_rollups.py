"""Sales summed by day and month."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
