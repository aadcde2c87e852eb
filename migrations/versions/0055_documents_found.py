"""Purchase orders, returns and refunds are found by the beginning of what others call them."""

from alembic import op

revision = "0055"
down_revision = "0054"

COLUMNS = (
    ("purchase_order", "external_ref"),
    ("purchase_order", "supplier_ref"),
    ("returns", "external_ref"),
    ("refund", "provider_reference"),
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the indexes are built
        for table, column in COLUMNS:
            name = f"ix_{table}_{column}_begins"
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f'CREATE INDEX CONCURRENTLY {name} ON {table} ({column} COLLATE "C") WHERE {column} IS NOT NULL')
