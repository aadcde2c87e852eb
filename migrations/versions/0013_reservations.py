"""Stock held for checkouts."""

from alembic import op

revision = "0013"
down_revision = "0012"

TABLES = """
CREATE TABLE reservation (
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    external_ref text,
    status varchar(40) NOT NULL,
    expires_at timestamptz NOT NULL,
    order_id uuid,
    client_id uuid NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT pk_reservation PRIMARY KEY (id),
    CONSTRAINT ck_reservation_ends_after_it_begins CHECK (expires_at > created_at),
    CONSTRAINT ck_reservation_converted_has_order CHECK ((status = 'CONVERTED') = (order_id IS NOT NULL)),
    CONSTRAINT ck_reservation_closed_unless_active CHECK ((status = 'ACTIVE') = (closed_at IS NULL)),
    CONSTRAINT fk_reservation_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
    CONSTRAINT ck_reservation_status_known CHECK (status IN ('ACTIVE', 'CONVERTED', 'EXPIRED', 'RELEASED')),
    CONSTRAINT uq_reservation_order_id UNIQUE (order_id),
    CONSTRAINT fk_reservation_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE INDEX ix_reservation_channel_id_created_at_id ON reservation (channel_id, created_at, id);
CREATE INDEX ix_reservation_created_at_id ON reservation (created_at, id);
CREATE INDEX ix_reservation_due ON reservation (expires_at, id) WHERE status = 'ACTIVE';
CREATE INDEX ix_reservation_external_ref ON reservation (external_ref);
CREATE INDEX ix_reservation_status_created_at_id ON reservation (status, created_at, id);
CREATE UNIQUE INDEX uq_reservation_active_ref ON reservation (channel_id, external_ref) WHERE status = 'ACTIVE';

CREATE TABLE reservation_line (
    id uuid NOT NULL,
    reservation_id uuid NOT NULL,
    position integer NOT NULL,
    sku_id uuid NOT NULL,
    location_id uuid NOT NULL,
    level_id uuid NOT NULL,
    quantity integer NOT NULL,
    claimed integer DEFAULT 0 NOT NULL,
    released integer DEFAULT 0 NOT NULL,
    held integer GENERATED ALWAYS AS (quantity - claimed - released) STORED NOT NULL,
    CONSTRAINT pk_reservation_line PRIMARY KEY (id),
    CONSTRAINT uq_reservation_line_reservation_id_position UNIQUE (reservation_id, position),
    CONSTRAINT uq_reservation_line_reservation_id_level_id UNIQUE (reservation_id, level_id),
    CONSTRAINT ck_reservation_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_reservation_line_within_quantity CHECK (least(claimed, released) >= 0 AND held >= 0),
    CONSTRAINT fk_reservation_line_reservation_id FOREIGN KEY (reservation_id) REFERENCES reservation (id),
    CONSTRAINT fk_reservation_line_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id),
    CONSTRAINT fk_reservation_line_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT fk_reservation_line_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id)
);

CREATE INDEX ix_reservation_line_holding ON reservation_line (level_id) WHERE held > 0;
CREATE INDEX ix_reservation_line_sku_id_reservation_id ON reservation_line (sku_id, reservation_id);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
