"""Lots and their expiry, and a way from components to their bundles."""

from alembic import op

revision = "0018"
down_revision = "0017"

TABLES = """
CREATE TABLE lot (
    id uuid NOT NULL,
    sku_id uuid NOT NULL,
    code text NOT NULL,
    expires_on date,
    attributes jsonb DEFAULT '{}' NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_lot PRIMARY KEY (id),
    CONSTRAINT uq_lot_sku_id_code UNIQUE (sku_id, code),
    CONSTRAINT ck_lot_code_without_outer_blanks CHECK (code = btrim(code) AND code <> ''),
    CONSTRAINT fk_lot_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id)
);

CREATE TABLE lot_level (
    id uuid NOT NULL,
    level_id uuid NOT NULL,
    lot_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    location_id uuid NOT NULL,
    expires_on date,
    on_hand integer NOT NULL,
    fefo_date date GENERATED ALWAYS AS (coalesce(expires_on, '9999-12-31'::date)) STORED NOT NULL,
    in_stock boolean GENERATED ALWAYS AS (on_hand > 0) STORED NOT NULL,
    CONSTRAINT pk_lot_level PRIMARY KEY (id),
    CONSTRAINT uq_lot_level_level_id_lot_id UNIQUE (level_id, lot_id),
    CONSTRAINT ck_lot_level_on_hand_not_negative CHECK (on_hand >= 0),
    CONSTRAINT fk_lot_level_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id),
    CONSTRAINT fk_lot_level_lot_id FOREIGN KEY (lot_id) REFERENCES lot (id)
) WITH (fillfactor = 70);

CREATE INDEX ix_lot_level_fefo_date_id ON lot_level (fefo_date, id) WHERE in_stock;
CREATE INDEX ix_lot_level_level_id_fefo_date_id ON lot_level (level_id, fefo_date, id) WHERE in_stock;
CREATE INDEX ix_lot_level_location_id_fefo_date_id ON lot_level (location_id, fefo_date, id) WHERE in_stock;
CREATE INDEX ix_lot_level_lot_id ON lot_level (lot_id);
CREATE INDEX ix_lot_level_sku_id_fefo_date_id ON lot_level (sku_id, fefo_date, id) WHERE in_stock;
"""

STOCK = """
ALTER TABLE inventory_level
    ADD COLUMN in_lots integer DEFAULT 0 NOT NULL,
    ADD CONSTRAINT ck_inventory_level_in_lots_on_hand CHECK (in_lots BETWEEN 0 AND on_hand);

CREATE INDEX ix_stock_movement_sku_id_lot_id ON stock_movement (sku_id, lot, id) WHERE lot IS NOT NULL;
"""

DOCUMENTS = """
ALTER TABLE inventory_adjustment_line ADD COLUMN lot text;
ALTER TABLE purchase_receipt_line ADD COLUMN lot text;
ALTER TABLE return_receipt_line ADD COLUMN lot text;
ALTER TABLE transfer_act_line
    ADD COLUMN lot text,
    DROP CONSTRAINT uq_transfer_act_line_act_id_transfer_line_id_outcome,
    ADD CONSTRAINT uq_transfer_act_line_act_id_transfer_line_id_outcome_lot
        UNIQUE NULLS NOT DISTINCT (act_id, transfer_line_id, outcome, lot);
"""

BUNDLES = "CREATE INDEX ix_sku_component_component_id ON sku_component (component_id)"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(STOCK)
    op.execute(DOCUMENTS)
    op.execute(BUNDLES)
