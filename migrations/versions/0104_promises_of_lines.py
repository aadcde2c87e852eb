"""A promise refers to its line, which refers to the order; work refers to its promise, which refers to the line."""

from alembic import op

revision = "0104"
down_revision = "0103"

IMPLIED = {"allocation": "fk_allocation_order_id", "fulfillment_order_line": "fk_fulfillment_order_line_line_id"}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table, name in IMPLIED.items():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
