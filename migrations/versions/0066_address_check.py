"""A channel says what happens to orders whose shipping address is missing or doubtful."""

from alembic import op

revision = "0066"
down_revision = "0065"

CHECK = "ck_channel_address_check_known"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE channel ADD COLUMN IF NOT EXISTS address_check varchar(40) DEFAULT 'OFF' NOT NULL")
    op.execute(f"ALTER TABLE channel DROP CONSTRAINT IF EXISTS {CHECK}")
    op.execute(f"ALTER TABLE channel ADD CONSTRAINT {CHECK} CHECK (address_check IN ('OFF', 'HOLD'))")
