"""Long work: asking for it, and the moves of its record.

A job may be interrupted anywhere and is then carried out again from `done`. Whoever works on it moves `done` in the same
transaction as the work (`JobRun.step`), so that each part is done once even when two workers hold the same job.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from oms_api.db.columns import Json
from oms_api.db.outbox import JobRow, JobStatus
from oms_api.db.session import Reader, Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.errors import JobOvertaken
from oms_api.domain.events.events import JobFinished, JobProgressed, JobRequested
from oms_api.domain.events.states import JOB
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import IllegalMove, NotFound
from oms_api.kernel.ids import IdKind, JobId, text_id

JobErrors = Sequence[Json]
ENDED = frozenset(state for state, targets in JOB.moves.items() if not targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One part of a job: from *was* rows done to *done*, of *total* if that is known, with what went wrong."""

    job_id: JobId
    was: int
    done: int
    total: int | None = None
    errors: JobErrors = ()


class JobRun:
    """One attempt at a job, as its kind sees it. *principal* acts for the installation under the client's id."""

    def __init__(self, work: UnitOfWork, principal: Principal, job: JobRow) -> None:
        self.work = work
        self.principal = principal
        self.id = job.id
        self.arguments: Json = job.arguments
        self.done: int = job.done

    async def step(
        self,
        part: Callable[[Tx], Awaitable[JobErrors]] | None = None,
        *,
        rows: int = 0,
        total: int | None = None,
        errors: JobErrors = (),
    ) -> None:
        """Do *part* and count its *rows* as done in one transaction, with the errors it returns and those given.

        Raises: JobOvertaken, when the job was canceled or another worker got further; and what *part* raises.
        """

        async def both(tx: Tx, step: Step) -> None:
            found = [*step.errors, *(await part(tx) if part is not None else ())]
            await advance_job(tx, replace(step, errors=found))

        step = Step(job_id=self.id, was=self.done, done=self.done + rows, total=total, errors=errors)
        await self.work.execute(self.principal, both, step)
        self.done = step.done


def accept_any(_arguments: Json) -> None:
    """Accept every argument."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """What a kind of job does. *validate* raises an OmsError for arguments it cannot work with; *run* returns the result."""

    name: str
    run: Callable[[JobRun], Awaitable[Json | None]]
    validate: Callable[[Json], None] = accept_any


async def create_job(tx: Tx, kind: str, arguments: Json) -> JobRow:
    """Ask for a job of *kind*; the worker takes it up once the transaction is committed."""
    values: dict[str, Any] = {
        "id": tx.new_id(JobId),
        "kind": kind,
        "status": JobStatus.CREATED,
        "arguments": arguments,
        "client_id": tx.principal.client_id,
        "created_at": tx.now,
    }
    job = await tx.one(insert(JobRow).values(values).returning(JobRow))
    tx.emit(JobRequested(subject_id=job.id))
    return job


async def job_by_id(read: Reader, job_id: JobId) -> JobRow:
    """Return the job. Raises: NotFound."""
    job = await read.one_or_none(select(JobRow).where(JobRow.id == job_id))
    if job is None:
        raise NotFound(what="job", given=text_id(IdKind.JOB, job_id))
    return job


async def validate_job(tx: Tx, job_id: JobId) -> JobRow:
    """Begin to look at what the job asks for. Raises: NotFound, IllegalMove."""
    return await _move(tx, job_id, JobStatus.VALIDATING, started_at=tx.now)


async def run_job(tx: Tx, job_id: JobId) -> JobRow:
    """Begin the work. Raises: NotFound, IllegalMove."""
    job = await _move(tx, job_id, JobStatus.RUNNING)
    tx.emit(JobProgressed(subject_id=job_id, changes={"status": (JobStatus.VALIDATING, JobStatus.RUNNING)}))
    return job


async def advance_job(tx: Tx, step: Step) -> None:
    """Record that a running job got further, in the transaction of its work. Raises: JobOvertaken."""
    statement = (
        update(JobRow)
        .where(JobRow.id == step.job_id, JobRow.status == JobStatus.RUNNING, JobRow.done == step.was)
        .values(done=step.done, errors=JobRow.errors.op("||")(literal(list(step.errors), JSONB)))
    )
    if step.total is not None:
        statement = statement.values(total=step.total)
    if not await tx.run(statement):
        raise JobOvertaken
    tx.emit(JobProgressed(subject_id=step.job_id, changes={"done": (step.was, step.done)}))


async def finish_job(tx: Tx, job_id: JobId, result: Json | None) -> JobRow:
    """End a running job with its *result*; errors recorded on the way show in its status. Raises: NotFound, IllegalMove."""
    job = await tx.one_or_none(select(JobRow).where(JobRow.id == job_id).with_for_update())
    target = JobStatus.COMPLETED_WITH_ERRORS if job is not None and job.errors else JobStatus.COMPLETED
    return await _end(tx, job_id, target, result=result)


async def fail_job(tx: Tx, job_id: JobId, error: Json) -> JobRow:
    """End a job that cannot go on, and say why. Raises: NotFound, IllegalMove."""
    return await _end(tx, job_id, JobStatus.FAILED, errors=JobRow.errors.op("||")(literal([error], JSONB)))


async def cancel_job(tx: Tx, job_id: JobId) -> JobRow:
    """Stop a running job before its next step; what is done stays done. Raises: NotFound, IllegalMove."""
    return await _end(tx, job_id, JobStatus.CANCELED)


async def _end(tx: Tx, job_id: JobId, target: JobStatus, **values: object) -> JobRow:
    job = await _move(tx, job_id, target, finished_at=tx.now, **values)
    tx.emit(JobFinished(subject_id=job_id, changes={"status": (None, target)}))
    return job


async def _move(tx: Tx, job_id: JobId, target: JobStatus, **values: object) -> JobRow:
    job = await tx.one_or_none(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.status.in_(JOB.sources(target)))
        .values(status=target, **values)
        .returning(JobRow)
    )
    if job is None:
        current = (await job_by_id(tx, job_id)).status
        raise IllegalMove(what=JOB.what, current=current, target=target)
    return job
