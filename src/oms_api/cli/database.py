"""Which database a command works on, and whether it is there."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from oms_api.cli import home
from oms_api.cli.console import note
from oms_api.cli.failing import CommandError, one_line
from oms_api.db import embedded, migrations
from oms_api.db.direct import conninfo
from oms_api.settings import Settings

CONNECT_TIMEOUT_S = 5


@contextmanager
def located(settings: Settings, *, made: bool = False) -> Iterator[Settings]:
    """Complete *settings* with a database and secrets, for the time of a command.

    With OMS_DATABASE_URL that database, else the embedded one: of the running development server, or started for as long
    as the command runs. *made*: secrets may be made for a database of the caller's, as `oms dev` does.
    Raises: CommandError; EmbeddedPostgresError.
    """
    server = home.running(settings.home)
    if settings.database_url is not None:
        check_reachable(settings.database_url)
        own = made or (server is not None and server.database_url == settings.database_url)
        yield with_secret(settings) if own else settings
    elif server is not None:
        yield with_secret(on(settings, server.database_url, server.owner_url))
    else:
        with embedded.running(settings.home) as started:
            yield with_secret(on(settings, started.app_url, started.owner_url))


def on(settings: Settings, database_url: str, owner_url: str) -> Settings:
    """Return *settings* on another database."""
    urls = {"database_url": database_url, "database_direct_url": database_url, "database_owner_url": owner_url}
    return settings.model_copy(update=urls)


def with_secret(settings: Settings) -> Settings:
    """Return *settings* with the secret of `.oms/`, unless they name their own."""
    if settings.secret_keys:
        return settings
    return settings.model_copy(update={"secret_keys": (SecretStr(home.development_secret(settings.home)),)})


def check_reachable(url: str) -> None:
    """Raises: CommandError, when the database of *url* cannot be reached."""
    try:
        psycopg.connect(conninfo(url), connect_timeout=CONNECT_TIMEOUT_S).close()
    except (ArgumentError, ValueError) as error:
        raise CommandError(f"OMS_DATABASE_URL is not postgresql://user:password@host/database: {one_line(error)}") from None
    except psycopg.Error as error:
        parsed = make_url(url)
        where = f"{parsed.host or 'localhost'}:{parsed.port or 5432}/{parsed.database or ''}"
        raise CommandError(f"the database at {where} (OMS_DATABASE_URL) cannot be reached: {one_line(error)}") from None


def check_migrated(settings: Settings) -> None:
    """Raises: CommandError, when the tables are not those of this program."""
    if migrations.current(str(settings.direct_url)) != migrations.head():
        raise CommandError("the tables are not those of this version: run `oms migrate` first")


def check_searched(url: str) -> None:
    """Tell when the database cannot search text by parts of it: `contains` is refused then, all else works."""
    from oms_api.db.trigrams import lacks_trigram_indexes  # noqa: PLC0415 - for commands that serve; others wait for nothing
    from oms_api.domain.tables import METADATA  # noqa: PLC0415 - as above: it takes a third of their start

    if lacks_trigram_indexes(url, METADATA):
        note("`contains` is refused: the database lacks indexes of its extension pg_trgm; install that and run `oms migrate`")
