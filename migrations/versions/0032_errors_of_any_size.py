"""Errors of forecasts beside next to no demand: a thousand million units that nobody asked for again are not too many."""

from alembic import op

revision = "0032"
down_revision = "0031"

WIDEN = ", ".join(f"ALTER COLUMN {error} TYPE numeric(20, 4)" for error in ("wape", "bias", "naive_wape"))


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in ("stock_plan", "stock_plan_line"):
        op.execute(f"ALTER TABLE {table} {WIDEN}")
