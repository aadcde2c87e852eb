"""Goods lie in bins, fulfillment orders are picked in batches, and it is known when they must have left."""

from alembic import op

revision = "0083"
down_revision = "0082"

BINS = """
CREATE TABLE IF NOT EXISTS bin_placement (
    sku_id uuid NOT NULL,
    location_id uuid NOT NULL,
    bin text NOT NULL,
    CONSTRAINT pk_bin_placement PRIMARY KEY (sku_id, location_id),
    CONSTRAINT fk_bin_placement_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id),
    CONSTRAINT fk_bin_placement_location_id FOREIGN KEY (location_id) REFERENCES location (id)
)
"""
BATCHES = """
CREATE TABLE IF NOT EXISTS pick_batch (
    id uuid NOT NULL,
    number bigint NOT NULL,
    location_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_pick_batch PRIMARY KEY (id),
    CONSTRAINT uq_pick_batch_number UNIQUE (number),
    CONSTRAINT ck_pick_batch_status_known CHECK (status IN ('OPEN', 'PICKED', 'CANCELED')),
    CONSTRAINT ck_pick_batch_closed_once CHECK ((status = 'OPEN') = (closed_at IS NULL)),
    CONSTRAINT fk_pick_batch_location_id FOREIGN KEY (location_id) REFERENCES location (id)
)
"""
LINES = """
CREATE TABLE IF NOT EXISTS pick_batch_line (
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    position integer NOT NULL,
    order_id uuid NOT NULL,
    fulfillment_order_id uuid NOT NULL,
    fulfillment_order_line_id uuid NOT NULL,
    line_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    slot integer NOT NULL,
    bin text,
    quantity integer NOT NULL,
    picked integer,
    short integer,
    reason text,
    confirmed_at timestamptz,
    CONSTRAINT pk_pick_batch_line PRIMARY KEY (id),
    CONSTRAINT uq_pick_batch_line_batch_id_position UNIQUE (batch_id, position),
    CONSTRAINT ck_pick_batch_line_quantity_and_slot_positive CHECK (quantity > 0 AND slot > 0),
    CONSTRAINT ck_pick_batch_line_within_quantity CHECK (least(picked, short) >= 0 AND picked + short <= quantity),
    CONSTRAINT ck_pick_batch_line_confirmed_whole CHECK (
        num_nulls(picked, short, confirmed_at) IN (0, 3) AND (short > 0) IS TRUE = (reason IS NOT NULL)
    ),
    CONSTRAINT fk_pick_batch_line_batch_id FOREIGN KEY (batch_id) REFERENCES pick_batch (id),
    CONSTRAINT fk_pick_batch_line_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_pick_batch_line_fulfillment_order_id FOREIGN KEY (fulfillment_order_id) REFERENCES fulfillment_order (id),
    CONSTRAINT fk_pick_batch_line_fulfillment_order_line_id
        FOREIGN KEY (fulfillment_order_line_id) REFERENCES fulfillment_order_line (id),
    CONSTRAINT fk_pick_batch_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id),
    CONSTRAINT fk_pick_batch_line_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id)
)
"""
COLUMNS = """
ALTER TABLE fulfillment_order
    ADD COLUMN IF NOT EXISTS pick_batch_id uuid, ADD COLUMN IF NOT EXISTS leave_by timestamptz
"""
NAME = "fk_fulfillment_order_pick_batch_id"
WAITS = "status IN ('OPEN', 'IN_PROGRESS') AND leave_by IS NOT NULL"
INDEXES = {
    "ix_pick_batch_created_at_id": "pick_batch (created_at, id)",
    "ix_pick_batch_status_created_at_id": "pick_batch (status, created_at, id)",
    "ix_pick_batch_location_id_status_created_at_id": "pick_batch (location_id, status, created_at, id)",
    "ix_pick_batch_line_fulfillment_order_id": "pick_batch_line (fulfillment_order_id)",
    "ix_fulfillment_order_leave_by": f"fulfillment_order (leave_by, id) WHERE {WAITS}",
    "ix_fulfillment_order_location_leave_by": f"fulfillment_order (location_id, leave_by, id) WHERE {WAITS}",
    "ix_fulfillment_order_without_leave_by": (
        "fulfillment_order (id) WHERE leave_by IS NULL AND status IN ('SCHEDULED', 'OPEN', 'IN_PROGRESS')"
    ),
    "ix_fulfillment_order_pick_batch_id": "fulfillment_order (pick_batch_id) WHERE pick_batch_id IS NOT NULL",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    with op.get_context().autocommit_block():  # work goes on while indexes are built
        op.execute("CREATE SEQUENCE IF NOT EXISTS pick_batch_number START 1001")
        for statement in (BINS, BATCHES, LINES, COLUMNS):
            op.execute(statement)
        op.execute(f"ALTER TABLE fulfillment_order DROP CONSTRAINT IF EXISTS {NAME}")
        key = "FOREIGN KEY (pick_batch_id) REFERENCES pick_batch (id) NOT VALID"
        op.execute(f"ALTER TABLE fulfillment_order ADD CONSTRAINT {NAME} {key}")
        op.execute(f"ALTER TABLE fulfillment_order VALIDATE CONSTRAINT {NAME}")
        for name, on in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of an attempt that was interrupted
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {on}")
        op.execute("CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON pick_batch FOR EACH ROW EXECUTE FUNCTION oms_changed()")
        op.execute("ANALYZE bin_placement, pick_batch, pick_batch_line")
