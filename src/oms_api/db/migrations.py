"""Bringing a database to the tables that this version of the program needs."""

from functools import cache
from pathlib import Path

import psycopg

from oms_api.db.connections import Driver
from oms_api.db.direct import conninfo
from oms_api.db.pipeline import send

INSTALLED = Path(__file__).parents[1] / "_migrations"
CHECKED_OUT = Path(__file__).parents[3] / "migrations"
THERE = "SELECT to_regclass('alembic_version') IS NOT NULL"
VERSION = "SELECT version_num FROM alembic_version"


def folder() -> Path:
    """Return where the migrations lie: inside the installed package, or at the top of a clone."""
    return INSTALLED if INSTALLED.exists() else CHECKED_OUT


def upgrade(url: str) -> list[str]:
    """Bring the database to the newest revision and return the revisions applied, oldest first.

    It waits for another migrator of the same database, and never rolls back what is committed: each revision is one
    transaction. *url* must not lead through a pooler. Raises: sqlalchemy.exc.DBAPIError.
    """
    from alembic import command  # noqa: PLC0415 - who only looks at the revision does without
    from alembic.config import Config  # noqa: PLC0415 - as above

    applied: list[str] = []
    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(url=url, applied=applied)
    command.upgrade(config, "head")
    return applied


def current(url: str) -> str | None:
    """Return the revision of the database, None for an empty one. Raises: psycopg.Error."""
    with psycopg.connect(conninfo(url)) as connection:
        if connection.execute(THERE).fetchone() != (True,):
            return None
        found = connection.execute(VERSION).fetchone()
        return str(found[0]) if found else None


@cache
def head() -> str:
    """Return the newest revision this program knows: revisions are numbers, with which the names of their files begin."""
    numbers = [path.name.partition("_")[0] for path in (folder() / "versions").glob("[0-9]*_*.py")]
    if not numbers:
        raise RuntimeError(f"there are no migrations in {folder()}")
    return max(numbers)


async def is_current(driver: Driver) -> bool:
    """Tell whether the database is at the revision this program was written for. Raises: psycopg.Error."""
    return await send(driver, [(THERE, ())]) == [[(True,)]] and await send(driver, [(VERSION, ())]) == [[(head(),)]]


def foreign(table: str) -> bool:
    """Tell whether *table* belongs to a library in this database, and so is not in our metadata."""
    return table.startswith("procrastinate_") or table == "alembic_version"
