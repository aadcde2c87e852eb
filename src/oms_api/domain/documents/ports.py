"""The ports of documents: a place for files, and a printer."""

from collections.abc import Sequence
from typing import Protocol

from oms_api.domain.documents.facts import LabelPaper, NewFile, Printable, PrintedLabel
from oms_api.domain.documents.states import DocumentKind
from oms_api.kernel.ids import FileId

PATIENCE_S = 15
"""How long a caller waits for a document."""


class FileStore(Protocol):
    """Keeps files. It has transactions of its own, so it is called outside of any other."""

    async def put(self, file: NewFile) -> FileId:
        """Keep *file* and return its id; from then on other records may name it."""

    async def get(self, file_id: FileId) -> bytes | None:
        """Return what is in a file, or None where there is none, or none any more."""

    async def purge(self) -> int:
        """Delete what has expired, a batch to a transaction, and return how many files that were."""


class Printer(Protocol):
    """Makes pages. It takes its time, so it is called outside of transactions; the same facts give the same bytes."""

    def built_in(self, kind: DocumentKind) -> str:
        """Return the template that comes with the program."""

    async def label(self, facts: LabelPaper, template: str | None = None) -> PrintedLabel:
        """Return the label of a parcel, by the built-in template unless told. Raises: BarcodeImpossible; as `document`."""

    async def document(self, papers: Sequence[Printable], *, seconds: int = PATIENCE_S) -> bytes:
        """Return all *papers* in one PDF, in their order; *seconds* are for each hundred of them.

        Raises: TemplateBroken, DocumentTooLarge, PrinterBusy; PdfUnreadable, naming each of *papers* that is no PDF.
        """

    async def pictures(self, papers: Sequence[Printable], *, ppi: int) -> Sequence[bytes]:
        """Return the pages of *papers* as PNG. Raises: as `document`."""

    async def close(self) -> None:
        """End the processes of the printer."""
