"""Rows of fixed statements as the records that a query would give."""

import enum
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Enum, Table

from oms_api.db.columns import Base

Record = TypeVar("Record", bound=Base)


class Shape(Generic[Record]):
    """The columns of one table, for the text of a statement, and its rows as records with its enums."""

    def __init__(self, table: type[Record]) -> None:
        columns = cast("Table", table.__table__).columns
        self.names = [column.name for column in columns]
        self.columns = ", ".join(f"{columns[0].table.name}.{name}" for name in self.names)
        self._enums: dict[str, type[enum.Enum]] = {
            column.name: column.type.enum_class
            for column in columns
            if isinstance(column.type, Enum) and column.type.enum_class is not None
        }

    def record(self, row: Sequence[Any]) -> Record:
        """Return *row*, which holds `columns` in their order."""
        values = dict(zip(self.names, row, strict=True))
        for name, states in self._enums.items():
            values[name] = None if values[name] is None else states(values[name])
        return cast("Record", SimpleNamespace(**values))


def changed(record: Record, **values: object) -> Record:
    """Return *record* with some values replaced: what an update made of it."""
    return cast("Record", SimpleNamespace(**{**vars(record), **values}))
