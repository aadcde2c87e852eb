"""The orders that wait for their payment, found by how that stands and by their deadline, channel by channel."""

from alembic import op

revision = "0098"
down_revision = "0097"

WAITS = "awaits_payment IS true"
INDEXES = {
    "ix_orders_gate": f"(channel_id, payment_status, due_minor) WHERE {WAITS}",
    "ix_orders_channel_id_pay_by": f"(channel_id, pay_by, id) WHERE {WAITS} AND pay_by IS NOT NULL",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the indexes are built
        for name, on in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON orders {on}")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_orders_pay_by")
