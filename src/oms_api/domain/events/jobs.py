"""Long work: asking for it, and the moves of its record.

A job may be interrupted anywhere and is then carried out again from `done`. Whoever works on it moves `done` in the same
transaction as the work (`JobRun.step`), so that each part is done once even when two workers hold the same job.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update

from oms_api.db.columns import Json
from oms_api.db.outbox import JobRow, JobStatus
from oms_api.db.relations import One, by, required
from oms_api.db.session import Tx
from oms_api.db.sets import among
from oms_api.db.statements import Select, statement
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.db.versioned import locking
from oms_api.domain.events.errors import JobOvertaken
from oms_api.domain.events.events import JobFinished, JobProgressed, JobRequested
from oms_api.domain.events.verbs import CANCEL, FAIL, FINISH, LIFE, RUN, VALIDATE
from oms_api.domain.ports import Ports
from oms_api.kernel.access import Principal, Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, JobId, text_id
from oms_api.kernel.verbs import Verb

JobErrors = Sequence[Json]
JobVerb = Verb[JobStatus, None]
locked_job = locking(JobRow)
ENDED = frozenset(state for state, targets in LIFE.table.moves.items() if not targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStep:
    """One part of a job: from *was* rows done to *done*, of *total* if that is known, with what went wrong."""

    job_id: JobId
    was: int
    done: int
    total: int | None = None
    errors: JobErrors = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChange:
    """What a job becomes: None leaves what is there, and *errors* go behind those that it has."""

    status: JobStatus
    started_at: datetime | None = None
    finished_at: datetime | None = None
    result: Json | None = None
    errors: JobErrors | None = None


class JobRun:
    """One attempt at a job, as its kind sees it. *principal* acts for the installation under the client's id."""

    def __init__(self, work: UnitOfWork, ports: Ports, principal: Principal, job: JobRow) -> None:
        self.work = work
        self.ports = ports
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

        async def both(tx: Tx, step: JobStep) -> None:
            found = [*step.errors, *(await part(tx) if part is not None else ())]
            await advance_job(tx, replace(step, errors=found))

        step = JobStep(job_id=self.id, was=self.done, done=self.done + rows, total=total, errors=errors)
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
    row: dict[str, object] = {
        "id": tx.new_id(JobId),
        "kind": kind,
        "status": JobStatus.CREATED,
        "arguments": arguments,
        "client_id": tx.principal.client_id,
        "created_at": tx.now,
    }
    job = await tx.made(JobRow, row)
    tx.emit(JobRequested(subject_id=job.id))
    return job


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that a job is the client's own, unless all are seen."""
    return [] if sight.clients is None else [among(JobRow.client_id, sight.clients)]


jobs_by_id: One[JobId, JobRow] = by(JobRow.id, visible=visible_to)
"""The jobs of the client."""
job_by_id = required(jobs_by_id, "job", IdKind.JOB)
"""Reads a job of the client. Raises: NotFound."""


@statement
def advanced(job_id: JobId, was: int, done: int, total: int | None, errors: JobErrors | None) -> Select[Any]:
    """The running job, once *done* of it is; nothing where not just *was* of it was done before."""
    values = {"done": done} | ({} if total is None else {"total": total})
    where = JobRow.id == job_id, JobRow.status == JobStatus.RUNNING, JobRow.done == was
    return update(JobRow).where(*where).values(**values, **also(errors)).returning(JobRow.id)


@statement
def moved(job_id: JobId, sources: Sequence[JobStatus], to: JobChange) -> Select[Any]:
    """The job, once it is moved; nothing where its status is none of *sources*."""
    values = {"started_at": to.started_at, "finished_at": to.finished_at, "result": to.result}
    given = {name: value for name, value in values.items() if value is not None}
    where = JobRow.id == job_id, among(JobRow.status, sources)
    return update(JobRow).where(*where).values(status=to.status, **given, **also(to.errors)).returning(JobRow)


def also(errors: JobErrors | None) -> Mapping[str, Any]:
    """Return the values of a job with *errors* beside those that it has."""
    return {} if errors is None else {"errors": JobRow.errors.op("||")(errors)}


async def validate_job(tx: Tx, job_id: JobId) -> JobRow:
    """Begin to look at what the job asks for. Raises: NotFound, IllegalMove."""
    return await _move(tx, VALIDATE, job_id, JobChange(status=JobStatus.VALIDATING, started_at=tx.now))


async def run_job(tx: Tx, job_id: JobId) -> JobRow:
    """Begin the work. Raises: NotFound, IllegalMove."""
    job = await _move(tx, RUN, job_id, JobChange(status=JobStatus.RUNNING))
    tx.emit(JobProgressed(subject_id=job_id, changes={"status": (JobStatus.VALIDATING, JobStatus.RUNNING)}))
    return job


async def advance_job(tx: Tx, step: JobStep) -> None:
    """Record that a running job got further, in the transaction of its work. Raises: JobOvertaken."""
    errors = list(step.errors) or None
    if await tx.value(advanced(step.job_id, step.was, step.done, step.total, errors)) is None:
        raise JobOvertaken
    tx.emit(JobProgressed(subject_id=step.job_id, changes={"done": (step.was, step.done)}))


async def finish_job(tx: Tx, job_id: JobId, result: Json | None) -> JobRow:
    """End a running job with its *result*; errors recorded on the way show in its status. Raises: NotFound, IllegalMove."""
    job = await locked_job(tx, job_id)
    target = JobStatus.COMPLETED_WITH_ERRORS if job is not None and job.errors else JobStatus.COMPLETED
    return await _end(tx, FINISH, job_id, JobChange(status=target, finished_at=tx.now, result=result))


async def fail_job(tx: Tx, job_id: JobId, error: Json) -> JobRow:
    """End a job that cannot go on, and say why. Raises: NotFound, IllegalMove."""
    return await _end(tx, FAIL, job_id, JobChange(status=JobStatus.FAILED, finished_at=tx.now, errors=[error]))


async def cancel_job(tx: Tx, job_id: JobId) -> JobRow:
    """Stop a job before its next step; what is done stays done. Raises: NotFound, IllegalMove."""
    return await _end(tx, CANCEL, job_id, JobChange(status=JobStatus.CANCELED, finished_at=tx.now))


async def _end(tx: Tx, verb: JobVerb, job_id: JobId, to: JobChange) -> JobRow:
    job = await _move(tx, verb, job_id, to)
    tx.emit(JobFinished(subject_id=job_id, changes={"status": (None, to.status)}))
    return job


async def _move(tx: Tx, verb: JobVerb, job_id: JobId, to: JobChange) -> JobRow:
    job: JobRow | None = await tx.one_or_none(moved(job_id, verb.sources(to.status), to))
    if job is None:
        found = await jobs_by_id.of_one(tx, job_id)
        if found is None:
            raise NotFound(what=LIFE.noun, given=text_id(IdKind.JOB, job_id), field=(LIFE.argument,))
        raise LIFE.illegal(found.status, to.status)
    return job
