"""Bringing a database to the tables that this version of the program needs."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection

from oms_api.db.engine import driver_url

INSTALLED = Path(__file__).parents[1] / "_migrations"
CHECKED_OUT = Path(__file__).parents[3] / "migrations"


def folder() -> Path:
    """Return where the migrations lie: inside the installed package, or at the top of a clone."""
    return INSTALLED if INSTALLED.exists() else CHECKED_OUT


def upgrade(url: str) -> list[str]:
    """Bring the database to the newest revision and return the revisions applied, oldest first.

    It waits for another migrator of the same database, and never rolls back what is committed: each revision is one
    transaction. *url* must not lead through a pooler. Raises: sqlalchemy.exc.DBAPIError.
    """
    applied: list[str] = []
    config = _config()
    config.attributes.update(url=url, applied=applied)
    command.upgrade(config, "head")
    return applied


def current(url: str) -> str | None:
    """Return the revision of the database, None for an empty one. Raises: sqlalchemy.exc.DBAPIError."""
    with create_engine(driver_url(url), poolclass=NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def head() -> str:
    """Return the newest revision this program knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError(f"there are no migrations in {folder()}")
    return found


async def is_current(connection: AsyncConnection) -> bool:
    """Tell whether the database is at the revision this program was written for."""
    if await connection.scalar(text("SELECT to_regclass('alembic_version') IS NULL")):
        return False
    return bool(await connection.scalar(text("SELECT version_num = :head FROM alembic_version"), {"head": head()}))


def foreign(table: str) -> bool:
    """Tell whether *table* belongs to a library in this database, and so is not in our metadata."""
    return table.startswith("procrastinate_") or table == "alembic_version"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
