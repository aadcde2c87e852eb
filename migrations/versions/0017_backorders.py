"""What lines wait for."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
