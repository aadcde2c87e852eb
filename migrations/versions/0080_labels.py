"""Labels, the batches they are bought in, manifests, and what carriers tell of parcels."""

from alembic import op

revision = "0080"
down_revision = "0079"

MANIFEST = """
CREATE TABLE IF NOT EXISTS manifest (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    location_id uuid NOT NULL,
    packages integer NOT NULL,
    weight_g bigint NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_manifest PRIMARY KEY (id),
    CONSTRAINT ck_manifest_packages_positive CHECK (packages > 0),
    CONSTRAINT fk_manifest_account_id FOREIGN KEY (account_id) REFERENCES carrier_account (id),
    CONSTRAINT fk_manifest_location_id FOREIGN KEY (location_id) REFERENCES location (id)
)
"""
LABEL = """
CREATE TABLE IF NOT EXISTS label (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    package_id uuid,
    return_id uuid,
    account_id uuid NOT NULL,
    service text NOT NULL,
    reference text NOT NULL,
    status varchar(40) NOT NULL,
    max_price_minor bigint,
    price_minor bigint,
    currency text,
    carrier_ref text,
    tracking_number text,
    tracking_url text,
    pdf_file_id uuid,
    png_file_id uuid,
    zpl_file_id uuid,
    trouble varchar(40),
    trouble_code text,
    trouble_message text,
    trouble_field text[],
    note text,
    manifest_id uuid,
    look_at timestamptz,
    looks integer DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    actor text NOT NULL,
    requested_at timestamptz NOT NULL,
    purchased_at timestamptz,
    voided_at timestamptz,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_label PRIMARY KEY (id),
    CONSTRAINT ck_label_of_a_package_or_a_return CHECK ((package_id IS NULL) <> (return_id IS NULL)),
    CONSTRAINT ck_label_price_has_a_currency CHECK ((price_minor IS NULL) OR (currency IS NOT NULL)),
    CONSTRAINT ck_label_bought_with_a_number CHECK (status <> 'PURCHASED' OR tracking_number IS NOT NULL),
    CONSTRAINT ck_label_looked_at_while_unsettled
        CHECK (look_at IS NULL OR status IN ('REQUESTED', 'UNKNOWN', 'VOIDING')),
    CONSTRAINT fk_label_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_label_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT fk_label_package_id FOREIGN KEY (package_id) REFERENCES package (id),
    CONSTRAINT fk_label_return_id FOREIGN KEY (return_id) REFERENCES returns (id),
    CONSTRAINT fk_label_account_id FOREIGN KEY (account_id) REFERENCES carrier_account (id),
    CONSTRAINT uq_label_reference UNIQUE (reference),
    CONSTRAINT ck_label_status_known
        CHECK (status IN ('REQUESTED', 'PURCHASED', 'REFUSED', 'UNKNOWN', 'VOIDING', 'VOIDED')),
    CONSTRAINT fk_label_pdf_file_id FOREIGN KEY (pdf_file_id) REFERENCES stored_file (id),
    CONSTRAINT fk_label_png_file_id FOREIGN KEY (png_file_id) REFERENCES stored_file (id),
    CONSTRAINT fk_label_zpl_file_id FOREIGN KEY (zpl_file_id) REFERENCES stored_file (id),
    CONSTRAINT ck_label_trouble_known
        CHECK (trouble IN ('CARRIER_REFUSED', 'RATE_CHANGED', 'NO_ANSWER', 'NOT_BOUGHT', 'VOID_REFUSED')),
    CONSTRAINT fk_label_manifest_id FOREIGN KEY (manifest_id) REFERENCES manifest (id)
)
"""
LABEL_BATCH = """
CREATE TABLE IF NOT EXISTS label_batch (
    id uuid NOT NULL,
    job_id uuid NOT NULL,
    options jsonb NOT NULL,
    packages integer NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_label_batch PRIMARY KEY (id),
    CONSTRAINT fk_label_batch_job_id FOREIGN KEY (job_id) REFERENCES job (id)
)
"""
LABEL_BATCH_ITEM = """
CREATE TABLE IF NOT EXISTS label_batch_item (
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    position integer NOT NULL,
    package_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    label_id uuid,
    error jsonb,
    CONSTRAINT pk_label_batch_item PRIMARY KEY (id),
    CONSTRAINT uq_label_batch_item_batch_id_position UNIQUE (batch_id, position),
    CONSTRAINT uq_label_batch_item_batch_id_package_id UNIQUE (batch_id, package_id),
    CONSTRAINT fk_label_batch_item_batch_id FOREIGN KEY (batch_id) REFERENCES label_batch (id),
    CONSTRAINT fk_label_batch_item_package_id FOREIGN KEY (package_id) REFERENCES package (id),
    CONSTRAINT ck_label_batch_item_status_known CHECK (status IN ('WAITING', 'PURCHASED', 'REFUSED', 'UNKNOWN')),
    CONSTRAINT fk_label_batch_item_label_id FOREIGN KEY (label_id) REFERENCES label (id)
)
"""
TRACKING_EVENT = """
CREATE TABLE IF NOT EXISTS tracking_event (
    id uuid NOT NULL,
    package_id uuid NOT NULL,
    status varchar(40) NOT NULL,
    occurred_at timestamptz NOT NULL,
    message text,
    place text,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_tracking_event PRIMARY KEY (id),
    CONSTRAINT uq_tracking_event_package_id_status_occurred_at UNIQUE (package_id, status, occurred_at),
    CONSTRAINT fk_tracking_event_package_id FOREIGN KEY (package_id) REFERENCES package (id),
    CONSTRAINT ck_tracking_event_status_known
        CHECK (status IN ('PRE_TRANSIT', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'AVAILABLE_FOR_PICKUP',
                         'DELIVERED', 'RETURN_TO_SENDER', 'FAILURE', 'UNKNOWN'))
)
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_manifest_created_at_id ON manifest (created_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_manifest_location_id_created_at_id ON manifest (location_id, created_at, id)",
    """CREATE INDEX IF NOT EXISTS ix_label_location_id_status_requested_at_id
       ON label (location_id, status, requested_at, id)""",
    "CREATE INDEX IF NOT EXISTS ix_label_look_at ON label (look_at, id) WHERE look_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_label_manifest_id ON label (manifest_id, id) WHERE manifest_id IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_label_order_id ON label (order_id)",
    "CREATE INDEX IF NOT EXISTS ix_label_package_id ON label (package_id)",
    "CREATE INDEX IF NOT EXISTS ix_label_requested_at_id ON label (requested_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_label_return_id ON label (return_id)",
    "CREATE INDEX IF NOT EXISTS ix_label_status_requested_at_id ON label (status, requested_at, id)",
    """CREATE INDEX IF NOT EXISTS ix_label_to_manifest
       ON label (account_id, location_id, id) WHERE status = 'PURCHASED' AND manifest_id IS NULL""",
    """CREATE INDEX IF NOT EXISTS ix_label_tracking_number_begins
       ON label (tracking_number COLLATE "C") WHERE tracking_number IS NOT NULL""",
    """CREATE UNIQUE INDEX IF NOT EXISTS uq_label_open_of_package
       ON label (package_id) WHERE status IN ('REQUESTED', 'PURCHASED', 'UNKNOWN', 'VOIDING')""",
    """CREATE UNIQUE INDEX IF NOT EXISTS uq_label_open_of_return
       ON label (return_id) WHERE status IN ('REQUESTED', 'PURCHASED', 'UNKNOWN', 'VOIDING')""",
    "CREATE INDEX IF NOT EXISTS ix_label_batch_created_at_id ON label_batch (created_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_label_batch_item_package_id ON label_batch_item (package_id)",
    """CREATE INDEX IF NOT EXISTS ix_tracking_event_package_id_occurred_at_id
       ON tracking_event (package_id, occurred_at, id)""",
)
TRIGGER = "CREATE OR REPLACE TRIGGER changed BEFORE UPDATE ON label FOR EACH ROW EXECUTE FUNCTION oms_changed()"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in (MANIFEST, LABEL, LABEL_BATCH, LABEL_BATCH_ITEM, TRACKING_EVENT, *INDEXES):
        op.execute(statement)
    op.execute(TRIGGER)
