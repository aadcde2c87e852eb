"""Proposed changes as JSON and back. Pure."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from oms_api.db.columns import Json
from oms_api.domain.orders.changes.agreement import NAMES
from oms_api.domain.orders.changes.wanted import Change

KINDS: Mapping[str, Any] = {name: kind for kind, name in NAMES.items()}


def stored(changes: Iterable[Change]) -> Json:
    """Return *changes* as they are kept: in their order, each under its name."""
    return {"changes": [{NAMES[type(each)]: _adapter(NAMES[type(each)]).dump_python(each, mode="json")} for each in changes]}


def changes_in(kept: Json) -> tuple[Change, ...]:
    """Return the changes that were kept."""
    return tuple(_adapter(name).validate_python(said) for each in kept["changes"] for name, said in each.items())


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[name])
