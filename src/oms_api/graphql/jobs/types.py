"""Jobs, as clients read them."""

from datetime import datetime
from typing import Self

import strawberry

from oms_api.db.outbox import JobRow, JobStatus
from oms_api.domain.events.jobs import jobs_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.nodes import Node, fetches
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, JobId, text_id

enum(JobStatus)


@output
class JobError:
    """Something that a job found or could not do."""

    message: str
    """What it is."""


@output
class Job(Node):
    """Long work that a client asked for: ask for it again, or watch it with `jobProgress`."""

    kind: str
    """What it does."""
    status: JobStatus
    """How far it is."""
    done: int
    """How many of its parts are done."""
    total: int | None
    """How many parts it has, once that is known."""
    errors: list[JobError]
    """What it found or could not do."""
    created_at: datetime
    """When it was asked for."""
    started_at: datetime | None
    """When it was begun."""
    finished_at: datetime | None
    """When it came to its end."""

    @classmethod
    def of(cls, row: JobRow) -> Self:
        """Describe a stored job."""
        return cls(
            id=strawberry.ID(text_id(IdKind.JOB, row.id)),
            kind=row.kind,
            status=row.status,
            done=row.done,
            total=row.total,
            errors=[JobError(message=error.get("problem") or str(error)) for error in row.errors],
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )


def owns(principal: Principal, job: JobRow) -> bool:
    """Tell whether *principal* may see *job*: it is its client's own, or the caller looks after the system."""
    return job.client_id == principal.client_id or principal.may(Scope.SYSTEM)


@fetches(IdKind.JOB, Scope.EVENTS_READ)
async def fetch_job(info: Info, job_id: JobId) -> Job | None:
    """Return a job of the caller's client."""
    row = await info.context.load(jobs_by_id, job_id)
    return Job.of(row) if row and owns(info.context.principal, row) else None
