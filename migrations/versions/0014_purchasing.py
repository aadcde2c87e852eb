"""Suppliers and purchase orders."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
