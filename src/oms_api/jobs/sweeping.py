"""Running sweeps, by one worker at a time each."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import system_principal
from oms_api.kernel.errors import OmsError
from oms_api.workflows.sweeps import Sweep

TURN = Sql("SELECT pg_try_advisory_xact_lock(hashtextextended('oms sweep ' || :name, 0))")
log = structlog.get_logger()


async def sweep_all(work: UnitOfWork, sweeps: Sequence[Sweep], stop: asyncio.Event) -> None:
    """Run every sweep by its clock until *stop* is set."""
    async with asyncio.TaskGroup() as group:
        for sweep in sweeps:
            group.create_task(_keep(work, sweep, stop), name=f"sweep {sweep.name}")


async def _keep(work: UnitOfWork, sweep: Sweep, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await run_sweep(work, sweep, stop)
        except (SQLAlchemyError, psycopg.Error, OmsError, OSError) as error:
            log.warning("sweep_failed", sweep=sweep.name, error=str(error))
        with suppress(TimeoutError):
            async with asyncio.timeout(sweep.every_s):
                await stop.wait()


async def run_sweep(work: UnitOfWork, sweep: Sweep, stop: asyncio.Event) -> int:
    """Run *sweep* batch by batch until nothing is left, and return how much was done; 0 while another worker does it."""

    async def in_turn(tx: Tx, size: int) -> int:
        if not (await tx.fetch(TURN(name=sweep.name)))[0][0]:
            return 0
        return await sweep.batch(tx, size)

    keeper = system_principal(f"sweep {sweep.name}")
    count = 0
    while not stop.is_set():
        done = await work.execute(keeper, in_turn, sweep.size)
        count += done
        if done < sweep.size:
            break
    return count
