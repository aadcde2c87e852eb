"""What the ledger says of levels up to a moment: demand by week, what was there and when nothing was, what came in and when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.planning.classes import Inflow

WEEKS = 104
GIVEN_UP = 13
"""After so many weeks without stock nobody means to sell it any more, and weeks of no demand are just that."""

WEEKS_MOVED = """
SELECT level_id, floor(date_part('epoch', $2::timestamptz - occurred_at) / 604800)::int AS weeks_ago,
       sum(CASE kind WHEN 'RELEASE' THEN -quantity ELSE quantity END) FILTER (WHERE kind IN ('ALLOCATE', 'CLAIM', 'RELEASE')),
       max(occurred_at) FILTER (WHERE kind IN ('ALLOCATE', 'CLAIM')),
       sum(CASE 'free' WHEN target THEN quantity WHEN source THEN -quantity END),
       sum(CASE WHEN target IN ('free', 'committed', 'reserved', 'quality_control', 'damaged') THEN quantity ELSE 0 END
           - CASE WHEN source IN ('free', 'committed', 'reserved', 'quality_control', 'damaged') THEN quantity ELSE 0 END)
FROM stock_movement WHERE level_id = ANY ($1::uuid[]) AND occurred_at < $2
GROUP BY level_id, weeks_ago
"""
"""By week: demand and when it was last, null where there was none; the change of free units, null where none moved, and of all.

Demand is what was promised to orders, less what was taken back: the ledger dates it by the order's own time.
"""

INFLOWS = """
SELECT level_id, floor(extract(epoch FROM $2::timestamptz - occurred_at) / 86400)::int, quantity
FROM stock_movement
WHERE level_id = ANY ($1::uuid[]) AND occurred_at < $2 AND source IN ('supplier', 'customer', 'in_transit', 'adjustment')
ORDER BY level_id, occurred_at DESC
"""


@dataclass(slots=True)
class History:
    """One level up to a moment: by how many weeks ago demand, and the change of what is free; what came in, newest first."""

    weeks: dict[int, int] = field(default_factory=dict)
    freed: dict[int, int] = field(default_factory=dict)
    on_hand: int = 0
    inflows: list[Inflow] = field(default_factory=list)
    last_demand_at: datetime | None = None

    def idle_since(self, at: datetime) -> datetime | None:
        """Return the last demand before *at*, or without any the first arrival."""
        if self.last_demand_at is not None or not self.inflows:
            return self.last_demand_at
        return at - timedelta(days=max(inflow.age_days for inflow in self.inflows))

    @property
    def free(self) -> int:
        """Units that are free."""
        return sum(self.freed.values())

    @property
    def demand(self) -> list[int | None]:
        """Units a week, the oldest first, the last week last; a week of more taken back than promised counts as 0.

        None for a week in which there was nothing to promise: what would have been asked for is not known.
        """
        first, bare = max((week for week in self.weeks if week < WEEKS), default=-1), self._bare_weeks()
        return [None if week in bare else max(self.weeks.get(week, 0), 0) for week in range(first, -1, -1)]

    def _bare_weeks(self) -> set[int]:
        """Return the weeks in which nothing was free from beginning to end, of those in a row the first GIVEN_UP.

        Fewer free units than none are sales of the past whose stock was recorded later: they say that there was some.
        """
        bare: set[int] = set()
        free = run = 0
        for week in range(max(self.freed, default=-1), -1, -1):
            run = run + 1 if free == 0 and week not in self.freed and week not in self.weeks else 0
            if 0 < run <= GIVEN_UP:
                bare.add(week)
            free += self.freed.get(week, 0)
        return bare


async def histories(tx: Tx, levels: Sequence[UUID], at: datetime) -> dict[UUID, History]:
    """Return the history of each level before *at*, in one round trip."""
    given: tuple[Any, ...] = (array(levels), at)
    moved, inflows = await tx.flush([(WEEKS_MOVED, given), (INFLOWS, given)])
    found = {level: History() for level in levels}
    for level, week, demanded, last, freed, units in moved:
        history = found[level]
        if demanded is not None:
            history.weeks[week] = demanded
            history.last_demand_at = max(filter(None, (history.last_demand_at, last)), default=None)
        if freed is not None:
            history.freed[week] = freed
        history.on_hand += units
    for level, age, units in inflows:
        found[level].inflows.append(Inflow(age, units))
    return found
