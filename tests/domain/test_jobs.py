import asyncio
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from datetime import timedelta
from itertools import product
from time import monotonic
from uuid import UUID

import pytest
from procrastinate.manager import JobManager
from sqlalchemy import func, select, text

from oms_api.db.columns import Json
from oms_api.db.direct import direct_connection
from oms_api.db.outbox import IdempotencyRecord, JobRow, JobStatus
from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.jobs import JobKind, JobRun, cancel_job, fail_job, finish_job, run_job, validate_job
from oms_api.domain.events.verbs import LIFE
from oms_api.domain.planning.commands.create_plan import CreatePlan, create_plan
from oms_api.domain.planning.tables import StockPlanRow
from oms_api.jobs.app import build
from oms_api.jobs.housekeeping import purge_idempotency, revive
from oms_api.kernel.errors import IllegalMove, InvalidValue, NotFound
from oms_api.kernel.ids import JobId, new_uuid
from oms_api.workflows.plan_stock import finish
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers
from tests.factories.database import Database
from tests.factories.feed import SYSTEM, feed, job_of, relay_all, request_job, until, working
from tests.factories.raw import raw

WORKER_PROGRAM = """
import asyncio, sys
from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.jobs.worker import run
from tests.factories.feed import COUNTING
from tests.factories.ports import ports_of
print("ready", flush=True)
work = UnitOfWork(Pool(sys.argv[1]))
asyncio.run(run(sys.argv[1], work, ports_of(work), asyncio.Event(), subscribers=COUNTING))
"""


async def ended(work: UnitOfWork, job_id: JobId) -> JobRow:
    async def over() -> bool:
        return (await job_of(work, job_id)).finished_at is not None

    await until(over)
    return await job_of(work, job_id)


async def queued(work: UnitOfWork) -> int:
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(text("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")))
    return int(rows[0][0])


def kinds(**runs: object) -> Subscribers:
    return Subscribers(job_kinds=[JobKind(name=name, run=run) for name, run in runs.items()])  # type: ignore[arg-type]


async def test_the_system_check_runs_as_a_job_and_finds_nothing(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    async with working(fresh_database.app_url, fresh_work, SUBSCRIBERS):
        job = await ended(fresh_work, await request_job(fresh_work, "system_check"))
    assert job.status is JobStatus.COMPLETED
    assert (job.errors, job.done) == ([], job.total)
    assert job.result is not None
    assert job.result["findings"] == 0


async def test_the_system_check_names_a_gap_in_the_feed(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    async with direct_connection(fresh_database.admin_url, name="saboteur", settings={}) as saboteur:
        await saboteur.execute("UPDATE feed_head SET position = position + 2")
    async with working(fresh_database.app_url, fresh_work, SUBSCRIBERS):
        job = await ended(fresh_work, await request_job(fresh_work, "system_check"))
    assert job.status is JobStatus.COMPLETED_WITH_ERRORS
    assert [e["check"] for e in job.errors] == ["the feed has no gaps and ends at its head"]
    assert "1 violations" in job.errors[0]["problem"]


async def test_a_job_whose_worker_was_killed_goes_on_where_it_was(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    doomed = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER_PROGRAM, fresh_database.app_url, stdout=PIPE)
    assert doomed.stdout is not None
    await doomed.stdout.readline()
    job_id = await request_job(fresh_work, "count_rows", {"rows": 30, "pause_s": 0.05})

    async def halfway() -> bool:
        return (await job_of(fresh_work, job_id)).done >= 5

    await until(halfway)
    doomed.kill()
    await doomed.wait()
    stood = (await job_of(fresh_work, job_id)).done
    assert 5 <= stood < 30

    app = build(fresh_database.app_url)
    async with app.open_async():
        assert await revive(app, fresh_work) == 0  # its heartbeat is still fresh
        await asyncio.sleep(0.3)
        assert await revive(app, fresh_work, silent_s=0.2) == 1
    async with working(fresh_database.app_url, fresh_work):
        job = await ended(fresh_work, job_id)
    await relay_all(fresh_database.app_url)

    assert (job.status, job.done, job.total, job.result) == (JobStatus.COMPLETED, 30, 30, {"counted": 30})
    assert [e.subject_id.int for e in await feed(fresh_work) if e.order_id == job_id] == list(range(30))


async def test_a_worker_ends_though_it_is_told_to_as_it_begins(
    fresh_work: UnitOfWork, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    register, registering = JobManager.register_worker, asyncio.Event()

    async def deaf(manager: JobManager) -> int:
        """Register, and swallow a cancellation meanwhile, as `asyncio.wait_for` may before Python 3.12."""
        registering.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.2)
        return await register(manager)

    monkeypatch.setattr(JobManager, "register_worker", deaf)
    async with asyncio.timeout(10), working(fresh_database.app_url, fresh_work) as stop:
        await registering.wait()
        stop.set()


async def test_a_worker_that_stops_hands_its_job_to_the_next(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    job_id = await request_job(fresh_work, "count_rows", {"rows": 20, "pause_s": 0.1})

    async def begun() -> bool:
        return (await job_of(fresh_work, job_id)).done >= 2

    async with working(fresh_database.app_url, fresh_work, grace_s=0.1) as stop:
        await until(begun)
        began = monotonic()
        stop.set()
    assert monotonic() - began < 3
    assert (await job_of(fresh_work, job_id)).status is JobStatus.RUNNING
    async with working(fresh_database.app_url, fresh_work):
        job = await ended(fresh_work, job_id)
    assert (job.status, job.done) == (JobStatus.COMPLETED, 20)


async def test_a_job_ends_as_its_kind_ends(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    attempts: list[int] = []

    async def refuses(_run: JobRun) -> None:
        raise InvalidValue(problem="The file is empty.")

    async def stumbles(run: JobRun) -> None:
        attempts.append(run.done)
        await run.step(rows=1, errors=[{"row": run.done}])
        if len(attempts) == 1:
            raise RuntimeError("stumbled")

    async def checked(_run: JobRun) -> None:
        raise AssertionError

    def refuse(_arguments: Json) -> None:
        raise InvalidValue(problem="No such file.")

    subscribers = kinds(refuses=refuses, stumbles=stumbles)
    subscribers.job_kinds = {**subscribers.job_kinds, "checked": JobKind(name="checked", run=checked, validate=refuse)}
    async with working(fresh_database.app_url, fresh_work, subscribers):
        asked = {name: await request_job(fresh_work, name) for name in ("refuses", "stumbles", "checked", "nonsense")}
        jobs = {name: await ended(fresh_work, job_id) for name, job_id in asked.items()}

    assert jobs["refuses"].status is JobStatus.FAILED
    assert jobs["refuses"].errors == [{"code": "INVALID_VALUE", "message": "The file is empty."}]
    assert jobs["checked"].errors == [{"code": "INVALID_VALUE", "message": "No such file."}]
    assert jobs["nonsense"].errors == [{"code": "UNKNOWN_JOB_KIND", "message": "There is no kind of job 'nonsense'."}]
    assert jobs["stumbles"].status is JobStatus.COMPLETED_WITH_ERRORS
    assert attempts == [0, 1]
    assert jobs["stumbles"].errors == [{"row": 0}, {"row": 1}]


async def test_a_canceled_job_stops_before_its_next_step(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    async with working(fresh_database.app_url, fresh_work):
        job_id = await request_job(fresh_work, "count_rows", {"rows": 1_000, "pause_s": 0.02})

        async def begun() -> bool:
            return (await job_of(fresh_work, job_id)).done >= 2

        async def done() -> bool:
            return await queued(fresh_work) == 0

        await until(begun)
        canceled = await fresh_work.execute(SYSTEM, cancel_job, job_id)
        await until(done)
    job = await job_of(fresh_work, job_id)
    assert (job.status, job.done) == (JobStatus.CANCELED, canceled.done)


async def test_a_job_that_is_canceled_before_a_worker_has_it_is_never_begun(
    fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    job_id = await request_job(fresh_work, "count_rows", {"rows": 3})
    await fresh_work.execute(SYSTEM, cancel_job, job_id)

    async def done() -> bool:
        return await queued(fresh_work) == 0 and len(await feed(fresh_work)) == 2

    async with working(fresh_database.app_url, fresh_work):
        await until(done)
    job = await job_of(fresh_work, job_id)
    assert (job.status, job.done, job.started_at) == (JobStatus.CANCELED, 0, None)
    assert job.finished_at is not None


@pytest.mark.parametrize(("current", "target"), list(product(JobStatus, JobStatus)))
async def test_every_move_that_is_not_in_the_table_is_refused(work: UnitOfWork, current: JobStatus, target: JobStatus) -> None:
    async def finish(tx: Tx, job_id: JobId) -> JobRow:
        return await finish_job(tx, job_id, None)

    async def fail(tx: Tx, job_id: JobId) -> JobRow:
        return await fail_job(tx, job_id, {})

    moves = {
        JobStatus.VALIDATING: validate_job,
        JobStatus.RUNNING: run_job,
        JobStatus.COMPLETED: finish,
        JobStatus.FAILED: fail,
        JobStatus.CANCELED: cancel_job,
    }
    if target not in moves:
        return
    job_id = JobId(new_uuid())

    async def put(tx: Tx, job_id: JobId) -> None:
        row = {"id": job_id, "kind": "x", "status": current, "arguments": {}, "client_id": job_id, "created_at": tx.now}
        await tx.insert(JobRow, [row])

    await work.execute(SYSTEM, put, job_id)
    if LIFE.table.allows(current, target):
        assert (await work.execute(SYSTEM, moves[target], job_id)).status is target
    else:
        with pytest.raises(IllegalMove):
            await work.execute(SYSTEM, moves[target], job_id)
        assert (await job_of(work, job_id)).status is current


async def test_moving_a_job_that_is_not_there_says_so(work: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        await work.execute(SYSTEM, cancel_job, JobId(new_uuid()))


async def test_keys_are_forgotten_after_three_days(fresh_work: UnitOfWork) -> None:
    async def put(tx: Tx, ages_h: list[int]) -> None:
        rows = [
            {
                "client_id": new_uuid(),
                "mutation": "m",
                "key": "k",
                "arguments": b"",
                "result_id": new_uuid(),
                "recorded_at": tx.now - timedelta(hours=age),
            }
            for age in ages_h
        ]
        await tx.insert(IdempotencyRecord, rows)

    await fresh_work.execute(SYSTEM, put, [0] * 5 + [71] * 5 + [73] * 2_500)
    assert await purge_idempotency(fresh_work, asyncio.Event()) == 2_500
    async with fresh_work.reads(SYSTEM) as read:
        assert await read.value(raw(select(func.count()).select_from(IdempotencyRecord))) == 10


async def test_the_worker_forgets_plans_that_are_older_than_it_was_told(
    fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    async def plans() -> list[UUID]:
        async with fresh_work.reads(SYSTEM) as read:
            return list(await read.values(raw(select(StockPlanRow.id).order_by(StockPlanRow.at))))

    for days in (6, 5, 2):
        then = UnitOfWork(fresh_work.pool, lambda days=days: fresh_work.clock() - timedelta(days=days))  # type: ignore[misc]
        await then.execute(SYSTEM, finish, await then.execute(SYSTEM, create_plan, CreatePlan()))
    *_, kept = await plans()

    async def only_one() -> bool:
        return len(await plans()) == 1

    async with working(fresh_database.app_url, fresh_work, kinds(), plans_kept_days=3):
        await until(only_one)
    assert await plans() == [kept]
