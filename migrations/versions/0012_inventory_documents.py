"""Documents of stock: moves, counts set, feeds, promises taken back."""

from alembic import op

revision = "0012"
down_revision = "0011"

TABLES = """
CREATE TABLE inventory_reason (
    id uuid NOT NULL,
    code text NOT NULL,
    title text NOT NULL,
    direction varchar(40) NOT NULL,
    active boolean DEFAULT true NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_inventory_reason PRIMARY KEY (id),
    CONSTRAINT ck_inventory_reason_code_without_outer_blanks CHECK (code = btrim(code) AND code <> ''),
    CONSTRAINT uq_inventory_reason_code UNIQUE (code),
    CONSTRAINT ck_inventory_reason_direction_known CHECK (direction IN ('MORE', 'FEWER', 'EITHER'))
);

CREATE TABLE inventory_sync (
    id uuid NOT NULL,
    source text NOT NULL,
    as_of timestamptz NOT NULL,
    adjustment_id uuid,
    applied integer NOT NULL,
    unchanged integer NOT NULL,
    failed integer NOT NULL,
    failures jsonb DEFAULT '[]' NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_inventory_sync PRIMARY KEY (id),
    CONSTRAINT fk_inventory_sync_adjustment_id FOREIGN KEY (adjustment_id) REFERENCES inventory_adjustment (id)
);

CREATE TABLE inventory_feed (
    level_id uuid NOT NULL,
    source text NOT NULL,
    as_of timestamptz NOT NULL,
    CONSTRAINT pk_inventory_feed PRIMARY KEY (level_id, source),
    CONSTRAINT fk_inventory_feed_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id)
) WITH (fillfactor = 70);

CREATE TABLE inventory_move (
    id uuid NOT NULL,
    reason text NOT NULL,
    reference text,
    note text,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_inventory_move PRIMARY KEY (id),
    CONSTRAINT fk_inventory_move_reason FOREIGN KEY (reason) REFERENCES inventory_reason (code)
);

CREATE TABLE inventory_move_line (
    id uuid NOT NULL,
    move_id uuid NOT NULL,
    position integer NOT NULL,
    level_id uuid NOT NULL,
    quantity integer NOT NULL,
    source varchar(40) NOT NULL,
    target varchar(40) NOT NULL,
    CONSTRAINT pk_inventory_move_line PRIMARY KEY (id),
    CONSTRAINT ck_inventory_move_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_inventory_move_line_moves CHECK (source <> target),
    CONSTRAINT fk_inventory_move_line_move_id FOREIGN KEY (move_id) REFERENCES inventory_move (id),
    CONSTRAINT fk_inventory_move_line_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id),
    CONSTRAINT ck_inventory_move_line_source_known
        CHECK (source IN ('free', 'committed', 'reserved', 'quality_control', 'damaged')),
    CONSTRAINT ck_inventory_move_line_target_known
        CHECK (target IN ('free', 'committed', 'reserved', 'quality_control', 'damaged'))
);

CREATE UNIQUE INDEX ix_inventory_move_line_move_id_position ON inventory_move_line (move_id, position);

CREATE TABLE inventory_unpromise (
    id uuid NOT NULL,
    document_kind text NOT NULL,
    document_id uuid NOT NULL,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_inventory_unpromise PRIMARY KEY (id)
);

CREATE INDEX ix_inventory_unpromise_document_id ON inventory_unpromise (document_id);

CREATE TABLE inventory_unpromise_line (
    id uuid NOT NULL,
    unpromise_id uuid NOT NULL,
    position integer NOT NULL,
    level_id uuid NOT NULL,
    quantity integer NOT NULL,
    order_id uuid,
    line_id uuid,
    allocation_id uuid,
    reservation_line_id uuid,
    CONSTRAINT pk_inventory_unpromise_line PRIMARY KEY (id),
    CONSTRAINT ck_inventory_unpromise_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_inventory_unpromise_line_one_promise CHECK ((allocation_id IS NULL) <> (reservation_line_id IS NULL)),
    CONSTRAINT ck_inventory_unpromise_line_of_an_order
        CHECK ((allocation_id IS NULL) = (line_id IS NULL) AND (line_id IS NULL) = (order_id IS NULL)),
    CONSTRAINT fk_inventory_unpromise_line_unpromise_id FOREIGN KEY (unpromise_id) REFERENCES inventory_unpromise (id),
    CONSTRAINT fk_inventory_unpromise_line_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id),
    CONSTRAINT fk_inventory_unpromise_line_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_inventory_unpromise_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id),
    CONSTRAINT fk_inventory_unpromise_line_allocation_id FOREIGN KEY (allocation_id) REFERENCES allocation (id)
);

CREATE INDEX ix_inventory_unpromise_line_line_id ON inventory_unpromise_line (line_id);
CREATE UNIQUE INDEX ix_inventory_unpromise_line_unpromise_id_position ON inventory_unpromise_line (unpromise_id, position);

CREATE TABLE safety_stock_setting (
    id uuid NOT NULL,
    act_id uuid NOT NULL,
    position integer NOT NULL,
    level_id uuid NOT NULL,
    was integer NOT NULL,
    target integer NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_safety_stock_setting PRIMARY KEY (id),
    CONSTRAINT ck_safety_stock_setting_not_negative CHECK (least(was, target) >= 0),
    CONSTRAINT fk_safety_stock_setting_level_id FOREIGN KEY (level_id) REFERENCES inventory_level (id)
);

CREATE UNIQUE INDEX ix_safety_stock_setting_act_id_position ON safety_stock_setting (act_id, position);
CREATE INDEX ix_safety_stock_setting_level_id_recorded_at ON safety_stock_setting (level_id, recorded_at);

CREATE TABLE channel_availability (
    channel_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    available bigint NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT pk_channel_availability PRIMARY KEY (channel_id, sku_id),
    CONSTRAINT fk_channel_availability_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
    CONSTRAINT fk_channel_availability_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id)
) WITH (fillfactor = 70);

CREATE INDEX ix_channel_availability_sku_id ON channel_availability (sku_id);

CREATE TABLE order_sourcing (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_order_sourcing PRIMARY KEY (id),
    CONSTRAINT fk_order_sourcing_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE INDEX ix_order_sourcing_order_id ON order_sourcing (order_id);

CREATE TABLE order_sourcing_line (
    id uuid NOT NULL,
    sourcing_id uuid NOT NULL,
    line_id uuid NOT NULL,
    allocation_id uuid NOT NULL,
    quantity integer NOT NULL,
    CONSTRAINT pk_order_sourcing_line PRIMARY KEY (id),
    CONSTRAINT ck_order_sourcing_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_order_sourcing_line_sourcing_id FOREIGN KEY (sourcing_id) REFERENCES order_sourcing (id),
    CONSTRAINT fk_order_sourcing_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id),
    CONSTRAINT uq_order_sourcing_line_allocation_id UNIQUE (allocation_id),
    CONSTRAINT fk_order_sourcing_line_allocation_id FOREIGN KEY (allocation_id) REFERENCES allocation (id)
);

CREATE INDEX ix_order_sourcing_line_sourcing_id ON order_sourcing_line (sourcing_id);
"""

REASONS = """
INSERT INTO inventory_reason (id, code, title, direction, updated_at)
SELECT gen_random_uuid(), reason.*, now() FROM (VALUES
    ('OPENING_STOCK', 'What was there when the records began', 'MORE'),
    ('RECEIVED', 'Goods came in without a purchase order', 'MORE'),
    ('FOUND', 'Units turned up', 'MORE'),
    ('COUNT_CORRECTION', 'A count gave another number', 'EITHER'),
    ('DAMAGED', 'Units broke and are gone', 'FEWER'),
    ('LOST', 'Units cannot be found, or were stolen', 'FEWER'),
    ('WRITE_OFF', 'Units are not worth keeping', 'FEWER'),
    ('SAMPLE', 'Units were given away, photographed or tested', 'FEWER'),
    ('OTHER', 'Something else', 'EITHER')
) AS reason (code, title, direction);
"""

ADJUSTMENTS = """
ALTER TABLE inventory_adjustment
    DROP CONSTRAINT ck_inventory_adjustment_reason_known,
    ALTER COLUMN reason TYPE text,
    ADD CONSTRAINT fk_inventory_adjustment_reason FOREIGN KEY (reason) REFERENCES inventory_reason (code),
    ADD COLUMN kind varchar(40) DEFAULT 'ADJUST' NOT NULL,
    ADD CONSTRAINT ck_inventory_adjustment_kind_known CHECK (kind IN ('ADJUST', 'SET', 'SYNC'));

ALTER TABLE inventory_adjustment_line
    DROP CONSTRAINT ck_inventory_adjustment_line_delta_not_zero,
    ADD COLUMN counted integer,
    ADD COLUMN was bigint,
    ADD CONSTRAINT ck_inventory_adjustment_line_delta_not_zero CHECK (delta <> 0 OR counted IS NOT NULL),
    ADD CONSTRAINT ck_inventory_adjustment_line_counted_less_was CHECK (counted IS NULL OR counted - was = delta);
"""

POLICIES = """
ALTER TABLE orders ADD COLUMN priority integer DEFAULT 0 NOT NULL;

ALTER TABLE channel
    ADD COLUMN buffer integer DEFAULT 0 NOT NULL,
    ADD CONSTRAINT ck_channel_buffer_not_negative CHECK (buffer >= 0);

CREATE INDEX ix_stock_movement_recorded_at ON stock_movement USING brin (recorded_at)
    WITH (pages_per_range = 32, autosummarize = on);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(REASONS)
    op.execute(ADJUSTMENTS)
    op.execute(POLICIES)
