"""How often a reaction has failed since it last got further, since when, and on what."""

from alembic import op

revision = "0026"
down_revision = "0025"

COLUMNS = """
ALTER TABLE follower
    ADD COLUMN failures integer DEFAULT 0 NOT NULL,
    ADD COLUMN failing_since timestamptz,
    ADD COLUMN last_error text,
    ADD CONSTRAINT ck_follower_failures_are_told
        CHECK ((failures > 0) = (failing_since IS NOT NULL) AND (failures > 0) = (last_error IS NOT NULL))
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMNS)
