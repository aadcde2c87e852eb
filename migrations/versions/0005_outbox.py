"""What transactions leave behind: events, keys carried out and jobs."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = """
CREATE TABLE outbox_stage (
    stage bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL,
    type text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    order_id uuid,
    channel_id uuid,
    location_ids uuid[] NOT NULL,
    cause_id uuid,
    changes jsonb,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_outbox_stage PRIMARY KEY (stage)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE feed (
    position bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    order_id uuid,
    channel_id uuid,
    location_ids uuid[] NOT NULL,
    cause_id uuid,
    changes jsonb,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_feed PRIMARY KEY (position)
);

CREATE UNIQUE INDEX ix_feed_id ON feed (id);
CREATE INDEX ix_feed_order_id_position ON feed (order_id, position);

CREATE TABLE feed_head (
    one smallint DEFAULT 1 NOT NULL,
    epoch uuid NOT NULL,
    position bigint DEFAULT 0 NOT NULL,
    CONSTRAINT pk_feed_head PRIMARY KEY (one),
    CONSTRAINT ck_feed_head_single_row CHECK (one = 1)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
     fillfactor = 10);

CREATE TABLE follower (
    name text NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT pk_follower PRIMARY KEY (name),
    CONSTRAINT ck_follower_position_not_negative CHECK (position >= 0)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
     fillfactor = 10);

CREATE TABLE idempotency (
    client_id uuid NOT NULL,
    mutation text NOT NULL,
    key text NOT NULL,
    arguments bytea NOT NULL,
    result_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (client_id, mutation, key)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX ix_idempotency_recorded_at ON idempotency (recorded_at);

CREATE TABLE job (
    id uuid NOT NULL,
    kind text NOT NULL,
    status varchar(40) NOT NULL,
    arguments jsonb NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    total integer,
    errors jsonb DEFAULT '[]' NOT NULL,
    result jsonb,
    client_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT pk_job PRIMARY KEY (id),
    CONSTRAINT ck_job_status_known
        CHECK (status IN ('CREATED', 'VALIDATING', 'RUNNING', 'COMPLETED', 'COMPLETED_WITH_ERRORS', 'FAILED',
            'CANCELED'))
);

INSERT INTO feed_head (epoch) VALUES (gen_random_uuid());
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(TABLES)
