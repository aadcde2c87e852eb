"""The day of its location on which a package left, by which reports find it."""

from alembic import op

revision = "0096"
down_revision = "0095"

INDEX = "ix_package_left_on"
KNOWN = """
UPDATE package SET left_on = (shipment.shipped_at AT TIME ZONE location.time_zone)::date
FROM shipment JOIN location ON location.id = shipment.location_id
WHERE shipment.id = package.shipment_id AND package.dated AND package.left_on IS NULL
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while the index is built
        op.execute("ALTER TABLE package ADD COLUMN IF NOT EXISTS left_on date")
        op.execute(KNOWN)
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")  # of an attempt that was interrupted
        op.execute(f"CREATE INDEX CONCURRENTLY {INDEX} ON package (left_on) WHERE promised_on IS NOT NULL")
