"""Stock held for checkouts."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
