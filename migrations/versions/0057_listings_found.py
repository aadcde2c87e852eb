"""Listings are found by the beginning of their codes, in whatever channel."""

from alembic import op

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the index is built
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_listing_code_begins")  # of an attempt that was interrupted
        op.execute('CREATE INDEX CONCURRENTLY ix_listing_code_begins ON listing (code COLLATE "C")')
