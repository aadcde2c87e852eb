"""Shipments are undone within their channel's limit, named by a method, and work is put off by hand."""

from alembic import op

revision = "0084"
down_revision = "0083"

COLUMNS = (
    "ALTER TABLE channel ADD COLUMN IF NOT EXISTS cancel_shipment_within_minutes integer DEFAULT 1440 NOT NULL",
    "ALTER TABLE shipment ADD COLUMN IF NOT EXISTS method text",
    "ALTER TABLE fulfillment_order ADD COLUMN IF NOT EXISTS opens_by_hand boolean DEFAULT false NOT NULL",
)
KNOWN = "'SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED', 'LOST', 'RETURNED_TO_SENDER', 'CANCELED'"
CAUSES = """
    'line', 'cancelline', 'shipline', 'packline', 'retrecline', 'porecline', 'resline', 'transline', 'countline', 'moveline',
    'lostline', 'sourceline', 'adjline'
"""
CHECKS = (
    ("channel", "ck_channel_cancel_shipment_within_minutes_not_negative", "cancel_shipment_within_minutes >= 0"),
    ("stock_movement", "ck_stock_movement_cause_kind_known", f"cause_kind IN ({CAUSES.strip()})"),
    ("shipment", "ck_shipment_status_known", f"status IN ({KNOWN})"),
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while shipments and movements are looked through
        for statement in COLUMNS:
            op.execute(statement)
        for table, name, holds in CHECKS:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}, ADD CONSTRAINT {name} CHECK ({holds}) NOT VALID")
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
