"""Orders in preparation lie in a table of their own."""

from alembic import op

revision = "0063"
down_revision = "0062"

DRAFTS = """
CREATE TABLE IF NOT EXISTS order_draft (
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    cart jsonb NOT NULL,
    note text,
    order_id uuid,
    version integer DEFAULT 1 NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_order_draft PRIMARY KEY (id),
    CONSTRAINT uq_order_draft_order_id UNIQUE (order_id),
    CONSTRAINT fk_order_draft_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
    CONSTRAINT fk_order_draft_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT ck_order_draft_status_known CHECK (status IN ('DRAFT', 'PLACED', 'DISCARDED')),
    CONSTRAINT ck_order_draft_placed_as_an_order CHECK ((status = 'PLACED') = (order_id IS NOT NULL))
)
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_order_draft_status_created_at_id ON order_draft (status, created_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_draft_created_at_id ON order_draft (created_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_draft_updated_at_id ON order_draft (updated_at, id)",
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in (DRAFTS, *INDEXES):
        op.execute(statement)
