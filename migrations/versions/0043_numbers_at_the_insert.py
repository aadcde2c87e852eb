"""An order takes its number as it is written: what is refused takes none."""

from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE orders ALTER COLUMN number SET DEFAULT nextval('order_number')")
