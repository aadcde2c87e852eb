"""The worker: relay, tasks and housekeeping in one process, beside the API or alone."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import procrastinate
import structlog
from procrastinate.worker import Worker

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.ports import Ports
from oms_api.jobs.app import build, given
from oms_api.jobs.housekeeping import SILENT_S, keep_house
from oms_api.jobs.relay import Relay
from oms_api.jobs.sweeping import run_errands, sweep_all
from oms_api.settings import INTAKES_KEPT_DAYS, PLANS_KEPT_DAYS
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers
from oms_api.workflows.sweeps import ERRANDS, SWEEPS

CONCURRENCY = 4
GRACE_S = 20.0
PAUSE_S = 1.0
POLL_S = 0.2
"""Stands behind the notification of new jobs, and finds what waited for another job of its lock to end."""

Keep = Callable[[procrastinate.App], Coroutine[Any, Any, None]]
log = structlog.get_logger()


async def run(
    url: str,
    work: UnitOfWork,
    ports: Ports,
    stop: asyncio.Event,
    *,
    subscribers: Subscribers = SUBSCRIBERS,
    concurrency: int = CONCURRENCY,
    grace_s: float = GRACE_S,
    plans_kept_days: int = PLANS_KEPT_DAYS,
    intakes_kept_days: int = INTAKES_KEPT_DAYS,
) -> None:
    """Relay events, carry out tasks, sweep and keep house until *stop* is set; *url* is the database past any pooler.

    Then running tasks have *grace_s* seconds to end; those that do not are put back in the queue.
    """
    async with asyncio.TaskGroup() as group:
        group.create_task(sweep_all(work, SWEEPS, stop), name="sweeps")
        group.create_task(run_errands(work, ports, ERRANDS, stop), name="errands")
        group.create_task(Relay(url, build(url), subscribers).run(stop), name="relay")
        keep = partial(
            keep_house,
            work=work,
            stop=stop,
            reactions=subscribers.reactions,
            plans_kept_days=plans_kept_days,
            intakes_kept_days=intakes_kept_days,
        )
        group.create_task(_tasks(url, work, ports, stop, keep, subscribers, concurrency, grace_s), name="tasks")


async def _tasks(
    url: str,
    work: UnitOfWork,
    ports: Ports,
    stop: asyncio.Event,
    keep: Keep,
    subscribers: Subscribers,
    concurrency: int,
    grace_s: float,
) -> None:
    """Run the worker of procrastinate and housekeeping, again whenever the database was out of reach."""
    while not stop.is_set():
        app = build(url, connections=concurrency + 2)
        try:
            async with app.open_async():
                await _work(app, work, ports, stop, keep, subscribers, concurrency, grace_s)
        except Exception as error:  # noqa: BLE001 - procrastinate ends on any error of its connections; we begin anew
            log.warning("worker_interrupted", error=str(error), again_in_s=PAUSE_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_S):
                await stop.wait()


async def _work(
    app: procrastinate.App,
    work: UnitOfWork,
    ports: Ports,
    stop: asyncio.Event,
    keep: Keep,
    subscribers: Subscribers,
    concurrency: int,
    grace_s: float,
) -> None:
    worker = Worker(
        app,
        concurrency=concurrency,
        install_signal_handlers=False,
        shutdown_graceful_timeout=grace_s,
        stalled_worker_timeout=SILENT_S,
        fetch_job_polling_interval=POLL_S,
        delete_jobs="successful",
        additional_context=dict(given(work, ports, subscribers)),
    )
    working = asyncio.create_task(worker.run(), name="procrastinate")  # type: ignore[no-untyped-call]
    stopping = asyncio.create_task(stop.wait(), name="stopping")
    house = asyncio.create_task(keep(app), name="housekeeping")
    try:
        await asyncio.wait({working, stopping, house}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Canceled, it might go on for ever: until Python 3.12 its wait for a connection may swallow that.
        worker.stop()  # type: ignore[no-untyped-call]
        for task in (stopping, house):
            task.cancel()
        ended = await asyncio.gather(working, stopping, house, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error
