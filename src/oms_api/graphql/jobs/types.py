"""Jobs, as clients read them."""

from datetime import datetime

from oms_api.db.columns import Json
from oms_api.db.outbox import JobRow, JobStatus
from oms_api.domain.events.jobs import jobs_by_id
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import JobId

enum(JobStatus)


@output
class JobError:
    """Something that a job found or could not do."""

    message: str
    """What it is."""


def errors_of(errors: list[Json]) -> list[JobError]:
    """Describe what a job found or could not do."""
    return [JobError(message=error.get("problem") or str(error)) for error in errors]


@entity(jobs_by_id, Scope.EVENTS_READ)
class Job(Node, Record[JobRow]):
    """Long work that a client asked for: ask for it again, or watch it with `jobProgress`."""

    id: JobId
    kind: str
    """What it does."""
    status: JobStatus
    """How far it is."""
    done: int
    """How many of its parts are done."""
    total: int | None
    """How many parts it has, once that is known."""
    errors: list[JobError] = made(errors_of, JobRow.errors)
    """What it found or could not do."""
    created_at: datetime
    """When it was asked for."""
    started_at: datetime | None
    """When it was begun."""
    finished_at: datetime | None
    """When it came to its end."""
