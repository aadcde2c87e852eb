"""Files that were made or given, and what is in those that the database keeps."""

from alembic import op

revision = "0078"
down_revision = "0077"

FILES = """
CREATE TABLE IF NOT EXISTS stored_file (
    id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    sha256 bytea NOT NULL,
    channel_ids uuid[] NOT NULL,
    location_ids uuid[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    CONSTRAINT pk_stored_file PRIMARY KEY (id),
    CONSTRAINT ck_stored_file_size_not_negative CHECK (size >= 0),
    CONSTRAINT ck_stored_file_sha256_of_32_bytes CHECK (octet_length(sha256) = 32)
)
"""
CONTENTS = """
CREATE TABLE IF NOT EXISTS stored_content (
    file_id uuid NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT pk_stored_content PRIMARY KEY (file_id),
    CONSTRAINT fk_stored_content_file_id FOREIGN KEY (file_id) REFERENCES stored_file (id) ON DELETE CASCADE
)
"""
PACKED_ALREADY = "ALTER TABLE stored_content ALTER COLUMN content SET STORAGE EXTERNAL"
EXPIRING = "CREATE INDEX IF NOT EXISTS ix_stored_file_expires_at ON stored_file (expires_at) WHERE expires_at IS NOT NULL"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(FILES)
    op.execute(CONTENTS)
    op.execute(PACKED_ALREADY)
    op.execute(EXPIRING)
