"""Who posted or canceled a stock count, from now on."""

from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE stock_count ADD COLUMN closed_by text")
