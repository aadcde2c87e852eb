"""A channel says when its orders are released to the warehouse: as they are placed, or once they are authorized or paid."""

from alembic import op

revision = "0062"
down_revision = "0061"

COLUMNS = (
    "ALTER TABLE channel ADD COLUMN IF NOT EXISTS release_when varchar(40) DEFAULT 'PLACED' NOT NULL",
    "ALTER TABLE channel ADD COLUMN IF NOT EXISTS pay_within_minutes integer",
    "ALTER TABLE channel ADD COLUMN IF NOT EXISTS cancel_unpaid boolean DEFAULT false NOT NULL",
    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS on_account boolean DEFAULT false NOT NULL",
    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS awaits_payment boolean DEFAULT false NOT NULL",
    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS pay_by timestamptz",
)
CHECKS = {
    "ck_channel_release_when_known": "release_when IN ('PLACED', 'AUTHORIZED', 'PAID')",
    "ck_channel_pay_within_minutes_positive": "pay_within_minutes > 0",
}
INDEXES = {
    "ix_orders_awaits_payment": "ON orders (placed_at, id) WHERE awaits_payment IS true",
    "ix_orders_pay_by": "ON orders (pay_by, id) WHERE awaits_payment IS true AND pay_by IS NOT NULL",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in COLUMNS:
        op.execute(statement)
    for name, holds in CHECKS.items():
        op.execute(f"ALTER TABLE channel DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE channel ADD CONSTRAINT {name} CHECK ({holds})")
    with op.get_context().autocommit_block():  # work goes on while the indexes are built
        for name, on in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} {on}")
