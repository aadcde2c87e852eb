"""Making the documents of many packages as a job: all in one PDF, in the order in which they are packed."""

import asyncio
from collections.abc import Mapping, Sequence

from oms_api.db.columns import Json
from oms_api.db.outbox import JobRow
from oms_api.db.session import Reader, Tx
from oms_api.domain.carriers.errors import AddressMissing
from oms_api.domain.documents.errors import LabelUnreadable, NoLabelYet, PdfUnreadable
from oms_api.domain.documents.facts import Paper, Printable
from oms_api.domain.documents.states import DocumentKind
from oms_api.domain.events.jobs import JobRun, create_job
from oms_api.domain.ports import Ports
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, TooManyItems
from oms_api.kernel.ids import ChannelId, IdKind, LocationId, PackageId, PickBatchId, parse_id, text_id
from oms_api.workflows.print_documents.carried import labels_of
from oms_api.workflows.print_documents.create import FACTS, KEPT, keep, template_for
from oms_api.workflows.print_documents.made import MadePapers
from oms_api.workflows.print_documents.parcels import PrintedParcel, parcels_of_packages
from oms_api.workflows.print_documents.picking import packages_of_batch, pick_list

JOB = "documents"
MOST_PACKAGES, MOST_PAPERS = 1_000, 2_000
KINDS = (DocumentKind.LABEL, *FACTS)
"""The documents that packages have."""
PIECE = 100
SECONDS = 60
"""For each hundred of papers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDocuments:
    """Documents of *kinds* of each of the packages, in their order, or of those of a pick batch, in the order of its slots."""

    kinds: tuple[DocumentKind, ...]
    package_ids: tuple[PackageId, ...] = ()
    pick_batch_id: PickBatchId | None = None


async def create_documents(tx: Tx, command: CreateDocuments) -> JobRow:
    """Ask the worker for one PDF with all documents. Raises: InvalidValue, TooManyItems, NotFound."""
    batch = command.pick_batch_id
    path = "packageIds" if batch is None else "pickBatchId"
    kinds = KINDS if batch is None else (DocumentKind.PICK_LIST, *KINDS)
    check_length(command.kinds, "kinds", len(kinds))
    for at, kind in enumerate(command.kinds):
        if kind not in kinds:
            raise InvalidValue(problem=f"These are printed together: {', '.join(kinds)}.", field=("kinds", str(at)))
    try:
        packages = await _packages(tx, command)
        await parcels_of_packages(tx, packages)
    except NotFound as error:
        raise error.at(path) from None
    papers = len(packages) * len(command.kinds)
    if papers > MOST_PAPERS:
        raise TooManyItems(limit=MOST_PAPERS, given=papers, field=(path,))
    arguments: Json = {
        "packages": [text_id(IdKind.PACKAGE, key) for key in packages],
        "batch": None if batch is None else text_id(IdKind.PICK_BATCH, batch),
        "kinds": list(command.kinds),
    }
    return await create_job(tx, JOB, arguments)


async def _packages(tx: Tx, command: CreateDocuments) -> Sequence[PackageId]:
    """Return the packages that are meant. Raises: InvalidValue, TooManyItems, NotFound."""
    if command.pick_batch_id is None:
        check_length(command.package_ids, "packageIds", MOST_PACKAGES, "pickBatchId")
        return command.package_ids
    if command.package_ids:
        raise InvalidValue(problem="Give packageIds or pickBatchId.", field=("packageIds",))
    await pick_list(tx, command.pick_batch_id)
    packages = await packages_of_batch(tx, command.pick_batch_id)
    if not packages and DocumentKind.PICK_LIST not in command.kinds:
        raise InvalidValue(problem="Nothing of the pick batch is packed yet.", field=("pickBatchId",))
    return packages


async def run_documents(run: JobRun) -> Json:
    """Print all that can be printed, and tell of the rest; one that was interrupted prints again. Returns the file."""
    packages = [parse_id(PackageId, text) for text in run.arguments["packages"]]
    kinds = [DocumentKind(name) for name in run.arguments["kinds"]]
    sheaf, read_so_far = Sheaf(run.ports, [kind for kind in kinds if kind in KINDS]), 0
    if DocumentKind.PICK_LIST in kinds:
        async with run.work.reads(run.principal) as read:
            await sheaf.begin(read, parse_id(PickBatchId, run.arguments["batch"]))
    while read_so_far < len(packages):
        piece = packages[read_so_far : read_so_far + PIECE]
        async with run.work.reads(run.principal) as read:
            await sheaf.add(read, piece)
        errors, sheaf.errors = sheaf.errors, []
        read_so_far += len(piece)
        if read_so_far > run.done:
            await run.step(rows=read_so_far - run.done, total=len(packages), errors=[_problem(error) for error in errors])
    if not sheaf.papers:
        return {"papers": 0}
    pdf = await sheaf.printed()
    if sheaf.errors:
        await run.step(errors=[_problem(error) for error in sheaf.errors])
    if pdf is None:
        return {"papers": 0}
    made = MadePapers("documents", {}, sorted(sheaf.channels), sorted(sheaf.locations))
    file = await keep(run.work, run.ports, made, pdf, KEPT)
    return {"papers": len(sheaf.papers), "file": text_id(IdKind.FILE, file)}


class Sheaf:
    """The papers of many packages, package by package."""

    def __init__(self, ports: Ports, kinds: Sequence[DocumentKind]) -> None:
        self.ports = ports
        self.kinds = kinds
        self.papers: list[tuple[PackageId | None, Printable]] = []
        self.errors: list[OmsError] = []
        self.channels: set[ChannelId] = set()
        self.locations: set[LocationId] = set()
        self._templates: dict[tuple[DocumentKind, ChannelId], str] = {}

    async def begin(self, read: Reader, batch: PickBatchId) -> None:
        """Put the list of a pick batch before all others."""
        made = await pick_list(read, batch)
        assert isinstance(made.content, dict)  # noqa: S101 - nobody gives us pick lists
        self.channels.update(made.channels)
        self.locations.update(made.locations)
        template = await template_for(read, self.ports.printer, DocumentKind.PICK_LIST, made.channels)
        self.papers.append((None, Paper(template, made.content)))

    async def add(self, read: Reader, packages: Sequence[PackageId]) -> None:
        """Add the papers of *packages*. What one lacks is kept as an error, and the others go on."""
        labels = await self._labels(read, packages) if DocumentKind.LABEL in self.kinds else {}
        for parcel in await parcels_of_packages(read, packages):
            package = PackageId(parcel.key)
            self.channels.add(parcel.channel_id)
            self.locations.add(parcel.location_id)
            for kind in self.kinds:
                try:
                    self.papers.append((package, await self._paper(read, kind, parcel, labels.get(package))))
                except (AddressMissing, NoLabelYet) as error:
                    self.errors.append(error)

    async def printed(self) -> bytes | None:
        """Return all in one PDF, without the labels that are none; None where nothing is left."""
        while self.papers:
            try:
                return await self.ports.printer.document([paper for _, paper in self.papers], seconds=SECONDS)
            except PdfUnreadable as error:
                packages = [package for package, _ in (self.papers[at] for at in error.papers) if package is not None]
                self.errors.extend(LabelUnreadable(package=text_id(IdKind.PACKAGE, package)) for package in packages)
                self.papers = [each for at, each in enumerate(self.papers) if at not in error.papers]
        return None

    async def _labels(self, read: Reader, packages: Sequence[PackageId]) -> Mapping[PackageId, bytes | None]:
        """Return the labels of those of *packages* that have one, all fetched at once."""
        files = await labels_of(read, packages)
        return dict(zip(files, await asyncio.gather(*map(self.ports.files.get, files.values())), strict=True))

    async def _paper(self, read: Reader, kind: DocumentKind, parcel: PrintedParcel, label: bytes | None) -> Printable:
        if kind is DocumentKind.LABEL:
            if label is None:
                raise NoLabelYet(package=text_id(IdKind.PACKAGE, parcel.key))
            return label
        return Paper(await self._template(read, kind, parcel.channel_id), FACTS[kind](parcel))

    async def _template(self, read: Reader, kind: DocumentKind, channel: ChannelId) -> str:
        key = kind, channel
        if key not in self._templates:
            self._templates[key] = await template_for(read, self.ports.printer, kind, [channel])
        return self._templates[key]


def _problem(error: OmsError) -> Json:
    return {"code": error.code, "problem": error.message}
