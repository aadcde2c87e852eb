"""A cancellation says what became of the units that were promised: not all of them lie there for others."""

from alembic import op

revision = "0046"
down_revision = "0045"

COLUMN = """
ALTER TABLE order_cancellation ADD COLUMN IF NOT EXISTS stock varchar(40) DEFAULT 'RELEASE' NOT NULL
    CONSTRAINT ck_order_cancellation_stock_known CHECK (stock IN ('RELEASE', 'INSPECT', 'NOT_FOUND', 'DAMAGED'))
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMN)
