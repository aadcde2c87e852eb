"""Running sweeps, by one worker at a time each, and errands."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.ports import Ports
from oms_api.kernel.access import system_principal
from oms_api.kernel.errors import OmsError, Unavailable
from oms_api.workflows.sweeps import Errand, Sweep

TURN = Sql("SELECT pg_try_advisory_xact_lock(hashtextextended('oms sweep ' || :name, 0))")
PASSED_OVER_S = 60.0
"""How long a record on which a sweep broke down waits for its next try."""
log = structlog.get_logger()


async def sweep_all(work: UnitOfWork, sweeps: Sequence[Sweep], stop: asyncio.Event) -> None:
    """Run every sweep by its clock until *stop* is set."""
    async with asyncio.TaskGroup() as group:
        for sweep in sweeps:
            turn = partial(run_sweep, work, sweep, stop, {})
            group.create_task(_keep(turn, sweep.name, sweep.every_s, stop), name=f"sweep {sweep.name}")


async def run_errands(work: UnitOfWork, ports: Ports, errands: Sequence[Errand], stop: asyncio.Event) -> None:
    """Run every errand by its clock until *stop* is set; one that is under way is then given up where it is."""
    async with asyncio.TaskGroup() as group:
        for errand in errands:
            turn = partial(_until, stop, partial(errand.run, work, ports))
            group.create_task(_keep(turn, errand.name, errand.every_s, stop), name=f"errand {errand.name}")


async def _until(stop: asyncio.Event, run: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Run to the end, or until *stop* is set: whoever is called outside may keep us waiting. Raises: what *run* raises."""
    running, stopping = asyncio.create_task(run()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (running, stopping):
            task.cancel()
        ended = await asyncio.gather(running, stopping, return_exceptions=True)
    if isinstance(ended[0], Exception):
        raise ended[0]


async def _keep(turn: Callable[[], Awaitable[object]], name: str, every_s: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await turn()
        except (SQLAlchemyError, psycopg.Error, OmsError, OSError) as error:
            log.warning("sweep_failed", sweep=name, error=str(error))
        with suppress(TimeoutError):
            async with asyncio.timeout(every_s):
                await stop.wait()


async def run_sweep(work: UnitOfWork, sweep: Sweep, stop: asyncio.Event, passed: dict[UUID, float] | None = None) -> int:
    """Run *sweep* batch by batch until nothing is left, and return how much was done; 0 while another worker does it.

    Where a batch breaks down its records are tried one by one, and those that break down again are *passed* over until the
    moment kept there. Raises: what a batch raises that tried no record, and Unavailable.
    """

    async def in_turn(tx: Tx, batch: Batch) -> int:
        batch.take(())
        if not (await tx.fetch(TURN(name=sweep.name)))[0][0]:
            return 0
        return await sweep.batch(tx, batch)

    keeper = system_principal(f"sweep {sweep.name}")
    over = {} if passed is None else passed
    size, count = sweep.size, 0
    while not stop.is_set():
        for key in [key for key, until in over.items() if until <= monotonic()]:
            del over[key]
        batch = Batch(size, array(over))
        try:
            done = await work.execute(keeper, in_turn, batch)
        except (Unavailable, OSError):
            raise
        except Exception as error:
            if not batch.tries:
                raise
            if size == 1 or len(batch.tries) == 1:
                over.update(dict.fromkeys(batch.tries, monotonic() + PASSED_OVER_S))
                log.exception("sweep_passed_over", sweep=sweep.name, records=list(map(str, batch.tries)), error=str(error))
            size = 1
            continue
        count += done
        if done < size:
            break
    return count
