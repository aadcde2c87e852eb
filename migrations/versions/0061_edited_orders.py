"""Edited orders: whether they leave together, a delivery point, and the country that their sales are counted for."""

from alembic import op

revision = "0061"
down_revision = "0060"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS ship_complete boolean DEFAULT false NOT NULL")
    op.execute("ALTER TABLE orders ADD COLUMN IF NOT EXISTS sales_country text")
    op.execute("ALTER TABLE order_party ADD COLUMN IF NOT EXISTS delivery_point jsonb")
