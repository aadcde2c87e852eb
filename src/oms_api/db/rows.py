"""Rows as arguments: a set of rows travels as one parameter, and a table knows the SQL that takes its own.

They travel as JSON, the cheapest of all forms: three rows of nine columns cost 130 us of ours and 80 of PostgreSQL's, against
170 and 125 us as an array for each column; and a statement has one text and one plan for any number of rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import orjson
from sqlalchemy import Column, DefaultClause, Enum, Table
from sqlalchemy.types import NullType

from oms_api.db.columns import Base
from oms_api.db.pipeline import Statement
from oms_api.db.records import DIALECT, Shape
from oms_api.db.sql import Sql

Row = dict[str, object]
Record = TypeVar("Record", bound=Base)


AS_FEW = "LIMIT (SELECT NULL::bigint)"
"""No limit, but the planner does not know that, and expects ten rows as of an array. Of JSON it expects a hundred, and would
read a table of thousands from end to end rather than look these up."""


class Given:
    """A set of rows as a parameter: in SQL it stands where a table does, and called with rows it gives the parameter's value.

    ``Given("want", sku_id="uuid", units="int")`` is the rows of ``json_to_recordset(:want::json) AS want (sku_id uuid, ...)``.
    A row is a dict, or anything that has the columns as attributes. What a dict leaves out is NULL, unless it is *needed*.
    """

    def __init__(self, parameter: str, /, *, needed: Iterable[str] = (), named: str | None = None, **columns: str) -> None:
        self.parameter = parameter
        self.columns = tuple(columns)
        self.needed = frozenset(needed)
        name, listed = named or parameter, _listed(map(" ".join, columns.items()))
        self.source = f"json_to_recordset(:{parameter}::json) AS {name} ({listed})"
        self.text = f"(SELECT * FROM {self.source} {AS_FEW}) AS {name}"  # noqa: S608 - our own names
        self._seen: set[tuple[str, ...]] = set()

    def __str__(self) -> str:
        return self.text

    def __call__(self, rows: Iterable[object]) -> str:
        """Return *rows* as they travel. Raises: TypeError, as `check` does."""
        given = [row if isinstance(row, dict) else {name: getattr(row, name) for name in self.columns} for row in rows]
        for row in given:
            self.check(row)
        return orjson.dumps(given, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()

    def check(self, row: Mapping[str, object]) -> None:
        """Raises: TypeError, naming a column that *row* leaves out or that is not known."""
        if (names := tuple(row)) in self._seen:
            return
        missing = [f"lacks {name}" for name in self.columns if name in self.needed and name not in names]
        unknown = [f"does not know {name}" for name in names if name not in self.columns]
        if missing or unknown:
            raise TypeError(f"a row of {self.parameter} {', '.join(missing + unknown)}")
        self._seen.add(names)


class Writing(Generic[Record]):
    """A statement that writes rows of one table, alone or, by its text, as a part of a larger one.

    ``Sql(f"WITH lines AS ({LINES}) {HEADER}")(order_line=LINES(lines), orders=HEADER([order]))``: each is called with rows and
    gives the value of the parameter that has the name of its table.
    """

    def __init__(self, table: type[Record], given: Given, text: str) -> None:
        self.given = given
        self.parameter = given.parameter
        self.text = text
        self.shape = Shape(table)
        self._alone = Sql(text)
        self._returning = Sql(f"{text} RETURNING {self.shape.columns}")

    def __str__(self) -> str:
        return self.text

    def __call__(self, rows: Iterable[object]) -> str:
        """Return *rows* as they travel. Raises: TypeError, as `Given.check` does."""
        return self.given(rows)

    def of(self, rows: Iterable[object], *, returning: bool = False) -> Statement:
        """Return the statement that writes *rows*, and gives them back as they are then where it is *returning*."""
        statement = self._returning if returning else self._alone
        return statement.numbered, (self.given(rows),)

    def record(self, row: Mapping[str, object]) -> Record:
        """Return *row* as the record that a query would give; what it leaves out is None. Raises: TypeError, as when sent."""
        self.given.check(row)
        return self.shape.record([row.get(name) for name in self.shape.names])


class Rows(defaultdict[Given | Writing[Any], list[Row]]):
    """Rows collected for the several parameters of one statement."""

    def __init__(self) -> None:
        super().__init__(list)

    def put(self, into: Given | Writing[Any], /, **row: object) -> None:
        """Add a row."""
        self[into].append(row)

    def given(self, *wanted: Given | Writing[Any]) -> dict[str, str]:
        """Return the parameters that *wanted* are in a statement, with their rows."""
        return {each.parameter: each(self[each]) for each in wanted}


def inserts(table: type[Record], *, without: Iterable[str] = ()) -> Writing[Record]:
    """Return what inserts rows into *table*. A column that a row leaves out holds the database's default, or NULL.

    PostgreSQL looks for each column in each row: *without* names those that no row has.
    """
    return _inserts(table, "", frozenset(without))


def inserting(table: type[Record], rows: str, **values: str) -> str:
    """Return SQL that inserts a row into *table* for each of *rows* in SQL, with *values* in SQL by column.

    Raises: TypeError, where a column lacks or is unknown.
    """
    columns = _table(table).columns
    needed = {column.name for column in columns if not (column.nullable or column.server_default or _filled(column))}
    if wrong := (needed - values.keys()) | (values.keys() - columns.keys()):
        raise TypeError(f"a row of {_table(table).name} lacks, or does not know, {', '.join(sorted(wrong))}")
    return f"INSERT INTO {_table(table).name} ({_listed(values)}) SELECT {_listed(values.values())} FROM {rows}"  # noqa: S608 - our own columns


def inserts_missing(table: type[Record]) -> Writing[Record]:
    """Return what inserts those rows into *table* that break no unique constraint."""
    return _inserts(table, "ON CONFLICT DO NOTHING")


def upserts(table: type[Record], *names: str, on: Sequence[str] = ()) -> Writing[Record]:
    """Return what inserts rows into *table*, or writes their columns *names* where the key, or *on*, is there already."""
    keys = on or _keys(table)
    return _inserts(table, f"ON CONFLICT ({_listed(keys)}) DO UPDATE SET {_listed(f'{n} = excluded.{n}' for n in names)}")


def updates(table: type[Record], *names: str) -> Writing[Record]:
    """Return what writes the columns *names* of rows of *table*, found by their key."""
    return cast("Writing[Record]", _updates(table, names))


@lru_cache(maxsize=512)
def _inserts(table: type[Any], conflict: str, without: frozenset[str] = frozenset()) -> Writing[Any]:
    name = _table(table).name
    columns = [column for column in _table(table).columns if not _filled(column) and column.name not in without]
    needed = [column.name for column in columns if not column.nullable and column.server_default is None]
    given = Given(name, needed=needed, named="new", **types(table, *(column.name for column in columns)))
    values = _listed(map(_value, columns))
    text = f"INSERT INTO {name} ({_listed(given.columns)}) SELECT {values} FROM {given.source} {conflict}"  # noqa: S608 - our own names
    return Writing(table, given, text.rstrip())


@lru_cache(maxsize=512)
def _updates(table: type[Any], names: tuple[str, ...]) -> Writing[Any]:
    name, keys = _table(table).name, _keys(table)
    given = Given(name, needed=(*keys, *names), named="new", **types(table, *keys, *names))
    found = " AND ".join(f"{name}.{key} = new.{key}" for key in keys)
    written = _listed(f"{each} = new.{each}" for each in names)
    return Writing(table, given, f"UPDATE {name} SET {written} FROM {given} WHERE {found}")  # noqa: S608 - our own names


def columns_but_key(table: type[Base], row: Mapping[str, object]) -> tuple[str, ...]:
    """Return the columns that *row* names but for the key of *table*."""
    return tuple(name for name in row if name not in _keys(table))


def types(table: type[Base], *names: str) -> dict[str, str]:
    """Return the SQL types of the columns *names* of *table*."""
    return {name: column_type(_table(table).columns[name]) for name in names}


def column_type(column: Column[Any]) -> str:
    """Return the SQL type of *column*; SQLAlchemy does not know that of a reference to a table that is not loaded yet."""
    if isinstance(column.type, NullType):
        return "UUID" if all(key.target_fullname.endswith(".id") for key in column.foreign_keys) else "TEXT"
    return "TEXT" if isinstance(column.type, Enum) else column.type.compile(DIALECT)


def _table(table: type[Any]) -> Table:
    return cast("Table", table.__table__)


def _keys(table: type[Any]) -> tuple[str, ...]:
    return tuple(column.name for column in _table(table).primary_key)


def _filled(column: Column[Any]) -> bool:
    """Tell whether the database fills a column by itself, and nobody else may."""
    return column.computed is not None or column.identity is not None


def _value(column: Column[Any]) -> str:
    default = column.server_default
    return f"coalesce(new.{column.name}, {default.arg})" if isinstance(default, DefaultClause) else f"new.{column.name}"


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _plain(value: object) -> str:
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
