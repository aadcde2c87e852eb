"""A channel says when an order of which nothing ships is handed over: once it is paid, or as it is placed."""

from alembic import op

revision = "0044"
down_revision = "0043"

COLUMN = """
ALTER TABLE channel ADD COLUMN IF NOT EXISTS hand_over varchar(40) DEFAULT 'PAYMENT' NOT NULL
    CONSTRAINT ck_channel_hand_over_known CHECK (hand_over IN ('PAYMENT', 'ACCEPTANCE'))
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMN)
