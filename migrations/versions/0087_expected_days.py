"""When packages should arrive, and after how long channels are alerted to those that nobody hears of."""

from alembic import op

revision = "0087"
down_revision = "0086"

COLUMNS = (
    """
    ALTER TABLE package
        ADD COLUMN IF NOT EXISTS dated boolean DEFAULT false NOT NULL, ADD COLUMN IF NOT EXISTS country text,
        ADD COLUMN IF NOT EXISTS service text, ADD COLUMN IF NOT EXISTS promised_on date,
        ADD COLUMN IF NOT EXISTS expected_on date
    """,
    """
    ALTER TABLE channel
        ADD COLUMN IF NOT EXISTS alert_unscanned_after_hours integer DEFAULT 24,
        ADD COLUMN IF NOT EXISTS alert_quiet_after_days integer DEFAULT 3
    """,
)
CHECK = "ck_channel_alerts_after_a_while"
UNDATED = "ix_package_undated"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the index is built
        for statement in COLUMNS:
            op.execute(statement)
        holds = "least(alert_unscanned_after_hours, alert_quiet_after_days) > 0"
        op.execute(f"ALTER TABLE channel DROP CONSTRAINT IF EXISTS {CHECK}, ADD CONSTRAINT {CHECK} CHECK ({holds})")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {UNDATED}")  # of an attempt that was interrupted
        op.execute(f"CREATE INDEX CONCURRENTLY {UNDATED} ON package (id) WHERE shipment_id IS NOT NULL AND NOT dated")
