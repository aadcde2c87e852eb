"""Allocations, fulfillment orders and shipments."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = """
CREATE TABLE allocation (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    line_id uuid NOT NULL,
    level_id uuid NOT NULL,
    location_id uuid NOT NULL,
    quantity integer NOT NULL,
    allocated integer DEFAULT 0 NOT NULL,
    in_fulfillment integer DEFAULT 0 NOT NULL,
    consumed integer DEFAULT 0 NOT NULL,
    released integer DEFAULT 0 NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_allocation PRIMARY KEY (id),
    CONSTRAINT ck_allocation_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_allocation_parts_not_negative CHECK (least(allocated, in_fulfillment, consumed, released) >= 0),
    CONSTRAINT ck_allocation_parts_add_up CHECK (quantity = allocated + in_fulfillment + consumed + released),
    CONSTRAINT fk_allocation_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_allocation_line_id FOREIGN KEY (line_id) REFERENCES order_line (id),
    CONSTRAINT fk_allocation_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id)
);

CREATE INDEX ix_allocation_line_id ON allocation (line_id);
CREATE INDEX ix_allocation_open ON allocation (level_id) WHERE allocated + in_fulfillment > 0;
CREATE INDEX ix_allocation_order_id ON allocation (order_id);

CREATE TABLE fulfillment_order (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT pk_fulfillment_order PRIMARY KEY (id),
    CONSTRAINT fk_fulfillment_order_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_fulfillment_order_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT ck_fulfillment_order_status_known
        CHECK (status IN ('SCHEDULED', 'OPEN', 'IN_PROGRESS', 'INCOMPLETE', 'CLOSED'))
);

CREATE INDEX ix_fulfillment_order_created_at_id ON fulfillment_order (created_at, id);
CREATE INDEX ix_fulfillment_order_location_id_status_created_at_id ON fulfillment_order (location_id, status,
    created_at, id);
CREATE INDEX ix_fulfillment_order_order_id ON fulfillment_order (order_id);
CREATE INDEX ix_fulfillment_order_status_created_at_id ON fulfillment_order (status, created_at, id);

CREATE TABLE fulfillment_order_line (
    id uuid NOT NULL,
    fulfillment_order_id uuid NOT NULL,
    line_id uuid NOT NULL,
    allocation_id uuid NOT NULL,
    quantity integer NOT NULL,
    shipped integer DEFAULT 0 NOT NULL,
    canceled integer DEFAULT 0 NOT NULL,
    CONSTRAINT pk_fulfillment_order_line PRIMARY KEY (id),
    CONSTRAINT ck_fulfillment_order_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_fulfillment_order_line_within_quantity
        CHECK (least(shipped, canceled) >= 0 AND shipped + canceled <= quantity),
    CONSTRAINT fk_fulfillment_order_line_fulfillment_order_id FOREIGN KEY (fulfillment_order_id) REFERENCES
        fulfillment_order (id),
    CONSTRAINT fk_fulfillment_order_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id),
    CONSTRAINT uq_fulfillment_order_line_allocation_id UNIQUE (allocation_id),
    CONSTRAINT fk_fulfillment_order_line_allocation_id FOREIGN KEY (allocation_id) REFERENCES allocation (id)
);

CREATE INDEX ix_fulfillment_order_line_fulfillment_order_id ON fulfillment_order_line (fulfillment_order_id);
CREATE INDEX ix_fulfillment_order_line_line_id ON fulfillment_order_line (line_id);

CREATE TABLE shipment (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    fulfillment_order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    shipped_at timestamptz NOT NULL,
    delivered_at timestamptz,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_shipment PRIMARY KEY (id),
    CONSTRAINT fk_shipment_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_shipment_fulfillment_order_id FOREIGN KEY (fulfillment_order_id) REFERENCES fulfillment_order (id),
    CONSTRAINT fk_shipment_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT ck_shipment_status_known CHECK (status IN ('SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED'))
);

CREATE INDEX ix_shipment_fulfillment_order_id ON shipment (fulfillment_order_id);
CREATE INDEX ix_shipment_order_id ON shipment (order_id);
CREATE INDEX ix_shipment_shipped_at_id ON shipment (shipped_at, id);

CREATE TABLE package (
    id uuid NOT NULL,
    shipment_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    carrier text,
    tracking_number text,
    tracking_url text,
    delivered_at timestamptz,
    CONSTRAINT pk_package PRIMARY KEY (id),
    CONSTRAINT fk_package_shipment_id FOREIGN KEY (shipment_id) REFERENCES shipment (id),
    CONSTRAINT ck_package_status_known
        CHECK (status IN ('DRAFT', 'LABEL_PURCHASED', 'SHIPPED', 'DELIVERED', 'LOST', 'RETURNED_TO_SENDER', 'VOIDED',
            'CANCELED'))
);

CREATE INDEX ix_package_shipment_id ON package (shipment_id);
CREATE INDEX ix_package_tracking_number ON package (tracking_number);

CREATE TABLE shipment_line (
    id uuid NOT NULL,
    shipment_id uuid NOT NULL,
    package_id uuid NOT NULL,
    fulfillment_order_line_id uuid NOT NULL,
    line_id uuid NOT NULL,
    quantity integer NOT NULL,
    CONSTRAINT pk_shipment_line PRIMARY KEY (id),
    CONSTRAINT ck_shipment_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_shipment_line_shipment_id FOREIGN KEY (shipment_id) REFERENCES shipment (id),
    CONSTRAINT fk_shipment_line_package_id FOREIGN KEY (package_id) REFERENCES package (id),
    CONSTRAINT fk_shipment_line_fulfillment_order_line_id FOREIGN KEY (fulfillment_order_line_id) REFERENCES
        fulfillment_order_line (id),
    CONSTRAINT fk_shipment_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id)
);

CREATE INDEX ix_shipment_line_line_id ON shipment_line (line_id);
CREATE INDEX ix_shipment_line_shipment_id ON shipment_line (shipment_id);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
