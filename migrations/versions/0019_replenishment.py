"""What the watch over stock keeps."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
