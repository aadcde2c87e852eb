"""JSON, as values are sent, signed, kept and compared."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson

Value = TypeVar("Value")


def dump_json(value: object) -> bytes:
    """Return *value* as JSON; ids, times, enums and dataclasses are understood, decimals become strings."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)


def read_as(type_: type[Value], value: object) -> Value:
    """Return what `dump_json` made of a *type_*, read from JSON: a dataclass with what its fields say, or a plain value."""
    return cast("Value", _read(type_, value))


def _read(type_: Any, value: Any) -> Any:  # noqa: ANN401 - the type says what comes of the value
    inner = next((each for each in get_args(type_) if each is not type(None)), type_)
    while hasattr(inner, "__supertype__"):
        inner = inner.__supertype__
    if value is None:
        return None
    if get_origin(type_) is tuple:
        return tuple(_read(inner, each) for each in value)
    if get_origin(inner) is not None:
        return _read(inner, value)
    if is_dataclass(inner):
        hints = _hints(cast("type", inner))
        return cast("type", inner)(
            **{each.name: _read(hints[each.name], value[each.name]) for each in fields(inner) if each.name in value}
        )
    if inner is datetime:
        return datetime.fromisoformat(value)
    return inner(value) if inner in {Decimal, UUID} or issubclass(inner, Enum) else value


@cache
def _hints(type_: type) -> dict[str, Any]:
    return get_type_hints(type_)
