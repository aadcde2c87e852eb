"""Lots and their expiry."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
