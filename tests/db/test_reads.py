"""Reads of one moment travel together, and what befalls one of them befalls no other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import DataError, DivisionByZero
from sqlalchemy import Select, bindparam, delete, func, literal, select, text, update

from oms_api.db import connections
from oms_api.db.connections import Pool
from oms_api.db.pipeline import send, send_each
from oms_api.db.reads import LOSSES, MOST_LONG, RoundTrips
from oms_api.db.relations import Relation
from oms_api.db.session import Reader
from oms_api.db.snapshot import one_snapshot
from oms_api.db.statements import Query, statement
from oms_api.db.traffic import Traffic, counted
from oms_api.graphql.loading import Loading
from oms_api.kernel.errors import Busy, Unavailable
from oms_api.kernel.paging import InvalidCursor, PageRequest
from tests.factories import library
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.library import AUTHORS, FULL, Book
from tests.factories.raw import raw

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
OURS = "pg_stat_activity WHERE usename = 'oms_app' AND datname = current_database()"
ASLEEP = "query LIKE 'SELECT pg_sleep%' AND state = 'active'"
SLEEPING = f"SELECT count(*) FROM {OURS} AND {ASLEEP}"


@statement
def number(value: int) -> Select[Any]:
    return select((literal(0) + bindparam(None, type_=None) if value is None else func.abs(value)).label("number"))


@statement
def divided(by: int) -> Select[Any]:
    return select((literal(1) / func.abs(by)).label("number"))


@statement(alone=True)
def report(value: int) -> Select[Any]:
    return select(func.abs(value).label("number"))


@statement
def titled(title: str) -> Select[Any]:
    return select(Book.id).where(Book.title == title)


def sleeping(seconds: float) -> Query[Any]:
    return raw(text(f"SELECT pg_sleep({seconds})"))


def asleep() -> Query[Any]:
    return sleeping(30)._replace(alone=True)


@pytest.fixture(scope="module", autouse=True)
def furnished(database: Database) -> None:
    library.furnish(database)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    made = Pool(database.app_url, size=2)
    yield made
    await made.close()


@pytest.fixture
def trips(pool: Pool) -> RoundTrips:
    return RoundTrips(pool)


@pytest.fixture
async def admin(database: Database) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    async with await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as connection:
        yield connection


async def outcome(trips: RoundTrips, query: Query[Any]) -> Any:
    """Return the one value that *query* asks for, or the error."""
    try:
        return (await trips.ask(query))[0][0]
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error


async def outcomes(trips: RoundTrips, *queries: Query[Any]) -> tuple[list[Any], Traffic]:
    """Ask for all *queries* at once; return what each came to and the traffic."""
    traffic = Traffic()
    with counted(traffic):
        found = await asyncio.gather(*(outcome(trips, query) for query in queries))
    return found, traffic


async def is_whole(pool: Pool) -> None:
    """Demand that each connection of the pool is there and answers."""
    async with pool.lease() as first, pool.lease() as second:
        assert await send(first, [("SELECT 1", ())]) == await send(second, [("SELECT 1", ())]) == [[(1,)]]
    assert pool._capacity._value == pool.size


async def nobody_sleeps(admin: psycopg.AsyncConnection[Any], *, within_s: float = 1) -> None:
    """Demand that the server soon carries out nothing for anybody who has left."""
    start = monotonic()
    while await count(admin, SLEEPING):
        assert monotonic() - start < within_s, "the server still works for nobody"
        await asyncio.sleep(0.02)


async def count(admin: psycopg.AsyncConnection[Any], query: str) -> int:
    ((found,),) = await (await admin.execute(query.encode())).fetchall()
    return int(found)


async def some_sleep(admin: psycopg.AsyncConnection[Any], sleepers: int = 1) -> None:
    while await count(admin, SLEEPING) < sleepers:  # noqa: ASYNC110 - it is another process that begins
        await asyncio.sleep(0.01)


# --- together


async def test_reads_of_one_turn_share_a_packet(trips: RoundTrips) -> None:
    found, traffic = await outcomes(trips, *(number(value) for value in range(1, 9)))
    assert (found, traffic.statements, traffic.trips) == ([1, 2, 3, 4, 5, 6, 7, 8], 8, 1)


async def test_two_readers_of_one_request_share_a_packet(trips: RoundTrips) -> None:
    traffic = Traffic()
    with counted(traffic):
        found = await asyncio.gather(*(Reader(trips, SYSTEM).value(number(value)) for value in (1, 2)))
    assert (found, traffic.trips) == ([1, 2], 1)


async def test_who_asks_some_turns_later_still_comes_along(trips: RoundTrips) -> None:
    async def later(turns: int) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await outcome(trips, number(turns))

    traffic = Traffic()
    with counted(traffic):
        assert await asyncio.gather(*(later(turns) for turns in range(1, 6))) == [1, 2, 3, 4, 5]
    assert traffic.trips == 1


async def test_who_is_alone_waits_for_nobody(trips: RoundTrips) -> None:
    turns = 0

    async def turning() -> None:
        nonlocal turns
        while not trips.running:
            turns += 1
            await asyncio.sleep(0)

    asked, _ = await asyncio.gather(outcome(trips, number(5)), turning())
    assert asked == 5
    assert turns <= 3


async def test_requests_do_not_wait_for_each_other(pool: Pool, trips: RoundTrips) -> None:
    slow = asyncio.create_task(trips.ask(sleeping(1)))
    start = monotonic()
    assert await outcome(RoundTrips(pool), number(3)) == 3
    assert monotonic() - start < 0.5
    await slow


async def test_what_may_take_long_travels_alone(trips: RoundTrips) -> None:
    found, traffic = await outcomes(trips, number(1), report(2), number(3), report(4))
    assert (found, traffic.statements, traffic.trips) == ([1, 2, 3, 4], 4, 3)


async def test_a_slow_statement_alone_holds_up_no_other(trips: RoundTrips) -> None:
    slow = asyncio.create_task(trips.ask(sleeping(1)._replace(alone=True)))
    start = monotonic()
    assert await outcome(trips, number(3)) == 3
    assert monotonic() - start < 0.5
    await slow


async def test_a_request_has_few_connections_for_what_takes_long(
    database: Database, admin: psycopg.AsyncConnection[Any]
) -> None:
    pool = Pool(database.app_url, size=16)
    greedy = RoundTrips(pool, "greedy")
    long = [asyncio.create_task(greedy.ask(asleep())) for _ in range(50)]
    await some_sleep(admin, MOST_LONG)
    assert await outcome(RoundTrips(pool, "greedy"), report(3)) == 3
    assert await count(admin, SLEEPING) == MOST_LONG
    greedy.stop()
    ends = await asyncio.gather(*long, return_exceptions=True)
    assert {type(end) for end in ends} == {asyncio.CancelledError}
    await nobody_sleeps(admin)
    await pool.close()


async def test_a_key_has_a_quarter_of_the_connections_for_what_takes_long(
    database: Database, admin: psycopg.AsyncConnection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Pool(database.app_url, size=12)
    monkeypatch.setattr(connections, "QUEUE_S", 0.1)
    greedy = [RoundTrips(pool, "greedy") for _ in range(5)]
    long = [asyncio.create_task(outcome(trips, asleep())) for trips in greedy]
    await some_sleep(admin, 3)
    assert await outcome(RoundTrips(pool, "another"), report(3)) == 3
    assert [type(await each) for each in long[3:]] == [Busy, Busy]
    with pytest.raises(Busy):
        async with greedy[4].held():
            pass
    assert await count(admin, SLEEPING) == 3
    for trips in greedy:
        trips.stop()
    await asyncio.gather(*long, return_exceptions=True)
    await nobody_sleeps(admin)
    assert await outcome(RoundTrips(pool, "greedy"), report(4)) == 4
    await pool.close()


# --- what goes wrong


async def test_a_statement_that_fails_leaves_its_neighbors_answered(trips: RoundTrips, pool: Pool) -> None:
    found, traffic = await outcomes(trips, number(1), divided(0), number(3), divided(0), number(5))
    assert [found[0], found[2], found[4]] == [1, 3, 5]
    assert [type(found[1]), type(found[3])] == [DivisionByZero, DivisionByZero]
    assert traffic.trips == 3
    await is_whole(pool)


async def test_a_statement_that_cannot_be_prepared_leaves_its_neighbors_answered(trips: RoundTrips) -> None:
    wrong = Query[Any]("SELECT nothing FROM nowhere WHERE x = $1", (1,))
    found, _ = await outcomes(trips, number(1), wrong, divided(1), wrong)
    assert (found[0], found[2], type(found[1]), type(found[3])) == (
        1,
        1,
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedTable,
    )


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (titled("NUL \0"), DataError),
        (titled(object()), psycopg.ProgrammingError),  # type: ignore[arg-type]
        (raw(text("SELECT DATE '10000-01-01'")), DataError),
        (raw(text("SELECT 'x' AS genre"))._replace(record=raw(select(Book.genre)).record), KeyError),
    ],
)
async def test_a_value_that_cannot_be_carried_is_its_own_askers(
    trips: RoundTrips, pool: Pool, bad: Query[Any], error: type[Exception]
) -> None:
    found, traffic = await outcomes(trips, number(1), bad, number(3))
    assert (found[0], type(found[1]), found[2], traffic.trips) == (1, error, 3, 1)
    await is_whole(pool)


async def test_what_takes_too_long_is_busy_and_its_neighbor_answered(database: Database) -> None:
    pool = Pool(database.app_url, size=1)
    async with pool.lease() as driver:
        await send(driver, [("SET statement_timeout = '100ms'", ())])
    found, _ = await outcomes(RoundTrips(pool), number(1), sleeping(5), number(3))
    assert (found[0], type(found[1]), found[2]) == (1, Busy, 3)
    await pool.close()


async def test_who_finds_no_connection_is_told_busy(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool(database.app_url, size=1)
    monkeypatch.setattr(connections, "QUEUE_S", 0.1)
    async with pool.lease():
        found, _ = await outcomes(RoundTrips(pool), number(1), report(2))
        assert [type(each) for each in found] == [Busy, Busy]
        with pytest.raises(Busy):
            async with RoundTrips(pool).held():
                pass
    assert (await outcomes(RoundTrips(pool), number(1)))[0] == [1]
    await pool.close()


@pytest.mark.parametrize(
    "query",
    [
        raw(update(Book).values(pages=0).returning(Book.pages)),
        raw(delete(Book).returning(Book.pages)),
        raw(select(update(Book).values(pages=0).returning(Book.pages).cte("changed"))),
        raw(text("UPDATE book SET pages = 0 RETURNING pages")),
    ],
)
async def test_what_writes_never_leaves_with_the_reads(trips: RoundTrips, query: Query[Any]) -> None:
    traffic = Traffic()
    with counted(traffic):
        with pytest.raises(TypeError, match="only reads"):
            await Reader(trips, SYSTEM).all(query)
        assert traffic.trips == 0
    found, traffic = await outcomes(trips, number(1), query, raw(select(func.min(Book.pages))))
    assert (found[0], type(found[1]), found[2]) == (1, TypeError, 10)


async def test_a_statement_that_writes_is_refused_whoever_declares_it(trips: RoundTrips) -> None:
    @statement
    def changed(pages: int) -> Any:
        return update(Book).values(pages=pages).returning(Book.pages)

    with pytest.raises(TypeError, match="only reads"):
        await Reader(trips, SYSTEM).all(changed(0))


async def test_a_moment_can_only_read(trips: RoundTrips) -> None:
    async with one_snapshot(Reader(trips, SYSTEM)) as read:
        assert await read.value(raw(select(func.min(Book.pages)))) == 10
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await read.all(raw(update(Book).values(pages=0).returning(Book.pages)))


# --- loading


def loading(trips: RoundTrips, relation: Relation[Any, Any], *more: Any) -> Loading[Any, Any]:
    return Loading(Reader(trips, SYSTEM), trips, relation, more)


async def test_keys_of_several_loaders_leave_in_one_packet(trips: RoundTrips) -> None:
    books, authors = loading(trips, library.book_by_id), loading(trips, library.books_by_author)
    traffic = Traffic()
    with counted(traffic):
        found = await asyncio.gather(
            books.load(ONE), books.load(TWO), books.load(ONE), books.load(UUID(int=99)), authors.load(AUTHORS[1]),
            outcome(trips, number(7)),
        )  # fmt: skip
        again = await books.load(ONE)
    assert [book and book.pages for book in found[:4]] == [10, 20, 10, None]
    assert ([book.pages for book in found[4]], found[5]) == ([60, 70], 7)
    assert again is found[0] is found[2]
    assert (traffic.statements, traffic.trips) == (3, 1)


async def test_a_damaged_cursor_reaches_only_who_gave_it(trips: RoundTrips) -> None:
    good, bad = (loading(trips, library.pages_by_author, PageRequest(size=1, cursor=cursor)) for cursor in (None, "bad"))
    found: Sequence[Any] = await asyncio.gather(
        good.load(AUTHORS[0]), bad.load(AUTHORS[0]), outcome(trips, number(1)), return_exceptions=True
    )
    assert (len(found[0].items), type(found[1]), found[2]) == (1, InvalidCursor, 1)


async def test_a_sort_that_fails_leaves_its_neighbors_answered(trips: RoundTrips) -> None:
    def confused(*_: Any) -> Any:
        raise ZeroDivisionError

    by_id = library.book_by_id
    wrong = loading(trips, Relation(by_id.query, confused, by_id.missing))
    good = loading(trips, by_id)
    found: Sequence[Any] = await asyncio.gather(wrong.load(ONE), good.load(ONE), wrong.load(TWO), return_exceptions=True)
    assert (type(found[0]), found[1].pages, type(found[2])) == (ZeroDivisionError, 10, ZeroDivisionError)


async def test_an_error_is_not_kept(trips: RoundTrips) -> None:
    fails = [True]

    def once(*given: Any) -> Any:
        if fails.pop() if fails else False:
            raise ZeroDivisionError
        return library.book_by_id.sort(*given)

    flaky = loading(trips, Relation(library.book_by_id.query, once, library.book_by_id.missing))
    with pytest.raises(ZeroDivisionError):
        await flaky.load(ONE)
    assert (await flaky.load(ONE)).pages == 10


async def test_who_gives_up_cancels_nobody_else(trips: RoundTrips) -> None:
    books = loading(trips, library.book_by_id)

    async def wait(key: UUID) -> Any:
        return await books.load(key)

    tasks = [asyncio.create_task(wait(key)) for key in (ONE, ONE, TWO)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[2].cancel()
    found: list[Any] = await asyncio.gather(*tasks, wait(THREE), return_exceptions=True)
    assert [type(each) for each in (found[0], found[2])] == [asyncio.CancelledError, asyncio.CancelledError]
    assert (found[1].pages, found[3].pages) == (10, 30)
    assert (await books.load(TWO)).pages == 20


# --- prepared statements


async def test_statements_are_prepared_once_a_connection(database: Database) -> None:
    pool = Pool(database.app_url, size=1)
    for value in range(3):
        await outcomes(RoundTrips(pool), number(value), number(value + 1), titled("x"))
    (found,) = await RoundTrips(pool).ask(raw(text("SELECT count(*) FROM pg_prepared_statements")))
    assert found[0] == 2
    await pool.close()


async def test_prepared_statements_are_bounded_and_a_full_connection_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_PREPARED", 3)
    pool = Pool(database.app_url, size=1)
    trips = RoundTrips(pool)

    async def asked(*more: int) -> tuple[int, int]:
        """Ask for statements of the numbers *more*; return which connection there is then, and what it has prepared."""
        queries = [Query[Any](f"SELECT $1::int + {number}", (1,)) for number in more]
        async with pool.lease() as driver:
            first, second = [await send_each(driver, queries) for _ in range(2)]
            assert first == second
            ((kept,),) = (await send(driver, [("SELECT count(*) FROM pg_prepared_statements", ())]))[0]
            return driver.info.backend_pid, kept

    first, kept = await asked(0, 1)
    assert kept == 2
    assert await asked(0, 1, 2, 3, 4) == (first, 3)
    second, kept = await asked(4)
    assert second != first
    assert kept == 1
    assert (await outcomes(trips, number(5)))[0] == [5]
    await pool.close()


async def test_statements_that_somebody_deallocated_are_prepared_anew(pool: Pool) -> None:
    trips = RoundTrips(pool)
    await outcomes(trips, number(1), titled("x"))
    async with pool.lease() as driver:
        await send(driver, [("DEALLOCATE ALL", ())])
    found, _ = await outcomes(trips, number(1), divided(0), number(2), titled(str(FULL["title"])))
    assert (found[0], type(found[1]), found[2:]) == (1, DivisionByZero, [2, ONE])


async def test_a_statement_whose_column_changed_its_type_is_prepared_anew(pool: Pool, admin: Any) -> None:
    await admin.execute("CREATE TABLE changing AS SELECT 1::int AS value; GRANT SELECT ON changing TO oms_app")
    asked = Query[Any]("SELECT value FROM changing WHERE value >= $1", (1,))
    trips = RoundTrips(pool)
    assert (await outcomes(trips, number(5), asked))[0] == [5, 1]
    await admin.execute("ALTER TABLE changing ALTER COLUMN value TYPE bigint")
    assert (await outcomes(trips, number(5), asked))[0] == [5, 1]


# --- lost connections


async def killed(admin: psycopg.AsyncConnection[Any], where: str) -> int:
    return await count(admin, f"SELECT count(pg_terminate_backend(pid, 5000)) FROM {OURS} AND {where}")


async def test_connections_ended_while_idle_are_replaced(pool: Pool, admin: Any) -> None:
    trips = RoundTrips(pool)
    await outcomes(trips, number(1), report(2))
    assert await killed(admin, "state = 'idle'") >= 2
    traffic = Traffic()
    with counted(traffic):
        found, _ = await outcomes(trips, number(1), report(2))
    assert (found, traffic.away) == ([1, 2], 0)
    await is_whole(pool)


async def test_what_a_killed_connection_read_is_read_again(pool: Pool, admin: Any) -> None:
    trips = RoundTrips(pool)
    asked = asyncio.create_task(outcomes(trips, number(1), sleeping(0.7), number(3)))
    await some_sleep(admin)
    assert await killed(admin, ASLEEP) == 1
    found, traffic = await asked
    assert (found[0], found[2], traffic.away) == (1, 3, 0)
    assert not isinstance(found[1], Exception)
    await is_whole(pool)


async def test_one_read_that_is_killed_twice_is_read_again(pool: Pool, admin: Any) -> None:
    asked = asyncio.create_task(outcomes(RoundTrips(pool), sleeping(0.7)))
    for _ in range(LOSSES):
        await some_sleep(admin)
        assert await killed(admin, ASLEEP) == 1
    ((found,), _) = await asked
    assert not isinstance(found, Exception)


async def test_what_is_killed_again_and_again_is_told(pool: Pool, admin: Any) -> None:
    asked = asyncio.create_task(outcomes(RoundTrips(pool), number(1), sleeping(5)))
    for _ in range(LOSSES + 1):
        await some_sleep(admin)
        assert await killed(admin, ASLEEP) == 1
    found, _ = await asked
    assert [type(each) for each in found] == [Unavailable, Unavailable]
    await is_whole(pool)


# --- nobody waits any more


@asynccontextmanager
async def asking(trips: RoundTrips, *queries: Query[Any]) -> AsyncIterator["list[asyncio.Task[Any]]"]:
    tasks = [asyncio.create_task(trips.ask(query)) for query in queries]
    yield tasks
    for task in tasks:
        task.cancel()


async def test_what_is_stopped_ends_on_the_server_too(trips: RoundTrips, pool: Pool, admin: Any) -> None:
    async with asking(trips, sleeping(20), sleeping(20)._replace(alone=True)) as tasks:
        await some_sleep(admin, 2)
        trips.stop()
        await nobody_sleeps(admin)
        assert [type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)] == [asyncio.CancelledError] * 2
    await is_whole(pool)


@pytest.mark.parametrize("turns", range(4))
async def test_what_was_about_to_leave_stays_when_stopped(trips: RoundTrips, pool: Pool, turns: int) -> None:
    books = loading(trips, library.book_by_id)

    async def wait() -> Any:
        return await books.load(ONE)

    async with asyncio.timeout(5), asking(trips, number(1), report(2)) as tasks:
        tasks.append(asyncio.create_task(wait()))
        for _ in range(turns):
            await asyncio.sleep(0)
        trips.stop()
        assert {type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)} == {asyncio.CancelledError}
    await is_whole(pool)


async def test_nothing_is_read_after_the_end(trips: RoundTrips) -> None:
    trips.stop()
    traffic = Traffic()
    with counted(traffic), pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await trips.ask(number(1))
    assert traffic.trips == 0


async def test_a_read_canceled_at_any_moment_leaves_the_pool_whole(pool: Pool, admin: Any) -> None:
    async def one(moment: float, act: Callable[[RoundTrips], Awaitable[object]]) -> None:
        trips = RoundTrips(pool)
        task = asyncio.ensure_future(act(trips))
        await asyncio.sleep(moment)
        task.cancel()
        trips.stop()
        trips.stop()

    async def moments(trips: RoundTrips) -> None:
        async with one_snapshot(Reader(trips, SYSTEM)) as read:
            await read.all(number(1))
            await read.all(sleeping(0.01))

    def acts(trips: RoundTrips) -> Awaitable[object]:
        return outcomes(trips, number(1), sleeping(0.01), report(3), divided(0), number(5))

    for at in range(40):
        await asyncio.gather(*(one(at * 0.0005 + beside * 0.001, act) for beside in range(4) for act in (acts, moments)))
    await nobody_sleeps(admin)
    await asyncio.sleep(0.1)
    await is_whole(pool)
    assert (await outcomes(RoundTrips(pool), number(1), report(2)))[0] == [1, 2]


async def test_a_connection_refuses_a_packet_while_another_is_on_its_way(pool: Pool) -> None:
    async with RoundTrips(pool).held() as held:
        told: list[Any] = await asyncio.gather(held.ask(number(1)), held.ask(number(2)), return_exceptions=True)
        assert (told[0][0].number, type(told[1])) == (1, RuntimeError)
        assert (await held.ask(number(3)))[0].number == 3
