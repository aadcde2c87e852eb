"""Errors of documents and their templates."""

from collections.abc import Sequence

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class TemplateBroken(OmsError):
    """The template cannot be printed: {problem}

    The template has a mistake, or it imports a Typst package or a file that it may not import, or it uses a field that its data
    does not have.
    """  # noqa: D415 - the problem ends with a stop

    code = "TEMPLATE_BROKEN"
    problem: str
    line: int | None = None
    column: int | None = None


@dataclass(eq=False)
class DocumentTooLarge(OmsError):
    """Printing took more than {seconds} s, or more memory than a document may have: print fewer at once, or a simpler template.

    The document was not printed, because it took too much time or memory.
    """

    code = "DOCUMENT_TOO_LARGE"
    seconds: int


@dataclass(eq=False)
class PdfUnreadable(OmsError):
    """PDFs among the papers cannot be read, at the places {papers}, from 0.

    A PDF that is to be printed among other papers cannot be read.
    """

    code = "PDF_UNREADABLE"
    papers: Sequence[int]


@dataclass(eq=False)
class PrinterBusy(OmsError):
    """Too much is being printed at the moment, so nothing was done: send the request again."""

    code = "PRINTER_BUSY"


@dataclass(eq=False)
class BarcodeImpossible(OmsError):
    """'{text}' cannot be a barcode: Code 128 takes 1 to 80 printable characters of ASCII.

    The text cannot be written as a barcode of that kind.
    """

    code = "BARCODE_IMPOSSIBLE"
    text: str


@dataclass(eq=False)
class FileGone(OmsError):
    """The file is gone: it was kept until its expiresAt. Make the document again."""

    code = "FILE_GONE"


@dataclass(eq=False)
class TemplateVersionUnknown(OmsError):
    """The template has no version {given}: its newest is {latest}, and 0 is the built-in one.

    The template has no version with this number.
    """

    code = "TEMPLATE_VERSION_UNKNOWN"
    given: int
    latest: int


@dataclass(eq=False)
class DocumentNotOfThat(OmsError):
    """A {kind} is printed for {right}.

    This kind of document cannot be printed for the given record.
    """

    code = "DOCUMENT_NOT_OF_THAT"
    kind: str
    right: str


@dataclass(eq=False)
class LabelUnreadable(OmsError):
    """The label that the carrier gave for the package {package} cannot be read as PDF: print it from its own file.

    The carrier's label cannot be read as PDF, so it cannot be printed together with other documents.
    """

    code = "LABEL_UNREADABLE"
    package: str


@dataclass(eq=False)
class NoLabelYet(OmsError):
    """The package {package} has no label to print: buy one first.

    The package has no label that could be printed.
    """

    code = "NO_LABEL_YET"
    package: str
