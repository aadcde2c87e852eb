"""Making documents, and trying templates."""

from typing import Annotated

import strawberry

from oms_api.domain.documents.commands.change_template import check_source
from oms_api.domain.documents.queries import file_by_id
from oms_api.domain.documents.states import DocumentKind
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, input_type, one_of, output
from oms_api.graphql.documents.files import File
from oms_api.graphql.jobs.types import Job
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FileId, FulfillmentOrderId, IdKind, ManifestId, PackageId, PickBatchId, ReturnId
from oms_api.kernel.naming import shown
from oms_api.workflows.print_documents.create import CreateDocument, create_document
from oms_api.workflows.print_documents.many import CreateDocuments, create_documents
from oms_api.workflows.print_documents.preview import PreviewTemplate, preview_template


@one_of
class DocumentOfInput:
    """The record that a document is printed for: give exactly one field."""

    package_id: PackageId | None = strawberry.UNSET
    """A package: for LABEL, PACKING_SLIP and COMMERCIAL_INVOICE."""
    fulfillment_order_id: FulfillmentOrderId | None = strawberry.UNSET
    """A fulfillment order, with all that it has to ship: for PACKING_SLIP and COMMERCIAL_INVOICE."""
    pick_batch_id: PickBatchId | None = strawberry.UNSET
    """A pick batch: for PICK_LIST."""
    return_id: ReturnId | None = strawberry.UNSET
    """A return: for RETURN_LABEL. The document is the label that was bought, or a label without a carrier if none was
    bought."""
    manifest_id: ManifestId | None = strawberry.UNSET
    """A manifest: for MANIFEST."""

    def to_command(self, kind: DocumentKind) -> CreateDocument:
        """Return the command for a document of *kind*."""
        name, key = next((name, value) for name, value in vars(self).items() if value is not strawberry.UNSET)
        return CreateDocument(kind=kind, of=OF[name], key=key, path=("of", shown(name)))


OF = {
    "package_id": IdKind.PACKAGE,
    "fulfillment_order_id": IdKind.FULFILLMENT_ORDER,
    "pick_batch_id": IdKind.PICK_BATCH,
    "return_id": IdKind.RETURN,
    "manifest_id": IdKind.MANIFEST,
}


@input_type
class DocumentCreateInput:
    """A document to print."""

    kind: DocumentKind
    """The kind of document."""
    of: DocumentOfInput
    """The record that the document is printed for."""


@input_type
class DocumentsCreateInput(Input[CreateDocuments]):
    """Documents to print together: for the packages of a pick batch, or for the packages that are named."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same job."""
    pick_batch_id: PickBatchId | None = None
    """A pick batch: its packages are printed in the order of their slots."""
    package_ids: list[PackageId] = strawberry.field(default_factory=list)
    """If no pick batch is given: the packages to print documents for, in the order given. At most 1,000 packages, and at most
    2,000 documents for all of them."""
    kinds: list[DocumentKind]
    """The documents of each package, printed in the order given: LABEL, PACKING_SLIP or COMMERCIAL_INVOICE. The PICK_LIST of a
    pick batch is printed once, before all others."""


@output
class DocumentsCreatePayload(Payload):
    """The job that prints, or why there is none."""

    job: Job | None = None
    """The job: its progress, an error for each document that could not be printed, and in the end its `file`."""


@input_type
class DocumentTemplatePreviewInput:
    """A template's source to try; nothing is saved."""

    kind: DocumentKind
    """The kind of document."""
    source: str
    """The source: a Typst document that defines `paper(facts)`."""
    of: DocumentOfInput | None = None
    """The record whose facts fill the template; by default the examples of `builtInTemplate`."""


@output
class DocumentPayload(Payload):
    """The document, or why there is none."""

    file: File | None = None
    """The document as PDF. The file is kept for 30 days; the file of a preview is kept for an hour."""


async def answered(info: Info, key: FileId) -> DocumentPayload:
    """Return the payload of the file that was made."""
    return DocumentPayload(file=File.of(await file_by_id(info.context.read, key)))


@output
class PrintingMutations:
    """Making documents, and trying templates."""

    @mutation(
        Scope.SHIPPING_WRITE,
        description=(
            "Print one document, with the template of its channel. Nothing else changes, and each call makes a new file. "
            "Fails with DOCUMENT_NOT_OF_THAT where this kind of document cannot be printed for the record."
        ),
    )
    async def document_create(
        self, info: Info, input: Annotated[DocumentCreateInput, argument("The document.")]
    ) -> DocumentPayload:
        context = info.context
        command = input.of.to_command(input.kind)
        return await answered(info, await create_document(context.work, context.ports, context.principal, command))

    documents_create = carries_out(
        create_documents, DocumentsCreateInput, DocumentsCreatePayload, Scope.SHIPPING_WRITE, describes="The packages."
    )
    """Start a job that prints the documents of many packages: one PDF, package by package. A document that cannot be printed is
    an error of the job, and the others are printed."""

    @mutation(
        Scope.DOCUMENTS_WRITE,
        description=(
            "Try a template's source: make a document from it, with the data of an example or of a record. No template is "
            "written. Fails with TEMPLATE_BROKEN, which names the line and column of the mistake. Fails with "
            "DOCUMENT_TOO_LARGE where printing takes too much time or memory."
        ),
    )
    async def document_template_preview(
        self, info: Info, input: Annotated[DocumentTemplatePreviewInput, argument("The source.")]
    ) -> DocumentPayload:
        check_source(input.source)
        context = info.context
        of = None if input.of is None else input.of.to_command(input.kind)
        command = PreviewTemplate(kind=input.kind, source=input.source, of=of)
        return await answered(info, await preview_template(context.work, context.ports, context.principal, command))
