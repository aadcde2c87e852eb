"""Alerts of packages, and when each package is looked at next."""

from alembic import op

revision = "0095"
down_revision = "0094"

ALERTS = """
CREATE TABLE IF NOT EXISTS shipment_alert (
    id uuid NOT NULL,
    package_id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    carrier text,
    kind varchar(40) NOT NULL,
    raised_at timestamptz NOT NULL,
    resolved_at timestamptz,
    CONSTRAINT pk_shipment_alert PRIMARY KEY (id),
    CONSTRAINT ck_shipment_alert_kind_known CHECK (
        kind IN ('UNSCANNED', 'QUIET', 'LATE', 'FAILED_ATTEMPT', 'RETURNING', 'LOST')
    ),
    CONSTRAINT fk_shipment_alert_package_id FOREIGN KEY (package_id) REFERENCES package (id),
    CONSTRAINT fk_shipment_alert_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
)
"""
WATCH = """
CREATE TABLE IF NOT EXISTS package_watch (
    package_id uuid NOT NULL,
    look_at timestamptz NOT NULL,
    CONSTRAINT pk_package_watch PRIMARY KEY (package_id),
    CONSTRAINT fk_package_watch_package_id FOREIGN KEY (package_id) REFERENCES package (id)
)
"""
OPEN = "resolved_at IS NULL"
INDEXES = {
    "ix_shipment_alert_package_id_raised_at_id": "INDEX IF NOT EXISTS {} ON shipment_alert (package_id, raised_at, id)",
    "ix_shipment_alert_raised_at_id": "INDEX IF NOT EXISTS {} ON shipment_alert (raised_at, id)",
    "ix_shipment_alert_open": f"INDEX IF NOT EXISTS {{}} ON shipment_alert (raised_at, id) WHERE {OPEN}",
    "ix_shipment_alert_open_kind": f"INDEX IF NOT EXISTS {{}} ON shipment_alert (kind, raised_at, id) WHERE {OPEN}",
    "uq_shipment_alert_open": f"UNIQUE INDEX IF NOT EXISTS {{}} ON shipment_alert (package_id, kind) WHERE {OPEN}",
    "ix_package_watch_look_at_package_id": "INDEX IF NOT EXISTS {} ON package_watch (look_at, package_id)",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(ALERTS)
    op.execute(WATCH)
    for name, made in INDEXES.items():
        op.execute(f"CREATE {made.format(name)}")
    op.execute("ANALYZE shipment_alert, package_watch")
