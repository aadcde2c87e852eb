"""Asking each invariant for what breaks it."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from oms_api.db.connections import SESSION_SETTINGS
from oms_api.db.session import Reader
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.kernel.dataclass import dataclass
from oms_api.workflows.doctor import (
    backorders,
    carriers,
    counts,
    delivery,
    lots,
    money,
    orders,
    pickups,
    promises,
    purchasing,
    records,
    reports,
    requests,
    reservations,
    returns,
    rules,
    stock,
    transfers,
)

AREAS = (
    stock,
    lots,
    promises,
    reservations,
    transfers,
    counts,
    purchasing,
    backorders,
    orders,
    rules,
    delivery,
    carriers,
    pickups,
    requests,
    returns,
    money,
    records,
    reports,
)
INVARIANTS: Mapping[str, str] = {name: broken for area in AREAS for name, broken in area.INVARIANTS.items()}
WAIT = Sql("SELECT set_config('statement_timeout', :patience::text, false)")
PATIENCE = "120s"
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one invariant came to: how often it is broken, and some examples."""

    name: str
    ok: bool
    violations: int = 0
    examples: list[str] = field(default_factory=list)


async def check(read: Reader) -> list[Finding]:
    """Return a finding for each invariant, in a fixed order."""
    async with read.held() as held:
        await _wait_for(held, PATIENCE)
        try:
            return [await _finding(held, name, broken) for name, broken in INVARIANTS.items()]
        finally:
            await _wait_for(held, SESSION_SETTINGS["statement_timeout"])


async def _finding(read: Reader, name: str, broken: str) -> Finding:
    counted = f"""
        WITH broken (what) AS MATERIALIZED ({broken})
        SELECT (SELECT count(*) FROM broken), ARRAY(SELECT what FROM broken ORDER BY what LIMIT {EXAMPLES})
    """  # noqa: S608 - fixed texts of ours
    ((violations, examples),) = await read.all(Query[Any](counted, ()))
    return Finding(name, violations == 0, violations, examples)


async def _wait_for(read: Reader, patience: str) -> None:
    await read.all(Query[Any](*WAIT(patience=patience)))
