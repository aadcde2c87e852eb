"""Which indexes of its table serve a filter."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Index, select

from oms_api.db.sets import among_found
from oms_api.graphql.declared.agreement import Column


def looked_up(column: Any, met: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return that a record of the table with *column* is one of those that were found before, under the conditions *met*."""
    (key,) = column.table.primary_key
    return among_found(getattr(column.class_, key.key), select(key).where(*met))


@cache
def index_of(column: Column) -> list[Any]:
    """Return the columns of an index of all rows that begins with *column*: in their order no table is read through."""
    found = (list(index.columns) for index in column.table.indexes if _of_all(index))
    return next((columns for columns in found if columns[:1] == [column.table.c[column.key]]), [])


def _of_all(index: Index) -> bool:
    return index.dialect_options["postgresql"]["where"] is None


@cache
def indexed(equal: frozenset[Column], order: tuple[Column, ...]) -> bool:
    """Tell whether an index of all rows begins with the columns *equal*, and goes on in this *order*."""
    (table,) = {column.table for column in equal}
    names, after = {column.key for column in equal}, [column.key for column in order]
    for index in table.indexes:
        keys = [column.key for column in index.columns]
        if _of_all(index) and set(keys[: len(names)]) == names and keys[len(names) : len(names) + len(after)] == after:
            return True
    return False
