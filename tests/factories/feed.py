"""Events for the feed, and relays to bring them there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select

from oms_api.db.columns import Json
from oms_api.db.direct import direct_connection
from oms_api.db.outbox import FeedEvent, JobRow
from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.events.events import JobFinished, JobProgressed
from oms_api.domain.events.jobs import JobErrors, JobKind, JobRun, create_job, job_by_id
from oms_api.jobs.app import build
from oms_api.jobs.relay import SETTINGS, Relay
from oms_api.jobs.worker import run as run_worker
from oms_api.kernel.access import system_principal
from oms_api.kernel.events import Event
from oms_api.kernel.ids import ChannelId, JobId, LocationId, OrderId, new_uuid
from oms_api.workflows.subscribers import Reaction, Subscribers
from tests.factories.ports import ports_of
from tests.factories.raw import raw

SYSTEM = system_principal("tests")


def event(
    *,
    order: OrderId | None = None,
    channel: ChannelId | None = None,
    locations: Sequence[LocationId] = (),
    subject: UUID | None = None,
) -> Event:
    """Return an event that sets nothing off."""
    return JobProgressed(subject_id=subject or new_uuid(), order_id=order, channel_id=channel, location_ids=tuple(locations))


async def emit(work: UnitOfWork, *events: Event) -> None:
    """Let *events* happen, in one transaction."""

    async def command(tx: Tx, events: Sequence[Event]) -> None:
        for happened in events:
            tx.emit(happened)

    await work.execute(SYSTEM, command, events)


async def relay_all(url: str, subscribers: Subscribers | None = None, *, batch: int = 1_000) -> int:
    """Move everything that is staged and return how many events that were."""
    relay, count = Relay(url, build(url), subscribers or Subscribers(), batch=batch), 0
    async with direct_connection(url, name="test-relay", settings=SETTINGS) as connection:
        while moved := await relay.move(connection):
            count += moved
    return count


@asynccontextmanager
async def relaying(
    url: str, subscribers: Subscribers | None = None, *, batch: int = 1_000
) -> AsyncIterator[asyncio.Task[None]]:
    """Run a relay beside the test."""
    stop = asyncio.Event()
    task = asyncio.create_task(Relay(url, build(url), subscribers or Subscribers(), batch=batch).run(stop))
    yield task
    stop.set()
    await asyncio.gather(task, return_exceptions=True)


async def feed(work: UnitOfWork) -> Sequence[FeedEvent]:
    """Return the whole feed, in order."""
    async with work.reads(SYSTEM) as read:
        return await read.all(raw(select(FeedEvent).order_by(FeedEvent.position)))


async def relayed(work: UnitOfWork, count: int) -> None:
    """Wait until the feed has *count* events."""

    async def enough() -> bool:
        return len(await feed(work)) >= count

    await until(enough)


async def until(holds: Callable[[], Awaitable[bool]], *, within_s: float = 15) -> None:
    """Wait until *holds*. Raises: TimeoutError."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 - another process or the database decides
            await asyncio.sleep(0.03)


async def job_of(work: UnitOfWork, job_id: JobId) -> JobRow:
    """Return the job as it is now."""
    async with work.reads(SYSTEM) as read:
        return await job_by_id(read, job_id)


async def request_job(work: UnitOfWork, kind: str, arguments: Json | None = None) -> JobId:
    """Ask for a job and return its id."""

    async def command(tx: Tx, arguments: Json) -> JobId:
        return (await create_job(tx, kind, arguments)).id

    return await work.execute(SYSTEM, command, arguments or {})


async def count_rows(run: JobRun) -> Json:
    """Work through `rows` rows, each leaving an event with its number behind."""
    rows = run.arguments["rows"]
    while run.done < rows:
        number = run.done

        async def part(tx: Tx, number: int = number) -> JobErrors:
            tx.emit(event(order=OrderId(run.id), subject=UUID(int=number)))
            return ()

        await run.step(part, rows=1, total=rows)
        await asyncio.sleep(run.arguments["pause_s"])
    return {"counted": rows}


async def echo(tx: Tx, piece: Piece) -> None:
    """Leave an event with the position of each event of *piece*."""
    for heard in await piece.events(tx):
        tx.emit(JobFinished(subject_id=UUID(int=heard.position)))
    await asyncio.sleep(0.02)


ECHOING = Subscribers(reactions=[Reaction(name="echo", types=frozenset({JobProgressed.type}), run=echo, delay_s=0.0, most=1)])
COUNTING = Subscribers(job_kinds=[JobKind(name="count_rows", run=count_rows)])


@asynccontextmanager
async def working(
    url: str, work: UnitOfWork, subscribers: Subscribers = COUNTING, *, grace_s: float = 5, **options: Any
) -> AsyncIterator[asyncio.Event]:
    """Run a worker beside the test; it gives the event that stops it."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(url, work, ports_of(work), stop, subscribers=subscribers, grace_s=grace_s, **options))
    try:
        yield stop
    finally:
        stop.set()
        await task
