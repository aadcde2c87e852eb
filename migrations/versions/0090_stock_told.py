"""What a location told of its stock is valid for some minutes."""

from alembic import op

revision = "0090"
down_revision = "0089"

COLUMNS = """
ALTER TABLE location
    ADD COLUMN IF NOT EXISTS stock_valid_minutes integer,
    ADD COLUMN IF NOT EXISTS stock_told_at timestamptz,
    ADD COLUMN IF NOT EXISTS stock_stale boolean DEFAULT false NOT NULL
"""
CHECKS = {
    "ck_location_stock_valid_minutes_positive": "stock_valid_minutes > 0",
    "ck_location_stock_told_where_valid": ("stock_valid_minutes IS NOT NULL OR (stock_told_at IS NULL AND NOT stock_stale)"),
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMNS)
    for name, holds in CHECKS.items():
        op.execute(f"ALTER TABLE location DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE location ADD CONSTRAINT {name} CHECK ({holds})")
