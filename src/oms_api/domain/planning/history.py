"""What the ledger says of levels up to a moment: demand by week, what was there, what came in and when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.planning.classes import Inflow

WEEKS = 104

DEMAND = """
SELECT level_id, floor(extract(epoch FROM $2::timestamptz - occurred_at) / 604800)::int AS weeks_ago,
       sum(CASE kind WHEN 'RELEASE' THEN -quantity ELSE quantity END)::bigint,
       max(occurred_at) FILTER (WHERE kind <> 'RELEASE')
FROM stock_movement
WHERE level_id = ANY ($1::uuid[]) AND kind IN ('ALLOCATE', 'CLAIM', 'RELEASE') AND occurred_at < $2
GROUP BY level_id, weeks_ago
"""
"""Demand is what was promised to orders, less what was taken back: the ledger dates it by the order's own time."""

BALANCES = """
SELECT level_id, sum(units) FILTER (WHERE account = 'free')::bigint, sum(units)::bigint
FROM stock_movement CROSS JOIN LATERAL (VALUES (source, -quantity), (target, quantity)) AS side (account, units)
WHERE level_id = ANY ($1::uuid[]) AND occurred_at < $2
  AND account IN ('free', 'committed', 'reserved', 'quality_control', 'damaged')
GROUP BY level_id
"""

INFLOWS = """
SELECT level_id, floor(extract(epoch FROM $2::timestamptz - occurred_at) / 86400)::int, quantity
FROM stock_movement
WHERE level_id = ANY ($1::uuid[]) AND occurred_at < $2 AND source IN ('supplier', 'customer', 'in_transit', 'adjustment')
ORDER BY level_id, occurred_at DESC
"""


@dataclass(slots=True)
class History:
    """One level up to a moment: demand by week, oldest first; units free and on hand; what came in, newest first."""

    weeks: dict[int, int] = field(default_factory=dict)
    free: int = 0
    on_hand: int = 0
    inflows: list[Inflow] = field(default_factory=list)
    last_demand_at: datetime | None = None

    def idle_since(self, at: datetime) -> datetime | None:
        """Return the last demand before *at*, or without any the first arrival."""
        if self.last_demand_at is not None or not self.inflows:
            return self.last_demand_at
        return at - timedelta(days=max(inflow.age_days for inflow in self.inflows))

    @property
    def demand(self) -> list[int]:
        """Units a week, the oldest first, the last week last; a week of more taken back than promised counts as 0."""
        known = [week for week in self.weeks if week < WEEKS]
        return [max(self.weeks.get(week, 0), 0) for week in range(max(known, default=-1), -1, -1)]


async def histories(tx: Tx, levels: Sequence[UUID], at: datetime) -> dict[UUID, History]:
    """Return the history of each level before *at*, in one round trip."""
    given: tuple[Any, ...] = (array(levels), at)
    demand, balances, inflows = await tx.flush([(DEMAND, given), (BALANCES, given), (INFLOWS, given)])
    found = {level: History() for level in levels}
    for level, week, units, last in demand:
        history = found[level]
        history.weeks[week] = units
        history.last_demand_at = max(filter(None, (history.last_demand_at, last)), default=None)
    for level, free, on_hand in balances:
        found[level].free, found[level].on_hand = free or 0, on_hand
    for level, age, units in inflows:
        found[level].inflows.append(Inflow(age, units))
    return found
