"""What each line of a count is compared with: the units on hand when it was counted, by the ledger."""

from collections.abc import Sequence
from datetime import datetime

from oms_api.db.sql import Sql
from oms_api.domain.inventory.counts.states import StockCountOutcome
from oms_api.domain.inventory.levels import Since, grown_since
from oms_api.domain.inventory.numbers import LAST
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import CountId, CountLineId, SkuId

# A line that is not counted is compared with what is there now.
COMPARE = f"""
SELECT line.id, line.sku_id, sku.code, line.counted, line.counted_at,
       CASE WHEN line.outcome IS NULL THEN coalesce(level.on_hand, 0) - coalesce(later.units, 0) ELSE line.expected END
           AS expected,
       CASE WHEN line.outcome IS NOT NULL THEN line.outcome = 'SUPERSEDED'
            ELSE coalesce(last_number.as_of > line.counted_at, false) END AS superseded,
       line.count_id, sku.cost_minor, sku.cost_currency, later.quality_control, later.damaged
FROM stock_count_line line JOIN stock_count parent ON parent.id = line.count_id JOIN sku ON sku.id = line.sku_id
LEFT JOIN LATERAL (
    SELECT id, on_hand FROM inventory_level level
    WHERE level.sku_id = line.sku_id AND level.location_id = parent.location_id OFFSET 0
) AS level ON true
LEFT JOIN LATERAL ({grown_since("line.counted_at", only="line.outcome IS NULL")}) AS later ON true
LEFT JOIN LATERAL ({LAST}) AS last_number ON true
"""  # noqa: S608 - made of constants
COMPARE_COUNT = Sql(f"{COMPARE} WHERE line.count_id = :count::uuid ORDER BY line.position")


@dataclass(frozen=True, slots=True)
class Compared:
    """A line of a count: what was counted, and what was on hand then by the ledger (where it was not counted: what is now).

    *superseded* says that its number was told as of a later moment. A cost is of one unit, in minor units. *control_since* and
    *damaged_since* are by how much these buckets grew after it was counted.
    """

    id: CountLineId
    sku_id: SkuId
    sku_code: str
    counted: int | None
    counted_at: datetime | None
    expected: int | None
    superseded: bool
    count_id: CountId
    cost_minor: int | None = None
    cost_currency: str | None = None
    control_since: int | None = None
    damaged_since: int | None = None

    @property
    def since(self) -> Since:
        """What became of the units that are set aside after it was counted."""
        return Since(quality_control=int(self.control_since or 0), damaged=int(self.damaged_since or 0))

    @property
    def variance(self) -> int | None:
        """Units more (or, negative, fewer) than were known; None for a line that was not counted."""
        return None if self.counted is None or self.expected is None else self.counted - self.expected

    @property
    def outcome(self) -> StockCountOutcome:
        """What the line comes to when the count is posted."""
        if self.counted is None:
            return StockCountOutcome.NOT_COUNTED
        if self.superseded:
            return StockCountOutcome.SUPERSEDED
        if not self.variance:
            return StockCountOutcome.MATCHED
        return StockCountOutcome.FOUND if self.variance > 0 else StockCountOutcome.NOT_FOUND

    @property
    def moves(self) -> int:
        """Units that posting the line adds or (negative) takes away."""
        return (self.variance or 0) if self.outcome in {StockCountOutcome.FOUND, StockCountOutcome.NOT_FOUND} else 0

    @property
    def value_minor(self) -> int | None:
        """What these units cost; None where the cost of one is not known."""
        return None if self.cost_minor is None else self.moves * self.cost_minor


@dataclass(frozen=True, slots=True)
class Summary:
    """What a count comes to: lines by outcome, units found and missing, and their value by currency in minor units."""

    lines: int
    counted: int
    outcomes: dict[StockCountOutcome, int]
    units_found: int
    units_missing: int
    value: dict[str, int]


def summarize(lines: Sequence[Compared]) -> Summary:
    """Return what *lines* come to together."""
    outcomes = dict.fromkeys(StockCountOutcome, 0)
    value: dict[str, int] = {}
    for line in lines:
        outcomes[line.outcome] += 1
        if line.moves and line.value_minor is not None and line.cost_currency is not None:
            value[line.cost_currency] = value.get(line.cost_currency, 0) + line.value_minor
    return Summary(
        lines=len(lines),
        counted=sum(line.counted is not None for line in lines),
        outcomes=outcomes,
        units_found=sum(max(line.moves, 0) for line in lines),
        units_missing=-sum(min(line.moves, 0) for line in lines),
        value=dict(sorted(value.items())),
    )
