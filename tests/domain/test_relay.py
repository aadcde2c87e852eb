import asyncio
import sys
from asyncio.subprocess import PIPE
from time import monotonic
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import select

from oms_api.db.direct import conninfo, direct_connection
from oms_api.db.outbox import FeedHead, StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.jobs.app import build
from oms_api.jobs.relay import SETTINGS, TAKE_HEAD, Relay
from oms_api.kernel.ids import ChannelId, LocationId, OrderId, new_uuid
from oms_api.workflows.subscribers import Subscribers
from tests.factories.database import Database
from tests.factories.feed import SYSTEM, emit, event, feed, relay_all, relayed, relaying
from tests.factories.raw import raw

STAGE = """
INSERT INTO outbox_stage (id, type, subject_kind, subject_id, location_ids, actor, occurred_at, recorded_at)
VALUES (%s, 'JOB_PROGRESSED', 'job', %s, '{}', 'late', now(), now())
"""
RELAYS = "FROM pg_stat_activity WHERE application_name = 'oms-relay' AND datname = %s"
CONNECTED = f"SELECT count(*) {RELAYS}"
CUT = f"SELECT count(pg_terminate_backend(pid)) {RELAYS}"
RELAY_PROGRAM = """
import asyncio, sys
from oms_api.jobs.app import build
from oms_api.jobs.relay import Relay
from oms_api.workflows.subscribers import Subscribers
print("ready", flush=True)
asyncio.run(Relay(sys.argv[1], build(sys.argv[1]), Subscribers(), batch=7).run(asyncio.Event()))
"""


async def assert_sound(work: UnitOfWork, subjects: set[object]) -> None:
    events = await feed(work)
    assert [e.position for e in events] == list(range(1, len(subjects) + 1))
    assert {e.subject_id for e in events} == subjects
    async with work.reads(SYSTEM) as read:
        assert await read.all(raw(select(StagedEvent))) == []
        assert (await read.one(raw(select(FeedHead)))).position == len(subjects)


async def test_an_event_that_commits_late_gets_the_next_position(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    late, early = new_uuid(), new_uuid()
    async with await psycopg.AsyncConnection.connect(conninfo(fresh_database.app_url)) as slow:
        await slow.execute(STAGE, (new_uuid(), late))
        await emit(fresh_work, event(subject=early))
        assert await relay_all(fresh_database.app_url) == 1
        await slow.commit()
    assert await relay_all(fresh_database.app_url) == 1

    assert [(e.position, e.subject_id) for e in await feed(fresh_work)] == [(1, early), (2, late)]


async def test_events_keep_every_column_and_the_order_within_a_transaction(
    fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    order, channel, location = OrderId(new_uuid()), ChannelId(new_uuid()), LocationId(new_uuid())
    subjects = [new_uuid() for _ in range(25)]
    await emit(fresh_work, *(event(order=order, channel=channel, locations=[location], subject=s) for s in subjects))

    assert await relay_all(fresh_database.app_url, batch=10) == 25

    events = await feed(fresh_work)
    assert [e.subject_id for e in events] == subjects
    first = events[0]
    assert (first.type, first.subject_kind, first.order_id, first.channel_id) == ("JOB_PROGRESSED", "job", order, channel)
    assert (first.location_ids, first.actor, first.changes) == ([location], "tests", None)
    assert first.occurred_at == first.recorded_at


async def test_a_relay_that_finds_the_head_taken_passes(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    await emit(fresh_work, event())
    async with await psycopg.AsyncConnection.connect(conninfo(fresh_database.app_url)) as other:
        await other.execute(TAKE_HEAD)
        assert await relay_all(fresh_database.app_url) == 0
    assert await relay_all(fresh_database.app_url) == 1


async def test_three_relays_one_killed_and_one_cut_off_lose_and_double_nothing(
    fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    url = fresh_database.app_url
    subjects = [new_uuid() for _ in range(600)]

    async def write(part: list[object]) -> None:
        for subject in part:
            await emit(fresh_work, event(subject=subject))  # type: ignore[arg-type]

    doomed = await asyncio.create_subprocess_exec(sys.executable, "-c", RELAY_PROGRAM, url, stdout=PIPE)
    assert doomed.stdout is not None
    await doomed.stdout.readline()
    async with (
        relaying(url, batch=7),
        relaying(url, batch=5),
        direct_connection(fresh_database.admin_url, name="saboteur", settings={}) as saboteur,
    ):

        async def count(statement: LiteralString) -> int:
            return int((await (await saboteur.execute(statement, (fresh_database.name,))).fetchone() or [0])[0])

        while await count(CONNECTED) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        writers = [asyncio.create_task(write(list(subjects[i::6]))) for i in range(6)]
        await asyncio.sleep(0.3)
        doomed.kill()
        assert await count(CUT) >= 2
        await asyncio.gather(*writers)
        await relayed(fresh_work, len(subjects))
    await doomed.wait()

    await assert_sound(fresh_work, set(subjects))


async def test_a_relay_stops_at_once_and_needs_no_database_to_do_so(fresh_database: Database) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    for url in (fresh_database.app_url, nowhere):
        stop = asyncio.Event()
        task = asyncio.create_task(Relay(url, build(url), Subscribers()).run(stop))
        await asyncio.sleep(0.3)
        assert not task.done()
        began = monotonic()
        stop.set()
        await task
        assert monotonic() - began < 0.5


async def test_a_failure_while_deferring_moves_nothing(
    fresh_work: UnitOfWork, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await emit(fresh_work, event())
    app = build(fresh_database.app_url)
    relay = Relay(fresh_database.app_url, app, Subscribers())
    monkeypatch.setattr("oms_api.jobs.relay.CHANNEL", "x" * 100)  # too long a name for a channel: the last statement fails
    async with direct_connection(fresh_database.app_url, name="test", settings=SETTINGS) as connection:
        with pytest.raises(psycopg.Error):
            await relay.move(connection)
    assert await feed(fresh_work) == []
    monkeypatch.undo()
    assert await relay_all(fresh_database.app_url) == 1
