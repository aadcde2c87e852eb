"""Which supplier of a SKU is preferred, why a plan chose one, which suppliers events name, and since when transfers come."""

from alembic import op

revision = "0023"
down_revision = "0022"

PREFERRED = """
ALTER TABLE supplier_sku ADD COLUMN preferred boolean DEFAULT false NOT NULL;
CREATE UNIQUE INDEX uq_supplier_sku_preferred ON supplier_sku (sku_id) WHERE preferred;
ALTER TABLE stock_plan_line
    ADD COLUMN supplier_reason varchar(40),
    ADD CONSTRAINT ck_stock_plan_line_supplier_reason_known
        CHECK (supplier_reason IN ('PREFERRED', 'ONLY', 'CHEAPEST', 'FASTEST'));
"""

EVENTS = """
ALTER TABLE outbox_stage ADD COLUMN supplier_ids uuid[];
ALTER TABLE feed ADD COLUMN supplier_ids uuid[];
"""

TRANSFERS = """
ALTER TABLE transfer ADD COLUMN ready_at timestamptz;
CREATE INDEX ix_transfer_line_sku_id ON transfer_line (sku_id);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(PREFERRED)
    op.execute(EVENTS)
    op.execute(TRANSFERS)
