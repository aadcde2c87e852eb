"""What leaves for the database is counted, whichever way it goes, by whoever listens."""

import asyncio

import pytest
from psycopg.errors import DivisionByZero
from sqlalchemy import literal, select, text

from oms_api.db.session import Tx
from oms_api.db.traffic import Traffic, counted
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Principal
from tests.factories.asking import counted_statements, no_statements
from tests.factories.raw import raw


async def one(work: UnitOfWork, principal: Principal, number: int) -> None:
    async with work.reads(principal) as read:
        assert await read.value(raw(select(literal(number)))) == number


async def test_a_read_and_a_packet_are_heard(work: UnitOfWork, principal: Principal) -> None:
    async def three(tx: Tx, numbers: tuple[int, int]) -> list[int]:
        return [rows[0][0] for rows in await tx.flush([("SELECT $1::int", (number,)) for number in numbers])]

    traffic = Traffic()
    with counted(traffic), counted_statements() as sent:
        await one(work, principal, 1)
        assert (traffic.statements, traffic.trips, len(sent)) == (1, 1, 1)
        assert await work.execute(principal, three, (2, 3)) == [2, 3]
    assert sent[1:] == ["BEGIN", "SELECT $1::int", "SELECT $1::int", "COMMIT"]
    assert str(traffic) == "5 statements, 3 trips"
    assert traffic.waited_s > 0
    await one(work, principal, 4)
    assert traffic.statements == 5


async def test_tasks_are_counted_for_who_started_them(work: UnitOfWork, principal: Principal) -> None:
    traffic, others = Traffic(), [Traffic() for _ in range(3)]

    async def asking(mine: Traffic, times: int) -> None:
        with counted(mine):
            for _ in range(times):
                await asyncio.create_task(one(work, principal, times))

    with counted(traffic):
        await asyncio.gather(*(asking(mine, times) for times, mine in enumerate(others, 1)))
    assert [mine.trips for mine in others] == [1, 2, 3]
    assert traffic.trips == 6


async def test_a_failed_statement_is_counted_and_no_longer_on_its_way(work: UnitOfWork, principal: Principal) -> None:
    async def divides(tx: Tx, by: int) -> None:
        await tx.fetch(("SELECT 1 / $1::int", (by,)))

    traffic = Traffic()
    with counted(traffic):
        async with work.reads(principal) as read:
            with pytest.raises(DivisionByZero):
                await read.all(raw(text("SELECT 1 / 0")))
        assert (traffic.trips, traffic.away) == (1, 0)
        with pytest.raises(Exception, match="division by zero"):
            await work.execute(principal, divides, 0)
    assert (traffic.statements, traffic.away) == (4, 0)  # BEGIN and ROLLBACK among them


async def test_what_waits_side_by_side_is_waited_for_once(work: UnitOfWork, principal: Principal) -> None:
    async def sleeps() -> None:
        async with work.reads(principal) as read:
            await read.all(raw(text("SELECT pg_sleep(0.2)")))

    traffic = Traffic()
    with counted(traffic):
        await asyncio.gather(*(sleeps() for _ in range(4)))
    assert traffic.trips == 4
    assert 0.2 <= traffic.waited_s < 0.7


async def test_a_counter_that_hears_nothing_does_not_pass(work: UnitOfWork, principal: Principal) -> None:
    with pytest.raises(AssertionError, match="nothing was counted"), counted_statements():
        await asyncio.sleep(0)
    with pytest.raises(AssertionError):
        async with no_statements(work):
            await one(work, principal, 1)
