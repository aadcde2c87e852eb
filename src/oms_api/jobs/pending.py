"""Making sure that a reaction's job waits in the queue: one at most, however many events ask for it.

A waiting job is found under its queueing lock and stays locked until the asking transaction ends, so that it cannot begin
before what it is meant for can be seen. One that a worker is just taking is waited for; then there is none, and one is made.
"""

from collections.abc import Iterable

import procrastinate
import psycopg
from procrastinate.jobs import DEFAULT_QUEUE

from oms_api.workflows.subscribers import Reaction

REACT = "react"
LONGEST_PAUSE_S = 600.0
MOST_FAILURES = 30

PEND = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, scheduled_at)
SELECT %(queue)s, %(task)s, 'react:' || name, 'react:' || name,
       jsonb_build_object('subscriber', name, 'failures', %(failures)s::int), now() + delay_s * interval '1 second'
FROM unnest(%(names)s::text[], %(delays)s::float8[]) AS wanted (name, delay_s) ORDER BY name
ON CONFLICT (queueing_lock) WHERE status = 'todo'
DO UPDATE SET scheduled_at = excluded.scheduled_at, args = excluded.args WHERE %(instead)s
"""
"""Without *instead* a waiting job is locked and stays what it is."""


async def pend(connection: psycopg.AsyncConnection[object], reactions: Iterable[Reaction]) -> None:
    """Let a job of each of *reactions* wait, in the transaction of *connection*."""
    delays = {reaction.name: reaction.delay_s for reaction in reactions}
    if delays:
        await connection.execute(PEND, _parameters(delays), prepare=True)


async def pend_at_once(app: procrastinate.App, names: Iterable[str]) -> None:
    """Let a job of each of the reactions *names* wait, to begin now unless one waits already."""
    await app.connector.execute_query_async(PEND, **_parameters(dict.fromkeys(names, 0.0)))


async def pend_after_failure(app: procrastinate.App, name: str, failures: int) -> None:
    """Let the reaction *name* be tried again after 1, 2, 4... seconds, at most ten minutes, also where a job waits already."""
    pause_s = min(2.0 ** min(failures, MOST_FAILURES), LONGEST_PAUSE_S)
    again = _parameters({name: pause_s}, failures=failures + 1, instead=True)
    await app.connector.execute_query_async(PEND, **again)


def _parameters(delays: dict[str, float], *, failures: int = 0, instead: bool = False) -> dict[str, object]:
    return {
        "queue": DEFAULT_QUEUE,
        "task": REACT,
        "names": list(delays),
        "delays": list(delays.values()),
        "failures": failures,
        "instead": instead,
    }
