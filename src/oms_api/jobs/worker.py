"""The worker: relay, tasks and housekeeping in one process, beside the API or alone."""

import asyncio
from contextlib import suppress

import procrastinate
import structlog

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.jobs.app import build, given
from oms_api.jobs.housekeeping import SILENT_S, keep_house
from oms_api.jobs.relay import Relay
from oms_api.jobs.sweeping import sweep_all
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers
from oms_api.workflows.sweeps import SWEEPS

CONCURRENCY = 4
GRACE_S = 20.0
PAUSE_S = 1.0
POLL_S = 0.2
"""Stands behind the notification of new jobs, and finds what waited for another job of its lock to end."""

log = structlog.get_logger()


async def run(
    url: str,
    work: UnitOfWork,
    stop: asyncio.Event,
    *,
    subscribers: Subscribers = SUBSCRIBERS,
    concurrency: int = CONCURRENCY,
    grace_s: float = GRACE_S,
) -> None:
    """Relay events, carry out tasks, sweep and keep house until *stop* is set; *url* is the database past any pooler.

    Then running tasks have *grace_s* seconds to end; those that do not are put back in the queue.
    """
    async with asyncio.TaskGroup() as group:
        group.create_task(sweep_all(work, SWEEPS, stop), name="sweeps")
        group.create_task(Relay(url, build(url), subscribers).run(stop), name="relay")
        group.create_task(_tasks(url, work, stop, subscribers, concurrency, grace_s), name="tasks")


async def _tasks(
    url: str, work: UnitOfWork, stop: asyncio.Event, subscribers: Subscribers, concurrency: int, grace_s: float
) -> None:
    """Run the worker of procrastinate and housekeeping, again whenever the database was out of reach."""
    while not stop.is_set():
        app = build(url, connections=concurrency + 2)
        try:
            async with app.open_async():
                await _work(app, work, stop, subscribers, concurrency, grace_s)
        except Exception as error:  # noqa: BLE001 - procrastinate ends on any error of its connections; we begin anew
            log.warning("worker_interrupted", error=str(error), again_in_s=PAUSE_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_S):
                await stop.wait()


async def _work(
    app: procrastinate.App, work: UnitOfWork, stop: asyncio.Event, subscribers: Subscribers, concurrency: int, grace_s: float
) -> None:
    worker = asyncio.create_task(
        app.run_worker_async(
            concurrency=concurrency,
            install_signal_handlers=False,
            shutdown_graceful_timeout=grace_s,
            stalled_worker_timeout=SILENT_S,
            fetch_job_polling_interval=POLL_S,
            delete_jobs="successful",
            additional_context=dict(given(work, subscribers)),
        ),
        name="procrastinate",
    )
    stopping = asyncio.create_task(stop.wait(), name="stopping")
    house = asyncio.create_task(keep_house(app, work, stop, reactions=subscribers.reactions), name="housekeeping")
    try:
        await asyncio.wait({worker, stopping, house}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (worker, stopping, house):
            task.cancel()
        ended = await asyncio.gather(worker, stopping, house, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error
