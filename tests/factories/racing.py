"""Many who do something at once, and how it ended for each."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from oms_api.db.connections import Driver, Pool
from oms_api.db.session import LookAgain, Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.errors import OmsError
from tests.factories.database import Database
from tests.factories.given import SYSTEM

Attempt = Callable[[], Awaitable[object]]
PATIENCE_S = 300
WAITING = Sql("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")


class PatientPool(Pool):
    """A pool whose users may wait for minutes, for a connection and on it."""

    async def _turn(self) -> None:
        await self._capacity.acquire()

    async def _connected(self) -> Driver:
        driver = await super()._connected()
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            await driver.execute(f"SET {limit} = '{PATIENCE_S}s'".encode())
        return driver


@asynccontextmanager
async def patient_work(url: str, connections: int) -> AsyncIterator[UnitOfWork]:
    """Give a unit of work over which anybody may wait for minutes: how fast a machine is decides nothing."""
    pool = PatientPool(url, size=connections)
    try:
        yield UnitOfWork(pool)
    finally:
        await pool.close()


async def race(attempts: Iterable[Attempt]) -> Counter[str]:
    """Run all *attempts* at once and count how they ended: done, or by which code."""
    return Counter(await outcomes(attempts))


async def outcomes(attempts: Iterable[Attempt]) -> list[str]:
    """Run all *attempts* at once and tell of each in turn how it ended."""
    return await asyncio.gather(*map(_outcome, attempts))


async def _outcome(attempt: Attempt) -> str:
    try:
        await attempt()
    except OmsError as error:
        return error.causes[0].code
    return "done"


def deadlocks(database: Database) -> int:
    """Return how many deadlocks there were."""
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        found = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return int(found[0]) if found else 0


@asynccontextmanager
async def transaction(work: UnitOfWork) -> AsyncIterator[Tx]:
    """Give a transaction that goes on until the end of the block, and is committed then."""
    begun, over = asyncio.Queue[Tx](), asyncio.Event()

    async def going_on(tx: Tx, _: None) -> None:
        begun.put_nowait(tx)
        await over.wait()

    running = asyncio.create_task(work.execute(SYSTEM, going_on, None))
    try:
        yield await begun.get()
    finally:
        over.set()
        await running


async def waited_for(tx: Tx, doing: "asyncio.Task[Any]") -> None:
    """Return once somebody waits for what *tx* has locked, which *doing* is to."""
    while not (await tx.fetch(WAITING()))[0][0]:
        assert not doing.done(), "it went on without waiting"
        await asyncio.sleep(0.01)


def under_locks(command: Callable[[Tx, Any], Awaitable[Any]]) -> Callable[[Tx, Any], Awaitable[Any]]:
    """Return *command* as it runs when it has to look again."""

    async def looking_again(tx: Tx, arguments: Any) -> Any:
        if not tx.pessimistic:
            raise LookAgain
        return await command(tx, arguments)

    return looking_again
