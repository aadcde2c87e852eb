"""Customers fetch goods at locations that offer it."""

from alembic import op

revision = "0089"
down_revision = "0088"

OFFERED = """
ALTER TABLE location
    ADD COLUMN IF NOT EXISTS pickup_days integer,
    ADD COLUMN IF NOT EXISTS pickup_reminder_days integer
"""
AWAITED = "ALTER TABLE fulfillment_order ADD COLUMN IF NOT EXISTS awaits_pickup boolean DEFAULT false NOT NULL"
CHECKS = {
    "ck_location_pickup_days_positive": "pickup_days > 0",
    "ck_location_pickup_reminder_within_days": (
        "pickup_reminder_days IS NULL OR (pickup_reminder_days > 0 AND pickup_reminder_days <= coalesce(pickup_days, 0))"
    ),
}
PICKUPS = """
CREATE TABLE IF NOT EXISTS pickup (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    fulfillment_order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    code text,
    tries integer DEFAULT 0 NOT NULL,
    ready_at timestamptz NOT NULL,
    remind_on date,
    reminded_at timestamptz,
    collect_by date NOT NULL,
    closed_at timestamptz,
    collected_by text,
    shipment_id uuid,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_pickup PRIMARY KEY (id),
    CONSTRAINT ck_pickup_status_known CHECK (status IN ('READY', 'HANDED_OVER', 'EXPIRED', 'CANCELED')),
    CONSTRAINT ck_pickup_code_while_ready CHECK ((status = 'READY') = (code IS NOT NULL)),
    CONSTRAINT ck_pickup_closed_once CHECK ((status = 'READY') = (closed_at IS NULL)),
    CONSTRAINT ck_pickup_shipped_when_handed_over CHECK ((status = 'HANDED_OVER') = (shipment_id IS NOT NULL)),
    CONSTRAINT ck_pickup_tries_not_negative CHECK (tries >= 0),
    CONSTRAINT fk_pickup_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_pickup_fulfillment_order_id FOREIGN KEY (fulfillment_order_id) REFERENCES fulfillment_order (id),
    CONSTRAINT fk_pickup_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT fk_pickup_shipment_id FOREIGN KEY (shipment_id) REFERENCES shipment (id)
)
"""
READY = "status = 'READY'"
INDEXES = {
    "ix_pickup_fulfillment_order_id_ready_at_id": "fulfillment_order_id, ready_at, id",
    "ix_pickup_order_id_ready_at_id": "order_id, ready_at, id",
    "ix_pickup_ready_at_id": "ready_at, id",
    "ix_pickup_collect_by_id": "collect_by, id",
    "ix_pickup_status_collect_by_id": "status, collect_by, id",
    "ix_pickup_location_id_status_collect_by_id": "location_id, status, collect_by, id",
}
UNREMINDED = f"{READY} AND reminded_at IS NULL AND remind_on IS NOT NULL"
PARTIAL = (
    f"CREATE UNIQUE INDEX IF NOT EXISTS uq_pickup_ready ON pickup (fulfillment_order_id) WHERE {READY}",
    f"CREATE INDEX IF NOT EXISTS ix_pickup_to_remind ON pickup (remind_on, id) WHERE {UNREMINDED}",
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(OFFERED)
    op.execute(AWAITED)
    for name, holds in CHECKS.items():
        op.execute(f"ALTER TABLE location DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE location ADD CONSTRAINT {name} CHECK ({holds})")
    op.execute(PICKUPS)
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON pickup ({columns})")
    for statement in PARTIAL:
        op.execute(statement)
    op.execute("CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON pickup FOR EACH ROW EXECUTE FUNCTION oms_changed()")
    op.execute("ANALYZE pickup")
