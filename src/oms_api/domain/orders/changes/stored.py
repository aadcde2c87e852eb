"""Proposed changes as JSON and back. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from oms_api.db.columns import Json
from oms_api.db.json_text import dump_json, read_as
from oms_api.domain.orders.changes.agreement import NAMES
from oms_api.domain.orders.changes.wanted import Change

KINDS: Mapping[str, Any] = {name: kind for kind, name in NAMES.items()}


def stored(changes: Iterable[Change]) -> Json:
    """Return *changes* as they are kept: in their order, each under its name."""
    return {"changes": [{NAMES[type(each)]: orjson.loads(dump_json(each))} for each in changes]}


def changes_in(kept: Json) -> tuple[Change, ...]:
    """Return the changes that were kept."""
    return tuple(read_as(KINDS[name], said) for each in kept["changes"] for name, said in each.items())
