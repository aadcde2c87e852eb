"""The tour of stock in docs/inventory.md, document by document, on the demo shop."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from graphql import OperationDefinitionNode, parse
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.planning.tables import StockPlanRow
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.kernel.ids import IdKind
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.seed_demo import seed
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.asking import Ask
from tests.factories.given import SYSTEM
from tests.factories.raw import raw

STEP = re.compile(r"```graphql\n(?P<document>.*?)```(?:\n```json\n(?P<answer>.*?)```)?", re.DOTALL)


async def test_the_tour_of_stock_is_true(fresh_work: UnitOfWork, repository: Path) -> None:
    seeded = await seed(fresh_work, SYSTEM)
    assert seeded is not None
    ask, known = Ask(fresh_work, SYSTEM), moments()
    steps = list(STEP.finditer((repository / "docs/inventory.md").read_text()))
    assert len(steps) >= 30
    for step in steps:
        operation = parse(step["document"]).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        if operation.operation.value == "subscription":
            continue
        names = [variable.variable.name.value for variable in operation.variable_definitions or ()]
        data = await ask(step["document"], **{name: known[name] for name in names})
        if step["answer"] is None:
            assert not [error for path, error in leaves(data) if "userErrors" in path], data
        else:
            assert like(json.loads(step["answer"]), data), json.dumps(data)
        known |= ids(data) | moments()
        await settle(fresh_work)
    proofs = (await ask("{ systemInvariants { name ok violations } }"))["systemInvariants"]
    assert [proof for proof in proofs if not proof["ok"]] == []


def moments() -> dict[str, str]:
    """Return the moments that the page speaks of."""
    now = datetime.now(UTC)
    days = {"beforeAll": -1, "now": 0, "nextWeek": 7}
    return {name: (now + timedelta(number)).isoformat() for name, number in days.items()}


async def settle(work: UnitOfWork) -> None:
    """Do what a worker would."""
    while await work.execute(SYSTEM, fill_waiting, 1):
        pass
    async with work.reads(SYSTEM) as read:
        jobs = await read.values(raw(select(StockPlanRow.job_id).where(StockPlanRow.finished_at.is_(None))))
    for job in jobs:
        await carry_out(work, SUBSCRIBERS.job_kinds, job, Tries(0))


def ids(data: dict[str, Any]) -> dict[str, str]:
    """Return the ids in an answer by the names that the page has for them: of their codes, else of their kinds."""
    found: dict[str, str] = {}
    for path, value in leaves(data):
        if path[-1] == "id" and isinstance(value, str):
            record: Any = data
            for key in path[:-1]:
                record = record[key]
            kind = IdKind(value.rpartition("_")[0]).name
            found[camel(record.get("code", kind))] = value
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
