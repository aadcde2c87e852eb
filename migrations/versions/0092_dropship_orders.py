"""A purchase order may be of goods that its supplier sends to the customer of a fulfillment order."""

from alembic import op

revision = "0092"
down_revision = "0091"

COLUMNS = (
    ("purchase_order", "fulfillment_order_id", "fulfillment_order"),
    ("purchase_order_line", "fulfillment_order_line_id", "fulfillment_order_line"),
)
INDEX = "ix_purchase_order_dropship"
WHERE = "purchase_order (fulfillment_order_id) WHERE fulfillment_order_id IS NOT NULL"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the columns are looked through
        for table, column, other in COLUMNS:
            name = f"fk_{table}_{column}"
            op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} uuid")
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {other} (id) NOT VALID")
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")  # of an attempt that was interrupted
        op.execute(f"CREATE INDEX CONCURRENTLY {INDEX} ON {WHERE}")
