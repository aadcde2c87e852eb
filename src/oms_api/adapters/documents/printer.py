"""The printer: pages by typst, labels for label printers by ZPL."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from oms_api.adapters.documents.presses import Fault, Presses, Work
from oms_api.adapters.documents.zpl import zpl_label
from oms_api.db.columns import Json
from oms_api.domain.documents.errors import BarcodeImpossible, TemplateBroken
from oms_api.domain.documents.facts import LabelFacts, PrintedLabel
from oms_api.domain.documents.wording import address_lines, printable, printed

PAPERS = Path(__file__).with_name("papers")
DOTS_PER_INCH = 203
SECONDS = 15
LONGEST_BARCODE = 80
MAIN = """#import "/template.typ": paper
#set document(date: none)
#for facts in json(bytes(sys.inputs.facts)).papers { paper(facts) }
"""


class TypstPrinter:
    """Prints in processes of its own, which start with the first document."""

    def __init__(self, presses: Presses | None = None) -> None:
        self.presses = Presses() if presses is None else presses

    async def label(self, facts: LabelFacts) -> PrintedLabel:
        """Return the label of a parcel. Raises: BarcodeImpossible, PrinterBusy."""
        template, told = built_in("label"), label_json(facts)
        pdf = await self.document(template, told)
        (png, *_) = await self.pictures(template, told, ppi=DOTS_PER_INCH)
        return PrintedLabel(pdf=pdf, png=png, zpl=zpl_label(facts))

    async def document(self, template: str, facts: Json, files: Mapping[str, bytes] | None = None) -> bytes:
        """Return what *template* makes of *facts* and *files*, as PDF.

        Raises: TemplateBroken, DocumentTooLarge, PrinterBusy.
        """
        (pdf,) = await self._pages(template, facts, "pdf", DOTS_PER_INCH, files or {})
        return pdf

    async def pictures(self, template: str, facts: Json, *, ppi: int) -> Sequence[bytes]:
        """Return the pages as PNG. Raises: TemplateBroken, DocumentTooLarge, PrinterBusy."""
        return await self._pages(template, facts, "png", ppi, {})

    async def close(self) -> None:
        """End the processes."""
        await self.presses.close()

    async def _pages(self, template: str, facts: Json, form: str, ppi: int, files: Mapping[str, bytes]) -> list[bytes]:
        laid = {"oms.typ": built_in("oms").encode(), "template.typ": template.encode(), **files}
        work = Work(MAIN, {"papers": [printed(facts)]}, laid, form, ppi)
        made = await self.presses.compile(work, seconds=SECONDS)
        if isinstance(made, Fault):
            raise TemplateBroken(problem=made.message)
        return made


@cache
def built_in(name: str) -> str:
    """Return the source of a template that comes with the program."""
    return (PAPERS / f"{name}.typ").read_text(encoding="utf-8")


def label_json(facts: LabelFacts) -> Json:
    """Return the facts of a label as its template sees them. Raises: BarcodeImpossible."""
    return {
        "carrier": facts.carrier,
        "service": facts.service,
        "tracking_number": facts.tracking_number,
        "barcode": {"$code128": code128(facts.barcode)},
        "sender": {"lines": address_lines(facts.sender)},
        "recipient": {"lines": address_lines(facts.recipient), "phone": facts.recipient.phone},
        "weight": f"{facts.weight_g / 1000:.3f} kg",
        "reference": printable(facts.reference),
        "box": facts.box,
        "part": facts.part,
        "parts": facts.parts,
        "options": list(facts.options),
        "notes": list(facts.notes),
        "is_return": facts.is_return,
    }


def code128(text: str) -> str:
    """Return *text* if it can be a barcode. Raises: BarcodeImpossible."""
    if not (text.isascii() and text.isprintable() and 0 < len(text) <= LONGEST_BARCODE):
        raise BarcodeImpossible(text=text)
    return text
