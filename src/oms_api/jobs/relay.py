"""The relay: gives every staged event its place in the feed, and sets off what follows from it.

One transaction a batch: it locks the head of the feed, moves staged events beyond it, sees to it that a job of each reaction
concerned waits, notifies once and commits. Any number of relays may run; those that don't get the head's lock pass. A relay
that is killed leaves nothing half done, and one that is paused loses its transaction to a timeout.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DEFAULT_QUEUE, Job

from oms_api.db.direct import direct_connection
from oms_api.domain.events.events import JobRequested
from oms_api.domain.events.live import CHANNEL
from oms_api.jobs.app import RUN_JOB
from oms_api.jobs.pending import pend
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import JobId
from oms_api.workflows.subscribers import Subscribers

BATCH = 1_000
BUSY_POLL_S, IDLE_POLL_S, BUSY_FOR_S = 0.02, 0.2, 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
SETTINGS = {"lock_timeout": "2s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "5s"}

TAKE_HEAD = """
SELECT position FROM feed_head WHERE (SELECT min(stage) FROM outbox_stage) IS NOT NULL FOR UPDATE SKIP LOCKED
"""

COLUMNS = """
    id, type, subject_kind, subject_id, order_id, channel_id, location_ids, supplier_ids, sku_id, cause_id, changes, actor,
    occurred_at, recorded_at
"""

MOVE = f"""
WITH moved AS (
    DELETE FROM outbox_stage
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM outbox_stage ORDER BY stage LIMIT %(limit)s))
    RETURNING *
), placed AS (
    INSERT INTO feed (position, {COLUMNS})
    SELECT %(head)s::bigint + row_number() OVER (ORDER BY stage), {COLUMNS} FROM moved
    RETURNING position, type, subject_id
), headed AS (
    UPDATE feed_head SET position = %(head)s::bigint + (SELECT count(*) FROM moved)
)
SELECT type, count(*), array_agg(subject_id) FILTER (WHERE type = %(job)s) FROM placed GROUP BY type
"""  # noqa: S608 - made of constants

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TypeInBatch:
    """What a batch holds of one type of event."""

    type: str
    count: int
    jobs: Sequence[JobId] | None


class Relay:
    """Moves events from the stage to the feed, over a connection of its own past any pooler."""

    def __init__(self, url: str, app: procrastinate.App, subscribers: Subscribers, *, batch: int = BATCH) -> None:
        self._url = url
        self._app = app
        self._subscribers = subscribers
        self._batch = batch

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until *stop* is set, over a connection that is opened again whenever it is lost."""
        pause = FIRST_PAUSE_S
        while not stop.is_set():
            try:
                async with direct_connection(self._url, name="oms-relay", settings=SETTINGS) as connection:
                    pause = FIRST_PAUSE_S
                    await self._relay(connection, stop)
            except (psycopg.Error, ConnectorException, OSError) as error:
                log.warning("relay_interrupted", error=str(error), again_in_s=pause)
                await _wait(stop, pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _relay(self, connection: psycopg.AsyncConnection[Any], stop: asyncio.Event) -> None:
        busy_until = 0.0
        while not stop.is_set():
            count = await self.move(connection)
            if count:
                busy_until = monotonic() + BUSY_FOR_S
            if count < self._batch:
                await _wait(stop, BUSY_POLL_S if monotonic() < busy_until else IDLE_POLL_S)

    async def move(self, connection: psycopg.AsyncConnection[Any]) -> int:
        """Move one batch and return how many events it held: 0 also while another relay is at work."""
        async with connection.transaction():
            taken = await (await connection.execute(TAKE_HEAD, prepare=True)).fetchone()
            if taken is None:
                return 0
            parameters = {"limit": self._batch, "head": taken[0], "job": JobRequested.type}
            moved = [TypeInBatch(*row) async for row in await connection.execute(MOVE, parameters, prepare=True)]
            count = sum(part.count for part in moved)
            types = {part.type for part in moved}
            await pend(connection, (each for each in self._subscribers.reactions.values() if each.types & types))
            jobs = [_job(job_id) for part in moved for job_id in part.jobs or ()]
            if jobs:
                await self._app.job_manager.batch_defer_jobs_async(jobs, connection=connection)
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(taken[0] + count)), prepare=True)
        return count


def _job(job_id: JobId) -> Job:
    """Return the job of procrastinate that carries out what a caller asked for; two with one lock run one after the other."""
    lock = f"job:{job_id}"
    return Job(queue=DEFAULT_QUEUE, task_name=RUN_JOB, lock=lock, queueing_lock=None, task_kwargs={"job_id": str(job_id)})


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
