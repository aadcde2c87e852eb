"""Run the migrations; two migrators at once wait for each other.

Migrations only go forward: the way back is a backup. The URL comes from `oms_api.db.migrations`, or for plain alembic from
OMS_DATABASE_OWNER_URL, OMS_DATABASE_DIRECT_URL or OMS_DATABASE_URL.
"""

from time import sleep

from alembic import context
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.sql.schema import SchemaItem

from oms_api.db.direct import driver_url
from oms_api.db.migrations import foreign
from oms_api.db.trigrams import make_trigram_indexes
from oms_api.domain.tables import METADATA
from oms_api.settings import Settings

LOCK = 0x6F6D735F  # "oms_": one number for every version of this program
PAUSE_S = 0.1


def ours(_item: SchemaItem, name: str | None, kind: str, _reflected: bool, _compared: SchemaItem | None) -> bool:
    return kind != "table" or name is None or not foreign(name)


def wait_for_others(connection: Connection) -> None:
    for patience in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET {patience} = 0"))
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
        connection.commit()  # whoever waits in a statement holds up an index that the other one builds concurrently
        sleep(PAUSE_S)
    connection.commit()


def upgrade(connection: Connection) -> None:
    applied: list[str] = context.config.attributes.get("applied", [])
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        include_object=ours,
        compare_server_default=True,
        transaction_per_migration=True,
        on_version_apply=lambda step, **_: applied.append(str(step.up_revision_id)),
    )
    with context.begin_transaction():
        context.run_migrations()


url = context.config.attributes.get("url") or Settings().migration_url
if url is None:
    raise CommandError("set OMS_DATABASE_OWNER_URL or OMS_DATABASE_URL, or use `oms migrate`")
if context.is_offline_mode():
    raise CommandError("these migrations look at the database they change: there is no --sql")
engine = create_engine(driver_url(url), poolclass=NullPool)
with engine.connect() as connection:
    wait_for_others(connection)
    upgrade(connection)
    connection.commit()  # an index that is built while others write waits for whoever began before
    make_trigram_indexes(engine, METADATA)
