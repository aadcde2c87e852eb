"""Jobs, as clients read them."""

from datetime import datetime

from oms_api.db.columns import Json
from oms_api.db.outbox import JobRow, JobStatus
from oms_api.domain.events.jobs import jobs_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.documents.files import File
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import guarded
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FileId, JobId, parse_id

enum(JobStatus)


@output
class JobError:
    """A finding or a failure of a job."""

    message: str
    """The message."""


def errors_of(errors: list[Json]) -> list[JobError]:
    """Describe what a job found or could not do."""
    return [JobError(message=error.get("problem") or str(error)) for error in errors]


@entity(jobs_by_id, Scope.EVENTS_READ)
class Job(Node, Record[JobRow]):
    """Long work that a client requested: read it again, or watch it with `jobProgress`."""

    id: JobId
    kind: str
    """The kind of work."""
    status: JobStatus
    """The status."""
    done: int
    """The number of parts that are done."""
    total: int | None
    """The number of parts; null until it is known."""
    errors: list[JobError] = made(errors_of, JobRow.errors)
    """The findings and failures."""
    created_at: datetime
    """When it was asked for."""
    started_at: datetime | None
    """When a worker started the job; null before that."""
    finished_at: datetime | None
    """When the job ended; null before that."""

    @guarded(Scope.SHIPPING_READ, description="The file that the job made; null where there is none.")
    async def file(self, info: Info) -> File | None:
        made = (self.row.result or {}).get("file")
        found: File | None = None if made is None else await File.fetch(info, parse_id(FileId, made))
        return found
