"""Rules that decide about orders: their versions, the rulebooks of channels, and what they said of orders."""

from alembic import op

revision = "0072"
down_revision = "0071"

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS order_rule (
        id uuid NOT NULL,
        code text NOT NULL,
        name text NOT NULL,
        mode varchar(40) NOT NULL,
        version integer DEFAULT 1 NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_order_rule PRIMARY KEY (id),
        CONSTRAINT ck_order_rule_code_without_outer_blanks CHECK (code = btrim(code) AND code <> ''),
        CONSTRAINT uq_order_rule_code UNIQUE (code),
        CONSTRAINT ck_order_rule_mode_known CHECK (mode IN ('DRAFT', 'SHADOW', 'ACTIVE', 'RETIRED'))
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS order_rule_version (
        id uuid NOT NULL,
        rule_id uuid NOT NULL,
        number integer NOT NULL,
        mode varchar(40) NOT NULL,
        triggers text[] NOT NULL,
        channel_ids uuid[],
        condition text NOT NULL,
        actions jsonb NOT NULL,
        position integer NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        activated_at timestamptz,
        retired_at timestamptz,
        CONSTRAINT pk_order_rule_version PRIMARY KEY (id),
        CONSTRAINT uq_order_rule_version_rule_id_number UNIQUE (rule_id, number),
        CONSTRAINT ck_order_rule_version_number_positive CHECK (number > 0),
        CONSTRAINT ck_order_rule_version_asked_some_time CHECK (cardinality(triggers) > 0),
        CONSTRAINT ck_order_rule_version_retired_once CHECK ((mode = 'RETIRED') = (retired_at IS NOT NULL)),
        CONSTRAINT fk_order_rule_version_rule_id FOREIGN KEY (rule_id) REFERENCES order_rule (id),
        CONSTRAINT ck_order_rule_version_mode_known CHECK (mode IN ('DRAFT', 'SHADOW', 'ACTIVE', 'RETIRED'))
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS rulebook (
        id uuid NOT NULL,
        channel_id uuid NOT NULL,
        version_ids uuid[] NOT NULL,
        shadow_ids uuid[] NOT NULL,
        made_at timestamptz NOT NULL,
        CONSTRAINT pk_rulebook PRIMARY KEY (id),
        CONSTRAINT fk_rulebook_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS rule_insert (
        channel_id uuid NOT NULL,
        sku_id uuid NOT NULL,
        CONSTRAINT pk_rule_insert PRIMARY KEY (channel_id, sku_id),
        CONSTRAINT fk_rule_insert_channel_id FOREIGN KEY (channel_id) REFERENCES channel (id),
        CONSTRAINT fk_rule_insert_sku_id FOREIGN KEY (sku_id) REFERENCES sku (id)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS order_ruling (
        id uuid NOT NULL,
        order_id uuid NOT NULL,
        channel_id uuid NOT NULL,
        rulebook_id uuid NOT NULL,
        trigger varchar(40) NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT pk_order_ruling PRIMARY KEY (id),
        CONSTRAINT fk_order_ruling_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
        CONSTRAINT ck_order_ruling_trigger_known CHECK (trigger IN ('ORDER_PLACED', 'ORDER_EDITED'))
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS order_rule_match (
        id uuid NOT NULL,
        ruling_id uuid NOT NULL,
        order_id uuid NOT NULL,
        channel_id uuid NOT NULL,
        rule_id uuid NOT NULL,
        rule_code text NOT NULL,
        version_id uuid NOT NULL,
        number integer NOT NULL,
        mode varchar(40) NOT NULL,
        trigger varchar(40) NOT NULL,
        did jsonb NOT NULL,
        error text,
        at timestamptz NOT NULL,
        CONSTRAINT pk_order_rule_match PRIMARY KEY (id),
        CONSTRAINT ck_order_rule_match_in_force CHECK (mode IN ('SHADOW', 'ACTIVE')),
        CONSTRAINT fk_order_rule_match_ruling_id FOREIGN KEY (ruling_id) REFERENCES order_ruling (id),
        CONSTRAINT ck_order_rule_match_mode_known CHECK (mode IN ('DRAFT', 'SHADOW', 'ACTIVE', 'RETIRED')),
        CONSTRAINT ck_order_rule_match_trigger_known CHECK (trigger IN ('ORDER_PLACED', 'ORDER_EDITED'))
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS order_rule_simulation (
        id uuid NOT NULL,
        rule_id uuid NOT NULL,
        version_id uuid NOT NULL,
        number integer NOT NULL,
        channel_ids uuid[],
        since timestamptz NOT NULL,
        until timestamptz NOT NULL,
        job_id uuid NOT NULL,
        asked integer DEFAULT 0 NOT NULL,
        matched integer DEFAULT 0 NOT NULL,
        failed integer DEFAULT 0 NOT NULL,
        amounts jsonb DEFAULT '{}' NOT NULL,
        months jsonb DEFAULT '{}' NOT NULL,
        samples jsonb DEFAULT '[]' NOT NULL,
        first_error text,
        reached_at timestamptz,
        reached_id uuid,
        finished_at timestamptz,
        actor text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_order_rule_simulation PRIMARY KEY (id),
        CONSTRAINT ck_order_rule_simulation_a_while CHECK (since < until),
        CONSTRAINT fk_order_rule_simulation_rule_id FOREIGN KEY (rule_id) REFERENCES order_rule (id),
        CONSTRAINT fk_order_rule_simulation_version_id FOREIGN KEY (version_id) REFERENCES order_rule_version (id)
    )
    """,
)
INDEXES = (
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_order_rule_version_active ON order_rule_version (rule_id) WHERE mode = 'ACTIVE'",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_order_rule_version_shadow ON order_rule_version (rule_id) WHERE mode = 'SHADOW'",
    "CREATE INDEX IF NOT EXISTS ix_order_rule_created_at_id ON order_rule (created_at, id)",
    "CREATE INDEX IF NOT EXISTS ix_rulebook_channel_id ON rulebook (channel_id)",
    "CREATE INDEX IF NOT EXISTS ix_order_ruling_order_id_id ON order_ruling (order_id, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_rule_match_at_id ON order_rule_match (at, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_rule_match_order_id_id ON order_rule_match (order_id, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_rule_match_rule_id_at_id ON order_rule_match (rule_id, at, id)",
    "CREATE INDEX IF NOT EXISTS ix_order_rule_match_ruling_id_id ON order_rule_match (ruling_id, id)",
    """
    CREATE INDEX IF NOT EXISTS ix_order_rule_simulation_rule_id_created_at_id
    ON order_rule_simulation (rule_id, created_at, id)
    """,
)
SEED = """
INSERT INTO order_reason (id, use, code, name, updated_at)
VALUES (gen_random_uuid(), 'HOLD', 'RULE_FAILED', 'A rule of the shop failed', now())
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in (*TABLES, *INDEXES, SEED):
        op.execute(statement)
    op.execute("ALTER TABLE channel ADD COLUMN IF NOT EXISTS rulebook_id uuid")
    op.execute("ANALYZE rule_insert")  # an empty table that was never analyzed is taken for a thousand rows
