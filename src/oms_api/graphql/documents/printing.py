"""Making documents, and trying templates."""

from typing import Annotated

import strawberry

from oms_api.domain.documents.commands.change_template import check_source
from oms_api.domain.documents.queries import file_by_id
from oms_api.domain.documents.states import DocumentKind
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, one_of, output
from oms_api.graphql.documents.files import File
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FileId, FulfillmentOrderId, IdKind, PackageId
from oms_api.kernel.naming import shown
from oms_api.workflows.print_documents.create import CreateDocument, create_document
from oms_api.workflows.print_documents.preview import PreviewTemplate, preview_template


@one_of
class DocumentOfInput:
    """The record that a document is made of: give exactly one field."""

    package_id: PackageId | None = strawberry.UNSET
    """A package: for LABEL, PACKING_SLIP and COMMERCIAL_INVOICE."""
    fulfillment_order_id: FulfillmentOrderId | None = strawberry.UNSET
    """A fulfillment order, with all that it has to ship: for PACKING_SLIP and COMMERCIAL_INVOICE."""

    def to_command(self, kind: DocumentKind) -> CreateDocument:
        """Return the command for a document of *kind*."""
        name, key = next((name, value) for name, value in vars(self).items() if value is not strawberry.UNSET)
        return CreateDocument(kind=kind, of=OF[name], key=key, path=("of", shown(name)))


OF = {"package_id": IdKind.PACKAGE, "fulfillment_order_id": IdKind.FULFILLMENT_ORDER}


@input_type
class DocumentCreateInput:
    """A document to print."""

    kind: DocumentKind
    """The kind of document."""
    of: DocumentOfInput
    """What it is made of."""


@input_type
class DocumentTemplatePreviewInput:
    """A source to try."""

    kind: DocumentKind
    """The kind of document."""
    source: str
    """The source: a document of typst that defines `paper(facts)`."""
    of: DocumentOfInput | None = None
    """A record to try it with; by default the facts of `builtInTemplate`."""


@output
class DocumentPayload(Payload):
    """The document, or why there is none."""

    file: File | None = None
    """The document as PDF; it is kept 30 days, a preview for an hour."""


async def answered(info: Info, key: FileId) -> DocumentPayload:
    """Return the payload of the file that was made."""
    return DocumentPayload(file=File.of(await file_by_id(info.context.read, key)))


@output
class PrintingMutations:
    """Making documents, and trying templates."""

    @mutation(
        Scope.SHIPPING_WRITE,
        description="Print one document, by the template of its channel. Nothing else changes: asked again, another file is "
        "made. Fails with DOCUMENT_NOT_OF_THAT where the kind is made of other records.",
    )
    async def document_create(
        self, info: Info, input: Annotated[DocumentCreateInput, argument("The document.")]
    ) -> DocumentPayload:
        context = info.context
        command = input.of.to_command(input.kind)
        return await answered(info, await create_document(context.work, context.ports, context.principal, command))

    @mutation(
        Scope.DOCUMENTS_WRITE,
        description="Try a source with facts of an example, or of a record: no template is written. Fails with "
        "TEMPLATE_BROKEN, with line and column, and with DOCUMENT_TOO_LARGE for a source that does not end.",
    )
    async def document_template_preview(
        self, info: Info, input: Annotated[DocumentTemplatePreviewInput, argument("The source.")]
    ) -> DocumentPayload:
        check_source(input.source)
        context = info.context
        of = None if input.of is None else input.of.to_command(input.kind)
        command = PreviewTemplate(kind=input.kind, source=input.source, of=of)
        return await answered(info, await preview_template(context.work, context.ports, context.principal, command))
