"""What the worker does: reactions to the feed, piece by piece, and jobs that callers asked for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from time import monotonic

import structlog

from oms_api.db.outbox import JobRow, JobStatus
from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.checkpoints import pass_piece, take_piece
from oms_api.domain.events.errors import JobInterrupted, JobOvertaken, UnknownJobKind
from oms_api.domain.events.jobs import ENDED, JobKind, JobRun, fail_job, finish_job, job_by_id, run_job, validate_job
from oms_api.domain.ports import Ports
from oms_api.kernel.access import Principal, system_principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import Busy, IdempotencyInProgress, IllegalMove, OmsError, OutcomeUnknown, Unavailable
from oms_api.kernel.ids import JobId
from oms_api.workflows.subscribers import Reaction

ATTEMPTS = 12
WORK_S = 5.0
"""How long one job of a reaction goes on beginning new pieces, before others have their turn."""
PATIENTLY = "SET LOCAL statement_timeout = '60s'"
"""A piece may hold orders of a thousand lines each."""
WORKER = system_principal("worker")
PASSING = (Busy, Unavailable, IdempotencyInProgress, OutcomeUnknown)
log = structlog.get_logger()


@dataclass(eq=False)
class Unexpected(OmsError):
    """An unexpected error stopped the job; the log of the worker has it."""

    code = "INTERNAL"


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a task was tried before, whether it came to an error or its worker died."""

    before: int

    @property
    def last(self) -> bool:
        """Whether an error of this attempt is final."""
        return self.before + 1 >= ATTEMPTS

    def check(self) -> None:
        """Refuse work that took worker after worker down. Raises: JobInterrupted."""
        if self.before >= ATTEMPTS:
            raise JobInterrupted(times=self.before)


async def react(work: UnitOfWork, reaction: Reaction, *, work_s: float = WORK_S) -> bool:
    """Let *reaction* have its events from its checkpoint on, and tell whether more waited when its time was over."""
    principal = system_principal(reaction.name)
    until = monotonic() + work_s
    while not await work.execute(principal, follow, reaction):
        if monotonic() > until:
            return True
    return False


async def follow(tx: Tx, reaction: Reaction) -> bool:
    """Let *reaction* work through its next piece of the feed, and tell whether that was the last one."""
    await tx.flush([(PATIENTLY, ())])
    piece = await take_piece(tx, reaction.name, reaction.types, reaction.most)
    if piece.count and await reaction.run(tx, piece):
        return False
    pass_piece(tx, reaction.name, piece)
    return piece.last


async def carry_out(work: UnitOfWork, ports: Ports, kinds: Mapping[str, JobKind], job_id: JobId, tries: Tries) -> None:
    """Carry out a job, from where an earlier attempt left it.

    An OmsError fails the job at once, unless it may pass; any other error fails the attempt, and the last one the job.
    """
    async with work.reads(WORKER) as read:
        job = await job_by_id(read, job_id)
    if job.status in ENDED:
        return
    principal = replace(system_principal(f"job {job.kind}"), client_id=job.client_id)
    try:
        await _attempt(work, ports, principal, kinds, job, tries)
    except JobOvertaken:
        log.info("job_overtaken", job_id=str(job_id))
    except Exception as error:
        lasting = isinstance(error, OmsError) and not isinstance(error, PASSING)
        if lasting or tries.last:
            await _fail(work, principal, job, error)
        if not lasting:
            raise


async def _attempt(
    work: UnitOfWork, ports: Ports, principal: Principal, kinds: Mapping[str, JobKind], job: JobRow, tries: Tries
) -> None:
    async def move(command: Callable[[Tx, JobId], Awaitable[JobRow]]) -> JobRow:
        try:
            return await work.execute(principal, command, job.id)
        except IllegalMove as error:  # canceled, or another worker holds the job too
            raise JobOvertaken from error

    if job.status is JobStatus.CREATED:
        job = await move(validate_job)
    tries.check()
    kind = kinds.get(job.kind)
    if kind is None:
        raise UnknownJobKind(kind=job.kind)
    if job.status is JobStatus.VALIDATING:
        kind.validate(job.arguments)
        job = await move(run_job)
    result = await kind.run(JobRun(work, ports, principal, job))
    await move(partial(finish_job, result=result))


async def _fail(work: UnitOfWork, principal: Principal, job: JobRow, error: Exception) -> None:
    said = error if isinstance(error, OmsError) else Unexpected()
    log.warning("job_failed", job_id=str(job.id), kind=job.kind, code=said.code, error=str(error))
    await work.execute(principal, partial(fail_job, error={"code": said.code, "message": said.message}), job.id)
