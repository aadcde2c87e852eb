"""Labels in ZPL II, for label printers of 203 dots an inch: 4 x 6 inches are 812 x 1218 dots.

Whatever comes from outside is written by ^FH as the hexadecimal bytes of its UTF-8, but for letters, digits and spaces: no name
holds a command then. Lines are wrapped here, since a printer's own ^FB reads commands of its own in a text.
What is not Latin, `press.graphic` makes a picture of.
"""

import re
from collections.abc import Iterator
from math import ceil

from oms_api.domain.documents.facts import LabelPaper
from oms_api.domain.documents.wording import address_lines, printable

WIDE, HIGH, MARGIN = 812, 1218, 32
TEXT_WIDTH = WIDE - 2 * MARGIN
ODD = re.compile(rb"[^A-Za-z0-9 ]")
NOT_LATIN = re.compile("[^\u0000-\u024f\u1e00-\u1eff\u2010-\u2027\u20ac]")
"""What font 0, which every label printer has, may lack."""
NARROW, MIDDLE, BROAD = 0.36, 0.66, 1.05
"""The breadth of a sign of font 0 by its height: narrow letters, all others, and what is as broad as high."""
FIRST_BROAD = "\u2e80"
"""From there on come the signs of Chinese, Japanese and Korean."""
MOST_LINES = 6
LEADING = 1.15
LONGEST_AT_3, LONGEST_AT_2 = 18, 29
"""How many characters of Code 128 fit with bars of three and of two dots, if none of them are pairs of digits."""


def zpl_label(facts: LabelPaper) -> str:
    """Return the label as one format of ZPL."""
    return "\n".join(["^XA", "^CI28", f"^PW{WIDE}", f"^LL{HIGH}", "^LH0,0", *_fields(facts), "^XZ", ""])


def writable(facts: LabelPaper) -> bool:
    """Tell whether any label printer has all letters of a label; else it is to be printed as a picture."""
    return NOT_LATIN.search(printable("".join(_texts(facts)))) is None


def escaped(text: str) -> str:
    """Return *text* as data of a field after ^FH: nothing in it is a command."""
    return ODD.sub(lambda sign: f"_{sign[0][0]:02X}".encode(), printable(text).encode()).decode()


def _fields(facts: LabelPaper) -> Iterator[str]:
    yield from _text(MARGIN, 32, f"{facts.carrier}   {facts.service}", 48)
    yield _rule(92)
    yield from _lines(104, address_lines(facts.sender), 26, until=300)
    yield _rule(306)
    recipient = [*address_lines(facts.recipient), *([facts.recipient.phone] if facts.recipient.phone else [])]
    yield from _lines(320, recipient, 48, until=740)
    yield _rule(748)
    weight = f"{facts.weight_g / 1000:.3f} kg"
    parts = [facts.reference, f"{facts.part} of {facts.parts}", weight, *([facts.box] if facts.box else [])]
    yield from _text(MARGIN, 762, "   ".join(parts), 34)
    yield from _text(MARGIN, 806, "   ".join((*facts.options, *facts.notes)), 60)
    yield _rule(876)
    yield from _barcode(facts.barcode)
    yield from _text(MARGIN, 1156, facts.tracking_number, 40)


def _texts(facts: LabelPaper) -> Iterator[str]:
    yield from (facts.carrier, facts.service, facts.reference, facts.box or "", *facts.options, *facts.notes)
    yield from (*address_lines(facts.sender), *address_lines(facts.recipient))


def _rule(top: int) -> str:
    return f"^FO{MARGIN},{top}^GB{TEXT_WIDTH},3,3^FS"


def _barcode(text: str) -> Iterator[str]:
    module = 3 if len(text) <= LONGEST_AT_3 else 2 if len(text) <= LONGEST_AT_2 else 1
    yield f"^FO{MARGIN + 20},900^BY{module}^BCN,230,N,N,N,A^FH_^FD{escaped(text)}^FS"


def _lines(top: int, lines: list[str], row: int, *, until: int) -> Iterator[str]:
    """Write *lines* below each other in rows of *row* dots, lower ones where there are more."""
    row = min(row, (until - top) // max(len(lines), 1))
    for at, line in enumerate(lines):
        yield from _text(MARGIN, top + at * row, line, row)


def _text(left: int, top: int, text: str, row: int) -> Iterator[str]:
    """Write *text* into a row: in one line if it fits, else smaller, in several; what fits in none is cut."""
    text = " ".join(printable(text).split())
    if not text:
        return
    for count in range(1, MOST_LINES + 1):
        size = max(int(row / count / LEADING), 1)
        lines = wrapped(text, WIDE - left - MARGIN, size)
        if len(lines) <= count:
            break
    for at, line in enumerate(lines[:MOST_LINES]):
        yield f"^FO{left},{top + at * row // len(lines[:MOST_LINES])}^A0N,{size},{size}^FH_^FD{escaped(line)}^FS"


def wrapped(text: str, width: int, size: int) -> list[str]:
    """Return *text* in lines that fit in *width* dots at *size*, broken at blanks, or anywhere in what has none."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width_of(longer, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = ""
        for sign in word:
            if line and width_of(line + sign, size) > width:
                lines.append(line)
                line = ""
            line += sign
    return [*lines, line]


def width_of(text: str, size: int) -> int:
    """Return about how many dots *text* takes in font 0 at *size*."""
    return sum(ceil(_breadth(sign) * size) for sign in text)


def _breadth(sign: str) -> float:
    if sign in " .,:;'|!iljtfIr()[]":
        return NARROW
    return BROAD if sign in "MWmw@%" or sign >= FIRST_BROAD else MIDDLE
