"""How the database is reached, and connections of one's own, past the pool and any pooler: for the relay and for LISTEN."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import URL, make_url

ALIVE: dict[str, Any] = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "connect_timeout": 10,
}
"""A connection whose other end is gone is noticed within half a minute."""


def driver_url(url: str) -> URL:
    """Return *url* for SQLAlchemy's psycopg dialect, whichever PostgreSQL scheme it names."""
    parsed = make_url(url)
    if not parsed.drivername.startswith(("postgres", "postgresql")):
        raise ValueError(f"OMS_DATABASE_URL must start with postgresql://, not {parsed.drivername}://")
    return parsed.set(drivername="postgresql+psycopg")


def conninfo(url: str) -> str:
    """Return *url* as libpq reads it, whichever PostgreSQL scheme it names."""
    return driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def direct_connection(url: str, *, name: str, settings: dict[str, str]) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Open a connection in autocommit mode with *settings* of the session. Raises: psycopg.OperationalError."""
    connection = await psycopg.AsyncConnection.connect(conninfo(url), autocommit=True, application_name=name, **ALIVE)
    async with connection:
        for setting, value in settings.items():
            await connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
        yield connection
