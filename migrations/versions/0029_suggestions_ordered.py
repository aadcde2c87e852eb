"""Which purchase order was made of a suggestion, what drafts hold, and each act of ordering suggestions."""

from alembic import op

revision = "0029"
down_revision = "0028"

ORDERED = """
ALTER TABLE stock_plan_line
    ADD COLUMN drafted bigint DEFAULT 0 NOT NULL,
    ADD COLUMN purchase_order_id uuid;

CREATE TABLE suggestion_order (
    id uuid NOT NULL,
    purchase_order_ids uuid[] NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_suggestion_order PRIMARY KEY (id)
);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(ORDERED)
