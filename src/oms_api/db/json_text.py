"""JSON, as values are sent, signed, kept and compared."""

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

import orjson
from pydantic import TypeAdapter

Value = TypeVar("Value")


def dump_json(value: object) -> bytes:
    """Return *value* as JSON; ids, times, enums and dataclasses are understood, decimals become strings."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)


def read_as(type_: type[Value], value: object) -> Value:
    """Return what `dump_json` made of a *type_*, read from JSON: a dataclass with what its fields say, or a plain value."""
    return cast("Value", _adapter(cast("Hashable", type_)).validate_python(value))


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - whatever pydantic understands
    return TypeAdapter(type_)
