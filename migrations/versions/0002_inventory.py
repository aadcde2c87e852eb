"""Stock levels and the ledger that explains them."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE inventory_level (
    id uuid NOT NULL,
    sku_id uuid NOT NULL,
    location_id uuid NOT NULL,
    free integer DEFAULT 0 NOT NULL,
    committed integer DEFAULT 0 NOT NULL,
    reserved integer DEFAULT 0 NOT NULL,
    quality_control integer DEFAULT 0 NOT NULL,
    damaged integer DEFAULT 0 NOT NULL,
    safety_stock_target integer DEFAULT 0 NOT NULL,
    on_hand bigint GENERATED ALWAYS AS (free::bigint + committed + reserved + quality_control + damaged) STORED NOT
        NULL,
    safety_stock integer GENERATED ALWAYS AS (least(free, safety_stock_target)) STORED NOT NULL,
    available integer GENERATED ALWAYS AS (greatest(free - safety_stock_target, 0)) STORED NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    CONSTRAINT pk_inventory_level PRIMARY KEY (id),
    CONSTRAINT uq_inventory_level_sku_id_location_id UNIQUE (sku_id, location_id),
    CONSTRAINT ck_inventory_level_free_not_negative CHECK (free >= 0),
    CONSTRAINT ck_inventory_level_committed_not_negative CHECK (committed >= 0),
    CONSTRAINT ck_inventory_level_reserved_not_negative CHECK (reserved >= 0),
    CONSTRAINT ck_inventory_level_quality_control_not_negative CHECK (quality_control >= 0),
    CONSTRAINT ck_inventory_level_damaged_not_negative CHECK (damaged >= 0),
    CONSTRAINT ck_inventory_level_safety_stock_target_not_negative CHECK (safety_stock_target >= 0),
    CONSTRAINT fk_inventory_level_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id),
    CONSTRAINT fk_inventory_level_location_id FOREIGN KEY (location_id) REFERENCES location (id)
) WITH (fillfactor = 70);

CREATE INDEX ix_inventory_level_location_id ON inventory_level (location_id);

CREATE TABLE stock_movement (
    id bigint GENERATED ALWAYS AS IDENTITY,
    level_id uuid,
    sequence bigint,
    sku_id uuid NOT NULL,
    kind varchar(40) NOT NULL,
    quantity integer NOT NULL,
    source varchar(40) NOT NULL,
    target varchar(40) NOT NULL,
    lot text,
    cause_kind varchar(40) NOT NULL,
    cause_id uuid NOT NULL,
    reason text,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_stock_movement PRIMARY KEY (id),
    CONSTRAINT uq_stock_movement_level_id_sequence UNIQUE (level_id, sequence),
    CONSTRAINT uq_stock_movement_cause_id_level_id_kind_cause_kind_lot_fdb5 UNIQUE NULLS NOT DISTINCT (cause_id,
        level_id, kind, cause_kind, lot, source, target),
    CONSTRAINT ck_stock_movement_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_stock_movement_moves CHECK (source <> target),
    CONSTRAINT ck_stock_movement_touches_level
        CHECK (NOT (source IN ('supplier', 'customer', 'in_transit', 'adjustment') AND target IN ('supplier',
            'customer', 'in_transit', 'adjustment')) OR level_id IS NULL),
    CONSTRAINT ck_stock_movement_numbered_within_level CHECK ((level_id IS NULL) = (sequence IS NULL)),
    CONSTRAINT fk_stock_movement_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id),
    CONSTRAINT ck_stock_movement_kind_known
        CHECK (kind IN ('ALLOCATE', 'RELEASE', 'SHIP', 'RECEIVE', 'SEND_BACK', 'RESERVE', 'UNRESERVE', 'CLAIM', 'SEND',
            'ARRIVE', 'LOSE', 'MOVE', 'TAKE_BACK', 'SCRAP', 'FOUND', 'NOT_FOUND')),
    CONSTRAINT ck_stock_movement_source_known
        CHECK (source IN ('free', 'committed', 'reserved', 'quality_control', 'damaged', 'supplier', 'customer',
            'in_transit', 'adjustment')),
    CONSTRAINT ck_stock_movement_target_known
        CHECK (target IN ('free', 'committed', 'reserved', 'quality_control', 'damaged', 'supplier', 'customer',
            'in_transit', 'adjustment')),
    CONSTRAINT ck_stock_movement_cause_kind_known
        CHECK (cause_kind IN ('line', 'cancelline', 'shipline', 'retrecline', 'porecline', 'resline', 'transline',
            'countline', 'moveline', 'lostline', 'sourceline', 'adjline'))
);

CREATE TABLE inventory_adjustment (
    id uuid NOT NULL,
    reason varchar(40) NOT NULL,
    reference text,
    note text,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_inventory_adjustment PRIMARY KEY (id),
    CONSTRAINT ck_inventory_adjustment_reason_known
        CHECK (reason IN ('OPENING_STOCK', 'RECEIVED', 'FOUND', 'COUNT_CORRECTION', 'DAMAGED', 'LOST', 'WRITE_OFF',
            'SAMPLE', 'OTHER'))
);

CREATE TABLE inventory_adjustment_line (
    id uuid NOT NULL,
    adjustment_id uuid NOT NULL,
    position integer NOT NULL,
    level_id uuid NOT NULL,
    delta integer NOT NULL,
    CONSTRAINT pk_inventory_adjustment_line PRIMARY KEY (id),
    CONSTRAINT ck_inventory_adjustment_line_delta_not_zero CHECK (delta <> 0),
    CONSTRAINT fk_inventory_adjustment_line_adjustment_id FOREIGN KEY (adjustment_id) REFERENCES inventory_adjustment
        (id),
    CONSTRAINT fk_inventory_adjustment_line_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id)
);

CREATE UNIQUE INDEX ix_inventory_adjustment_line_adjustment_id_position ON inventory_adjustment_line (adjustment_id,
    position);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
