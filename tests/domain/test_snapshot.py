import asyncio

import psycopg
import pytest
from sqlalchemy import func, select, text

from oms_api.db.connections import Pool
from oms_api.db.outbox import StagedEvent
from oms_api.db.session import Reader
from oms_api.db.snapshot import one_snapshot
from oms_api.db.unit_of_work import UnitOfWork
from tests.factories.database import Database
from tests.factories.feed import SYSTEM, emit, event
from tests.factories.raw import raw


async def staged(read: Reader) -> int:
    return await read.value(raw(select(func.count()).select_from(StagedEvent))) or 0


async def test_statements_of_one_moment_see_the_same(fresh_work: UnitOfWork) -> None:
    async with fresh_work.reads(SYSTEM) as read:
        async with one_snapshot(read) as seen:
            assert await staged(seen) == 0
            await emit(fresh_work, event())
            assert await staged(seen) == 0
        assert await staged(read) == 1


async def test_whatever_ends_a_moment_the_connection_goes_on(fresh_database: Database) -> None:
    pool = Pool(fresh_database.app_url, size=1)
    work = UnitOfWork(pool)

    async def fail(statement: str) -> None:
        async with work.reads(SYSTEM) as read, one_snapshot(read) as seen:
            await seen.all(raw(text(statement)))

    with pytest.raises(psycopg.Error, match="read-only"):
        await fail("DELETE FROM follower")
    with pytest.raises(psycopg.Error, match="division"):
        await fail("SELECT 1 / 0")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(fail("SELECT pg_sleep(30)"), 0.2)
    await emit(work, event())
    async with work.reads(SYSTEM) as read:
        assert await staged(read) == 1
        await emit_beside(fresh_database)
        assert await staged(read) == 2
    await pool.close()


async def emit_beside(database: Database) -> None:
    pool = Pool(database.app_url, size=1)
    await emit(UnitOfWork(pool), event())
    await pool.close()
