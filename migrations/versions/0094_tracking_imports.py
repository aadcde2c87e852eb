"""Many tracking events are imported as a job that keeps what came of each."""

from alembic import op

revision = "0094"
down_revision = "0093"

IMPORTS = """
CREATE TABLE IF NOT EXISTS tracking_import (
    id uuid NOT NULL,
    job_id uuid NOT NULL,
    client_id uuid NOT NULL,
    account_id uuid,
    events integer NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_tracking_import PRIMARY KEY (id),
    CONSTRAINT fk_tracking_import_job_id FOREIGN KEY (job_id) REFERENCES job (id),
    CONSTRAINT fk_tracking_import_account_id FOREIGN KEY (account_id) REFERENCES carrier_account (id)
)
"""
ITEMS = """
CREATE TABLE IF NOT EXISTS tracking_import_item (
    id uuid NOT NULL,
    import_id uuid NOT NULL,
    position integer NOT NULL,
    tracking_number text NOT NULL,
    told jsonb NOT NULL,
    outcome varchar(40) NOT NULL,
    package_id uuid,
    error jsonb,
    CONSTRAINT pk_tracking_import_item PRIMARY KEY (id),
    CONSTRAINT uq_tracking_import_item_import_id_position UNIQUE (import_id, position),
    CONSTRAINT ck_tracking_import_item_outcome_known CHECK (outcome IN ('WAITING', 'KEPT', 'KNOWN', 'REFUSED')),
    CONSTRAINT ck_tracking_import_item_refused_for_a_reason CHECK ((outcome = 'REFUSED') = (error IS NOT NULL)),
    CONSTRAINT fk_tracking_import_item_import_id FOREIGN KEY (import_id) REFERENCES tracking_import (id),
    CONSTRAINT fk_tracking_import_item_package_id FOREIGN KEY (package_id) REFERENCES package (id)
)
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_tracking_import_created_at_id ON tracking_import (created_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_tracking_import_client_id_created_at_id ON tracking_import (client_id, created_at, id)",
    """CREATE INDEX IF NOT EXISTS ix_tracking_import_item_waiting
       ON tracking_import_item (import_id, tracking_number, position) WHERE outcome = 'WAITING'""",
    """CREATE INDEX IF NOT EXISTS ix_tracking_import_item_refused
       ON tracking_import_item (import_id, position) WHERE outcome = 'REFUSED'""",
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in (IMPORTS, ITEMS, *INDEXES):
        op.execute(statement)
    op.execute("ANALYZE tracking_import, tracking_import_item")
