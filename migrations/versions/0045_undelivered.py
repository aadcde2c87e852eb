"""A package may be lost or come back undelivered; its shipment and its order say so."""

from alembic import op

revision = "0045"
down_revision = "0044"

COLUMNS = """
ALTER TABLE package ADD COLUMN IF NOT EXISTS lost_at timestamptz, ADD COLUMN IF NOT EXISTS returned_at timestamptz
"""
KNOWN = """
ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}, ADD CONSTRAINT {name} CHECK ({column} IN ({values})) NOT VALID
"""
STATES = (
    ("shipment", "status", "'SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED', 'LOST', 'RETURNED_TO_SENDER'"),
    (
        "orders",
        "fulfillment_status",
        """'NOT_REQUIRED', 'DELIVERED', 'PARTIALLY_DELIVERED', 'UNDELIVERED', 'SHIPPED', 'PARTIALLY_SHIPPED', 'IN_PROGRESS',
        'ALLOCATED', 'PARTIALLY_ALLOCATED', 'BACKORDERED', 'UNALLOCATED'""",
    ),
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while shipments and orders are looked through
        op.execute(COLUMNS)
        for table, column, values in STATES:
            name = f"ck_{table}_{column}_known"
            op.execute(KNOWN.format(table=table, name=name, column=column, values=values))
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
