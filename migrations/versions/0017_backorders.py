"""Selling more than there is: the rules, and what lines wait for."""

from alembic import op

revision = "0017"
down_revision = "0016"

TABLES = """
CREATE TABLE oversell_rule (
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    sku_id uuid,
    policy varchar(40) NOT NULL,
    limit_units integer,
    promise_days integer,
    ships_on date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_oversell_rule PRIMARY KEY (id),
    CONSTRAINT uq_oversell_rule_channel_id_sku_id UNIQUE NULLS NOT DISTINCT (channel_id, sku_id),
    CONSTRAINT ck_oversell_rule_limit_units_positive CHECK (limit_units > 0),
    CONSTRAINT ck_oversell_rule_promise_days_not_negative CHECK (promise_days >= 0),
    CONSTRAINT ck_oversell_rule_preorders_have_a_day CHECK ((policy = 'PREORDER') = (ships_on IS NOT NULL)),
    CONSTRAINT fk_oversell_rule_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
    CONSTRAINT fk_oversell_rule_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id),
    CONSTRAINT ck_oversell_rule_policy_known CHECK (policy IN ('DENY', 'BACKORDER', 'PREORDER'))
);

CREATE INDEX ix_oversell_rule_sku_id ON oversell_rule (sku_id);

CREATE TABLE backorder (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    line_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    policy varchar(40) NOT NULL,
    quantity integer NOT NULL,
    waiting integer NOT NULL,
    allocated integer DEFAULT 0 NOT NULL,
    canceled integer DEFAULT 0 NOT NULL,
    priority integer NOT NULL,
    placed_at timestamptz NOT NULL,
    supply_kind varchar(40),
    supply_line_id uuid,
    location_id uuid,
    ships_on date,
    arrives_on date,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_backorder PRIMARY KEY (id),
    CONSTRAINT ck_backorder_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_backorder_parts_not_negative CHECK (least(waiting, allocated, canceled) >= 0),
    CONSTRAINT ck_backorder_parts_add_up CHECK (quantity = waiting + allocated + canceled),
    CONSTRAINT fk_backorder_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_backorder_line_id FOREIGN KEY (line_id) REFERENCES order_line (id),
    CONSTRAINT ck_backorder_policy_known CHECK (policy IN ('DENY', 'BACKORDER', 'PREORDER')),
    CONSTRAINT ck_backorder_supply_kind_known CHECK (supply_kind IN ('STOCK', 'PURCHASE_ORDER', 'TRANSFER', 'RULE'))
);

CREATE INDEX ix_backorder_line_id ON backorder (line_id);
CREATE INDEX ix_backorder_order_id ON backorder (order_id);
CREATE INDEX ix_backorder_placed_at_id ON backorder (placed_at, id);
CREATE INDEX ix_backorder_supply_line_id ON backorder (supply_line_id);
CREATE INDEX ix_backorder_waiting ON backorder (sku_id, priority DESC, placed_at, id) WHERE waiting > 0;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
