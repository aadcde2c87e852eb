"""A package belongs to its fulfillment order from packing on, in a box of its location, and says what is in it."""

from alembic import op

revision = "0077"
down_revision = "0076"

BOXES = """
CREATE TABLE IF NOT EXISTS box (
    id uuid NOT NULL,
    location_id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    inner_length_mm integer NOT NULL,
    inner_width_mm integer NOT NULL,
    inner_height_mm integer NOT NULL,
    tare_g integer NOT NULL,
    max_weight_g integer,
    status varchar(40) NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_box PRIMARY KEY (id),
    CONSTRAINT uq_box_location_id_code UNIQUE (location_id, code),
    CONSTRAINT ck_box_status_known CHECK (status IN ('ACTIVE', 'INACTIVE')),
    CONSTRAINT ck_box_sides_positive CHECK (least(inner_length_mm, inner_width_mm, inner_height_mm) > 0),
    CONSTRAINT ck_box_weights_sensible CHECK (tare_g >= 0 AND max_weight_g > tare_g),
    CONSTRAINT fk_box_location_id FOREIGN KEY (location_id) REFERENCES location (id)
)
"""
COLUMNS = """
ALTER TABLE package
    ALTER COLUMN shipment_id DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS fulfillment_order_id uuid, ADD COLUMN IF NOT EXISTS order_id uuid,
    ADD COLUMN IF NOT EXISTS channel_id uuid, ADD COLUMN IF NOT EXISTS location_id uuid,
    ADD COLUMN IF NOT EXISTS box_id uuid, ADD COLUMN IF NOT EXISTS length_mm integer,
    ADD COLUMN IF NOT EXISTS width_mm integer, ADD COLUMN IF NOT EXISTS height_mm integer,
    ADD COLUMN IF NOT EXISTS weight_g integer, ADD COLUMN IF NOT EXISTS packed_at timestamptz,
    ADD COLUMN IF NOT EXISTS scanned_at timestamptz, ADD COLUMN IF NOT EXISTS version integer DEFAULT 1 NOT NULL,
    ADD COLUMN IF NOT EXISTS updated_at timestamptz DEFAULT now() NOT NULL
"""
BACKFILL = """
UPDATE package
SET fulfillment_order_id = shipment.fulfillment_order_id, order_id = shipment.order_id, channel_id = shipment.channel_id,
    location_id = shipment.location_id, packed_at = shipment.shipped_at
FROM shipment WHERE shipment.id = package.shipment_id AND package.fulfillment_order_id IS NULL
"""
ALWAYS = ("fulfillment_order_id", "order_id", "channel_id", "location_id", "packed_at")
CONSTRAINTS = (
    ("package", "fk_package_fulfillment_order_id", "FOREIGN KEY (fulfillment_order_id) REFERENCES fulfillment_order (id)"),
    ("package", "fk_package_order_id", "FOREIGN KEY (order_id) REFERENCES orders (id)"),
    ("package", "fk_package_location_id", "FOREIGN KEY (location_id) REFERENCES location (id)"),
    ("package", "fk_package_box_id", "FOREIGN KEY (box_id) REFERENCES box (id)"),
    ("package", "ck_package_measures_positive", "CHECK (least(length_mm, width_mm, height_mm, weight_g) > 0)"),
    (
        "package",
        "ck_package_left_in_a_shipment",
        "CHECK ((status IN ('DRAFT', 'LABEL_PURCHASED', 'VOIDED')) = (shipment_id IS NULL))",
    ),
    (
        "fulfillment_order_line",
        "ck_fulfillment_order_line_packed_is_there",
        "CHECK (packed BETWEEN 0 AND quantity - shipped - canceled)",
    ),
)
LINES = """
CREATE TABLE IF NOT EXISTS package_line (
    id uuid NOT NULL,
    package_id uuid NOT NULL,
    fulfillment_order_line_id uuid NOT NULL,
    line_id uuid NOT NULL,
    quantity integer NOT NULL,
    CONSTRAINT pk_package_line PRIMARY KEY (id),
    CONSTRAINT uq_package_line_package_id_fulfillment_order_line_id UNIQUE (package_id, fulfillment_order_line_id),
    CONSTRAINT ck_package_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_package_line_package_id FOREIGN KEY (package_id) REFERENCES package (id),
    CONSTRAINT fk_package_line_fulfillment_order_line_id
        FOREIGN KEY (fulfillment_order_line_id) REFERENCES fulfillment_order_line (id),
    CONSTRAINT fk_package_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id)
)
"""
CONTENTS = """
INSERT INTO package_line (id, package_id, fulfillment_order_line_id, line_id, quantity)
SELECT id, package_id, fulfillment_order_line_id, line_id, quantity FROM shipment_line ON CONFLICT DO NOTHING
"""
INDEXES = {
    "ix_package_fulfillment_order_id": "package (fulfillment_order_id)",
    "ix_package_order_id": "package (order_id)",
    "ix_package_packed_at_id": "package (packed_at, id)",
    "ix_package_status_packed_at_id": "package (status, packed_at, id)",
    "ix_package_location_id_status_packed_at_id": "package (location_id, status, packed_at, id)",
    "ix_package_line_fulfillment_order_line_id": "package_line (fulfillment_order_line_id)",
}
TRIGGER = "CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION oms_changed()"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while packages are looked through
        op.execute(BOXES)
        op.execute(COLUMNS)
        op.execute("ALTER TABLE fulfillment_order_line ADD COLUMN IF NOT EXISTS packed integer DEFAULT 0 NOT NULL")
        op.execute(BACKFILL)
        for column in ALWAYS:
            op.execute(f"ALTER TABLE package ALTER COLUMN {column} SET NOT NULL")
        for table, name, rule in CONSTRAINTS:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule} NOT VALID")
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
        op.execute(LINES)
        op.execute(CONTENTS)
        for name, on in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {on}")
        for table in ("package", "box"):
            op.execute(TRIGGER.format(table))
        op.execute("ANALYZE package_line, box")
