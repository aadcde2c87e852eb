"""A simulation of sourcing is of the orders of one channel."""

from alembic import op

revision = "0076"
down_revision = "0075"

CHANNEL = "fk_sourcing_simulation_channel_id"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE sourcing_simulation ADD COLUMN IF NOT EXISTS channel_id uuid NOT NULL")
    op.execute(f"ALTER TABLE sourcing_simulation DROP CONSTRAINT IF EXISTS {CHANNEL}")
    op.execute(f"ALTER TABLE sourcing_simulation ADD CONSTRAINT {CHANNEL} FOREIGN KEY (channel_id) REFERENCES channel (id)")
