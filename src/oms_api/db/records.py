"""What a statement returns: records of one small class for each list of columns, with typed attributes.

A record is a named tuple: immutable, read at the speed of a plain object, made at the speed of a tuple. Statements that give
the same columns share a class, so whatever selects a whole table gives the records of that table.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ARRAY, Enum, Table
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.types import TypeEngine

from oms_api.db.columns import Base

Record = TypeVar("Record", bound=Base)
Make = Callable[[Sequence[Any]], Any]

DIALECT = dialects.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
"""How SQLAlchemy writes the statements that our sender sends."""
NUMERIC = 1700
"""The one type that SQLAlchemy wants to know of the driver, in order to make floats of it where they are declared."""


@cache
def record_class(names: tuple[str, ...]) -> type[Any]:
    """Return the class of records with the attributes *names*."""
    return namedtuple("Record", names, rename=True)  # noqa: PYI024 - made for a statement


def made_of(names: tuple[str, ...]) -> Make:
    """Return what makes a record with the attributes *names* of as many values, without the counting of `_make`."""
    return partial(tuple.__new__, record_class(names))


def maker(columns: Sequence[tuple[str, TypeEngine[Any]]]) -> Make:
    """Return what makes a record, with *columns* as attributes, of a row that the driver has read."""
    make = made_of(tuple(name for name, _ in columns))
    converted = [(at, reads) for at, (_, type_) in enumerate(columns) if (reads := _reading(type_)) is not None]
    if not converted:
        return make

    def convert(row: Sequence[Any]) -> Any:
        values = list(row)
        for at, reads in converted:
            values[at] = reads(values[at])
        return make(values)

    return convert


def _reading(type_: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """Return what becomes of a value of *type_* that the driver has read, if anything."""
    if isinstance(type_, Enum) and type_.enum_class is not None:
        return {None: None, **{member.value: member for member in type_.enum_class}}.__getitem__
    if isinstance(type_, ARRAY) and _reading(type_.item_type) is None:
        return None
    return type_.dialect_impl(DIALECT).result_processor(DIALECT, NUMERIC)


class Shape(Generic[Record]):
    """The columns of one table, for the text of a statement, and its rows as the records that a query would give."""

    def __init__(self, table: type[Record]) -> None:
        columns = cast("Table", table.__table__).columns
        self.names = tuple(column.name for column in columns)
        self.columns = ", ".join(f"{columns[0].table.name}.{name}" for name in self.names)
        self._make = maker([(column.name, column.type) for column in columns])

    def record(self, row: Sequence[Any]) -> Record:
        """Return *row*, which holds `columns` in their order."""
        return cast("Record", self._make(row))


def changed(record: Record, **values: object) -> Record:
    """Return *record* with some values replaced: what an update made of it."""
    return cast("Record", cast("Any", record)._replace(**values))


def changed_on(record: Record, now: datetime) -> dict[str, object]:
    """Return what the database keeps of when *record* is changed, where its table has it (`columns.changed_at`)."""
    was = getattr(record, "updated_at", None)
    return {} if was is None else {"updated_at": max(was, now)}


def revised(record: Record, now: datetime, **values: object) -> Record:
    """Return *record* with some values replaced, as its next version."""
    return changed(record, version=cast("Any", record).version + 1, **changed_on(record, now), **values)
