"""Changes of orders after they were placed are records: who, why, before and after."""

from alembic import op

revision = "0058"
down_revision = "0057"

CHANGES = """
CREATE TABLE IF NOT EXISTS order_change (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    kind varchar(40) NOT NULL,
    status varchar(40) NOT NULL,
    reason text,
    note text,
    actor text NOT NULL,
    wanted jsonb,
    differences jsonb DEFAULT '[]' NOT NULL,
    personal_differences jsonb DEFAULT '[]' NOT NULL,
    order_version integer NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    decision_note text,
    CONSTRAINT pk_order_change PRIMARY KEY (id),
    CONSTRAINT fk_order_change_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT ck_order_change_kind_known CHECK (kind IN ('UPDATE', 'EDIT')),
    CONSTRAINT ck_order_change_status_known CHECK (status IN ('REQUESTED', 'APPLIED', 'DECLINED'))
)
"""
LINES = """
CREATE TABLE IF NOT EXISTS order_change_line (
    id uuid NOT NULL,
    change_id uuid NOT NULL,
    line_id uuid NOT NULL,
    units integer NOT NULL,
    goods_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    gone_goods_minor bigint DEFAULT 0 NOT NULL,
    gone_discount_minor bigint DEFAULT 0 NOT NULL,
    gone_shipping_minor bigint DEFAULT 0 NOT NULL,
    gone_tax_minor bigint DEFAULT 0 NOT NULL,
    CONSTRAINT pk_order_change_line PRIMARY KEY (id),
    CONSTRAINT fk_order_change_line_change_id FOREIGN KEY (change_id) REFERENCES order_change (id),
    CONSTRAINT fk_order_change_line_line_id FOREIGN KEY (line_id) REFERENCES order_line (id),
    CONSTRAINT ck_order_change_line_units_not_negative CHECK (units >= 0)
)
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_order_change_order_id_id ON order_change (order_id, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_change_recorded_at_id ON order_change (recorded_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_change_status_recorded_at_id ON order_change (status, recorded_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_change_line_change_id ON order_change_line (change_id)",
    "CREATE INDEX IF NOT EXISTS ix_order_change_line_line_id ON order_change_line (line_id)",
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in (CHANGES, LINES, *INDEXES):
        op.execute(statement)
