"""Goods that nobody fetched in time are canceled for a reason of their own."""

from alembic import op

revision = "0091"
down_revision = "0090"

REASON = """
INSERT INTO order_reason (id, use, code, name, cancel_reason, updated_at)
VALUES (gen_random_uuid(), 'CANCEL', 'NOT_COLLECTED', 'Not collected', 'CUSTOMER', now())
ON CONFLICT (use, code) DO NOTHING
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(REASON)
