"""Orders, their work, shipments and returns know when they last changed; orders are found by what people look for."""

from alembic import op

revision = "0054"
down_revision = "0053"

TABLES = ("orders", "fulfillment_order", "shipment", "returns")
COLUMN = "ALTER TABLE {table} ADD COLUMN IF NOT EXISTS updated_at timestamp with time zone DEFAULT now() NOT NULL"
FUNCTION = """
CREATE OR REPLACE FUNCTION oms_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := greatest(now(), OLD.updated_at);
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = "CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION oms_changed()"
EMAIL, PHONE = "(contact ->> 'email')", "(contact ->> 'phone')"
NAME = "coalesce((contact ->> 'name'), (shipping_address ->> 'name'))"
INDEXES = {
    "ix_orders_updated_at_id": "orders (updated_at, id)",
    "ix_orders_total_minor_id": "orders (total_minor, id)",
    "ix_orders_payment_status_placed_at_id": "orders (payment_status, placed_at, id)",
    "ix_orders_return_status_placed_at_id": "orders (return_status, placed_at, id)",
    "ix_orders_country_placed_at_id": "orders (country, placed_at, id)",
    "ix_orders_priority_placed_at_id": "orders (priority, placed_at, id)",
    "ix_orders_tags": "orders USING gin (tags) WHERE tags <> '{}'",
    "ix_orders_external_ref_begins": 'orders (external_ref COLLATE "C") WHERE external_ref IS NOT NULL',
    "ix_orders_freed_external_ref_begins": 'orders (freed_external_ref COLLATE "C") WHERE freed_external_ref IS NOT NULL',
    "ix_order_party_email": f'order_party (lower({EMAIL} COLLATE "C")) WHERE {EMAIL} IS NOT NULL',
    "ix_order_party_phone": f'order_party ({PHONE} COLLATE "C") WHERE {PHONE} IS NOT NULL',
    "ix_order_party_name": f'order_party (lower({NAME} COLLATE "C")) WHERE {NAME} IS NOT NULL',
    "ix_order_party_last_name": f"order_party (lower(split_part({NAME}, ' ', -1) COLLATE \"C\")) WHERE {NAME} IS NOT NULL",
    "ix_order_shipping_code": "order_shipping (code) WHERE code IS NOT NULL",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # each table is locked for a moment only, and orders go on meanwhile
        op.execute(FUNCTION)
        for table in TABLES:
            op.execute(COLUMN.format(table=table))
            op.execute(TRIGGER.format(table=table))
        for name, columns in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
