"""Connections are lent to one at a time, never dead ones, in order, and none is ever lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg.rows import scalar_row

from oms_api.db import connections
from oms_api.db.connections import SESSION_SETTINGS, Driver, Pool
from oms_api.db.pipeline import send
from oms_api.kernel.errors import Busy, Unavailable
from tests.factories.database import Database
from tests.factories.proxy import Proxy, proxied

SIZE = 3
OURS = "pg_stat_activity WHERE usename = 'oms_app' AND datname = current_database()"
Admin = psycopg.AsyncConnection[Any]


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    made = Pool(database.app_url, size=SIZE)
    yield made
    await made.close()


@pytest.fixture
async def admin(database: Database) -> AsyncIterator[Admin]:
    connecting = psycopg.AsyncConnection.connect(database.admin_url, autocommit=True, row_factory=scalar_row)
    async with await connecting as connection:
        yield connection


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[Proxy]:
    async with proxied(database.app_url) as made:
        yield made


@asynccontextmanager
async def all_of(pool: Pool) -> AsyncIterator[list[Driver]]:
    """Take every connection that there may be, at once."""
    async with AsyncExitStack() as stack, asyncio.timeout(10):
        yield [await stack.enter_async_context(pool.lease()) for _ in range(pool.size)]


async def is_whole(pool: Pool) -> None:
    """Demand that every connection can be had at once, that each answers, and that they are as many."""
    async with all_of(pool) as drivers:
        assert [await send(driver, [("SELECT 1", ())]) for driver in drivers] == [[[(1,)]]] * pool.size
        assert len({driver.info.backend_pid for driver in drivers}) == pool.size


async def count(admin: Admin, query: str) -> int:
    found = await (await admin.execute(query.encode())).fetchone()
    return int(found or 0)


async def soon(admin: Admin, query: str, wanted: int) -> None:
    async with asyncio.timeout(10):
        while await count(admin, query) != wanted:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.02)


async def test_a_connection_that_came_back_is_lent_again(pool: Pool) -> None:
    pids = set()
    for _ in range(5):
        async with pool.lease() as driver:
            pids.add(driver.info.backend_pid)
    assert len(pids) == 1


async def test_connections_are_set_up(pool: Pool) -> None:
    async with pool.lease() as driver:
        told = await send(driver, [(f"SHOW {name}", ()) for name in SESSION_SETTINGS])
        assert [rows[0][0] for rows in told] == [*SESSION_SETTINGS.values()]
        assert await send(driver, [("SELECT '{\"a\": 1}'::jsonb", ())]) == [[({"a": 1},)]]


async def test_there_are_never_more_and_who_waits_is_served_in_order(pool: Pool, admin: Admin) -> None:
    await is_whole(pool)
    served: list[int] = []

    async def one(number: int) -> None:
        async with pool.lease() as driver:
            served.append(number)
            await driver.execute("SELECT pg_sleep(0.005)")

    async with asyncio.TaskGroup() as group:
        for number in range(60):
            group.create_task(one(number))
    assert served == [*range(60)]
    assert await count(admin, f"SELECT count(*) FROM {OURS}") == SIZE


async def test_who_waits_too_long_is_told_busy_and_takes_nothing(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "QUEUE_S", 0.1)
    async with all_of(pool):
        with pytest.raises(Busy):
            async with pool.lease():
                pass
    await is_whole(pool)


async def test_whoever_is_canceled_at_any_moment_loses_nothing(pool: Pool, admin: Admin) -> None:
    random = Random(1)

    async def use() -> None:
        async with pool.lease() as driver:
            if random.random() < 0.2:
                await driver.close()
            else:
                await send(driver, [("SELECT pg_sleep(0.002)", ())])

    for _ in range(40):
        tasks = [asyncio.create_task(use()) for _ in range(10)]
        await asyncio.sleep(random.random() * 0.03)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await is_whole(pool)
    await soon(admin, f"SELECT count(*) FROM {OURS}", SIZE)


async def test_what_the_server_ended_is_not_lent(pool: Pool, admin: Admin) -> None:
    for _ in range(3):
        await is_whole(pool)
        await soon(admin, f"SELECT count(*) FROM {OURS}", SIZE)
        assert await count(admin, f"SELECT count(pg_terminate_backend(pid, 5000)) FROM {OURS}") == SIZE
    await is_whole(pool)


async def test_what_is_left_in_the_midst_of_something_is_not_lent_again(pool: Pool, admin: Admin) -> None:
    with suppress(ZeroDivisionError):
        async with pool.lease() as driver:
            await send(driver, [("BEGIN", ())])
            raise ZeroDivisionError
    await soon(admin, f"SELECT count(*) FROM {OURS}", 0)
    await is_whole(pool)


async def test_closing_closes_all_also_what_is_lent(pool: Pool, admin: Admin) -> None:
    async with pool.lease():
        async with pool.lease():
            pass
        await pool.close()
        await soon(admin, f"SELECT count(*) FROM {OURS}", 1)
    await soon(admin, f"SELECT count(*) FROM {OURS}", 0)


async def test_who_asks_while_the_database_is_away_waits_for_it(proxy: Proxy) -> None:
    pool = Pool(proxy.url, size=SIZE)
    proxy.closed = True
    waiting = asyncio.create_task(is_whole(pool))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    proxy.closed = False
    await waiting
    await pool.close()


@pytest.mark.parametrize("refuses", [True, False])
async def test_who_waits_too_long_for_the_database_is_told_unavailable(*, refuses: bool) -> None:
    """Whether it refuses connections, or nobody answers there."""
    async with silent() as address:
        pool = Pool(f"postgresql://nobody@{'127.0.0.1:1' if refuses else address}/nothing", size=SIZE)
        told: list[Any] = await asyncio.gather(*(taken(pool) for _ in range(SIZE)), return_exceptions=True)
        assert [type(each) for each in told] == [Unavailable] * SIZE
        assert pool._capacity._value == SIZE
        await pool.close()


async def taken(pool: Pool) -> None:
    async with pool.lease(away_s=0.3):
        pass


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """Give the address of a server that takes connections and says nothing."""

    async def listens(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with await asyncio.start_server(listens, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"
