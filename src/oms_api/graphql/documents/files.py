"""Files, as clients read them."""

from datetime import datetime, timedelta
from typing import Annotated

from oms_api.domain.documents.links import MINUTES, MOST_MINUTES, signed_path
from oms_api.domain.documents.queries import files_by_id
from oms_api.domain.documents.tables import StoredFileRow
from oms_api.graphql.context import Info
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import argument, output
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field, query
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import FileId
from oms_api.kernel.links import end_of


@entity(files_by_id, Scope.SHIPPING_READ)
class File(Node, Record[StoredFileRow]):
    """A label or a document that was made here, or that a carrier gave."""

    id: FileId
    name: str
    """Its name, for a download."""
    media_type: str
    """Its media type: "application/pdf", "image/png", or "application/zpl" for a label printer."""
    size: int
    """Its size in bytes."""
    created_at: datetime
    """When it was made."""
    expires_at: datetime | None
    """When it is deleted; null for never."""

    @field(
        description=(
            "A link to the file that needs no API key: whoever has the link gets the file. If the installation does not know "
            "its own address, the link is only a path on this server."
        )
    )
    async def url(
        self,
        info: Info,
        minutes: Annotated[int, argument("Minutes for which the link works, at most 1,440.")] = MINUTES,
    ) -> str:
        if not 0 < minutes <= MOST_MINUTES:
            raise InvalidValue(problem=f"minutes is between 1 and {MOST_MINUTES:,}.", field=("minutes",))
        until = end_of(info.context.work.clock(), timedelta(minutes=minutes))
        return info.context.public_url + signed_path(info.context.secrets, self.row.id, until)


@output
class FileQueries:
    """Asking for files."""

    @query(Scope.SHIPPING_READ, description="A file; null where there is none that the API key may see.")
    async def file(self, info: Info, id: Annotated[FileId, argument("The file.")]) -> File | None:
        found: File | None = await File.fetch(info, id)
        return found
