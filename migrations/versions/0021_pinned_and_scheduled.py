"""Lines that insist on a location keep to it when they wait, and work on preorders is scheduled for their day."""

from alembic import op

revision = "0021"
down_revision = "0020"

CHANGES = """
ALTER TABLE order_line ADD COLUMN pinned_to uuid;
ALTER TABLE backorder ADD COLUMN pinned_to uuid;
ALTER TABLE fulfillment_order ADD COLUMN opens_on date;
CREATE INDEX ix_oversell_rule_preorder ON oversell_rule (channel_id, sku_id) WHERE policy = 'PREORDER';
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(CHANGES)
