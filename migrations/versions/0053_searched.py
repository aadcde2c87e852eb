"""SKUs and customers are found by name, barcode and phone."""

from alembic import op

revision = "0053"
down_revision = "0052"

INDEXES = {
    "ix_sku_barcode_begins": 'sku (barcode COLLATE "C") WHERE barcode IS NOT NULL',
    "ix_sku_name_folded": 'sku (lower(name COLLATE "C"), id)',
    "ix_customer_person_name_folded": 'customer_person (lower(name COLLATE "C"))',
    "ix_customer_person_phone_begins": 'customer_person (phone COLLATE "C") WHERE phone IS NOT NULL',
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # orders go on while the indexes are built
        for name, columns in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
