"""Sets as arguments: one statement text for any number of rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Text, Uuid, any_, bindparam, column, func
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.expression import TableValuedAlias
from sqlalchemy.types import TypeEngine

SQL_TYPES: dict[str, TypeEngine[Any]] = {"uuid": Uuid(), "int": Integer(), "bigint": BigInteger(), "text": Text()}


def array(values: Iterable[object]) -> str:
    """Return *values* (numbers, ids or times, nothing that needs quotes) as an array literal: the cheapest to send."""
    return f"{{{','.join(map(str, values))}}}"


def text_array(values: Iterable[str]) -> str:
    """Return texts of any content as an array literal."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def among(column: InstrumentedAttribute[Any], values: Iterable[object]) -> ColumnElement[bool]:
    """Return ``column = ANY (values)``: one statement text for any number of values."""
    return column == any_(bindparam(None, list(values), type_=ARRAY(column.type), unique=True))


def unnested(name: str, columns: dict[str, str], rows: Sequence[Sequence[object]]) -> TableValuedAlias:
    """Return *rows* as a table in FROM, sent as one array for each column.

    *columns* maps each column's name to its SQL type, one of uuid, int, bigint and text.
    """
    arrays = [
        bindparam(f"{name}_{column_name}", [row[i] for row in rows], type_=ARRAY(SQL_TYPES[sql_type]), unique=True)
        for i, (column_name, sql_type) in enumerate(columns.items())
    ]
    shaped = [column(column_name, SQL_TYPES[sql_type]) for column_name, sql_type in columns.items()]
    return func.unnest(*arrays).table_valued(*shaped, name=name).render_derived()
