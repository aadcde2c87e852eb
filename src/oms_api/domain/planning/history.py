"""What the ledger says of levels up to a moment: demand by week, what was there and when nothing was, what came in and when."""

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime, timedelta

from oms_api.db.session import Tx
from oms_api.db.sets import array, listed
from oms_api.db.sql import Sql
from oms_api.domain.inventory.states import HELD, OUTSIDE
from oms_api.domain.planning.classes import Inflow
from oms_api.domain.planning.demand import PROMISED_LATER, WAITED
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LevelId

WEEKS = 104
GIVEN_UP = 13
"""After so many weeks without stock nobody means to sell it any more, and weeks of no demand are just that."""

WEEKS_MOVED = Sql(f"""
SELECT level_id, floor(date_part('epoch', :at::timestamptz - occurred_at) / 604800)::int AS weeks_ago,
       sum(quantity) FILTER (WHERE kind IN ('ALLOCATE', 'CLAIM') AND cause_kind = 'line'),
       max(occurred_at) FILTER (WHERE kind IN ('ALLOCATE', 'CLAIM') AND cause_kind = 'line'),
       sum(CASE 'free' WHEN target THEN quantity WHEN source THEN -quantity END),
       sum(CASE WHEN target IN ({listed(HELD)}) THEN quantity ELSE 0 END
           - CASE WHEN source IN ({listed(HELD)}) THEN quantity ELSE 0 END)
FROM stock_movement WHERE level_id = ANY (:levels::uuid[]) AND occurred_at < :at
GROUP BY level_id, weeks_ago
""")  # noqa: S608 - our own accounts
"""By week: what was promised to orders as they were placed and when last, null where nothing was; the change of free units,
null where none moved, and of all.
"""

INFLOWS = Sql(f"""
SELECT level_id, floor(extract(epoch FROM :at::timestamptz - occurred_at) / 86400)::int, quantity
FROM stock_movement
WHERE level_id = ANY (:levels::uuid[]) AND occurred_at < :at AND source IN ({listed(OUTSIDE)})
ORDER BY level_id, occurred_at DESC
""")  # noqa: S608 - our own accounts


@dataclass(slots=True)
class History:
    """One level up to a moment: by how many weeks ago demand, and the change of what is free; what came in, newest first.

    `waiting` are the units that orders wait for at the end of it; they are part of demand.
    """

    weeks: dict[int, int] = field(default_factory=dict)
    freed: dict[int, int] = field(default_factory=dict)
    on_hand: int = 0
    inflows: list[Inflow] = field(default_factory=list)
    last_demand_at: datetime | None = None
    waiting: int = 0

    def idle_since(self, at: datetime) -> datetime | None:
        """Return since when nobody asked for what is there: the last demand, or when the oldest unit came; None where none is.

        First in, first out: what is there came last.
        """
        left, age = self.on_hand, 0
        for inflow in self.inflows:
            if left <= 0:
                break
            left, age = left - inflow.units, inflow.age_days
        if self.on_hand <= 0:
            return None
        return max(filter(None, (at - timedelta(days=age), self.last_demand_at)))

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

        Fewer free units than none are sales of the past whose stock was recorded later: they say that there was some. Where
        units that were not there were sold, no demand in the weeks after that is no demand, until goods move again.
        """
        bare: set[int] = set()
        free = run = 0
        oversold = False
        for week in range(max(self.freed, default=-1), -1, -1):
            still = week not in self.freed
            oversold = still and (oversold or (free == 0 and self.weeks.get(week, 0) > 0))
            run = run + 1 if free == 0 and still and not oversold and week not in self.weeks else 0
            if 0 < run <= GIVEN_UP:
                bare.add(week)
            free += self.freed.get(week, 0)
        return bare


async def histories(tx: Tx, levels: Sequence[LevelId], at: datetime) -> dict[LevelId, History]:
    """Return the history of each level before *at*, in one round trip."""
    wanted = array(levels)
    moved, later, waited, inflows = await tx.flush(
        [read(levels=wanted, at=at) for read in (WEEKS_MOVED, PROMISED_LATER, WAITED, INFLOWS)]
    )
    found = {level: History() for level in levels}
    asked = [(level, week, units, last) for level, week, units, last, *_ in moved if units is not None]
    lasts: dict[tuple[LevelId, int], datetime] = {}
    for level, week, units, last in (*asked, *later, *waited):
        found[level].weeks[week] = found[level].weeks.get(week, 0) + units
        lasts[level, week] = max(last, lasts.get((level, week), last))
    for (level, week), last in lasts.items():
        if found[level].weeks[week] > 0:
            found[level].last_demand_at = max(filter(None, (found[level].last_demand_at, last)))
    for level, _, units, _ in waited:
        found[level].waiting += units
    for level, week, _, _, freed, units in moved:
        if freed is not None:
            found[level].freed[week] = freed
        found[level].on_hand += units
    for level, age, units in inflows:
        found[level].inflows.append(Inflow(age, units))
    return found
