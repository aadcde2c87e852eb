"""Pages of docs whose documents are run as they stand, one after another, on the demo shop."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from graphql import OperationDefinitionNode, parse

from oms_api.kernel.ids import IdKind
from tests.factories.asking import Ask

STEP = re.compile(r"```graphql\n(?P<document>.*?)```(?:\n```json\n(?P<answer>.*?)```)?", re.DOTALL)
NAMES = ("code", "externalRef", "skuCode", "bin")
"""The fields after which a page names the ids that lie beside them."""


async def tour(page: str, ask: Ask, settle: Callable[[], Awaitable[None]]) -> int:
    """Run each document of *page* and compare its answer, with *settle* after each. Returns how many were run.

    A variable has the id that an earlier answer gave a record of that name: its code, its external reference, the SKU of a
    line, its bin, else its kind; the latest counts.
    """
    known, count = moments(), 0
    for step in STEP.finditer(page):
        operation = parse(step["document"]).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        if operation.operation.value == "subscription":
            continue
        names = [variable.variable.name.value for variable in operation.variable_definitions or ()]
        data = await ask(step["document"], **{name: known[name] for name in names})
        if step["answer"] is None:
            assert not [error for path, error in leaves(data) if "userErrors" in path], (step["document"], data)
        else:
            assert like(json.loads(step["answer"]), data), (step["document"], json.dumps(data))
        known |= ids(data) | moments()
        await settle()
        count += 1
    return count


def moments() -> dict[str, str]:
    """Return the moments that pages speak of."""
    now = datetime.now(UTC)
    days = {"beforeAll": -1, "now": 0, "nextWeek": 7}
    return {name: (now + timedelta(number)).isoformat() for name, number in days.items()}


def ids(data: dict[str, Any]) -> dict[str, str]:
    """Return the ids in an answer by the names that pages have for them, and by their kinds."""
    found: dict[str, str] = {}
    for path, value in leaves(data):
        if path[-1] == "id" and isinstance(value, str):
            record: Any = data
            for key in path[:-1]:
                record = record[key]
            kind = IdKind(value.rpartition("_")[0]).name
            for name in (kind, *(record[name] for name in NAMES if record.get(name))):
                found[camel(name)] = value
    return found


def camel(code: str) -> str:
    """Return web-uk as webUk, and PURCHASE_ORDER as purchaseOrder."""
    first, *rest = re.split("[-_]", code)
    return first.lower() + "".join(map(str.capitalize, rest))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield every scalar in an answer with the path to it."""
    if not isinstance(value, dict | list):
        yield path, value
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(inner, (*path, key))


def like(expected: Any, found: Any) -> bool:
    """Tell whether an answer is as the page says, where "..." stands for anything that is there."""
    if expected == "...":
        return found is not None
    if isinstance(expected, dict):
        return isinstance(found, dict) and expected.keys() == found.keys() and all(like(expected[k], found[k]) for k in found)
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(like, expected, found))
    return bool(expected == found)
