"""Corrections of stock are found by what is known of them: when, why, by whom, which document, which feed."""

from alembic import op

revision = "0031"
down_revision = "0030"

GIVEN = "WHERE reference IS NOT NULL"
INDEXES = {
    "ix_inventory_adjustment_occurred_at_id": "inventory_adjustment (occurred_at, id)",
    "ix_inventory_adjustment_reference_occurred_at_id": "inventory_adjustment (reference, occurred_at, id) " + GIVEN,
    "ix_inventory_adjustment_reason_occurred_at_id": "inventory_adjustment (reason, occurred_at, id)",
    "ix_inventory_adjustment_kind_occurred_at_id": "inventory_adjustment (kind, occurred_at, id)",
    "ix_inventory_adjustment_actor_occurred_at_id": "inventory_adjustment (actor, occurred_at, id)",
    "ix_inventory_sync_adjustment_id": "inventory_sync (adjustment_id)",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # stock goes on while the indexes are built
        for name, columns in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
