"""Documents of other systems that are to become orders, and every attempt to read them."""

from alembic import op

revision = "0075"
down_revision = "0074"

INTAKES = """
CREATE TABLE IF NOT EXISTS order_intake (
    id uuid NOT NULL,
    source text NOT NULL,
    external_ref text,
    digest text NOT NULL,
    document jsonb NOT NULL,
    status varchar(40) NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    note text,
    order_id uuid,
    channel_id uuid,
    version integer DEFAULT 1 NOT NULL,
    actor text NOT NULL,
    received_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_order_intake PRIMARY KEY (id),
    CONSTRAINT uq_order_intake_order_id UNIQUE (order_id),
    CONSTRAINT ck_order_intake_status_known
        CHECK (status IN ('RECEIVED', 'PLACED', 'REFUSED', 'UNREADABLE', 'DISCARDED')),
    CONSTRAINT ck_order_intake_placed_as_an_order CHECK ((status = 'PLACED') = (order_id IS NOT NULL)),
    CONSTRAINT fk_order_intake_order_id FOREIGN KEY (order_id) REFERENCES orders (id)
)
"""
ATTEMPTS = """
CREATE TABLE IF NOT EXISTS order_intake_attempt (
    id uuid NOT NULL,
    intake_id uuid NOT NULL,
    number integer NOT NULL,
    status varchar(40) NOT NULL,
    errors jsonb NOT NULL,
    actor text NOT NULL,
    attempted_at timestamptz NOT NULL,
    CONSTRAINT pk_order_intake_attempt PRIMARY KEY (id),
    CONSTRAINT uq_order_intake_attempt_intake_id_number UNIQUE (intake_id, number),
    CONSTRAINT ck_order_intake_attempt_status_known
        CHECK (status IN ('RECEIVED', 'PLACED', 'REFUSED', 'UNREADABLE', 'DISCARDED')),
    CONSTRAINT fk_order_intake_attempt_intake_id FOREIGN KEY (intake_id) REFERENCES order_intake (id)
)
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_order_intake_received_at_id ON order_intake (received_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_intake_status_received_at_id ON order_intake (status, received_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_intake_source_received_at_id ON order_intake (source, received_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_intake_waiting ON order_intake (received_at, id) WHERE status = 'RECEIVED'",
    """CREATE UNIQUE INDEX IF NOT EXISTS uq_order_intake_external_ref ON order_intake (source, external_ref)
       WHERE external_ref IS NOT NULL""",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_order_intake_digest ON order_intake (source, digest) WHERE external_ref IS NULL",
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(INTAKES)
    op.execute(ATTEMPTS)
    for statement in INDEXES:
        op.execute(statement)
