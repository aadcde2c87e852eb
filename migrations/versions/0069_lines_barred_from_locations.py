"""A line knows the locations that rejected it, and so does what waits of it: they are asked for it no more."""

from alembic import op

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in ("order_line", "backorder"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS barred_from uuid[]")
