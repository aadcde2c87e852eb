"""Connections lent by the engine's pool, as the driver knows them, and what their errors mean."""

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import psycopg
from psycopg.errors import QueryCanceled
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util.concurrency import greenlet_spawn

from oms_api.kernel.errors import Busy

Driver = psycopg.AsyncConnection[Any]
ENDED_BY_SERVER = {"57P01", "57P02", "57P03"}


@asynccontextmanager
async def leased(engine: AsyncEngine) -> AsyncIterator[Driver]:
    """Lend one of the pool's connections, in autocommit mode; one that was closed, here or by the server, is replaced.

    Raises: sqlalchemy.exc.TimeoutError, when none comes free in time; psycopg.OperationalError, when none can be opened.
    """
    pooled = await _pooled(engine)
    driver = cast("Driver", pooled.driver_connection)
    while _hung_up(driver):  # such as all that were idle when the server restarted
        await greenlet_spawn(pooled.invalidate)
        pooled = await _pooled(engine)
        driver = cast("Driver", pooled.driver_connection)
    try:
        yield driver
    finally:
        try:
            if driver.closed:
                await greenlet_spawn(pooled.invalidate)
        finally:
            pooled.close()


async def _pooled(engine: AsyncEngine) -> PoolProxiedConnection:
    try:
        return await engine.raw_connection()
    except DBAPIError as error:
        raise driver_error(error) or error from error


def _hung_up(driver: Driver) -> bool:
    """Tell whether the server said something to an idle connection: that is always that it is ended."""
    if driver.closed:
        return True
    watch = select.poll()
    watch.register(driver.pgconn.socket, select.POLLIN)
    return bool(watch.poll(0))


def driver_error(error: BaseException) -> psycopg.Error | None:
    """Return psycopg's error behind *error*, whether SQLAlchemy wrapped it or not."""
    found = error.orig if isinstance(error, DBAPIError) else error
    return found if isinstance(found, psycopg.Error) else None


def lost(error: BaseException) -> bool:
    """Tell whether *error* says that the connection is gone."""
    found = driver_error(error)
    return isinstance(found, psycopg.OperationalError | psycopg.InterfaceError) and (
        found.sqlstate is None or found.sqlstate.startswith("08") or found.sqlstate in ENDED_BY_SERVER
    )


def refusal(error: Exception) -> Exception:
    """Return what a reader is told of *error*: Busy, where a statement took too long or no connection came free."""
    if isinstance(error, PoolTimeoutError | QueryCanceled):
        busy = Busy()
        busy.__cause__ = error
        return busy
    return error
