"""Rights of oms_app, the role of the running program: it works with rows and changes no tables.

Where the migrating user may not create or configure roles, as in many a managed database, that part is passed over; where
the program migrates and runs as one user, there is nothing to do.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

ROLE = """
DO $$
BEGIN
    IF to_regrole('oms_app') IS NULL THEN
        CREATE ROLE oms_app NOLOGIN;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN RAISE NOTICE 'oms_app is not created: % may create no roles', current_user;
    WHEN duplicate_object OR unique_violation THEN NULL;  -- created for another database at this moment
END $$;
"""

PATIENCE = """
DO $$
DECLARE
    setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY[
        'lock_timeout=2s', 'statement_timeout=5s', 'idle_in_transaction_session_timeout=10s',
        'plan_cache_mode=force_generic_plan'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'oms_app' AND setting = ANY (rolconfig)) THEN
            EXECUTE format('ALTER ROLE oms_app SET %I = %L', split_part(setting, '=', 1), split_part(setting, '=', 2));
        END IF;
    END LOOP;
EXCEPTION
    WHEN insufficient_privilege OR undefined_object THEN RAISE NOTICE 'the timeouts of oms_app are left to each session';
    WHEN internal_error THEN NULL;  -- "tuple concurrently updated": set for another database at this moment
END $$;
"""

RIGHTS = """
DO $$
DECLARE
    here text := current_schema();
BEGIN
    IF to_regrole('oms_app') IS NULL OR current_user = 'oms_app' THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO oms_app', here);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO oms_app', here);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO oms_app', here);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO oms_app', here);
    REVOKE UPDATE, DELETE ON stock_movement, feed FROM oms_app;
    REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM oms_app;
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO oms_app', here);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE, SELECT ON SEQUENCES TO oms_app', here);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT EXECUTE ON FUNCTIONS TO oms_app', here);
END $$;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(ROLE)
    op.execute(PATIENCE)
    op.execute(RIGHTS)
