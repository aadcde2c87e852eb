"""Counting what is there."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
