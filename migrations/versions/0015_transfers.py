"""Goods on the way between locations."""

from alembic import op

revision = "0015"
down_revision = "0014"

TABLES = """
CREATE SEQUENCE transfer_number START WITH 1001;

CREATE TABLE transfer (
    id uuid NOT NULL,
    number bigint NOT NULL,
    external_ref text,
    origin_id uuid NOT NULL,
    destination_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    expected_at timestamptz,
    note text,
    version integer DEFAULT 1 NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    shipped_at timestamptz,
    closed_at timestamptz,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_transfer PRIMARY KEY (id),
    CONSTRAINT ck_transfer_leads_elsewhere CHECK (origin_id <> destination_id),
    CONSTRAINT ck_transfer_closed_at_its_end CHECK ((closed_at IS NOT NULL) = (status IN ('RECEIVED', 'CANCELED'))),
    CONSTRAINT uq_transfer_number UNIQUE (number),
    CONSTRAINT uq_transfer_external_ref UNIQUE (external_ref),
    CONSTRAINT fk_transfer_origin_id FOREIGN KEY (origin_id) REFERENCES location (id),
    CONSTRAINT fk_transfer_destination_id FOREIGN KEY (destination_id) REFERENCES location (id),
    CONSTRAINT ck_transfer_status_known
        CHECK (status IN ('DRAFT', 'READY_TO_SHIP', 'IN_TRANSIT', 'PARTIALLY_RECEIVED', 'RECEIVED', 'CANCELED'))
);

CREATE INDEX ix_transfer_created_at_id ON transfer (created_at, id);
CREATE INDEX ix_transfer_destination_id_created_at_id ON transfer (destination_id, created_at, id);
CREATE INDEX ix_transfer_origin_id_created_at_id ON transfer (origin_id, created_at, id);
CREATE INDEX ix_transfer_status_created_at_id ON transfer (status, created_at, id);

CREATE TABLE transfer_line (
    id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    position integer NOT NULL,
    sku_id uuid NOT NULL,
    quantity integer NOT NULL,
    sent integer DEFAULT 0 NOT NULL,
    arrived integer DEFAULT 0 NOT NULL,
    damaged integer DEFAULT 0 NOT NULL,
    lost integer DEFAULT 0 NOT NULL,
    brought_back integer DEFAULT 0 NOT NULL,
    called_off integer DEFAULT 0 NOT NULL,
    in_transit integer GENERATED ALWAYS AS (sent - arrived - damaged - lost - brought_back) STORED NOT NULL,
    to_come integer GENERATED ALWAYS AS (quantity - called_off - arrived - damaged - lost - brought_back) STORED NOT NULL,
    CONSTRAINT pk_transfer_line PRIMARY KEY (id),
    CONSTRAINT uq_transfer_line_transfer_id_position UNIQUE (transfer_id, position),
    CONSTRAINT uq_transfer_line_transfer_id_sku_id UNIQUE (transfer_id, sku_id),
    CONSTRAINT ck_transfer_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_transfer_line_not_negative CHECK (least(sent, arrived, damaged, lost, brought_back, called_off) >= 0),
    CONSTRAINT ck_transfer_line_in_transit_not_negative CHECK (in_transit >= 0),
    CONSTRAINT ck_transfer_line_within_quantity CHECK (sent <= quantity - called_off),
    CONSTRAINT fk_transfer_line_transfer_id FOREIGN KEY (transfer_id) REFERENCES transfer (id),
    CONSTRAINT fk_transfer_line_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id)
);

CREATE INDEX ix_transfer_line_to_come ON transfer_line (sku_id) WHERE to_come > 0;

CREATE TABLE transfer_act (
    id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    kind varchar(40) NOT NULL,
    location_id uuid NOT NULL,
    resolution varchar(40),
    reference text,
    note text,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_transfer_act PRIMARY KEY (id),
    CONSTRAINT ck_transfer_act_resolution_of_cancellation CHECK (resolution IS NULL OR kind = 'CANCELLATION'),
    CONSTRAINT fk_transfer_act_transfer_id FOREIGN KEY (transfer_id) REFERENCES transfer (id),
    CONSTRAINT ck_transfer_act_kind_known CHECK (kind IN ('SHIPMENT', 'RECEIPT', 'CANCELLATION')),
    CONSTRAINT fk_transfer_act_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT ck_transfer_act_resolution_known CHECK (resolution IN ('RETURN_TO_SOURCE', 'WRITE_OFF'))
);

CREATE INDEX ix_transfer_act_transfer_id_occurred_at_id ON transfer_act (transfer_id, occurred_at, id);

CREATE TABLE transfer_act_line (
    id uuid NOT NULL,
    act_id uuid NOT NULL,
    transfer_line_id uuid NOT NULL,
    outcome varchar(40) NOT NULL,
    quantity integer NOT NULL,
    reason varchar(40),
    note text,
    CONSTRAINT pk_transfer_act_line PRIMARY KEY (id),
    CONSTRAINT uq_transfer_act_line_act_id_transfer_line_id_outcome UNIQUE (act_id, transfer_line_id, outcome),
    CONSTRAINT ck_transfer_act_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_transfer_act_line_act_id FOREIGN KEY (act_id) REFERENCES transfer_act (id),
    CONSTRAINT fk_transfer_act_line_transfer_line_id FOREIGN KEY (transfer_line_id) REFERENCES transfer_line (id),
    CONSTRAINT ck_transfer_act_line_outcome_known
        CHECK (outcome IN ('SENT', 'ARRIVED', 'DAMAGED', 'LOST', 'BROUGHT_BACK', 'CALLED_OFF')),
    CONSTRAINT ck_transfer_act_line_reason_known
        CHECK (reason IN ('DAMAGED_IN_TRANSIT', 'LOST_IN_TRANSIT', 'STOLEN', 'SHORT_SHIPPED', 'WRONG_ITEM', 'OTHER'))
);

CREATE INDEX ix_transfer_act_line_transfer_line_id ON transfer_act_line (transfer_line_id);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
