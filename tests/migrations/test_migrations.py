"""Migrations lead from an empty database to the metadata, one migrator at a time, and defend what only grows."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from runpy import run_path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text

from oms_api.db import migrations
from oms_api.db.direct import driver_url
from oms_api.domain.tables import METADATA
from tests.factories.database import Database, Server, cloned, created

ROWS = """
INSERT INTO sku (id, code, name, kind, status, created_at, updated_at)
    VALUES (gen_random_uuid(), 'A', 'A', 'GOODS', 'ACTIVE', now(), now());
INSERT INTO location (id, code, name, kind, status, time_zone, created_at, updated_at)
    VALUES (gen_random_uuid(), 'L', 'L', 'WAREHOUSE', 'ACTIVE', 'UTC', now(), now());
INSERT INTO inventory_level (id, sku_id, location_id) SELECT gen_random_uuid(), sku.id, location.id FROM sku, location;
INSERT INTO stock_movement (level_id, sequence, sku_id, kind, quantity, source, target, cause_kind, cause_id, actor,
                            occurred_at, recorded_at)
    SELECT id, 1, sku_id, 'FOUND', 1, 'adjustment', 'free', 'adjline', id, 'tests', now(), now() FROM inventory_level;
INSERT INTO feed (position, id, type, subject_kind, subject_id, location_ids, actor, occurred_at, recorded_at)
    VALUES (1, gen_random_uuid(), 'test', 'order', gen_random_uuid(), '{}', 'tests', now(), now());
"""
SHAPE = """
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 't'
UNION ALL
SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'column', attrelid::regclass::text, attname,
       concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid))
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'storage', oid::regclass::text, option, '' FROM pg_class, unnest(reloptions) AS option
WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'sequence', seqrelid::regclass::text, '', concat_ws(' ', seqtypid::regtype, seqstart, seqincrement, seqcycle)
FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid WHERE relnamespace = 'public'::regnamespace
"""


@pytest.fixture
def empty(database_server: Server, clone_names: Iterator[str]) -> Iterator[Database]:
    with created(database_server, next(clone_names)) as made:
        yield made


@pytest.fixture(scope="module")
def rows(database_server: Server, clone_names: Iterator[str]) -> Iterator[Database]:
    """Give a migrated database with a row in each ledger."""
    with cloned(database_server, next(clone_names)) as clone:
        with psycopg.connect(clone.owner_url) as connection:
            connection.execute(ROWS.encode())
        yield clone


def shape(database: Database) -> set[tuple[str, ...]]:
    """Return every column, constraint, index, sequence and storage parameter of our own tables."""
    with psycopg.connect(database.owner_url) as connection:
        return {row for row in connection.execute(SHAPE) if not migrations.foreign(row[1])}


def revisions() -> list[Path]:
    return sorted((migrations.folder() / "versions").glob("*.py"))


def test_empty_to_head_equals_the_metadata(database: Database, empty: Database) -> None:
    engine = create_engine(driver_url(empty.owner_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION pg_trgm"))
    METADATA.create_all(engine)
    assert shape(database) == shape(empty)


def test_alembic_finds_no_difference(database: Database) -> None:
    with create_engine(driver_url(database.owner_url), poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_server_default": True,
                "include_object": lambda _item, name, kind, *_: kind != "table" or not migrations.foreign(name),
            },
        )
        assert compare_metadata(context, METADATA) == []


@pytest.mark.parametrize("path", revisions(), ids=lambda path: path.stem)
def test_each_migration_sets_a_lock_timeout_first(path: Path) -> None:
    _, upgrade = path.read_text().split("def upgrade() -> None:\n")
    assert upgrade.splitlines()[0].strip() == """op.execute("SET lock_timeout = '5s'")"""


def test_the_newest_revision_is_the_one_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.folder()))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.head()


def test_two_upgrades_at_once_both_end_well(empty: Database) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as both:
        applied = sorted(both.map(migrations.upgrade, [empty.owner_url] * 2), key=len)
    assert applied == [[], [path.stem[:4] for path in revisions()]]
    assert migrations.current(empty.owner_url) == migrations.head()


async def test_readiness_knows_an_old_database(empty: Database, database: Database) -> None:
    found = []
    for url in (empty.app_url, database.app_url):
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as driver:
            found.append(await migrations.is_current(driver))
    assert found == [False, True]


def test_one_user_without_rights_to_make_roles_may_migrate_and_run(
    database_server: Server, empty: Database, clone_names: Iterator[str]
) -> None:
    role = f"lonely_{next(clone_names)}_{database_server.run}"
    with psycopg.connect(empty.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN; ALTER DATABASE {empty.name} OWNER TO {role}".encode())
        try:
            migrations.upgrade(f"{empty.admin_url}?options=-c%20role%3D{role}")
            owners = admin.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
            assert owners == [(role,)]
        finally:
            admin.execute(f"ALTER DATABASE {empty.name} OWNER TO oms_owner".encode())
            admin.execute(f"REASSIGN OWNED BY {role} TO oms_owner; DROP OWNED BY {role}; DROP ROLE {role}".encode())


@pytest.mark.parametrize("table", ["stock_movement", "feed"])
@pytest.mark.parametrize("act", ["UPDATE {} SET actor = 'else'", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("mode", ["origin", "replica"])
def test_a_ledger_refuses_change_by_anybody(rows: Database, table: str, act: str, mode: str) -> None:
    for url in (rows.admin_url, rows.owner_url):
        with psycopg.connect(url) as connection:
            if url == rows.admin_url:
                connection.execute(f"SET session_replication_role = {mode}".encode())
            with pytest.raises(psycopg.Error, match=rf"{table} refuses .*: its rows are never changed") as refused:
                connection.execute(act.format(table).encode())
            assert refused.value.sqlstate == "OM002"


DOCUMENTS = run_path(str(migrations.folder() / "versions" / "0042_documents_stay.py"))["DOCUMENTS"]


@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", DOCUMENTS)
def test_a_document_that_explains_a_ledger_refuses_change_by_anybody(rows: Database, table: str, act: str) -> None:
    with psycopg.connect(rows.admin_url) as connection, pytest.raises(psycopg.Error, match="refuses") as refused:
        connection.execute(act.format(table).encode())
    assert refused.value.sqlstate == "OM002"
    with psycopg.connect(rows.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(act.format(table).encode())


@pytest.mark.parametrize("table", ["refund", "order_fee"])
@pytest.mark.parametrize("act", ["UPDATE {} SET amount_minor = 1", "UPDATE {} SET order_id = order_id", "DELETE FROM {}"])
def test_what_was_granted_or_charged_stays(rows: Database, table: str, act: str) -> None:
    for url in (rows.admin_url, rows.app_url):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.Error) as refused:
            connection.execute(act.format(table).encode())
        assert refused.value.sqlstate in {"OM002", "42501"}


def test_a_ledger_is_not_emptied_through_what_it_refers_to(rows: Database) -> None:
    with psycopg.connect(rows.admin_url) as connection, pytest.raises(psycopg.Error, match="stock_movement refuses"):
        connection.execute("TRUNCATE inventory_level CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine ()",
        "DROP TABLE sku",
        "ALTER TABLE sku ADD COLUMN mine int",
        "TRUNCATE sku",
        "UPDATE stock_movement SET quantity = 2",
        "DELETE FROM stock_movement",
        "TRUNCATE stock_movement",
        "UPDATE feed SET actor = 'else'",
        "DELETE FROM feed",
        "UPDATE alembic_version SET version_num = '0'",
        "ALTER TABLE stock_movement DISABLE TRIGGER only_grows",
        "CREATE OR REPLACE FUNCTION oms_only_grows() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_the_running_program_changes_no_tables_and_no_ledger(database: Database, statement: str) -> None:
    with psycopg.connect(database.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_the_running_program_works_with_rows_sequences_and_jobs(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.app_url) as connection:
        connection.execute(ROWS.encode())
        connection.execute("UPDATE inventory_level SET free = 1; DELETE FROM outbox_stage; UPDATE feed_head SET position = 1")
        assert connection.execute("SELECT nextval('order_number')").fetchone() == (1001,)
        deferred = connection.execute(
            "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('q', 't', 0, NULL, NULL, '{}', NULL)::procrastinate_job_to_defer_v1])"
        )
        assert deferred.fetchone() == ([1],)


def test_the_running_program_may_use_tables_of_later_migrations(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY)")
    with psycopg.connect(fresh_database.app_url) as app:
        assert app.execute("INSERT INTO later DEFAULT VALUES RETURNING id").fetchone() == (1,)


def test_a_statement_can_refuse_itself(database: Database) -> None:
    guard = "SELECT CASE WHEN count(*) < %s THEN oms_refuse('short') END FROM sku"
    with psycopg.connect(database.app_url) as connection:
        assert connection.execute(guard, (0,)).fetchone() == (None,)
        with pytest.raises(psycopg.Error, match=r"^short") as refused:
            connection.execute(guard, (1,))
    assert refused.value.sqlstate == "OM001"


def test_the_feed_has_one_head(database: Database) -> None:
    with psycopg.connect(database.app_url) as connection:
        assert connection.execute("SELECT count(epoch), max(position) FROM feed_head").fetchone() == (1, 0)
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO feed_head (one, epoch) VALUES (2, gen_random_uuid())")


def test_what_is_there_when_telling_of_levels_begins_is_not_told(rows: Database) -> None:
    (path,) = (path for path in revisions() if path.stem.endswith("level_told"))
    with psycopg.connect(rows.owner_url) as connection:
        connection.execute("DELETE FROM follower; UPDATE inventory_level SET free = 1; UPDATE feed_head SET position = 1")
        connection.execute(run_path(str(path))["BEGIN"].encode())
        told = connection.execute("SELECT on_hand, available, damaged FROM level_told").fetchall()
        assert told == [(1, 1, 0)]
        assert connection.execute("SELECT name, position FROM follower").fetchall() == [("level_changes", 1)]
        connection.rollback()


LOTS = """
UPDATE inventory_level SET free = 3, quality_control = 5, damaged = 1, in_lots = 9;
INSERT INTO lot (id, sku_id, code, expires_on, created_at, updated_at)
    SELECT gen_random_uuid(), sku.id, made.code, made.expires_on, now(), now()
    FROM sku, (VALUES ('GOOD', NULL::date), ('OVER', '2020-01-31'), ('LATER', '9000-01-31')) AS made (code, expires_on);
INSERT INTO lot_level (id, level_id, lot_id, sku_id, location_id, expires_on, on_hand)
    SELECT gen_random_uuid(), level.id, lot.id, lot.sku_id, level.location_id, lot.expires_on, 3
    FROM inventory_level level JOIN lot ON lot.sku_id = level.sku_id;
INSERT INTO stock_movement (level_id, sequence, sku_id, kind, quantity, source, target, lot, cause_kind, cause_id, actor,
                            occurred_at, recorded_at)
    SELECT id, 2, sku_id, 'FOUND', 2, 'adjustment', 'quality_control', 'GOOD', 'adjline', id, 'tests', now(), now()
    FROM inventory_level;
"""


def test_lots_that_lay_aside_before_that_was_counted_are_those_named_then_those_that_are_over(rows: Database) -> None:
    (path,) = (path for path in revisions() if path.stem.endswith("lots_set_aside"))
    statements = run_path(str(path))
    with psycopg.connect(rows.owner_url) as connection:
        connection.execute(LOTS.encode())
        for name in ("KNOWN", "EXPIRED"):
            connection.execute(statements[name].encode())
        query = "SELECT code, set_aside FROM lot_level JOIN lot ON lot.id = lot_id"
        assert dict(connection.execute(query).fetchall()) == {"GOOD": 2, "OVER": 3, "LATER": 0}
        connection.execute("UPDATE lot_level SET set_aside = 0; UPDATE inventory_level SET free = 6, quality_control = 2")
        for name in ("KNOWN", "EXPIRED"):
            connection.execute(statements[name].encode())
        assert dict(connection.execute(query).fetchall()) == {"GOOD": 2, "OVER": 1, "LATER": 0}
        connection.rollback()
