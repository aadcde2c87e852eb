"""SKUs and packages are found by the beginning of what names them, whatever the database's own order of text is."""

from alembic import op

revision = "0036"
down_revision = "0035"

INDEXES = {
    "ix_sku_code_begins": 'sku (code COLLATE "C")',
    "ix_package_tracking_number_begins": 'package (tracking_number COLLATE "C") WHERE tracking_number IS NOT NULL',
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # orders go on while the indexes are built
        for name, columns in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
