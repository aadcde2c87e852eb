"""A promise of which a part goes to another fulfillment order is split, and the part knows which one it is of."""

from alembic import op

revision = "0071"
down_revision = "0070"

NAME = "fk_allocation_split_from_id"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE allocation ADD COLUMN IF NOT EXISTS split_from_id uuid")
    op.execute(f"ALTER TABLE allocation DROP CONSTRAINT IF EXISTS {NAME}")
    op.execute(f"ALTER TABLE allocation ADD CONSTRAINT {NAME} FOREIGN KEY (split_from_id) REFERENCES allocation (id) NOT VALID")
    op.execute(f"ALTER TABLE allocation VALIDATE CONSTRAINT {NAME}")
