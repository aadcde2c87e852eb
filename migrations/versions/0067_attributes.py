"""Attributes: definitions that merchants make, and the values that records have of them."""

from alembic import op

revision = "0067"
down_revision = "0066"

DEFINITIONS = """
CREATE TABLE IF NOT EXISTS attribute_definition (
    id uuid NOT NULL,
    owner varchar(40) NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    type varchar(40) NOT NULL,
    choices text[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_attribute_definition PRIMARY KEY (id),
    CONSTRAINT uq_attribute_definition_owner_code UNIQUE (owner, code),
    CONSTRAINT ck_attribute_definition_owner_known CHECK (owner IN ('ORDER', 'LINE', 'SKU', 'CUSTOMER', 'LOCATION')),
    CONSTRAINT ck_attribute_definition_type_known CHECK (type IN ('TEXT', 'NUMBER', 'BOOLEAN', 'DATE', 'CHOICE'))
)
"""
VALUES = """
CREATE TABLE IF NOT EXISTS attribute_value (
    owner_id uuid NOT NULL,
    definition_id uuid NOT NULL,
    text text,
    number numeric(18, 6),
    boolean boolean,
    day date,
    CONSTRAINT pk_attribute_value PRIMARY KEY (owner_id, definition_id),
    CONSTRAINT fk_attribute_value_definition_id FOREIGN KEY (definition_id) REFERENCES attribute_definition (id),
    CONSTRAINT ck_attribute_value_one_value CHECK (num_nonnulls(text, number, boolean, day) = 1)
)
"""
INDEX = """
CREATE INDEX IF NOT EXISTS ix_attribute_value_definition_id_{column}_owner_id
ON attribute_value (definition_id, {column}, owner_id) WHERE {column} IS NOT NULL
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DEFINITIONS)
    op.execute(VALUES)
    for column in ("text", "number", "boolean", "day"):
        op.execute(INDEX.format(column=column))
