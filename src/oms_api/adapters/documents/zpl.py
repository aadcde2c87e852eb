"""Labels in ZPL II, for label printers of 203 dots an inch: 4 x 6 inches are 812 x 1218 dots.

Whatever comes from outside is written by ^FH as the hexadecimal bytes of its UTF-8, but for letters, digits and spaces: no name
holds a command then. Lines are wrapped here, since a printer's own ^FB reads commands of its own in a text.
"""

import re
from collections.abc import Iterator

from oms_api.domain.documents.facts import LabelFacts
from oms_api.domain.documents.wording import address_lines, printable

WIDE, HIGH, MARGIN = 812, 1218, 40
BAR_HEIGHT = 200
SAFE = re.compile(rb"[^A-Za-z0-9 ]")
NARROW, MIDDLE, BROAD = 0.36, 0.62, 1.05
"""The width of a sign of font 0 by its height: narrow letters, all others, and what is as wide as high."""


def zpl_label(facts: LabelFacts) -> str:
    """Return the label as one format of ZPL."""
    return "\n".join(["^XA", "^CI28", f"^PW{WIDE}", f"^LL{HIGH}", "^LH0,0", *_fields(facts), "^XZ", ""])


def escaped(text: str) -> str:
    """Return *text* as data of a field after ^FH: nothing in it is a command."""
    return SAFE.sub(lambda sign: f"_{sign[0][0]:02X}".encode(), printable(text).encode()).decode()


def _fields(facts: LabelFacts) -> Iterator[str]:
    yield from _text(MARGIN, 40, f"{facts.carrier} {facts.service}", 44, 1)
    yield f"^FO{MARGIN},100^GB{WIDE - 2 * MARGIN},3,3^FS"
    top = 120
    for line in address_lines(facts.sender):
        yield from _text(MARGIN, top, line, 24, 1)
        top += 28
    top = max(top + 20, 340)
    for line in address_lines(facts.recipient):
        yield from _text(MARGIN, top, line, 40, 1)
        top += 46
    yield f"^FO{MARGIN},800^GB{WIDE - 2 * MARGIN},3,3^FS"
    yield from _text(MARGIN, 820, f"{facts.reference}  {facts.part} of {facts.parts}  {facts.weight_g / 1000:.3f} kg", 28, 1)
    yield from _text(MARGIN, 860, "  ".join((*facts.options, *facts.notes)), 24, 2)
    module = 3 if len(facts.barcode) <= 18 else 2 if len(facts.barcode) <= 28 else 1  # noqa: PLR2004 - by their width
    yield f"^FO{MARGIN + 10},940^BY{module}^BCN,{BAR_HEIGHT},N,N,N,A^FH_^FD{escaped(facts.barcode)}^FS"
    yield from _text(MARGIN, 1160, facts.tracking_number, 30, 1)


def _text(left: int, top: int, text: str, height: int, most_lines: int) -> Iterator[str]:
    """Write *text* in at most so many lines, smaller where it would not fit."""
    text = printable(text).strip()
    if not text:
        return
    room = WIDE - left - MARGIN
    needed = width_of(text, height)
    size = height if needed <= room * most_lines else max(int(height * room * most_lines / needed), 10)
    yield f"^FO{left},{top}^A0N,{size},{size}^FH_^FD{escaped(text)}^FS"


def width_of(text: str, height: int) -> float:
    """Return about how many dots *text* takes in font 0 at *height*."""
    return sum(_breadth(sign) for sign in text) * height


def _breadth(sign: str) -> float:
    if sign in " .,:;'|!iljtfIr()[]":
        return NARROW
    return MIDDLE if sign.isascii() and sign not in "MWmw@%" else BROAD
