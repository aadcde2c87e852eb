"""Writing templates and their versions, activating and retiring them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.versioned import change, locking
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.documents.errors import TemplateVersionUnknown
from oms_api.domain.documents.events import DocumentTemplateChanged
from oms_api.domain.documents.queries import template_of, template_version_numbered, templates_visible_to
from oms_api.domain.documents.states import DocumentKind, TemplateStatus
from oms_api.domain.documents.tables import DocumentTemplateRow, DocumentTemplateVersionRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, LimitedKey, NotFound, OmsError
from oms_api.kernel.ids import ChannelId, DocumentTemplateId, DocumentTemplateVersionId, IdKind, text_id
from oms_api.kernel.naming import check_version

LONGEST_SOURCE = 100_000
lock = locking(DocumentTemplateRow, visible=templates_visible_to)
STATUSES = updates(DocumentTemplateVersionRow, "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTemplate:
    """A new version of the template of a kind, for one channel or for all without their own."""

    kind: DocumentKind
    source: str
    channel_id: ChannelId | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateTemplate:
    """Print by a version, by default the newest; 0 is the built-in one."""

    template_id: DocumentTemplateId
    number: int | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireTemplate:
    """Print by the built-in template again, or by that for all channels."""

    template_id: DocumentTemplateId
    expected_version: int | None = None


def check_source(source: str) -> None:
    """Raises: InvalidValue, for a source that is empty or too long."""
    if not source.strip() or len(source) > LONGEST_SOURCE or "\0" in source:
        raise InvalidValue(problem=f"source has 1 to {LONGEST_SOURCE:,} characters, none of them NUL.", field=("source",))


async def set_template(tx: Tx, command: SetTemplate) -> DocumentTemplateRow:
    """Write a version, which prints nothing until it is activated; the same source again changes nothing.

    Raises: NotFound, VersionConflict, InvalidValue; LimitedKey, for a template of all channels.
    """
    check_source(command.source)
    await _check_channel(tx, command.channel_id)
    before = await tx.one_or_none(template_of(command.kind, command.channel_id, held=True))
    if before is None:
        made = await tx.made_or_none(DocumentTemplateRow, _first(tx, command))
        if made is not None:
            await _add_version(tx, made.id, 1, command.source)
            tx.emit(_changed_event(made, {"versions": (None, 1)}))
            return made
        before = await tx.one(template_of(command.kind, command.channel_id, held=True))
    check_version(command.expected_version, before.version)
    latest = await tx.one(template_version_numbered(before.id, before.latest))
    if latest.source == command.source:
        return before
    await _add_version(tx, before.id, before.latest + 1, command.source)
    return await _changed(tx, before, {"latest": before.latest + 1})


async def activate_template(tx: Tx, command: ActivateTemplate) -> DocumentTemplateRow:
    """Print by a version from now on. Raises: NotFound, VersionConflict, TemplateVersionUnknown, LimitedKey."""
    before = await _locked(tx, command.template_id, command.expected_version)
    number = before.latest if command.number is None else command.number
    if number == 0:
        return await _activated(tx, before, None)
    version = await tx.one_or_none(template_version_numbered(before.id, number))
    if version is None:
        raise TemplateVersionUnknown(given=number, latest=before.latest, field=("number",))
    return await _activated(tx, before, version.id)


async def retire_template(tx: Tx, command: RetireTemplate) -> DocumentTemplateRow:
    """Print by it no more. Raises: NotFound, VersionConflict, LimitedKey."""
    return await _activated(tx, await _locked(tx, command.template_id, command.expected_version), None)


async def _activated(tx: Tx, before: DocumentTemplateRow, to: DocumentTemplateVersionId | None) -> DocumentTemplateRow:
    status = TemplateStatus.RETIRED if to is None else TemplateStatus.ACTIVE
    if before.active_version_id == to and before.status is status:
        return before
    if before.active_version_id is not None:
        await tx.fetch(STATUSES.of([{"id": before.active_version_id, "status": TemplateStatus.RETIRED}]))
    if to is not None:
        await tx.fetch(STATUSES.of([{"id": to, "status": TemplateStatus.ACTIVE}]))
    return await _changed(tx, before, {"status": status, "active_version_id": to})


async def _locked(tx: Tx, template_id: DocumentTemplateId, expected: int | None) -> DocumentTemplateRow:
    found = await lock(tx, template_id)
    if found is None:
        given = text_id(IdKind.DOCUMENT_TEMPLATE, template_id)
        raise NotFound(what="document template", given=given, field=("templateId",))
    await _check_channel(tx, found.channel_id)
    check_version(expected, found.version)
    return found


async def _check_channel(tx: Tx, channel_id: ChannelId | None) -> None:
    """Raises: LimitedKey, for what concerns all channels and a key that sees some; NotFound."""
    if channel_id is None:
        if tx.principal.channels is not None:
            raise LimitedKey(what="channels", field=("channelId",))
    elif await channels_by_id.of_one(tx, channel_id) is None:
        raise _unknown_channel(channel_id)


def _unknown_channel(channel_id: ChannelId) -> OmsError:
    return NotFound(what="channel", given=text_id(IdKind.CHANNEL, channel_id), field=("channelId",))


def _first(tx: Tx, command: SetTemplate) -> dict[str, Any]:
    key = {"id": tx.new_id(DocumentTemplateId), "kind": command.kind, "channel_id": command.channel_id}
    return {**key, "status": TemplateStatus.DRAFT, "latest": 1, "created_at": tx.now, "updated_at": tx.now}


async def _add_version(tx: Tx, template_id: DocumentTemplateId, number: int, source: str) -> None:
    key = {"id": tx.new_id(DocumentTemplateVersionId), "template_id": template_id, "number": number, "source": source}
    made = {"status": TemplateStatus.DRAFT, "actor": tx.actor, "created_at": tx.now}
    await tx.insert(DocumentTemplateVersionRow, [{**key, **made}])


async def _changed(tx: Tx, before: DocumentTemplateRow, columns: Mapping[str, Any]) -> DocumentTemplateRow:
    after, moved = await change(tx, DocumentTemplateRow, before, columns)
    shown = {"latest": "versions", "active_version_id": "activeVersion"}
    changes = {shown.get(name, name): (_shown(was), _shown(now)) for name, (was, now) in moved.items()}
    tx.emit(_changed_event(after, changes))
    return after


def _changed_event(row: DocumentTemplateRow, changes: Mapping[str, tuple[object, object]]) -> DocumentTemplateChanged:
    return DocumentTemplateChanged(subject_id=row.id, channel_id=row.channel_id, changes=changes)


def _shown(value: object) -> object:
    return text_id(IdKind.DOCUMENT_TEMPLATE_VERSION, value) if isinstance(value, UUID) else value
