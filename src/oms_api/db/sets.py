"""Sets as arguments: one statement text for any number of rows."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, ColumnElement, CompoundSelect, Select, any_, bindparam, func
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine


def array(values: Iterable[object]) -> str:
    """Return *values* (numbers, ids or times, nothing that needs quotes) as an array literal: the cheapest to send."""
    return f"{{{','.join([value.hex if type(value) is UUID else str(value) for value in values])}}}"


def id_array(ids: Iterable[UUID | int]) -> str:
    """Return *ids*, or their numbers, as an array literal."""
    return array([each.to_bytes(16).hex() if type(each) is int else each for each in ids])


def text_array(values: Iterable[str | None]) -> str:
    """Return texts of any content as an array literal; None is NULL."""
    return "{" + ",".join("NULL" if value is None else _quoted(value) for value in values) + "}"


def listed(names: Iterable[str]) -> str:
    """Return our own *names* as SQL has them between the parentheses of IN."""
    return ", ".join(f"'{name}'" for name in names)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def among(column: InstrumentedAttribute[Any], values: Iterable[object]) -> ColumnElement[bool]:
    """Return ``column = ANY (values)``: one statement text for any number of values."""
    return column == any_(array_of(column.type, values))


def among_found(key: InstrumentedAttribute[Any], found: Select[Any] | CompoundSelect[Any]) -> ColumnElement[bool]:
    """Return that *key* is one of those that *found* selects.

    They are looked up before anything else. The planner knows nothing of how many an array holds and expects few, so it never
    walks a whole list in its order to find them.
    """
    keys = (found.correlate(None) if isinstance(found, Select) else found).scalar_subquery()
    return key == any_(func.array(keys, type_=ARRAY(key.type)))


def array_of(kind: TypeEngine[Any], values: Iterable[object]) -> BindParameter[Any]:
    """Return *values*, or the parameter that stands for them, as one parameter: an array."""
    if isinstance(values, BindParameter):
        return bindparam(values.key, required=False, type_=ARRAY(kind))
    return bindparam(None, list(values), type_=ARRAY(kind), unique=True)
