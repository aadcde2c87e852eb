"""Plans of what to stock, and alerts."""

from alembic import op

revision = "0019"
down_revision = "0018"

TABLES = """
CREATE TABLE stock_plan (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    service_level numeric(5, 4) NOT NULL,
    review_days integer NOT NULL,
    levels integer DEFAULT 0 NOT NULL,
    wape numeric(12, 4),
    bias numeric(12, 4),
    naive_wape numeric(12, 4),
    job_id uuid NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT pk_stock_plan PRIMARY KEY (id),
    CONSTRAINT ck_stock_plan_service_level_known CHECK (service_level > 0.5 AND service_level < 1),
    CONSTRAINT ck_stock_plan_review_days_positive CHECK (review_days > 0)
);

CREATE INDEX ix_stock_plan_at_id ON stock_plan (at, id);

CREATE TABLE stock_plan_line (
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    level_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    location_id uuid NOT NULL,
    supplier_id uuid,
    method varchar(40) NOT NULL,
    weekly numeric(16, 4) NOT NULL,
    deviation numeric(16, 4) NOT NULL,
    wape numeric(12, 4),
    bias numeric(12, 4),
    naive_wape numeric(12, 4),
    demanded bigint NOT NULL,
    abc varchar(40) NOT NULL,
    xyz varchar(40) NOT NULL,
    on_hand bigint NOT NULL,
    available integer NOT NULL,
    incoming bigint NOT NULL,
    backordered bigint NOT NULL,
    lead_days numeric(8, 2) NOT NULL,
    safety_stock bigint NOT NULL,
    reorder_point bigint NOT NULL,
    order_up_to bigint NOT NULL,
    suggested bigint NOT NULL,
    urgency integer NOT NULL,
    alerts text[] NOT NULL,
    ages integer[] NOT NULL,
    last_demand_at timestamptz,
    idle_since timestamptz,
    CONSTRAINT pk_stock_plan_line PRIMARY KEY (id),
    CONSTRAINT fk_stock_plan_line_plan_id FOREIGN KEY (plan_id) REFERENCES stock_plan (id),
    CONSTRAINT ck_stock_plan_line_method_known
        CHECK (method IN ('SEASONAL_NAIVE', 'EXPONENTIAL_SMOOTHING', 'CROSTON', 'NAIVE')),
    CONSTRAINT ck_stock_plan_line_abc_known CHECK (abc IN ('A', 'B', 'C')),
    CONSTRAINT ck_stock_plan_line_xyz_known CHECK (xyz IN ('X', 'Y', 'Z'))
);

CREATE INDEX ix_stock_plan_line_level_id ON stock_plan_line (level_id);
CREATE UNIQUE INDEX ix_stock_plan_line_plan_id_level_id ON stock_plan_line (plan_id, level_id);
CREATE INDEX ix_stock_plan_line_plan_id_urgency_id ON stock_plan_line (plan_id, urgency, id);
CREATE INDEX ix_stock_plan_line_suggested ON stock_plan_line (plan_id, urgency, id) WHERE suggested > 0;

CREATE TABLE stock_band (
    abc varchar(40) NOT NULL,
    most_days integer NOT NULL,
    dead_after_days integer NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_stock_band PRIMARY KEY (abc),
    CONSTRAINT ck_stock_band_days_positive CHECK (most_days > 0 AND dead_after_days > 0),
    CONSTRAINT ck_stock_band_abc_known CHECK (abc IN ('A', 'B', 'C'))
);

CREATE TABLE inventory_alert (
    id uuid NOT NULL,
    level_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    location_id uuid NOT NULL,
    kind varchar(40) NOT NULL,
    available integer NOT NULL,
    weekly numeric(16, 4) NOT NULL,
    raised_at timestamptz NOT NULL,
    resolved_at timestamptz,
    CONSTRAINT pk_inventory_alert PRIMARY KEY (id),
    CONSTRAINT ck_inventory_alert_kind_known CHECK (kind IN ('STOCKOUT', 'LOW_STOCK', 'OVERSTOCK', 'DEAD_STOCK'))
);

CREATE INDEX ix_inventory_alert_open ON inventory_alert (raised_at, id) WHERE resolved_at IS NULL;
CREATE INDEX ix_inventory_alert_raised_at_id ON inventory_alert (raised_at, id);
CREATE UNIQUE INDEX uq_inventory_alert_open ON inventory_alert (level_id, kind) WHERE resolved_at IS NULL;

INSERT INTO stock_band (abc, most_days, dead_after_days, updated_at)
VALUES ('A', 45, 180, now()), ('B', 90, 180, now()), ('C', 180, 365, now());
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
