"""Bands of days of cover have ids, so that what changes of them can be told."""

from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE stock_band ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid()")
    op.execute("ALTER TABLE stock_band ADD CONSTRAINT uq_stock_band_id UNIQUE (id)")
