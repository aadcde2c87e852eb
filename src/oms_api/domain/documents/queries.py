"""Reads of files and templates: who may see all channels and locations that a file is about sees it."""

from sqlalchemy import ColumnElement, Select, Uuid, or_, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, by, pages_of, required
from oms_api.db.sets import array_of
from oms_api.db.statements import statement
from oms_api.domain.channels.queries import visible_channels
from oms_api.domain.documents.states import DocumentKind
from oms_api.domain.documents.tables import DocumentTemplateRow, DocumentTemplateVersionRow, StoredFileRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import ChannelId, DocumentTemplateId, DocumentTemplateVersionId, FileId, IdKind

TEMPLATES_OLDEST_FIRST = Ordering("created_at", (DocumentTemplateRow.created_at, DocumentTemplateRow.id))
NEWEST_VERSIONS = Ordering("number_desc", (DocumentTemplateVersionRow.number, DocumentTemplateVersionRow.id), descending=True)


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


def templates_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return that a template is for all channels, or for one that is seen, as conditions."""
    row = DocumentTemplateRow
    return [or_(row.channel_id.is_(None), *visible_channels(sight, row.channel_id))] if sight.channels is not None else []


templates_by_id: One[DocumentTemplateId, DocumentTemplateRow] = by(DocumentTemplateRow.id, visible=templates_visible_to)
"""The templates that the principal may see."""
template_by_id = required(templates_by_id, "document template", IdKind.DOCUMENT_TEMPLATE)
"""A template. Raises: NotFound."""
template_versions_by_id: One[DocumentTemplateVersionId, DocumentTemplateVersionRow] = by(DocumentTemplateVersionRow.id)
"""The versions of templates; they are reached through their templates."""
pages_of_template_versions: Pages[DocumentTemplateId, DocumentTemplateVersionRow] = pages_of(
    DocumentTemplateVersionRow.template_id, order=NEWEST_VERSIONS
)
"""A page of each template's versions, the newest first."""


@statement
def template_of(kind: DocumentKind, channel_id: ChannelId | None, *, held: bool = False) -> Select[DocumentTemplateRow]:
    """The template of a kind for a channel, or for all; locked if it is to be *held*."""
    row = DocumentTemplateRow
    of = row.channel_id.is_(None) if channel_id is None else row.channel_id == channel_id
    found = select(row).where(row.kind == kind, of)
    return found.with_for_update(key_share=True) if held else found


@statement
def template_version_numbered(template_id: DocumentTemplateId, number: int) -> Select[DocumentTemplateVersionRow]:
    """The version of a template with a number."""
    row = DocumentTemplateVersionRow
    return select(row).where(row.template_id == template_id, row.number == number)


@statement
def active_source(kind: DocumentKind, channel_id: ChannelId) -> Select[str | None]:
    """The source by which a kind is printed in a channel: its own, else that of all; none where the built-in one is."""
    row, version = DocumentTemplateRow, DocumentTemplateVersionRow
    return (
        select(version.source)
        .join(row, row.active_version_id == version.id)
        .where(row.kind == kind, or_(row.channel_id == channel_id, row.channel_id.is_(None)))
        .order_by(row.channel_id.nulls_last())
        .limit(1)
    )
