"""Rows of what a client sends, each with what is wrong with it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from oms_api.kernel.errors import OmsError, Refused

Given = TypeVar("Given")
Parsed = TypeVar("Parsed")


def each_row(name: str, given: Sequence[Given], parse: Callable[[Given, str, int], Parsed]) -> tuple[Parsed, ...]:
    """Return what *parse* makes of each row of the list *name*. Raises: Refused, with what is wrong with any of them."""
    rows: list[Parsed] = []
    errors: list[OmsError] = []
    for index, row in enumerate(given):
        try:
            rows.append(parse(row, name, index))
        except OmsError as error:
            errors.append(error)
    if errors:
        raise Refused(errors=errors)
    return tuple(rows)
