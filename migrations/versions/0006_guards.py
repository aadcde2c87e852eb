"""What defends the rows: ledgers that only grow, and a way for one statement to refuse itself."""

from alembic import op

revision = "0006"
down_revision = "0005"

REFUSE = """
CREATE FUNCTION oms_refuse(reason text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'OM001', MESSAGE = coalesce(reason, 'refused');
END $$;

COMMENT ON FUNCTION oms_refuse IS
    'Fails with SQLSTATE OM001. For guards: SELECT CASE WHEN <short> THEN oms_refuse(''short'') END';
"""

ONLY_GROWS = """
CREATE FUNCTION oms_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'OM002',
        MESSAGE = format('%s refuses %s: its rows are never changed', TG_TABLE_NAME, TG_OP),
        HINT = 'Add a row that corrects the earlier one.';
END $$;
"""

GUARD = """
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION oms_only_grows();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_grows;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(REFUSE)
    op.execute(ONLY_GROWS)
    for table in ("stock_movement", "feed"):
        op.execute(GUARD.format(table=table))
