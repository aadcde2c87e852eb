"""Texts of comma-separated values whose first line names the columns, as spreadsheets write them."""

import csv
from collections.abc import Collection, Iterator, Mapping
from io import StringIO

from oms_api.kernel.errors import InvalidValue, TooManyItems

BYTE_ORDER_MARK = "\ufeff"
FURTHER = "further"
"""What a row calls its first cell that is in no column."""


def rows_of(text: str, columns: Collection[str], needed: Collection[str], most: int) -> list[Mapping[str, str]]:
    """Return the rows below the first line, by the names of its columns; blank ones are left out.

    Raises: InvalidValue, for what is no CSV or has other *columns*, or lacks one that is *needed*; TooManyItems.
    """
    try:
        return list(_rows(text, columns, needed, most))
    except csv.Error as error:
        raise InvalidValue(problem=f"This is no CSV: {error}.", field=("csv",)) from error


def _rows(text: str, columns: Collection[str], needed: Collection[str], most: int) -> Iterator[Mapping[str, str]]:
    plain = text.removeprefix(BYTE_ORDER_MARK)
    first = plain.partition("\n")[0]
    reader = csv.reader(StringIO(plain, newline=""), delimiter=";" if ";" in first and "," not in first else ",", strict=True)
    header = [name.strip() for name in next(reader, [])]
    wrong = [f"'{name[:50]}' is none of them" for name in header if name not in columns]
    wrong += [f"{name} is missing" for name in needed if name not in header]
    wrong += ["one is there twice"] if len(set(header)) < len(header) else []
    if wrong:
        problem = f"The first line names the columns, of {', '.join(columns)}: {wrong[0]}."
        raise InvalidValue(problem=problem, field=("csv",))
    taken = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            taken += 1
            if taken > most:
                raise TooManyItems(limit=most, given=taken, field=("csv",))
            further = [cell for cell in cells[len(header) :] if cell.strip()]
            named = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
            yield named | ({FURTHER: further[0]} if further else {})


def check_cells(row: Mapping[str, object]) -> None:
    """Raises: InvalidValue, for a row with more cells than there are columns."""
    if FURTHER in row:
        raise InvalidValue(problem="The row has more cells than the first line has columns.")
