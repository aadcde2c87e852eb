"""What documents need of the world outside: a place for files, and a printer."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from oms_api.db.columns import Json
from oms_api.domain.documents.facts import LabelFacts, NewFile, PrintedLabel
from oms_api.kernel.ids import FileId


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

    async def label(self, facts: LabelFacts) -> PrintedLabel:
        """Return the label of a parcel. Raises: BarcodeImpossible, PrinterBusy."""

    async def document(self, template: str, facts: Json, files: Mapping[str, bytes] | None = None) -> bytes:
        """Return as PDF what *template*, a document of typst, makes of *facts* and of the PDF *files* that they name.

        Raises: TemplateBroken, DocumentTooLarge, PrinterBusy.
        """

    async def pictures(self, template: str, facts: Json, *, ppi: int) -> Sequence[bytes]:
        """Return the pages as PNG. Raises: as above."""

    async def close(self) -> None:
        """End the processes of the printer."""
