"""The messages of typst in words for authors of templates: the place of a mistake, and the name that was probably meant."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from oms_api.adapters.documents.presses import Fault
from oms_api.db.columns import Json
from oms_api.domain.documents.errors import TemplateBroken

PLACE = re.compile(r"template\d+\.typ:(\d+):(\d+)")
UNKNOWN = re.compile(r'(?:unknown variable: |does not contain key "|has no field )"?([\w-]+)')
NO_PAPER = re.compile(r"unresolved import|module .* does not contain")
OFF = (
    ("package", "packages are switched off; a template imports oms.typ alone"),
    ("file not found", "files are switched off; a template imports oms.typ and reads its facts alone"),
    ("would escape", "files are switched off; a template imports oms.typ and reads its facts alone"),
    ("failed to load file", "files are switched off; a template imports oms.typ and reads its facts alone"),
    ("access denied", "files are switched off; a template imports oms.typ and reads its facts alone"),
)


def broken(fault: Fault, facts: Sequence[Json]) -> TemplateBroken:
    """Return the error that tells of *fault*; nothing of this machine shows in it."""
    place = PLACE.search(fault.diagnostic)
    line, column = (int(place[1]), int(place[2]) + 1) if place else (None, None)
    said = next((better for part, better in OFF if part in fault.message), fault.message.splitlines()[0])
    if NO_PAPER.search(fault.message) and "paper" in fault.diagnostic:
        said = "it must define what is printed: #let paper(facts) = ..."
    unknown = UNKNOWN.search(fault.message)
    near = get_close_matches(unknown[1], sorted(set(names_in(facts)) | {"facts"}), n=1) if unknown else []
    meant = f'; did you mean "{near[0]}"?' if near else ""
    where = f" (line {line}, column {column})" if place else ""
    return TemplateBroken(problem=f"{said}{meant}{where}.", line=line, column=column)


def names_in(facts: object) -> Iterator[str]:
    """Yield the names of all fields in *facts*."""
    match facts:
        case dict():
            for name, value in facts.items():
                yield name
                yield from names_in(value)
        case list() | tuple():
            for value in facts:
                yield from names_in(value)
