"""Sourcing profiles, groups of locations and postal zones; a channel names its profile, an order keeps what was decided."""

from alembic import op

revision = "0074"
down_revision = "0073"

STATUSES = "('DRAFT', 'ACTIVE', 'RETIRED')"
TABLES = (
    f"""
CREATE TABLE IF NOT EXISTS sourcing_profile (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    status varchar(40) NOT NULL,
    latest integer NOT NULL,
    active_version_id uuid,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_sourcing_profile PRIMARY KEY (id),
    CONSTRAINT uq_sourcing_profile_code UNIQUE (code),
    CONSTRAINT ck_sourcing_profile_status_known CHECK (status IN {STATUSES}),
    CONSTRAINT ck_sourcing_profile_active_by_a_version CHECK ((status = 'ACTIVE') = (active_version_id IS NOT NULL))
)
""",
    f"""
CREATE TABLE IF NOT EXISTS sourcing_profile_version (
    id uuid NOT NULL,
    profile_id uuid NOT NULL,
    number integer NOT NULL,
    status varchar(40) NOT NULL,
    steps jsonb NOT NULL,
    rates jsonb NOT NULL,
    split_penalty bigint NOT NULL,
    scarcity jsonb,
    otherwise varchar(40) NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_sourcing_profile_version PRIMARY KEY (id),
    CONSTRAINT fk_sourcing_profile_version_profile_id FOREIGN KEY (profile_id) REFERENCES sourcing_profile (id),
    CONSTRAINT uq_sourcing_profile_version_profile_id_number UNIQUE (profile_id, number),
    CONSTRAINT ck_sourcing_profile_version_status_known CHECK (status IN {STATUSES}),
    CONSTRAINT ck_sourcing_profile_version_otherwise_known CHECK (otherwise IN ('REFUSE', 'WAIT')),
    CONSTRAINT ck_sourcing_profile_version_split_penalty_not_negative CHECK (split_penalty >= 0)
)
""",
    """
CREATE TABLE IF NOT EXISTS location_group (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    location_ids uuid[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_location_group PRIMARY KEY (id),
    CONSTRAINT uq_location_group_code UNIQUE (code)
)
""",
    """
CREATE TABLE IF NOT EXISTS postal_zone (
    id uuid NOT NULL,
    code text NOT NULL,
    country text NOT NULL,
    prefixes text[] NOT NULL,
    ranges jsonb NOT NULL,
    latitude double precision,
    longitude double precision,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_postal_zone PRIMARY KEY (id),
    CONSTRAINT uq_postal_zone_code UNIQUE (code),
    CONSTRAINT ck_postal_zone_centre_is_a_point CHECK ((latitude IS NULL) = (longitude IS NULL))
)
""",
    """
CREATE TABLE IF NOT EXISTS sourcing_decision (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    profile_version_id uuid NOT NULL,
    act varchar(40) NOT NULL,
    step text,
    bounded boolean NOT NULL,
    chosen jsonb NOT NULL,
    candidates jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_sourcing_decision PRIMARY KEY (id),
    CONSTRAINT fk_sourcing_decision_order_id FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fk_sourcing_decision_profile_version_id FOREIGN KEY (profile_version_id)
        REFERENCES sourcing_profile_version (id),
    CONSTRAINT ck_sourcing_decision_act_known CHECK (act IN ('PLACED', 'EDITED', 'SOURCED_AGAIN'))
)
""",
    """
CREATE TABLE IF NOT EXISTS sourcing_simulation (
    id uuid NOT NULL,
    profile_version_id uuid NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    job_id uuid NOT NULL,
    result jsonb,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT pk_sourcing_simulation PRIMARY KEY (id),
    CONSTRAINT fk_sourcing_simulation_profile_version_id FOREIGN KEY (profile_version_id)
        REFERENCES sourcing_profile_version (id),
    CONSTRAINT ck_sourcing_simulation_from_before_to CHECK (from_at < to_at)
)
""",
)
INDEXES = (
    """
CREATE UNIQUE INDEX IF NOT EXISTS uq_sourcing_profile_version_active
ON sourcing_profile_version (profile_id) WHERE status = 'ACTIVE'
""",
    "CREATE INDEX IF NOT EXISTS ix_location_group_location_ids ON location_group USING gin (location_ids)",
    "CREATE INDEX IF NOT EXISTS ix_sourcing_decision_order_id_id ON sourcing_decision (order_id, id)",
    "CREATE INDEX IF NOT EXISTS ix_sourcing_simulation_recorded_at_id ON sourcing_simulation (recorded_at, id)",
)
LIMIT = "ck_location_open_order_limit_not_negative"
PROFILE = "fk_channel_sourcing_profile_id"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    op.execute("ALTER TABLE channel ADD COLUMN IF NOT EXISTS sourcing_profile_id uuid")
    op.execute(f"ALTER TABLE channel DROP CONSTRAINT IF EXISTS {PROFILE}")
    op.execute(
        f"ALTER TABLE channel ADD CONSTRAINT {PROFILE} FOREIGN KEY (sourcing_profile_id) REFERENCES sourcing_profile (id)"
    )
    op.execute("CREATE INDEX IF NOT EXISTS ix_channel_sourcing_profile_id ON channel (sourcing_profile_id)")
    op.execute("ALTER TABLE location ADD COLUMN IF NOT EXISTS open_order_limit integer")
    op.execute(f"ALTER TABLE location DROP CONSTRAINT IF EXISTS {LIMIT}")
    op.execute(f"ALTER TABLE location ADD CONSTRAINT {LIMIT} CHECK (open_order_limit >= 0)")
    op.execute("ALTER TABLE order_line ADD COLUMN IF NOT EXISTS ship_group text")
