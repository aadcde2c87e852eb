"""Asking for jobs, starting the system check, and watching progress."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from oms_api.db.outbox import JobRow
from oms_api.db.session import Tx
from oms_api.domain.events.jobs import ENDED, cancel_job, create_job, job_by_id, jobs_by_id
from oms_api.domain.events.queries import EventFilter
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.jobs.types import Job
from oms_api.graphql.nodes import id_at
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import query, subscription
from oms_api.kernel.access import Scope, system_principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, JobId
from oms_api.workflows.doctor import check


@dataclass(frozen=True)
class StartSystemCheck:
    """Asks for the check; it has no arguments."""


async def start_system_check(tx: Tx, _command: StartSystemCheck) -> JobRow:
    """Ask the worker to prove every invariant of the installation."""
    return await create_job(tx, "system_check", {})


@dataclass(frozen=True)
class CancelJob:
    """Stops a job."""

    job_id: JobId


async def cancel(tx: Tx, command: CancelJob) -> JobRow:
    """Stop a job and return it. Raises: NotFound, IllegalMove."""
    return await cancel_job(tx, command.job_id)


@input_type
class SystemCheckInput(Input[StartSystemCheck]):
    """A request for a check of the whole installation."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the job that the first call started."""


@output
class SystemCheckPayload(Payload):
    """The job that checks, or why there is none."""

    job: Job | None = None
    """The job. Its errors are the findings."""


@input_type
class JobCancelInput(Input[CancelJob]):
    """The job to cancel."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the job."""
    job_id: JobId
    """The job."""


@output
class JobCancelPayload(Payload):
    """The job, or why it was not canceled."""

    job: Job | None = None
    """The job. Where `replayed` is true, this is its present state."""


@output
class SystemInvariant:
    """A condition that must always hold in the installation, and whether it holds now."""

    name: str
    """The condition."""
    ok: bool
    """Whether the condition holds."""
    violations: int
    """The number of violations."""
    examples: list[str]
    """Examples of violations, at most five."""


ONCE_A_DOCUMENT = 250_001
"""What a proof of all there is costs: two of them are more than a document may."""


@output
class JobQueries:
    """Asking for jobs and for the state of the installation."""

    @query(
        Scope.SYSTEM,
        description=(
            "Every invariant of the installation, checked now: ledger, promises, reservations, orders, money, feed. The"
            " check reads all data: for a large installation use the job of `systemCheck`."
        ),
        price=ONCE_A_DOCUMENT,
    )
    async def system_invariants(self, info: Info) -> list[SystemInvariant]:
        findings = await check(info.context.read)
        return [SystemInvariant(name=f.name, ok=f.ok, violations=f.violations, examples=f.examples) for f in findings]

    @query(Scope.EVENTS_READ, description="A job of this client; null where there is none.")
    async def job(self, info: Info, id: Annotated[JobId, argument("The job.")]) -> Job | None:
        found: Job | None = await Job.fetch(info, id)
        return found


@output
class JobMutations:
    """Starting and canceling jobs."""

    system_check = carries_out(start_system_check, SystemCheckInput, SystemCheckPayload, Scope.SYSTEM, describes="The request.")
    """Start a job that checks whether the records agree with each other: ledger, allocations, orders, statuses, feed."""
    job_cancel = carries_out(cancel, JobCancelInput, JobCancelPayload, Scope.SYSTEM, describes="The job to cancel.")
    """Cancel a job: it stops before its next part, and finished parts stay. Fails with ILLEGAL_MOVE once the job has ended."""


@output
class JobSubscriptions:
    """Watching jobs."""

    @subscription(Scope.EVENTS_READ, description="A job as it is now, then each step of its progress until it ends.")
    async def job_progress(self, info: Info, id: Annotated[strawberry.ID, argument("The job.")]) -> AsyncGenerator[Job, None]:
        job_id = id_at(IdKind.JOB, id, "id")
        place = await info.context.feed.now()
        row = await jobs_by_id.of_one(info.context.read, job_id)
        if row is None:
            raise NotFound(what="job", given=id, field=("id",))
        yield Job.of(row)
        if row.status in ENDED:
            return
        # Job events name no channel or location, so that a limited caller could not follow them under its own name.
        follower = system_principal(info.context.principal.name)
        async with aclosing(info.context.feed.follow(follower, EventFilter(subject_ids=frozenset({job_id})), place)) as facts:
            async for _ in facts:
                row = await job_by_id(info.context.read, job_id)
                yield Job.of(row)
                if row.status in ENDED:
                    return
