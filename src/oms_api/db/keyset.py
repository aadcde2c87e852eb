"""Keyset paging: deep pages cost what first pages cost, and a cursor belongs to one order of one list."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, FromClause, Label, Text, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.json_text import dump_json
from oms_api.db.statements import Fixed
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.paging import InvalidCursor, Page, PageRequest
from oms_api.kernel.text import decode_base64, encode_base64

Record = TypeVar("Record")
BIGINT = 63


@dataclass(frozen=True, eq=False)
class Ordering(Fixed):
    """A named, indexed order of a list: all columns in one direction, the last one unique.

    What is worked out instead of read is a label, in the order of a part of a list only.
    Text is *bytewise* in the order of its bytes, which is also that of the index by which its beginning is found.
    """

    name: str
    columns: tuple[InstrumentedAttribute[Any] | Label[Any], ...]
    descending: bool = False
    bytewise: bool = False

    @property
    def labels(self) -> list[Label[Any]]:
        """The columns that no table has."""
        return [column for column in self.columns if isinstance(column, Label)]

    def cursor(self, record: object) -> str:
        """Return the place of *record* in this order, opaque to clients."""
        values = [getattr(record, column.key) for column in self.columns]
        return encode_base64(dump_json([self.name, *values]))

    def place(self, cursor: str) -> list[object]:
        """Return the values behind *cursor*. Raises: InvalidCursor, when it is damaged or names another order."""
        try:
            name, *values = orjson.loads(decode_base64(cursor))
            if name != self.name or len(values) != len(self.columns):
                raise InvalidCursor(given=cursor)
            return [_typed(column, value) for column, value in zip(self.columns, values, strict=True)]
        except (ValueError, TypeError, ArithmeticError) as error:
            raise InvalidCursor(given=cursor) from error

    def at(self, page: PageRequest) -> tuple[Any, ...]:
        """Return the values that *page* lies past, none for the first page. Raises: InvalidCursor."""
        return () if page.cursor is None else tuple(self.place(page.cursor))

    def past(self, place: Sequence[Any], *, backwards: bool) -> ColumnElement[bool]:
        """Return the condition that a record comes after (or, backwards, before) *place*; none where that is empty."""
        if not place:
            return true()
        here, there = tuple_(*self._ordered(self.columns)), tuple_(*place)
        return here < there if self.descending is not backwards else here > there

    def by(self, *, backwards: bool, of: FromClause | None = None) -> Sequence[ColumnElement[Any]]:
        """Return the ORDER BY, turned round for a page read backwards; of the columns *of* what has those of the table."""
        columns = self.columns if of is None else [of.c[column.key] for column in self.columns]
        return [each.desc() if self.descending is not backwards else each.asc() for each in self._ordered(columns)]

    def _ordered(self, columns: Sequence[Any]) -> list[Any]:
        return [column.collate("C") if self.bytewise and isinstance(column.type, Text) else column for column in columns]


def page_of(found: Sequence[Record], *, by: Ordering, page: PageRequest) -> Page[Record]:
    """Return the page in *found*, which was read in the page's direction and holds one record more if there is one."""
    more, items = len(found) > page.size, list(found[: page.size])
    if page.backwards:
        items.reverse()
    before = page.cursor is not None
    return Page(
        items=items,
        cursor_of=by.cursor,
        has_next=before if page.backwards else more,
        has_previous=more if page.backwards else before,
    )


def _typed(column: InstrumentedAttribute[Any] | Label[Any], value: object) -> object:
    kind = column.type.python_type
    if kind in {datetime, date}:
        return kind.fromisoformat(str(value))
    if kind in {UUID, Decimal} or issubclass(kind, StrEnum):
        return kind(str(value))
    if (
        type(value) is not kind
        or (isinstance(value, str) and "\0" in value)
        or (isinstance(value, int) and value.bit_length() > BIGINT)
    ):
        raise TypeError(f"{value!r} is not a {kind.__name__} that a column can hold")
    return value
