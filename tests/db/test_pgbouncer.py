"""Behind a PgBouncer in transaction mode all is read and written as without, on a few connections that many share."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import scalar_row
from sqlalchemy import Select, func, select, text

from oms_api.db.connections import Pool
from oms_api.db.reads import RoundTrips
from oms_api.db.session import Reader
from oms_api.db.snapshot import one_snapshot
from oms_api.db.statements import Query, statement
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.tables import LocationRow
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.pgbouncer import MOST_PREPARED, SERVERS, pooled
from tests.factories.raw import raw

OURS = "pg_stat_activity WHERE usename = 'oms_app' AND datname = current_database()"
Admin = psycopg.AsyncConnection[Any]


@statement
def number(value: int) -> Select[Any]:
    return select(func.abs(value).label("number"))


@pytest.fixture(scope="module")
async def works(database: Database) -> AsyncIterator[list[UnitOfWork]]:
    """Give the units of work of two processes, each with more connections to PgBouncer than that has to the server."""
    with pooled(database) as url:
        pools = [Pool(url, size=5) for _ in range(2)]
        yield [UnitOfWork(pool) for pool in pools]
        for pool in pools:
            await pool.close()


@pytest.fixture
async def admin(database: Database) -> AsyncIterator[Admin]:
    connecting = psycopg.AsyncConnection.connect(database.admin_url, autocommit=True, row_factory=scalar_row)
    async with await connecting as connection:
        yield connection


async def count(admin: Admin, query: str) -> int:
    found = await (await admin.execute(query.encode())).fetchone()
    return int(found or 0)


async def numbers(work: UnitOfWork, *values: int) -> list[Any]:
    trips = RoundTrips(work.pool)
    return [found[0].number for found in await asyncio.gather(*(trips.ask(number(value)) for value in values))]


async def test_requests_of_two_processes_share_the_connections(works: list[UnitOfWork], admin: Admin) -> None:
    asked = [numbers(work, at, at + 1, at + 2) for at in range(60) for work in works]
    found = await asyncio.gather(*asked)
    assert found == [[at, at + 1, at + 2] for at in range(60) for _ in works]
    assert await count(admin, f"SELECT count(*) FROM {OURS}") <= SERVERS


async def test_statements_are_prepared_on_each_of_them_within_bounds(works: list[UnitOfWork]) -> None:
    async def many(work: UnitOfWork) -> list[Any]:
        queries = [Query[Any](f"SELECT $1::int + {more}", (1,)) for more in range(2 * MOST_PREPARED)]
        trips = RoundTrips(work.pool)
        return [found[0][0] for found in await asyncio.gather(*(trips.ask(query) for query in queries))]

    expected = [1 + more for more in range(2 * MOST_PREPARED)]
    assert await asyncio.gather(*(many(work) for work in works for _ in range(8))) == [expected] * 16
    count = raw(text("SELECT count(*) FROM pg_prepared_statements"))
    kept = await asyncio.gather(*(RoundTrips(work.pool).ask(count) for work in works for _ in range(4)))
    assert {0 < record[0] <= MOST_PREPARED for (record,) in kept} == {True}


async def test_commands_commit_once_each(works: list[UnitOfWork]) -> None:
    made = await asyncio.gather(*(Given(work).location() for work in works for _ in range(10)))
    async with works[0].reads(SYSTEM) as read:
        found = await read.values(raw(select(LocationRow.id)))
    assert sorted(found) == sorted(location.id for location in made)


async def test_a_moment_is_one(works: list[UnitOfWork]) -> None:
    one, two = works
    count = select(func.count()).select_from(LocationRow)
    async with one.reads(SYSTEM) as read, one_snapshot(read) as held:
        before = await held.value(raw(count))
        await Given(two).location()
        assert await held.value(raw(count)) == before
    async with two.reads(SYSTEM) as read:
        assert await read.value(raw(count)) == (before or 0) + 1


async def test_connections_that_the_server_ends_are_replaced(works: list[UnitOfWork], admin: Admin) -> None:
    ends = f"SELECT count(pg_terminate_backend(pid, 5000)) FROM {OURS}"
    await asyncio.gather(*(numbers(work, at) for at in range(5) for work in works))
    for _ in range(5):
        assert await count(admin, ends) > 0
        await asyncio.sleep(0.05)
        found = await asyncio.gather(*(numbers(work, at) for at in range(5) for work in works))
        assert found == [[at] for at in range(5) for _ in works]


async def test_what_is_read_and_written_while_connections_end_comes_to_its_end(works: list[UnitOfWork], admin: Admin) -> None:
    done = asyncio.Event()

    async def ending() -> None:
        while not done.is_set():
            await admin.execute(f"SELECT pg_terminate_backend(pid) FROM {OURS} LIMIT 1")
            await asyncio.sleep(0.2)

    async def reading(work: UnitOfWork) -> None:
        for at in range(40):
            assert await numbers(work, at, at + 1) == [at, at + 1]
            await asyncio.sleep(0.02)

    async def writing(work: UnitOfWork) -> None:
        for _ in range(20):
            await Given(work).location()
            await asyncio.sleep(0.02)

    saboteur = asyncio.create_task(ending())
    await asyncio.gather(*(act(work) for act in (reading, writing) for work in works))
    done.set()
    await saboteur


async def test_what_nobody_waits_for_ends_on_the_server(works: list[UnitOfWork], admin: Admin) -> None:
    async def sleepers(wanted: int) -> None:
        asleep = f"SELECT count(*) FROM {OURS} AND state = 'active' AND query LIKE '%pg_sleep%'"
        while await count(admin, asleep) != wanted:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.02)

    trips = RoundTrips(works[0].pool)
    asking = asyncio.create_task(Reader(trips, SYSTEM).all(raw(text("SELECT pg_sleep(20)"))))
    async with asyncio.timeout(5):
        await sleepers(1)
        trips.stop()
        await sleepers(0)
        await asyncio.gather(asking, return_exceptions=True)
    assert asking.cancelled()
    assert await numbers(works[0], 1) == [1]
