"""Making one document at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from oms_api.db.columns import Json
from oms_api.db.session import Reader
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.documents.errors import DocumentNotOfThat, NoLabelYet
from oms_api.domain.documents.facts import PDF, NewFile, Paper
from oms_api.domain.documents.ports import Printer
from oms_api.domain.documents.queries import active_source
from oms_api.domain.documents.states import DocumentKind
from oms_api.domain.ports import Ports
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import ChannelId, FileId, FulfillmentOrderId, IdKind, PackageId
from oms_api.workflows.print_documents.carried import label_of_package, label_of_return, manifest
from oms_api.workflows.print_documents.made import MadePapers
from oms_api.workflows.print_documents.papers import commercial_invoice, packing_slip
from oms_api.workflows.print_documents.parcels import PrintedParcel, parcels_of_packages, parcels_of_work
from oms_api.workflows.print_documents.picking import pick_list

KEPT = timedelta(days=30)
"""Documents hold people's names and addresses, and can be made again."""
Reading = Callable[[Reader, Any], Awaitable[MadePapers]]
FACTS: Mapping[DocumentKind, Callable[[PrintedParcel], Json]] = {
    DocumentKind.PACKING_SLIP: packing_slip,
    DocumentKind.COMMERCIAL_INVOICE: commercial_invoice,
}
"""The facts of a parcel, by the kind of document."""


def _of_parcel(kind: DocumentKind) -> Mapping[IdKind, Reading]:
    """Return how a document of one parcel is read, of a package or of a fulfillment order."""

    def made(parcel: PrintedParcel) -> MadePapers:
        number = f"{parcel.number}-{parcel.part}" if parcel.package_id is not None else str(parcel.number)
        name = kind.lower().replace("_", "-")
        return MadePapers(f"{name}-{number}", FACTS[kind](parcel), [parcel.channel_id], [parcel.location_id])

    async def of_package(read: Reader, key: PackageId) -> MadePapers:
        return made((await parcels_of_packages(read, [key]))[0])

    async def of_work(read: Reader, key: FulfillmentOrderId) -> MadePapers:
        return made((await parcels_of_work(read, [key]))[0])

    return {IdKind.PACKAGE: of_package, IdKind.FULFILLMENT_ORDER: of_work}


READINGS: Mapping[DocumentKind, Mapping[IdKind, Reading]] = {
    DocumentKind.LABEL: {IdKind.PACKAGE: label_of_package},
    **{kind: _of_parcel(kind) for kind in FACTS},
    DocumentKind.PICK_LIST: {IdKind.PICK_BATCH: pick_list},
    DocumentKind.RETURN_LABEL: {IdKind.RETURN: label_of_return},
    DocumentKind.MANIFEST: {IdKind.MANIFEST: manifest},
}
"""Which documents are made of which records, and how they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDocument:
    """A document of a kind, of the record with an id of some kind."""

    kind: DocumentKind
    of: IdKind
    key: UUID
    path: tuple[str, ...] = ()
    """Where the id stands, for errors."""


async def create_document(work: UnitOfWork, ports: Ports, principal: Principal, command: CreateDocument) -> FileId:
    """Print a document, keep it and return its file; a label that a carrier gave is its file already.

    Raises: DocumentNotOfThat, NotFound, NoLabelYet, AddressMissing; what the printer refuses.
    """
    async with work.reads(principal) as read:
        made = await read_document(read, command)
        template = await template_for(read, ports.printer, command.kind, made.channels)
    if isinstance(made.content, UUID):
        return made.content
    pdf = await ports.printer.document([Paper(template, made.content)])
    return await keep(work, ports, made, pdf, KEPT)


async def keep(work: UnitOfWork, ports: Ports, made: MadePapers, pdf: bytes, kept: timedelta) -> FileId:
    """Keep a document that was printed, and return its file."""
    file = NewFile(
        name=f"{made.name}.pdf",
        media_type=PDF,
        content=pdf,
        expires_at=work.clock() + kept,
        channels=made.channels,
        locations=made.locations,
    )
    return await ports.files.put(file)


async def read_document(read: Reader, command: CreateDocument) -> MadePapers:
    """Return what a document says. Raises: DocumentNotOfThat, NotFound, NoLabelYet, AddressMissing."""
    readings = READINGS.get(command.kind, {})
    if command.of not in readings:
        right = " or ".join(f"a {kind.name.lower().replace('_', ' ')}" for kind in readings)
        raise DocumentNotOfThat(kind=command.kind.lower().replace("_", " "), right=right, field=("of",))
    try:
        return await readings[command.of](read, command.key)
    except (NotFound, NoLabelYet) as error:
        raise error.at(*command.path) from None


async def template_for(read: Reader, printer: Printer, kind: DocumentKind, channels: Sequence[ChannelId]) -> str:
    """Return the template of a kind for a document about *channels*: that of its channel, if it is about one."""
    own: str | None = None
    if len(channels) == 1:
        own = await read.value(active_source(kind, channels[0]))
    return own or printer.built_in(kind)
