"""When the carrier of a label is asked next where its parcel is."""

from alembic import op

revision = "0085"
down_revision = "0084"

INDEX = "CREATE INDEX IF NOT EXISTS ix_label_track_at ON label (track_at, id) WHERE track_at IS NOT NULL"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE label ADD COLUMN IF NOT EXISTS track_at timestamptz")
    op.execute(INDEX)
