"""The staff writes notes on orders."""

from alembic import op

revision = "0059"
down_revision = "0058"

NOTES = """
CREATE TABLE IF NOT EXISTS order_note (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    text text NOT NULL,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_order_note PRIMARY KEY (id),
    CONSTRAINT fk_order_note_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
)
"""
BY_ORDER = """
CREATE INDEX IF NOT EXISTS ix_order_note_order_id_occurred_at_id ON order_note (order_id, occurred_at, id)
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(NOTES)
    op.execute(BY_ORDER)
