"""Databases for tests: a server for the run, a migrated template, and clones of it."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, NamedTuple

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from oms_api.db import migrations
from oms_api.db.embedded import EmbeddedPostgresError, running

ADMIN_URL = "OMS_TEST_DATABASE_ADMIN_URL"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "1h"}
"""Nothing here has to outlive the run. Visibility and order of commits stay what they are."""


@dataclass(frozen=True)
class Database:
    """One database, as the running program, as the owner of its tables, and as superuser."""

    name: str
    app_url: str
    owner_url: str
    admin_url: str


class Server(NamedTuple):
    """A server with a template; *run* sets the databases of this run apart. Plain text, so that workers can be told."""

    admin_url: str
    owner_url: str
    app_url: str
    run: str

    def database(self, name: str) -> Database:
        """Return the URLs of the database *name* of this run."""
        full = f"oms_test_{self.run}_{name}"
        return Database(full, *(_to(url, full) for url in (self.app_url, self.owner_url, self.admin_url)))

    @property
    def template(self) -> Database:
        """The database that clones are made of."""
        return self.database("template")


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server, or use the one that the environment names, and put a migrated template into it."""
    with ExitStack() as stack:
        given = os.environ.get(ADMIN_URL)
        server = _given(given) if given else stack.enter_context(_embedded())
        try:
            with created(server, "template"):
                migrations.upgrade(server.template.owner_url)
                admin(server, "ALTER DATABASE {} ALLOW_CONNECTIONS false", server.template.name)
                yield server
        finally:
            for name in _left(server):
                drop(server, name)


@contextmanager
def created(server: Server, name: str) -> Iterator[Database]:
    """Make an empty database that belongs to the owner of tables."""
    made = server.database(name)
    admin(server, "CREATE DATABASE {} OWNER oms_owner", made.name)
    yield made
    drop(server, made.name)


@contextmanager
def cloned(server: Server, name: str) -> Iterator[Database]:
    """Make a copy of the template, and drop it afterwards whoever is still connected."""
    made = server.database(name)
    admin(server, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY OWNER oms_owner", made.name, server.template.name)
    yield made
    drop(server, made.name)


def drop(server: Server, full_name: str) -> None:
    """Drop a database, whoever is still connected."""
    admin(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", full_name)


def admin(server: Server, statement: LiteralString, *names: str) -> None:
    """Carry out *statement* as superuser; each {} is one of *names*."""
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def _embedded() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="oms-test-"))
    folder.chmod(0o711)
    try:
        with running(folder / "server", settings=FAST) as server:
            yield Server(server.admin_url, server.owner_url, server.app_url, _run())
    except EmbeddedPostgresError as error:
        pytest.exit(f"{error} (or set {ADMIN_URL})", returncode=3)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _given(url: str) -> Server:
    """Use a server that is there; roles it lacks are made with the password of the URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        for role in ("oms_owner", "oms_app"):
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
                words = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(words.format(sql.Identifier(role), sql.Literal(make_url(url).password)))
    return Server(url, _as(url, "oms_owner"), _as(url, "oms_app"), _run())


def _left(server: Server) -> list[str]:
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (f"oms_test_{server.run}_",)
        )
        return [name for (name,) in found]


def _run() -> str:
    return secrets.token_hex(4)


def _as(url: str, role: str) -> str:
    return make_url(url).set(username=role).render_as_string(hide_password=False)


def _to(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)
