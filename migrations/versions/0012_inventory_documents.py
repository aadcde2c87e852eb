"""Documents of stock: moves, counts set, feeds, promises taken back."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
