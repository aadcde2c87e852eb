"""Accounts with carriers have secrets by which their webhooks are signed."""

from alembic import op

revision = "0093"
down_revision = "0092"

COLUMNS = """
ALTER TABLE carrier_account ADD COLUMN IF NOT EXISTS webhook_secrets bytea,
    ADD COLUMN IF NOT EXISTS webhook_secret_rotated_at timestamptz
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(COLUMNS)
