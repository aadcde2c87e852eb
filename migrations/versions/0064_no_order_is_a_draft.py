"""No order is a draft: nothing ever wrote that status."""

from alembic import op

revision = "0064"
down_revision = "0063"

NAME = "ck_orders_status_known"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while orders are looked through
        op.execute(f"""
        ALTER TABLE orders DROP CONSTRAINT IF EXISTS {NAME},
            ADD CONSTRAINT {NAME} CHECK (status IN ('OPEN', 'COMPLETED', 'CANCELED')) NOT VALID
        """)
        op.execute(f"ALTER TABLE orders VALIDATE CONSTRAINT {NAME}")
