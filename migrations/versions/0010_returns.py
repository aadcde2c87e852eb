"""Goods that come back."""

from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = """
CREATE SEQUENCE return_number START WITH 1001;

CREATE TABLE returns (
    id uuid NOT NULL,
    number bigint NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    external_ref text,
    status varchar(40) NOT NULL,
    note text,
    close_note text,
    version integer DEFAULT 1 NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    received_at timestamptz,
    closed_at timestamptz,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_returns PRIMARY KEY (id),
    CONSTRAINT uq_returns_channel_id_external_ref UNIQUE (channel_id, external_ref),
    CONSTRAINT uq_returns_number UNIQUE (number),
    CONSTRAINT fk_returns_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT ck_returns_status_known
        CHECK (status IN ('REQUESTED', 'APPROVED', 'DECLINED', 'IN_TRANSIT', 'PARTIALLY_RECEIVED', 'RECEIVED', 'CLOSED',
            'CANCELED'))
);

CREATE INDEX ix_returns_channel_id_created_at_id ON returns (channel_id, created_at, id);
CREATE INDEX ix_returns_created_at_id ON returns (created_at, id);
CREATE INDEX ix_returns_order_id_created_at_id ON returns (order_id, created_at, id);
CREATE INDEX ix_returns_status_created_at_id ON returns (status, created_at, id);

CREATE TABLE return_line (
    id uuid NOT NULL,
    return_id uuid NOT NULL,
    position integer NOT NULL,
    line_id uuid NOT NULL,
    reason varchar(40) NOT NULL,
    note text,
    quantity integer NOT NULL,
    received integer DEFAULT 0 NOT NULL,
    called_off integer DEFAULT 0 NOT NULL,
    CONSTRAINT pk_return_line PRIMARY KEY (id),
    CONSTRAINT uq_return_line_return_id_position UNIQUE (return_id, position),
    CONSTRAINT uq_return_line_return_id_line_id UNIQUE (return_id, line_id),
    CONSTRAINT ck_return_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_return_line_within_quantity
        CHECK (least(received, called_off) >= 0 AND received + called_off <= quantity),
    CONSTRAINT fk_return_line_return_id FOREIGN KEY (return_id) REFERENCES returns (id),
    CONSTRAINT fk_return_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id),
    CONSTRAINT ck_return_line_reason_known
        CHECK (reason IN ('UNWANTED', 'SIZE_OR_FIT', 'DEFECTIVE', 'DAMAGED', 'WRONG_ITEM', 'NOT_AS_DESCRIBED', 'LATE',
            'OTHER'))
);

CREATE INDEX ix_return_line_line_id ON return_line (line_id);

CREATE TABLE return_receipt (
    id uuid NOT NULL,
    return_id uuid NOT NULL,
    location_id uuid NOT NULL,
    note text,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_return_receipt PRIMARY KEY (id),
    CONSTRAINT fk_return_receipt_return_id FOREIGN KEY (return_id) REFERENCES returns (id),
    CONSTRAINT fk_return_receipt_location_id FOREIGN KEY (location_id) REFERENCES location (id)
);

CREATE INDEX ix_return_receipt_return_id ON return_receipt (return_id);

CREATE TABLE return_receipt_line (
    id uuid NOT NULL,
    receipt_id uuid NOT NULL,
    return_line_id uuid NOT NULL,
    line_id uuid NOT NULL,
    level_id uuid,
    disposition varchar(40) NOT NULL,
    quantity integer NOT NULL,
    goods_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    CONSTRAINT pk_return_receipt_line PRIMARY KEY (id),
    CONSTRAINT ck_return_receipt_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_return_receipt_line_receipt_id FOREIGN KEY (receipt_id) REFERENCES return_receipt (id),
    CONSTRAINT fk_return_receipt_line_return_line_id FOREIGN KEY (return_line_id) REFERENCES return_line (id),
    CONSTRAINT fk_return_receipt_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id),
    CONSTRAINT fk_return_receipt_line_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id),
    CONSTRAINT ck_return_receipt_line_disposition_known CHECK (disposition IN ('RESTOCK', 'SCRAP', 'INSPECT'))
);

CREATE INDEX ix_return_receipt_line_line_id ON return_receipt_line (line_id);
CREATE INDEX ix_return_receipt_line_receipt_id ON return_receipt_line (receipt_id);
CREATE INDEX ix_return_receipt_line_return_line_id ON return_receipt_line (return_line_id);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
