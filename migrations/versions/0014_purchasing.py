"""Suppliers and purchase orders."""

from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = """
CREATE SEQUENCE purchase_order_number START WITH 1001;

CREATE TABLE supplier (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    status varchar(40) NOT NULL,
    currency text NOT NULL,
    address jsonb,
    contact jsonb,
    lead_time_mean_days numeric(8, 2),
    lead_time_deviation_days numeric(8, 2),
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_supplier PRIMARY KEY (id),
    CONSTRAINT ck_supplier_code_without_outer_blanks CHECK (code = btrim(code) AND code <> ''),
    CONSTRAINT ck_supplier_lead_times_not_negative CHECK (least(lead_time_mean_days, lead_time_deviation_days) >= 0),
    CONSTRAINT uq_supplier_code UNIQUE (code),
    CONSTRAINT ck_supplier_status_known CHECK (status IN ('ACTIVE', 'INACTIVE'))
);

CREATE TABLE supplier_sku (
    id uuid NOT NULL,
    supplier_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    code text,
    cost numeric(20, 6),
    currency text,
    minimum_quantity integer DEFAULT 1 NOT NULL,
    pack_size integer DEFAULT 1 NOT NULL,
    lead_time_mean_days numeric(8, 2),
    lead_time_deviation_days numeric(8, 2),
    over_receipt_percent numeric(5, 2) DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_supplier_sku PRIMARY KEY (id),
    CONSTRAINT uq_supplier_sku_supplier_id_sku_id UNIQUE (supplier_id, sku_id),
    CONSTRAINT ck_supplier_sku_cost_not_negative CHECK (cost >= 0),
    CONSTRAINT ck_supplier_sku_cost_has_currency CHECK ((cost IS NULL) = (currency IS NULL)),
    CONSTRAINT ck_supplier_sku_quantities_positive CHECK (least(minimum_quantity, pack_size) > 0),
    CONSTRAINT ck_supplier_sku_lead_times_not_negative CHECK (least(lead_time_mean_days, lead_time_deviation_days) >= 0),
    CONSTRAINT ck_supplier_sku_over_receipt_percent_known CHECK (over_receipt_percent BETWEEN 0 AND 100),
    CONSTRAINT fk_supplier_sku_supplier_id FOREIGN KEY (supplier_id) REFERENCES supplier (id),
    CONSTRAINT fk_supplier_sku_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id),
    CONSTRAINT ck_supplier_sku_status_known CHECK (status IN ('ACTIVE', 'INACTIVE'))
);

CREATE INDEX ix_supplier_sku_sku_id ON supplier_sku (sku_id);

CREATE TABLE purchase_order (
    id uuid NOT NULL,
    number bigint NOT NULL,
    supplier_id uuid NOT NULL,
    location_id uuid NOT NULL,
    external_ref text,
    supplier_ref text,
    status varchar(40) NOT NULL,
    currency text NOT NULL,
    total_minor bigint NOT NULL,
    note text,
    close_note text,
    version integer DEFAULT 1 NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    ordered_at timestamptz,
    confirmed_at timestamptz,
    received_at timestamptz,
    closed_at timestamptz,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_purchase_order PRIMARY KEY (id),
    CONSTRAINT uq_purchase_order_supplier_id_external_ref UNIQUE (supplier_id, external_ref),
    CONSTRAINT ck_purchase_order_total_not_negative CHECK (total_minor >= 0),
    CONSTRAINT uq_purchase_order_number UNIQUE (number),
    CONSTRAINT fk_purchase_order_supplier_id FOREIGN KEY (supplier_id) REFERENCES supplier (id),
    CONSTRAINT fk_purchase_order_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT ck_purchase_order_status_known
        CHECK (status IN ('DRAFT', 'ORDERED', 'CONFIRMED', 'PARTIALLY_RECEIVED', 'RECEIVED', 'CLOSED', 'CANCELED'))
);

CREATE INDEX ix_purchase_order_created_at_id ON purchase_order (created_at, id);
CREATE INDEX ix_purchase_order_location_id_created_at_id ON purchase_order (location_id, created_at, id);
CREATE INDEX ix_purchase_order_status_created_at_id ON purchase_order (status, created_at, id);
CREATE INDEX ix_purchase_order_supplier_id_created_at_id ON purchase_order (supplier_id, created_at, id);

CREATE TABLE purchase_order_line (
    id uuid NOT NULL,
    purchase_order_id uuid NOT NULL,
    position integer NOT NULL,
    sku_id uuid NOT NULL,
    supplier_code text,
    quantity integer NOT NULL,
    confirmed integer,
    accepted integer DEFAULT 0 NOT NULL,
    rejected integer DEFAULT 0 NOT NULL,
    called_off integer DEFAULT 0 NOT NULL,
    open bigint GENERATED ALWAYS AS (greatest(coalesce(confirmed, quantity)::bigint - accepted - rejected - called_off, 0))
            STORED NOT NULL,
    unit_cost numeric(20, 6) NOT NULL,
    total_minor bigint NOT NULL,
    over_receipt_percent numeric(5, 2) NOT NULL,
    expected_at timestamptz,
    CONSTRAINT pk_purchase_order_line PRIMARY KEY (id),
    CONSTRAINT uq_purchase_order_line_purchase_order_id_position UNIQUE (purchase_order_id, position),
    CONSTRAINT ck_purchase_order_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_purchase_order_line_confirmed_within_quantity CHECK (confirmed BETWEEN 0 AND quantity),
    CONSTRAINT ck_purchase_order_line_units_not_negative CHECK (least(accepted, rejected, called_off) >= 0),
    CONSTRAINT ck_purchase_order_line_accepted_within_tolerance
        CHECK (accepted <= quantity + floor(quantity * over_receipt_percent / 100)),
    CONSTRAINT ck_purchase_order_line_cost_not_negative CHECK (least(unit_cost, total_minor) >= 0),
    CONSTRAINT fk_purchase_order_line_purchase_order_id FOREIGN KEY (purchase_order_id) REFERENCES purchase_order (id),
    CONSTRAINT fk_purchase_order_line_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id)
);

CREATE INDEX ix_purchase_order_line_open ON purchase_order_line (sku_id) WHERE open > 0;
CREATE INDEX ix_purchase_order_line_sku_id ON purchase_order_line (sku_id);

CREATE TABLE purchase_receipt (
    id uuid NOT NULL,
    purchase_order_id uuid NOT NULL,
    location_id uuid NOT NULL,
    reference text,
    note text,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_purchase_receipt PRIMARY KEY (id),
    CONSTRAINT fk_purchase_receipt_purchase_order_id FOREIGN KEY (purchase_order_id) REFERENCES purchase_order (id),
    CONSTRAINT fk_purchase_receipt_location_id FOREIGN KEY (location_id) REFERENCES location (id)
);

CREATE INDEX ix_purchase_receipt_purchase_order_id_occurred_at_id ON purchase_receipt (purchase_order_id, occurred_at, id);

CREATE TABLE purchase_receipt_line (
    id uuid NOT NULL,
    receipt_id uuid NOT NULL,
    purchase_order_line_id uuid NOT NULL,
    level_id uuid,
    bucket varchar(40) NOT NULL,
    accepted integer NOT NULL,
    rejected integer NOT NULL,
    reject_reason varchar(40),
    note text,
    CONSTRAINT pk_purchase_receipt_line PRIMARY KEY (id),
    CONSTRAINT ck_purchase_receipt_line_units_delivered
        CHECK (least(accepted, rejected) >= 0 AND accepted::bigint + rejected > 0),
    CONSTRAINT ck_purchase_receipt_line_rejected_for_a_reason CHECK ((rejected > 0) = (reject_reason IS NOT NULL)),
    CONSTRAINT ck_purchase_receipt_line_accepted_at_a_level CHECK ((accepted > 0) = (level_id IS NOT NULL)),
    CONSTRAINT fk_purchase_receipt_line_receipt_id FOREIGN KEY (receipt_id) REFERENCES purchase_receipt (id),
    CONSTRAINT fk_purchase_receipt_line_purchase_order_line_id FOREIGN KEY (purchase_order_line_id) REFERENCES
            purchase_order_line (id),
    CONSTRAINT fk_purchase_receipt_line_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id),
    CONSTRAINT ck_purchase_receipt_line_bucket_known CHECK (bucket IN ('free', 'quality_control')),
    CONSTRAINT ck_purchase_receipt_line_reject_reason_known
        CHECK (reject_reason IN ('DAMAGED', 'DEFECTIVE', 'WRONG_ITEM', 'EXPIRED', 'TOO_MANY', 'OTHER'))
);

CREATE INDEX ix_purchase_receipt_line_purchase_order_line_id ON purchase_receipt_line (purchase_order_line_id);
CREATE INDEX ix_purchase_receipt_line_receipt_id ON purchase_receipt_line (receipt_id);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
