"""Goods on the way between locations."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
