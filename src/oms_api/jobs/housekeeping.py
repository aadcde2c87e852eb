"""What keeps the tables small and stuck work moving; every worker does it, in turns."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from oms_api.db.idempotency import KEPT_HOURS
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.checkpoints import lagging
from oms_api.domain.intake.commands.purge import PurgeIntakes, purge_intakes
from oms_api.domain.planning.commands.purge_plans import PurgePlans, purge_plans
from oms_api.jobs.pending import pend_at_once
from oms_api.kernel.access import system_principal
from oms_api.kernel.errors import OmsError
from oms_api.workflows.complete_orders import (
    START,
    Completed,
    CompleteShipped,
    Reached,
    channels_that_complete,
    complete_shipped,
)

REVIVE_EVERY_S, PURGE_EVERY_S, COMPLETE_EVERY_S = 10.0, 600.0, 300.0
SILENT_S = 30.0
"""A worker without a heartbeat for so long is taken for dead; it sends one every ten seconds."""
PURGE_BATCH = 1_000
COMPLETE_BATCH = 250
DEAD_JOBS_KEPT_HOURS = 30 * 24

TURN = Sql("SELECT pg_try_advisory_xact_lock(hashtextextended('oms housekeeping', 0))")
TURN_TO_COMPLETE = Sql("SELECT pg_try_advisory_xact_lock(hashtextextended('oms complete orders', 0))")
PURGE = Sql("""
DELETE FROM idempotency WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency WHERE recorded_at < :before LIMIT :size
                                                FOR UPDATE SKIP LOCKED))
RETURNING 1
""")

log = structlog.get_logger()
KEEPER = system_principal("housekeeping")


async def keep_house(
    app: procrastinate.App,
    work: UnitOfWork,
    stop: asyncio.Event,
    *,
    reactions: Collection[str] = (),
    plans_kept_days: int,
    intakes_kept_days: int,
) -> None:
    """Revive stalled jobs, wake *reactions* that lag, complete orders and purge what is past its time, until *stop* is set.

    *app* is open.
    """
    purge_at = complete_at = 0.0
    while not stop.is_set():
        try:
            await revive(app, work)
            await wake(app, work, reactions)
            if monotonic() >= complete_at:
                complete_at = monotonic() + COMPLETE_EVERY_S
                await complete_orders(work, stop)
            if monotonic() >= purge_at:
                purge_at = monotonic() + PURGE_EVERY_S
                await purge_idempotency(work, stop)
                await purge_old_plans(work, stop, kept_days=plans_kept_days)
                await purge_old_intakes(work, stop, kept_days=intakes_kept_days)
                await app.job_manager.delete_old_jobs(
                    nb_hours=DEAD_JOBS_KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
                )
        except (psycopg.Error, ConnectorException, OmsError, OSError) as error:
            log.warning("housekeeping_failed", error=str(error))
        with suppress(TimeoutError):
            async with asyncio.timeout(REVIVE_EVERY_S):
                await stop.wait()


async def revive(app: procrastinate.App, work: UnitOfWork, *, silent_s: float = SILENT_S) -> int:
    """Put the jobs of dead workers back in the queue and return how many; 0 also while another worker does it."""

    async def in_turn(tx: Tx, silent_s: float) -> int:
        if not (await tx.fetch(TURN()))[0][0]:
            return 0
        stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_s))
        for job in stalled:
            await _put_back(app, job)
            log.warning("job_revived", task=job.task_name, arguments=job.task_kwargs, attempts=job.attempts)
        return len(stalled)

    return await work.execute(KEEPER, in_turn, silent_s)


async def _put_back(app: procrastinate.App, job: Job) -> None:
    """Let a job wait again, unless another one waits under its queueing lock: that does the same."""
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:
        await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)


async def wake(app: procrastinate.App, work: UnitOfWork, reactions: Collection[str]) -> list[str]:
    """Let those of *reactions* go on that have not reached the end of the feed, and return them.

    A new one begins to work through what happened before it; one whose job was lost with its worker goes on.
    """
    behind = await work.execute(KEEPER, lagging, reactions)
    if behind:
        await pend_at_once(app, behind)
    return behind


async def purge_idempotency(work: UnitOfWork, stop: asyncio.Event) -> int:
    """Delete what keys did more than 72 hours ago, a batch to a transaction, and return how many."""

    async def batch(tx: Tx, before: datetime) -> int:
        return len(await tx.fetch(PURGE(before=before, size=PURGE_BATCH)))

    before, count = work.clock() - timedelta(hours=KEPT_HOURS), 0
    while not stop.is_set():
        deleted = await work.execute(KEEPER, batch, before)
        count += deleted
        if deleted < PURGE_BATCH:
            break
    return count


async def purge_old_plans(work: UnitOfWork, stop: asyncio.Event, *, kept_days: int, batch: int = PURGE_BATCH) -> None:
    """Delete the plans asked for more than *kept_days* ago but the newest, *batch* levels to a transaction."""
    command = PurgePlans(before=work.clock() - timedelta(days=kept_days), size=batch)
    while not stop.is_set() and await work.execute(KEEPER, purge_plans, command):
        pass


async def purge_old_intakes(work: UnitOfWork, stop: asyncio.Event, *, kept_days: int, batch: int = PURGE_BATCH) -> None:
    """Delete documents of the intake that are done with for more than *kept_days*, a batch to a transaction."""
    command = PurgeIntakes(before=work.clock() - timedelta(days=kept_days), size=batch)
    while not stop.is_set() and await work.execute(KEEPER, purge_intakes, command) == batch:
        pass


async def complete_orders(work: UnitOfWork, stop: asyncio.Event, *, batch: int = COMPLETE_BATCH) -> int:
    """Complete orders that were shipped long enough ago, a batch to a transaction, and return how many.

    Ends early while another worker does it.
    """

    async def in_turn(tx: Tx, page: CompleteShipped) -> Completed:
        taken = (await tx.fetch(TURN_TO_COMPLETE()))[0][0]
        return await complete_shipped(tx, page) if taken else Completed(0, None)

    async with work.reads(KEEPER) as read:
        channels = await channels_that_complete(read)
    now, count = work.clock(), 0
    for channel in channels:
        until = now - timedelta(days=channel.complete_after_days or 0)
        place: Reached | None = START
        while place is not None and not stop.is_set():
            page = CompleteShipped(channel_id=channel.id, shipped_until=until, size=batch, after=place)
            done = await work.execute(KEEPER, in_turn, page)
            count, place = count + done.count, done.further
    return count
