"""Templates of documents with their versions."""

from alembic import op

revision = "0082"
down_revision = "0081"

KINDS = "('LABEL', 'PACKING_SLIP', 'PICK_LIST', 'COMMERCIAL_INVOICE', 'RETURN_LABEL', 'MANIFEST')"
STATUSES = "('DRAFT', 'ACTIVE', 'RETIRED')"
TEMPLATES = f"""
CREATE TABLE IF NOT EXISTS document_template (
    id uuid NOT NULL,
    kind varchar(40) NOT NULL,
    channel_id uuid,
    status varchar(40) NOT NULL,
    latest integer NOT NULL,
    active_version_id uuid,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_document_template PRIMARY KEY (id),
    CONSTRAINT fk_document_template_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
    CONSTRAINT uq_document_template_kind_channel_id UNIQUE NULLS NOT DISTINCT (kind, channel_id),
    CONSTRAINT ck_document_template_kind_known CHECK (kind IN {KINDS}),
    CONSTRAINT ck_document_template_status_known CHECK (status IN {STATUSES}),
    CONSTRAINT ck_document_template_active_by_a_version CHECK ((status = 'ACTIVE') = (active_version_id IS NOT NULL))
)
"""
VERSIONS = f"""
CREATE TABLE IF NOT EXISTS document_template_version (
    id uuid NOT NULL,
    template_id uuid NOT NULL,
    number integer NOT NULL,
    status varchar(40) NOT NULL,
    source text NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_document_template_version PRIMARY KEY (id),
    CONSTRAINT fk_document_template_version_template_id FOREIGN KEY (template_id) REFERENCES document_template (id),
    CONSTRAINT uq_document_template_version_template_id_number UNIQUE (template_id, number),
    CONSTRAINT ck_document_template_version_status_known CHECK (status IN {STATUSES})
)
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_document_template_channel_id ON document_template (channel_id)",
    "CREATE INDEX IF NOT EXISTS ix_document_template_created_at_id ON document_template (created_at, id)",
    """CREATE UNIQUE INDEX IF NOT EXISTS uq_document_template_version_active ON document_template_version (template_id)
       WHERE status = 'ACTIVE'""",
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TEMPLATES)
    op.execute(VERSIONS)
    for statement in INDEXES:
        op.execute(statement)
