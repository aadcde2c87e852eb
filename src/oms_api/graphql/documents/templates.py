"""Templates of documents: reading, writing, trying and using them."""

from datetime import datetime
from typing import Annotated

import orjson

from oms_api.domain.documents.commands.change_template import (
    ActivateTemplate,
    RetireTemplate,
    SetTemplate,
    activate_template,
    check_source,
    retire_template,
    set_template,
)
from oms_api.domain.documents.errors import TemplateBroken
from oms_api.domain.documents.facts import Paper
from oms_api.domain.documents.queries import (
    TEMPLATES_OLDEST_FIRST,
    pages_of_template_versions,
    template_by_id,
    template_versions_by_id,
    templates_by_id,
)
from oms_api.domain.documents.samples import SAMPLES
from oms_api.domain.documents.states import DocumentKind, TemplateStatus
from oms_api.domain.documents.tables import DocumentTemplateRow, DocumentTemplateVersionRow
from oms_api.graphql.channels.types import Channel
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.links import leads_to, pages
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.nodes import Node
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation, query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, DocumentTemplateId, DocumentTemplateVersionId

enum(DocumentKind)
enum(TemplateStatus, name="DocumentTemplateStatus")


@entity(template_versions_by_id, None)
class DocumentTemplateVersion(Node, Record[DocumentTemplateVersionRow]):
    """One version of a template. Only its status ever changes."""

    id: DocumentTemplateVersionId
    number: int
    """Its number, from 1."""
    status: TemplateStatus
    """DRAFT, ACTIVE or RETIRED: documents are printed with the ACTIVE version."""
    source: str
    """The source, a Typst document that defines `paper(facts)`."""
    actor: str
    """The person or program that wrote it."""
    created_at: datetime
    """When it was written."""


@entity(templates_by_id, Scope.SHIPPING_READ)
class DocumentTemplate(Node, Record[DocumentTemplateRow]):
    """The layout of a kind of document, in versions: for one channel, or for all channels without a template of their own."""

    id: DocumentTemplateId
    kind: DocumentKind
    """The kind of document."""
    status: TemplateStatus
    """ACTIVE where documents are printed with one of its versions."""
    version: int
    """A counter for `expectedVersion`: it increases with every change of the template, such as a new source or another
    status."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""
    channel: Channel | None = leads_to(DocumentTemplateRow.channel_id)
    """The channel that it is for; null where it is for all channels without a template of their own."""
    active_version: DocumentTemplateVersion | None = leads_to(DocumentTemplateRow.active_version_id)
    """The version with which documents are printed; null for none."""
    versions: Connection[DocumentTemplateVersion] = pages(pages_of_template_versions, DocumentTemplateVersion)
    """All of its versions, the newest first."""


@output
class BuiltInTemplate:
    """The template that comes with the program. For every template of this kind of document it is version 0."""

    kind: DocumentKind
    """The kind of document."""
    source: str
    """The source, as a start for a template of your own."""
    facts: str
    """An example of all data that a template of the kind may use, as JSON."""


@represents(TemplateBroken, lambda error: {"line": error.line, "column": error.column})
@output
class TemplateBrokenError(UserError):
    """The template has a mistake, or imports what it may not, or uses a field that its data does not have."""

    line: int | None
    """The line of the source, from 1; null where the mistake has no single place."""
    column: int | None
    """The column in that line, from 1; null where the mistake has no single place."""


@input_type
class DocumentTemplateFilterInput(Where):
    """Conditions on templates; all must be true."""

    kind = on(DocumentTemplateRow.kind)
    """By kind of document."""
    channel_id = on(DocumentTemplateRow.channel_id)
    status = on(DocumentTemplateRow.status)


TEMPLATES = Listing(
    show=DocumentTemplate,
    where=DocumentTemplateFilterInput,
    order=TEMPLATES_OLDEST_FIRST,
    which="Conditions on templates; by default, all templates are included.",
)


@input_type
class DocumentTemplateSetInput(Input[SetTemplate]):
    """The source of a new version of a template."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the template."""
    kind: DocumentKind
    """The kind of document."""
    channel_id: ChannelId | None = None
    """The channel; by default all channels without a template of their own."""
    source: str
    """The source: a Typst document that defines `paper(facts)`, 100,000 characters at most. It may import `oms.typ`, and
    nothing else: no packages, no files."""
    expected_version: int | None = None
    """The template's own `version` that the change is based on; any other is refused. It is not the number of one of the
    template's versions."""


@input_type
class DocumentTemplateActivateInput(Input[ActivateTemplate]):
    """The version of a template to activate."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the template."""
    template_id: DocumentTemplateId
    """The template."""
    number: int | None = None
    """The number of the version; the newest by default, 0 for the built-in template."""
    expected_version: int | None = None
    """The template's own `version` that the change is based on; any other is refused. It is not the number of one of the
    template's versions."""


@input_type
class DocumentTemplateRetireInput(Input[RetireTemplate]):
    """The template to retire."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the template."""
    template_id: DocumentTemplateId
    """The template."""
    expected_version: int | None = None
    """The template's own `version` that the change is based on; any other is refused. It is not the number of one of the
    template's versions."""


@output
class DocumentTemplatePayload(Payload):
    """The template as it is now, or why nothing was done."""

    document_template: DocumentTemplate | None = None
    """The template."""


@output
class DocumentTemplateQueries:
    """Asking for templates."""

    document_templates = listed(TEMPLATES)
    """Templates of documents, the oldest first. A document for which there is no ACTIVE template is printed with the built-in
    template: see `builtInTemplate`."""

    @query(
        Scope.SHIPPING_READ,
        description=("The built-in template of a kind of document, and an example of the data that templates may use."),
    )
    async def built_in_template(
        self, info: Info, kind: Annotated[DocumentKind, argument("The kind of document.")]
    ) -> BuiltInTemplate:
        facts = orjson.dumps(SAMPLES[kind], option=orjson.OPT_INDENT_2).decode()
        return BuiltInTemplate(kind=kind, source=info.context.ports.printer.built_in(kind), facts=facts)


@output
class DocumentTemplateMutations:
    """Writing templates, and putting them in use."""

    @mutation(
        Scope.DOCUMENTS_WRITE,
        description="Write the next version of a template, as a DRAFT: no document is printed with it before "
        "`documentTemplateActivate`. The source is tried first; a mistake fails with TEMPLATE_BROKEN, which names "
        "its line and column.",
    )
    async def document_template_set(
        self, info: Info, input: Annotated[DocumentTemplateSetInput, argument("The source.")]
    ) -> DocumentTemplatePayload:
        check_source(input.source)
        await info.context.ports.printer.document([Paper(input.source, SAMPLES[input.kind])])
        done = await once(info, input, set_template, again=template_by_id)
        return DocumentTemplatePayload(document_template=DocumentTemplate.of(done.value), replayed=done.replayed)

    document_template_activate = carries_out(
        activate_template,
        DocumentTemplateActivateInput,
        DocumentTemplatePayload,
        Scope.DOCUMENTS_WRITE,
        describes="The version.",
    )
    """Activate any version of a template, an earlier one too: documents are printed with it from now on. Fails with
    TEMPLATE_VERSION_UNKNOWN for an unknown number."""
    document_template_retire = carries_out(
        retire_template, DocumentTemplateRetireInput, DocumentTemplatePayload, Scope.DOCUMENTS_WRITE, describes="The template."
    )
    """Retire a template. Its documents are then printed with the template that serves all channels or, where there is none,
    with the built-in template. A retired template can be activated again."""
