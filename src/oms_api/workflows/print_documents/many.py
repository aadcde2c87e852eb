"""Making the documents of many packages as a job: all in one PDF, in the order in which they are packed."""

from collections.abc import Sequence
from dataclasses import dataclass

from oms_api.db.columns import Json
from oms_api.db.outbox import JobRow
from oms_api.db.session import Reader, Tx
from oms_api.domain.carriers.errors import AddressMissing
from oms_api.domain.documents.errors import NoLabelYet
from oms_api.domain.documents.facts import Paper, Printable
from oms_api.domain.documents.states import DocumentKind
from oms_api.domain.events.jobs import JobRun, create_job
from oms_api.domain.ports import Ports
from oms_api.kernel.checks import check_length
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, TooManyItems
from oms_api.kernel.ids import ChannelId, FileId, IdKind, LocationId, PackageId, parse_id, text_id
from oms_api.workflows.print_documents.carried import labels_of
from oms_api.workflows.print_documents.create import KEPT, TOLD, keep, template_for
from oms_api.workflows.print_documents.made import Made
from oms_api.workflows.print_documents.parcels import Parcel, parcels_of_packages

JOB = "documents"
MOST_PACKAGES, MOST_PAPERS = 1_000, 2_000
KINDS = (DocumentKind.LABEL, *TOLD)
"""The documents that packages have."""
PIECE = 100
SECONDS_A_PAPER = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDocuments:
    """Documents of *kinds* of each of the packages, in their order."""

    package_ids: tuple[PackageId, ...]
    kinds: tuple[DocumentKind, ...]


async def create_documents(tx: Tx, command: CreateDocuments) -> JobRow:
    """Ask the worker for one PDF with all documents. Raises: InvalidValue, TooManyItems, NotFound."""
    check_length(command.package_ids, "packageIds", MOST_PACKAGES)
    check_length(command.kinds, "kinds", len(KINDS))
    for at, kind in enumerate(command.kinds):
        if kind not in KINDS:
            raise InvalidValue(problem=f"Packages have these documents: {', '.join(KINDS)}.", field=("kinds", str(at)))
    papers = len(command.package_ids) * len(command.kinds)
    if papers > MOST_PAPERS:
        raise TooManyItems(limit=MOST_PAPERS, given=papers, field=("packageIds",))
    try:
        await parcels_of_packages(tx, command.package_ids)
    except NotFound as error:
        raise error.at("packageIds") from None
    keys = [text_id(IdKind.PACKAGE, key) for key in command.package_ids]
    return await create_job(tx, JOB, {"packages": keys, "kinds": list(command.kinds)})


async def run_documents(run: JobRun) -> Json:
    """Print all that can be printed, and tell of the rest; one that was interrupted prints again. Returns the file."""
    packages = [parse_id(PackageId, text) for text in run.arguments["packages"]]
    kinds = [DocumentKind(name) for name in run.arguments["kinds"]]
    sheaf, read_so_far = Sheaf(run.ports, kinds), 0
    while read_so_far < len(packages):
        piece = packages[read_so_far : read_so_far + PIECE]
        async with run.work.reads(run.principal) as read:
            await sheaf.add(read, piece)
        errors, sheaf.errors = sheaf.errors, []
        read_so_far += len(piece)
        if read_so_far > run.done:
            await run.step(rows=read_so_far - run.done, total=len(packages), errors=[_told(error) for error in errors])
    if not sheaf.papers:
        return {"papers": 0}
    seconds = max(int(len(sheaf.papers) * SECONDS_A_PAPER), 30)
    pdf = await run.ports.printer.document(sheaf.papers, seconds=seconds)
    made = Made("documents", {}, sorted(sheaf.channels), sorted(sheaf.locations))
    file = await keep(run.work, run.ports, made, pdf, KEPT)
    return {"papers": len(sheaf.papers), "file": text_id(IdKind.FILE, file)}


class Sheaf:
    """The papers of many packages, package by package."""

    def __init__(self, ports: Ports, kinds: Sequence[DocumentKind]) -> None:
        self.ports = ports
        self.kinds = kinds
        self.papers: list[Printable] = []
        self.errors: list[OmsError] = []
        self.channels: set[ChannelId] = set()
        self.locations: set[LocationId] = set()
        self._templates: dict[tuple[DocumentKind, ChannelId], str] = {}

    async def add(self, read: Reader, packages: Sequence[PackageId]) -> None:
        """Add the papers of *packages*. What one lacks is kept as an error, and the others go on."""
        labels = await labels_of(read, packages) if DocumentKind.LABEL in self.kinds else {}
        for parcel in await parcels_of_packages(read, packages):
            self.channels.add(parcel.channel_id)
            self.locations.add(parcel.location_id)
            for kind in self.kinds:
                try:
                    self.papers.append(await self._paper(read, kind, parcel, labels.get(PackageId(parcel.key))))
                except (AddressMissing, NoLabelYet) as error:
                    self.errors.append(error)

    async def _paper(self, read: Reader, kind: DocumentKind, parcel: Parcel, label: FileId | None) -> Printable:
        if kind is DocumentKind.LABEL:
            content = None if label is None else await self.ports.files.get(label)
            if content is None:
                raise NoLabelYet(package=text_id(IdKind.PACKAGE, parcel.key))
            return content
        return Paper(await self._template(read, kind, parcel.channel_id), TOLD[kind](parcel))

    async def _template(self, read: Reader, kind: DocumentKind, channel: ChannelId) -> str:
        key = kind, channel
        if key not in self._templates:
            self._templates[key] = await template_for(read, self.ports.printer, kind, [channel])
        return self._templates[key]


def _told(error: OmsError) -> Json:
    return {"code": error.code, "problem": error.message}
