"""Counting what is there."""

from alembic import op

revision = "0016"
down_revision = "0015"

TABLES = """
CREATE SEQUENCE stock_count_number START WITH 1001;

CREATE TABLE stock_count (
    id uuid NOT NULL,
    number bigint NOT NULL,
    location_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    whole boolean NOT NULL,
    blind boolean NOT NULL,
    reference text,
    note text,
    version integer DEFAULT 1 NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_stock_count PRIMARY KEY (id),
    CONSTRAINT ck_stock_count_closed_at_its_end CHECK ((closed_at IS NOT NULL) = (status IN ('POSTED', 'CANCELED'))),
    CONSTRAINT uq_stock_count_number UNIQUE (number),
    CONSTRAINT fk_stock_count_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT ck_stock_count_status_known CHECK (status IN ('OPEN', 'COUNTING', 'REVIEW', 'POSTED', 'CANCELED'))
);

CREATE INDEX ix_stock_count_created_at_id ON stock_count (created_at, id);
CREATE INDEX ix_stock_count_location_id_created_at_id ON stock_count (location_id, created_at, id);
CREATE INDEX ix_stock_count_status_created_at_id ON stock_count (status, created_at, id);

CREATE TABLE stock_count_line (
    id uuid NOT NULL,
    count_id uuid NOT NULL,
    position integer NOT NULL,
    sku_id uuid NOT NULL,
    counted integer,
    counted_at timestamptz,
    counted_by text,
    expected bigint,
    variance integer,
    outcome varchar(40),
    CONSTRAINT pk_stock_count_line PRIMARY KEY (id),
    CONSTRAINT uq_stock_count_line_count_id_position UNIQUE (count_id, position),
    CONSTRAINT uq_stock_count_line_count_id_sku_id UNIQUE (count_id, sku_id),
    CONSTRAINT ck_stock_count_line_counted_not_negative CHECK (counted >= 0),
    CONSTRAINT ck_stock_count_line_counted_once
        CHECK ((counted IS NULL) = (counted_at IS NULL) AND (counted IS NULL) = (counted_by IS NULL)),
    CONSTRAINT ck_stock_count_line_variance_from_expected CHECK (variance = counted - expected),
    CONSTRAINT ck_stock_count_line_outcome_of_variance
        CHECK (CASE outcome WHEN 'FOUND' THEN variance > 0 WHEN 'NOT_FOUND' THEN variance < 0 WHEN 'MATCHED' THEN variance =
            0 WHEN 'NOT_COUNTED' THEN counted IS NULL ELSE true END),
    CONSTRAINT fk_stock_count_line_count_id FOREIGN KEY (count_id) REFERENCES stock_count (id),
    CONSTRAINT fk_stock_count_line_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id),
    CONSTRAINT ck_stock_count_line_outcome_known
        CHECK (outcome IN ('MATCHED', 'FOUND', 'NOT_FOUND', 'SUPERSEDED', 'NOT_COUNTED'))
);

CREATE INDEX ix_stock_count_line_counted ON stock_count_line (sku_id, counted_at) WHERE counted_at IS NOT NULL;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
