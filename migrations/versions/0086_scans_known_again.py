"""A scan has its carrier's code, and its id where the carrier gives one, so that it is known again; a parcel can be lost."""

from alembic import op

revision = "0086"
down_revision = "0085"

COLUMNS = """
ALTER TABLE tracking_event ADD COLUMN IF NOT EXISTS code text DEFAULT '' NOT NULL, ADD COLUMN IF NOT EXISTS scan_ref text
"""
INDEXES = {
    "uq_tracking_event_told": "(package_id, occurred_at, status, code) WHERE scan_ref IS NULL",
    "uq_tracking_event_scan_ref": "(package_id, scan_ref) WHERE scan_ref IS NOT NULL",
}
STATUSES = """
    'PRE_TRANSIT', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'AVAILABLE_FOR_PICKUP', 'DELIVERED', 'RETURN_TO_SENDER', 'FAILURE',
    'LOST', 'UNKNOWN'
"""
NAME = "ck_tracking_event_status_known"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while indexes are built
        op.execute(COLUMNS)
        for name, on in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON tracking_event {on}")
        holds = f"CHECK (status IN ({STATUSES.strip()})) NOT VALID"
        op.execute(f"ALTER TABLE tracking_event DROP CONSTRAINT IF EXISTS {NAME}, ADD CONSTRAINT {NAME} {holds}")
        op.execute(f"ALTER TABLE tracking_event VALIDATE CONSTRAINT {NAME}")
        op.execute("ALTER TABLE tracking_event DROP CONSTRAINT IF EXISTS uq_tracking_event_package_id_status_occurred_at")
