"""Reads of files: who may see all channels and locations that a file is about sees it."""

from sqlalchemy import ColumnElement, Uuid

from oms_api.db.relations import One, by, required
from oms_api.db.sets import array_of
from oms_api.domain.documents.tables import StoredFileRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import FileId, IdKind


def files_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels and locations, as conditions."""
    return [
        column.bool_op("<@")(array_of(Uuid(), limit))
        for column, limit in ((StoredFileRow.channel_ids, sight.channels), (StoredFileRow.location_ids, sight.locations))
        if limit is not None
    ]


files_by_id: One[FileId, StoredFileRow] = by(StoredFileRow.id, visible=files_visible_to)
"""The files that the principal may see."""
file_by_id = required(files_by_id, "file", IdKind.FILE)
"""A file. Raises: NotFound."""
