"""Trying a template before it is used."""

from datetime import timedelta
from uuid import UUID

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.documents.facts import Paper
from oms_api.domain.documents.samples import SAMPLES
from oms_api.domain.documents.states import DocumentKind
from oms_api.domain.ports import Ports
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FileId
from oms_api.workflows.print_documents.create import CreateDocument, keep, read_document
from oms_api.workflows.print_documents.made import MadePapers

KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewTemplate:
    """A source, with the record to try it with; None for the facts of an example."""

    kind: DocumentKind
    source: str
    of: CreateDocument | None = None


async def preview_template(work: UnitOfWork, ports: Ports, principal: Principal, command: PreviewTemplate) -> FileId:
    """Print by the source and return the file. Raises: MissingScope, for a record; NotFound; what the printer refuses."""
    made = MadePapers("preview", SAMPLES[command.kind], [], [])
    if command.of is not None:
        principal.demand(Scope.SHIPPING_READ)
        async with work.reads(principal) as read:
            made = await read_document(read, command.of)
    example = SAMPLES[command.kind]
    facts = example if isinstance(made.content, UUID) else made.content  # a carrier's own label has no facts
    pdf = await ports.printer.document([Paper(command.source, facts)])
    return await keep(work, ports, MadePapers(f"{command.kind.lower()}-preview", {}, made.channels, made.locations), pdf, KEPT)
