"""Who ended a stock count, from now on, and where feeds counted; feeds and moves are found by what is known of them."""

from alembic import op

revision = "0034"
down_revision = "0033"

COLUMNS = """
ALTER TABLE stock_count ADD COLUMN IF NOT EXISTS closed_by text;
ALTER TABLE inventory_sync ADD COLUMN IF NOT EXISTS location_ids uuid[] DEFAULT '{}' NOT NULL;
UPDATE inventory_sync SET location_ids = ARRAY(
    SELECT DISTINCT level.location_id FROM inventory_adjustment_line line JOIN inventory_level level ON level.id = line.level_id
    WHERE line.adjustment_id = inventory_sync.adjustment_id ORDER BY level.location_id
) WHERE adjustment_id IS NOT NULL;
"""
INDEXES = {
    "ix_inventory_sync_recorded_at_id": "inventory_sync (recorded_at, id)",
    "ix_inventory_sync_source_recorded_at_id": "inventory_sync (source, recorded_at, id)",
    "ix_inventory_move_occurred_at_id": "inventory_move (occurred_at, id)",
    "ix_inventory_move_reference_occurred_at_id": "inventory_move (reference, occurred_at, id) WHERE reference IS NOT NULL",
    "ix_inventory_move_reason_occurred_at_id": "inventory_move (reason, occurred_at, id)",
    "ix_inventory_move_actor_occurred_at_id": "inventory_move (actor, occurred_at, id)",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMNS)
    with op.get_context().autocommit_block():  # stock goes on while the indexes are built
        for name, columns in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
