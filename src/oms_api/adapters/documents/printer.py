"""The printer: pages by typst, labels for label printers by ZPL."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from oms_api.adapters.documents.faults import broken
from oms_api.adapters.documents.presses import Compilation, Fault, Presses
from oms_api.adapters.documents.zpl import writable, zpl_label
from oms_api.db.columns import Json
from oms_api.domain.documents.errors import BarcodeImpossible, PdfUnreadable
from oms_api.domain.documents.facts import LabelPaper, Paper, Printable, PrintedLabel
from oms_api.domain.documents.ports import PATIENCE_S
from oms_api.domain.documents.states import DocumentKind
from oms_api.domain.documents.wording import address_lines, printed

PAPERS = Path(__file__).with_name("papers")
SOURCES = {kind: f"{kind.lower()}.typ" for kind in DocumentKind} | {DocumentKind.RETURN_LABEL: "label.typ"}
FONTS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
"""Packages that hold fonts in their folder `files`. Without them typst has one of equal widths with the same scripts."""
DOTS_PER_INCH = 203
PIECE = 100
"""How many papers are printed at once: each takes up to 2 MB while it is."""
LONGEST_BARCODE = 80
START = """#set document(date: none)
#set text(font: ("Noto Sans", "Noto Sans Arabic", "DejaVu Sans Mono", "Libertinus Serif"), size: 9.5pt, hyphenate: false)
#set par(leading: 0.5em)
"""
LOOP = """#for it in json(bytes(sys.inputs.papers)) {
  if "pdf" in it {
    for number in range(1, it.pages + 1) { page(width: auto, height: auto, margin: 0pt, image(it.pdf, page: number)) }
  } else { templates.at(it.template)(it.facts) }
}
"""


class TypstPrinter:
    """Prints in processes of its own, which start with the first document."""

    def __init__(self, presses: Presses | None = None) -> None:
        self.presses = Presses(fonts=tuple(font_folders())) if presses is None else presses

    def built_in(self, kind: DocumentKind) -> str:
        """Return the template that comes with the program."""
        return source(SOURCES[kind])

    async def label(self, facts: LabelPaper, template: str | None = None) -> PrintedLabel:
        """Return the label of a parcel. Raises: BarcodeImpossible, TemplateBroken, DocumentTooLarge, PrinterBusy."""
        paper = Paper(template or self.built_in(DocumentKind.LABEL), label_json(facts))
        pdf = await self.document([paper])
        if writable(facts):
            (png, *_) = await self.pictures([paper], ppi=DOTS_PER_INCH)
            return PrintedLabel(pdf=pdf, png=png, zpl=zpl_label(facts))
        (png, *_, zpl) = await self._pages([paper], "png", DOTS_PER_INCH, PATIENCE_S, graphic=True)
        return PrintedLabel(pdf=pdf, png=png, zpl=zpl.decode())

    async def document(self, papers: Sequence[Printable], *, seconds: int = PATIENCE_S) -> bytes:
        """Return all *papers* in one PDF. Raises: TemplateBroken, DocumentTooLarge, PrinterBusy."""
        if len(papers) > PIECE:
            papers = await self._pieces(papers, seconds)
        (pdf,) = await self._pages(papers, "pdf", DOTS_PER_INCH, seconds)
        return pdf

    async def pictures(self, papers: Sequence[Printable], *, ppi: int) -> Sequence[bytes]:
        """Return the pages of *papers* as PNG. Raises: TemplateBroken, DocumentTooLarge, PrinterBusy."""
        return await self._pages(papers, "png", ppi, PATIENCE_S)

    async def close(self) -> None:
        """End the processes."""
        await self.presses.close()

    async def _pieces(self, papers: Sequence[Printable], seconds: int) -> list[bytes]:
        """Return *papers* in PDFs of a few each, which are then put together: what many take at once is too much memory.

        Raises: as `document`, with all that is unreadable.
        """
        pieces, unreadable = list[bytes](), list[int]()
        for at in range(0, len(papers), PIECE):
            try:
                pieces += await self._pages(papers[at : at + PIECE], "pdf", DOTS_PER_INCH, seconds)
            except PdfUnreadable as error:
                unreadable += [at + number for number in error.papers]
        if unreadable:
            raise PdfUnreadable(papers=unreadable)
        return pieces

    async def _pages(
        self, papers: Sequence[Printable], form: str, ppi: int, seconds: int, *, graphic: bool = False
    ) -> list[bytes]:
        work = replace(work_of(papers, form, ppi), graphic=graphic)
        made = await self.presses.compile(work, seconds=seconds)
        if isinstance(made, Fault):
            raise broken(made, [paper.facts for paper in papers if isinstance(paper, Paper)])
        return made


def work_of(papers: Sequence[Printable], form: str, ppi: int) -> Compilation:
    """Return what a press is asked for: each template once, and each PDF beside them."""
    files = {"oms.typ": source("oms.typ").encode()}
    templates: dict[str, int] = {}
    listed_papers: list[Json] = []
    for at, paper in enumerate(papers):
        if isinstance(paper, bytes):
            files[f"{at}.pdf"] = paper
            listed_papers.append({"pdf": f"{at}.pdf"})
        else:
            number = templates.setdefault(paper.template, len(templates))
            listed_papers.append({"template": number, "facts": printed(paper.facts)})
    files |= {f"template{number}.typ": template.encode() for template, number in templates.items()}
    names = [f"paper{number}" for number in templates.values()]
    imports = "".join(f'#import "template{number}.typ": paper as {name}\n' for number, name in enumerate(names))
    listed = f"#let templates = ({''.join(f'{name}, ' for name in names)})\n"
    return Compilation(START + imports + listed + LOOP, listed_papers, files, form, ppi)


def font_folders() -> Iterator[Path]:
    """Yield the folders of those packages of FONTS that are installed."""
    for name in FONTS:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin).with_name("files")


@cache
def source(name: str) -> str:
    """Return a source that comes with the program."""
    return (PAPERS / name).read_text(encoding="utf-8")


def label_json(facts: LabelPaper) -> Json:
    """Return the facts of a label as its template sees them. Raises: BarcodeImpossible."""
    return {
        "carrier": facts.carrier,
        "service": facts.service,
        "tracking_number": facts.tracking_number,
        "barcode": {"$code128": code128(facts.barcode)},
        "sender": {"lines": address_lines(facts.sender)},
        "recipient": {"lines": address_lines(facts.recipient), "phone": facts.recipient.phone},
        "weight": f"{facts.weight_g / 1000:.3f} kg",
        "reference": facts.reference,
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
