import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text

from oms_api.db.direct import conninfo
from oms_api.db.outbox import FollowerRow
from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.checkpoints import STRIDE, Piece
from oms_api.domain.events.events import JobFinished
from oms_api.jobs.app import build
from oms_api.jobs.housekeeping import revive, wake
from oms_api.jobs.pending import PEND, REACT, pend, pend_after_failure, pend_at_once
from oms_api.jobs.tasks import react
from oms_api.workflows.subscribers import Reaction, Subscribers
from tests.factories.database import Database
from tests.factories.feed import ECHOING, SYSTEM, echo, emit, event, feed, relay_all, until, working
from tests.factories.raw import raw

WORKER_PROGRAM = """
import asyncio, sys
from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.jobs.worker import run
from tests.factories.feed import ECHOING
from tests.factories.ports import ports_of
print("ready", flush=True)
work = UnitOfWork(Pool(sys.argv[1]))
asyncio.run(run(sys.argv[1], work, ports_of(work), asyncio.Event(), subscribers=ECHOING))
"""
WAITING = (
    "SELECT args ->> 'subscriber', scheduled_at > now() + interval '100 seconds' FROM procrastinate_jobs WHERE status = 'todo'"
)
TAKE = "SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)"
REGISTER = "SELECT worker_id FROM procrastinate_register_worker_v1()"
STALL = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"


def reaction(name: str, run: Callable[[Tx, Piece], Awaitable[None]], *types: str, **more: Any) -> Reaction:
    return Reaction(name=name, types=frozenset(types or {"JOB_PROGRESSED"}), run=run, **{"delay_s": 0.0, **more})


async def positions(tx: Tx, piece: Piece) -> list[int]:
    return [each.position for each in await piece.events(tx)]


async def rows(work: UnitOfWork, statement: str) -> list[tuple[Any, ...]]:
    async with work.reads(SYSTEM) as read:
        return [tuple(row) for row in await read.all(raw(text(statement)))]


async def checkpoint(work: UnitOfWork, name: str) -> int | None:
    async with work.reads(SYSTEM) as read:
        return await read.value(raw(select(FollowerRow.position).where(FollowerRow.name == name)))


async def echoed(work: UnitOfWork) -> list[int]:
    """Return the positions that were echoed: those of the feed and those that the relay has not placed yet."""
    told = [each.subject_id.int for each in await feed(work) if each.type == JobFinished.type]
    staged = await rows(work, "SELECT subject_id FROM outbox_stage WHERE type = 'JOB_FINISHED' ORDER BY stage")
    return told + [subject.int for (subject,) in staged]


@asynccontextmanager
async def direct(database: Database) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    async with await psycopg.AsyncConnection.connect(conninfo(database.app_url)) as connection:
        yield connection


async def test_each_event_has_its_effect_once_in_order_piece_by_piece(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    seen: list[list[int]] = []

    async def note(tx: Tx, piece: Piece) -> None:
        seen.append(await positions(tx, piece))

    async def never(_tx: Tx, _piece: Piece) -> None:
        raise AssertionError

    subscribers = Subscribers(reactions=[reaction("note", note, most=10), reaction("never", never, "OTHER")])
    await emit(fresh_work, *(event() for _ in range(24)), JobFinished(subject_id=SYSTEM.client_id), event())
    await relay_all(fresh_database.app_url, subscribers, batch=7)
    assert await rows(fresh_work, WAITING) == [("note", False)]

    async def done() -> bool:
        return await checkpoint(fresh_work, "note") == await checkpoint(fresh_work, "never") == 26

    async def at_rest() -> bool:
        return await done() and await rows(fresh_work, WAITING) == []

    async with working(fresh_database.app_url, fresh_work, subscribers):
        await until(at_rest)
    assert seen == [list(range(1, 11)), list(range(11, 21)), [21, 22, 23, 24, 26]]


async def test_a_piece_that_fails_is_taken_back_whole_and_tried_again_before_the_next(
    fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    tried: list[int] = []

    async def stumble(tx: Tx, piece: Piece) -> None:
        await echo(tx, piece)
        tried.extend(await positions(tx, piece))
        if tried.count(2) == 1:
            raise RuntimeError("stumbled")

    subscribers = Subscribers(reactions=[reaction("stumble", stumble, most=1)])
    await emit(fresh_work, event(), event(), event())
    await relay_all(fresh_database.app_url, subscribers)

    async def done() -> bool:
        return await checkpoint(fresh_work, "stumble") in {3, 4, 5, 6}

    async with working(fresh_database.app_url, fresh_work, subscribers):
        await until(done)
    assert tried == [1, 2, 2, 3]
    assert await echoed(fresh_work) == [1, 2, 3]


async def test_a_killed_worker_doubles_and_loses_nothing(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    doomed = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER_PROGRAM, fresh_database.app_url, stdout=PIPE)
    assert doomed.stdout is not None
    await doomed.stdout.readline()
    await emit(fresh_work, *(event() for _ in range(40)))

    async def halfway() -> bool:
        return (await checkpoint(fresh_work, "echo") or 0) >= 5

    await until(halfway)
    doomed.kill()
    await doomed.wait()
    stood = await checkpoint(fresh_work, "echo") or 0
    assert 5 <= stood < 40

    async def done() -> bool:
        return (await checkpoint(fresh_work, "echo") or 0) >= 40

    async with direct(fresh_database) as connection:
        await connection.execute(STALL)
    async with working(fresh_database.app_url, fresh_work, ECHOING):
        await until(done)
    assert await echoed(fresh_work) == list(range(1, 41))


async def test_jobs_at_once_share_the_work(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    await emit(fresh_work, *(event() for _ in range(60)))
    await relay_all(fresh_database.app_url)
    each = reaction("echo", echo, most=3)
    assert not any(await asyncio.gather(*(react(fresh_work, each) for _ in range(6))))
    assert await echoed(fresh_work) == list(range(1, 61))


async def test_a_new_reaction_begins_with_history(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    await emit(fresh_work, *(event() for _ in range(5)))
    await relay_all(fresh_database.app_url)

    async def done() -> bool:
        return (await checkpoint(fresh_work, "echo") or 0) >= 5

    async with working(fresh_database.app_url, fresh_work, Subscribers(reactions=[reaction("echo", echo)])):
        await until(done)
    assert await echoed(fresh_work) == [1, 2, 3, 4, 5]


async def test_a_long_way_is_gone_in_strides_and_its_job_makes_room_for_others(
    fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    far = 2 * STRIDE + 7
    with psycopg.connect(fresh_database.admin_url) as connection:
        connection.execute(
            "INSERT INTO feed (position, id, type, subject_kind, subject_id, location_ids, actor, occurred_at, recorded_at)"
            " SELECT n, gen_random_uuid(), CASE n WHEN %s THEN 'JOB_PROGRESSED' ELSE 'OTHER' END, 'job', gen_random_uuid(),"
            " '{}', 'tests', now(), now() FROM generate_series(1, %s) AS n",
            (far, far),
        )
        connection.execute("UPDATE feed_head SET position = %s", (far,))
    each = reaction("echo", echo)
    found = []
    while await react(fresh_work, each, work_s=0):
        found.append(await checkpoint(fresh_work, "echo"))
    assert found == [STRIDE, 2 * STRIDE]
    assert await checkpoint(fresh_work, "echo") == far
    assert await echoed(fresh_work) == [far]


async def test_a_job_of_a_reaction_that_is_gone_does_nothing(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    await emit(fresh_work, event())
    await relay_all(fresh_database.app_url, Subscribers(reactions=[reaction("gone", echo)]))
    assert await rows(fresh_work, WAITING) == [("gone", False)]

    async def done() -> bool:
        return await rows(fresh_work, "SELECT id FROM procrastinate_jobs") == []

    async with working(fresh_database.app_url, fresh_work, Subscribers()):
        await until(done)
    assert await checkpoint(fresh_work, "gone") is None


async def test_a_waiting_job_cannot_begin_before_what_it_waits_for_can_be_seen(fresh_database: Database) -> None:
    each = reaction("echo", echo)
    async with direct(fresh_database) as relay, direct(fresh_database) as worker:
        (worker_id,) = await (await worker.execute(REGISTER)).fetchone() or (None,)
        for _ in range(2):  # first there is none, then there is one: it is locked
            await pend(relay, [each])
            assert await (await worker.execute(TAKE, (worker_id,))).fetchone() == (None,)
            await worker.commit()
            await relay.commit()
        taken = await (await worker.execute(TAKE, (worker_id,))).fetchone()
        assert taken != (None,)


@pytest.mark.parametrize("ends_well", [True, False])
async def test_a_job_that_is_just_being_taken_is_waited_for(
    fresh_work: UnitOfWork, fresh_database: Database, ends_well: bool
) -> None:
    each = reaction("echo", echo)
    async with direct(fresh_database) as relay, direct(fresh_database) as worker:
        await pend(relay, [each])
        await relay.commit()
        (worker_id,) = await (await worker.execute(REGISTER)).fetchone() or (None,)
        await worker.execute(TAKE, (worker_id,))
        waiting = asyncio.create_task(pend(relay, [each]))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await (worker.commit() if ends_well else worker.rollback())
        await waiting
        await relay.commit()
    states = await rows(fresh_work, "SELECT status::text FROM procrastinate_jobs ORDER BY id")
    assert states == ([("doing",), ("todo",)] if ends_well else [("todo",)])


async def test_the_pause_after_a_failure_is_kept_whatever_happens_meanwhile(
    fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    subscribers = Subscribers(reactions=[reaction("echo", echo)])
    app = build(fresh_database.app_url)
    async with app.open_async():
        await pend_at_once(app, ["echo"])
        await pend_after_failure(app, "echo", 7)
        await emit(fresh_work, event())
        await relay_all(fresh_database.app_url, subscribers)
        assert await wake(app, fresh_work, subscribers.reactions) == ["echo"]
        assert await rows(fresh_work, WAITING) == [("echo", True)]
        assert await rows(fresh_work, "SELECT args ->> 'failures' FROM procrastinate_jobs") == [("8",)]


async def test_a_failure_lets_the_reaction_wait_longer_and_longer(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    async def fail(_tx: Tx, _piece: Piece) -> None:
        raise RuntimeError("as ever")

    subscribers = Subscribers(reactions=[reaction("fail", fail)])
    await emit(fresh_work, event())
    await relay_all(fresh_database.app_url, subscribers)

    async def failed_twice() -> bool:
        return await rows(fresh_work, "SELECT args ->> 'failures' FROM procrastinate_jobs WHERE status = 'todo'") == [("2",)]

    async with working(fresh_database.app_url, fresh_work, subscribers):
        await until(failed_twice)
    assert await checkpoint(fresh_work, "fail") == 0
    waits = await rows(fresh_work, "SELECT scheduled_at > now() + interval '1 second' FROM procrastinate_jobs")
    assert waits == [(True,)]


async def test_what_a_reaction_fails_on_is_kept_until_it_gets_further(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    async def fail(_tx: Tx, _piece: Piece) -> None:
        raise RuntimeError("as ever\nfor Ada Lovelace")

    failing, kept = (
        Subscribers(reactions=[reaction("fail", fail)]),
        "SELECT failures, last_error FROM follower WHERE name = 'fail'",
    )
    await emit(fresh_work, event())
    await relay_all(fresh_database.app_url, failing)

    async def known() -> bool:
        return await rows(fresh_work, kept) == [(2, "RuntimeError: as ever")]

    async with working(fresh_database.app_url, fresh_work, failing):
        await until(known)
    ((lately,),) = await rows(
        fresh_work, "SELECT (now() - failing_since) < interval '1 minute' FROM follower WHERE name = 'fail'"
    )
    assert lately
    await react(fresh_work, reaction("fail", echo))
    assert await rows(fresh_work, f"{kept} AND failing_since IS NULL") == [(0, None)]


async def test_a_dead_workers_job_is_dropped_where_another_waits(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    each = reaction("echo", echo)
    app = build(fresh_database.app_url)
    async with direct(fresh_database) as connection, app.open_async():
        await pend(connection, [each])
        (worker_id,) = await (await connection.execute(REGISTER)).fetchone() or (None,)
        await connection.execute(TAKE, (worker_id,))
        await pend(connection, [each])
        await connection.execute(STALL)
        await connection.commit()
        assert await revive(app, fresh_work) == 1
    assert await rows(fresh_work, "SELECT status::text, task_name FROM procrastinate_jobs") == [("todo", REACT)]


def test_the_statement_fits_the_queue_that_is_installed(database: Database) -> None:
    """Columns, index and default status are procrastinate's: a release that changes them must not go unseen."""
    with psycopg.connect(database.app_url) as connection:
        given = {"queue": "q", "task": "t", "names": ["x"], "delays": [0.5], "failures": 0, "instead": False}
        connection.execute(PEND, given)
        connection.execute(PEND, given)
        found = connection.execute("SELECT queue_name, task_name, lock, queueing_lock, status::text FROM procrastinate_jobs")
        assert found.fetchall() == [("q", "t", "react:x", "react:x", "todo")]
        connection.rollback()
