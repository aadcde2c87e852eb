"""The connections that a process shares, as the driver knows them, and what their errors mean."""

import asyncio
import select
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import orjson
import psycopg
import structlog
from psycopg.errors import LockNotAvailable, QueryCanceled
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_dumps, set_json_loads

from oms_api.db.direct import ALIVE, conninfo
from oms_api.db.json_text import dump_json
from oms_api.kernel.errors import Busy, Unavailable

SESSION_SETTINGS = {
    "lock_timeout": "2s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "plan_cache_mode": "force_generic_plan",
}
CONFIGURE = "SELECT " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in SESSION_SETTINGS.items())
QUEUE_S, AWAY_S = 10.0, 5.0
MOST_PREPARED = 1_000
"""Statements prepared on one connection. What comes after them is sent whole, and once it is back the connection is replaced.

To close one of them in the packet that prepares another brings PgBouncer out of step, up to its change 1555.
"""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.01, 0.2
ENDED_BY_SERVER = {"57P01", "57P02", "57P03"}

Driver = psycopg.AsyncConnection[Any]
PreparedKey = tuple[str, tuple[int, ...]]
PREPARED: WeakKeyDictionary[Driver, dict[PreparedKey, bytes]] = WeakKeyDictionary()
"""The names of the statements that a connection has prepared, by their text and types."""
log = structlog.get_logger("oms_api.db")


class Pool:
    """At most *size* connections to PostgreSQL, each opened when it is needed and lent to one at a time.

    They are in autocommit mode, since a Tx sends BEGIN and COMMIT itself, and have the timeouts that the locks rely on.
    """

    def __init__(self, url: str, *, size: int = 16) -> None:
        set_json_dumps(dump_json)
        set_json_loads(orjson.loads)
        self.size = size
        self.away_s = AWAY_S
        self._conninfo = conninfo(url)
        self._capacity = asyncio.Semaphore(size)
        self._shares = WeakValueDictionary[Hashable, asyncio.Semaphore]()
        self._idle: list[Driver] = []
        self._away = self._closed = False

    @asynccontextmanager
    async def lease(self, *, away_s: float | None = None) -> AsyncIterator[Driver]:
        """Lend a connection that is alive until the end of the block. Who asked first gets one first.

        Raises: Busy, when none comes free in 10 s; Unavailable, when none can be opened in *away_s*, 5 unless told.
        """
        await _take(self._capacity)
        try:
            driver = self._kept() or await self._opened(self.away_s if away_s is None else away_s)
            try:
                yield driver
            finally:
                await self._back(driver)
        finally:
            self._capacity.release()

    @asynccontextmanager
    async def share(self, holder: Hashable) -> AsyncIterator[None]:
        """Keep what may take long for *holder* to a quarter of the connections at a time: wait for one of these turns.

        Raises: Busy, when none comes in 10 s.
        """
        turns = self._shares.setdefault(holder, asyncio.Semaphore(max(self.size // 4, 1)))
        await _take(turns)
        try:
            yield
        finally:
            turns.release()

    async def forget(self) -> None:
        """Close the connections that nobody has: where one was lost, the others may be about to be."""
        while self._idle:
            await self._idle.pop().close()

    async def close(self) -> None:
        """Close every connection; what is lent is closed when it comes back."""
        self._closed = True
        await self.forget()

    def _kept(self) -> Driver | None:
        """Return the connection that was used last, if there is one that the server has not ended meanwhile."""
        while self._idle:
            driver = self._idle.pop()
            if not _hung_up(driver):
                return driver
            driver.pgconn.finish()
        return None

    async def _opened(self, away_s: float) -> Driver:
        """Return a new connection, once the database is there."""
        failure, pause = None, FIRST_PAUSE_S
        try:
            async with asyncio.timeout(away_s):
                while True:
                    try:
                        driver = await self._connected()
                    except psycopg.OperationalError as error:
                        failure = error
                    else:
                        self._note(None)
                        return driver
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_S)
        except TimeoutError as error:
            self._note(failure or error)
            raise Unavailable from failure

    async def _connected(self) -> Driver:
        connecting = asyncio.ensure_future(psycopg.AsyncConnection.connect(self._conninfo, autocommit=True, **ALIVE))
        try:
            driver = await asyncio.shield(connecting)
        except asyncio.CancelledError:  # the driver would leave what it has to the garbage collector
            connecting.add_done_callback(_finish)
            raise
        try:
            await driver.execute(CONFIGURE.encode())
        except BaseException:
            await driver.close()
            raise
        return driver

    async def _back(self, driver: Driver) -> None:
        full = len(PREPARED.get(driver, ())) >= MOST_PREPARED
        if self._closed or full or driver.pgconn.transaction_status != TransactionStatus.IDLE:  # or its user gave up
            await driver.close()
        else:
            self._idle.append(driver)

    def _note(self, failure: Exception | None) -> None:
        """Log when the database goes away, and when it comes back."""
        if failure is not None and not self._away:
            log.error("database_away", error=str(failure) or "no answer")
        elif failure is None and self._away:
            log.warning("database_back")
        self._away = failure is not None


async def _take(turns: asyncio.Semaphore) -> None:
    """Take one of *turns*; who asked first gets one first. Raises: Busy, when none comes free in 10 s."""
    if not turns.locked():
        await turns.acquire()
        return
    try:
        async with asyncio.timeout(QUEUE_S):
            await turns.acquire()
    except TimeoutError:
        raise Busy from None


def _finish(connecting: "asyncio.Future[Driver]") -> None:
    """Close a connection for which nobody waits any more."""
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().pgconn.finish()


def _hung_up(driver: Driver) -> bool:
    """Tell whether the server said something to an idle connection: that is always that it is ended."""
    watch = select.poll()
    watch.register(driver.pgconn.socket, select.POLLIN)
    return bool(watch.poll(0))


def lost(error: BaseException) -> bool:
    """Tell whether *error* says that the connection is gone."""
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and (
        error.sqlstate is None or error.sqlstate.startswith("08") or error.sqlstate in ENDED_BY_SERVER
    )


def refusal(error: Exception) -> Exception:
    """Return what a caller is told of *error*: Busy, when a statement took too long; Unavailable, when the connection broke."""
    known = Busy() if isinstance(error, QueryCanceled | LockNotAvailable) else Unavailable() if lost(error) else None
    if known is None:
        return error
    known.__cause__ = error
    return known
