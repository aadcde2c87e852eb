"""Stock counts, as clients read them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from oms_api.domain.inventory.counts.comparing import Compared, Summary
from oms_api.domain.inventory.counts.policies import shows_expected
from oms_api.domain.inventory.counts.queries import (
    compared_lines,
    counts_by_id,
    pages_of_count_lines,
    pages_of_differences,
    summaries,
)
from oms_api.domain.inventory.counts.states import StockCountOutcome, StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountLineRow as LineRow
from oms_api.domain.inventory.counts.tables import StockCountRow
from oms_api.domain.inventory.counts.verbs import LIFE
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import argument, enum, output
from oms_api.graphql.inventory.stock_documents import InventoryDeallocation, deallocation_of
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field, guarded
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import CountId, CountLineId
from oms_api.kernel.paging import Page, PageRequest

for states in (StockCountStatus, StockCountOutcome):
    enum(states)

Differing = Annotated[
    bool, argument("Only lines that move units when the count is posted. A blind count shows none before its review.")
]


@output
class StockCountLine(Record[LineRow], along="shown"):
    """One SKU of a count."""

    id: CountLineId
    """The id of the line. The stock movements that the line causes refer to this id."""
    counted: int | None
    """The counted units; null until the line is counted."""
    counted_at: datetime | None
    """The moment of the counted quantity; null until the line is counted."""
    counted_by: str | None
    """The person or program that reported the counted quantity; null until then."""
    sku: Sku = leads_to(LineRow.sku_id)
    """The goods."""
    if TYPE_CHECKING:
        shown: bool  # whether what is expected may be seen

    async def compared(self, info: Info) -> Compared | None:
        """Return what the line is compared with, where that may be seen."""
        return await info.context.load(compared_lines, self.row.id) if self.shown else None

    @field(
        description=(
            "Units on hand by the ledger at the moment of counting, or now if the line is not counted yet. Null for a "
            "blind count until counting ends."
        )
    )
    async def expected(self, info: Info) -> Int64 | None:
        found = await self.compared(info)
        return None if found is None or found.expected is None else Int64(found.expected)

    @field(description="The counted units minus the expected units; null where either number is unknown or hidden.")
    async def variance(self, info: Info) -> Int64 | None:
        found = await self.compared(info)
        return None if found is None or found.variance is None else Int64(found.variance)

    @field(description="The result of posting the line; null for a blind count until counting ends.")
    async def outcome(self, info: Info) -> StockCountOutcome | None:
        found = await self.compared(info)
        return None if found is None else found.outcome

    @guarded(
        Scope.COSTS_READ,
        description="The cost of the units that are added or taken away when the count is posted. It is "
        "negative for missing units, and null if unknown.",
    )
    async def value(self, info: Info) -> Money | None:
        found = await self.compared(info)
        if found is None or found.value_minor is None or found.cost_currency is None:
            return None
        return Money.of(found.value_minor, found.cost_currency)


@output
class StockCountLines:
    """The number of lines, by outcome."""

    all: int
    """Lines of the count."""
    counted: int
    """Lines that somebody counted."""
    not_counted: int
    """Lines that nobody counted."""
    matched: int
    """Lines whose counted units equal the recorded units."""
    found: int
    """Lines with more units than recorded."""
    not_found: int
    """Lines with fewer units than recorded."""
    superseded: int
    """Lines without effect, because the units on hand were reported for a later moment."""


@output
class StockCountSummary:
    """The results of a count."""

    whole: strawberry.Private[Summary]
    lines: StockCountLines
    """The number of lines, by outcome."""
    units_found: Int64
    """Units that posting adds."""
    units_missing: Int64
    """Units that posting takes away."""

    @classmethod
    def of(cls, found: Summary) -> Self:
        """Describe what a count comes to."""
        outcomes = found.outcomes
        return cls(
            whole=found,
            lines=StockCountLines(
                all=found.lines,
                counted=found.counted,
                not_counted=found.lines - found.counted,
                matched=outcomes[StockCountOutcome.MATCHED],
                found=outcomes[StockCountOutcome.FOUND],
                not_found=outcomes[StockCountOutcome.NOT_FOUND],
                superseded=outcomes[StockCountOutcome.SUPERSEDED],
            ),
            units_found=Int64(found.units_found),
            units_missing=Int64(found.units_missing),
        )

    @guarded(
        Scope.COSTS_READ,
        description=(
            "The cost of the units that are added or taken away when the count is posted, by currency. It is negative for "
            "missing units. SKUs without a cost are left out."
        ),
    )
    def value(self) -> list[Money]:
        return [Money.of(minor, currency) for currency, minor in self.whole.value.items()]


@entity(counts_by_id, Scope.INVENTORY_READ)
class StockCount(Node, Record[StockCountRow]):
    """A count of SKUs at one location.

    Each line states the stock at the moment when it was counted. Movements after that moment stay in effect.
    """

    id: CountId
    number: Int64
    """Its number: unique, with gaps."""
    status: StockCountStatus
    """The status."""
    whole: bool
    """Whether the count covers all SKUs at the location, so that unexpected SKUs may be counted too."""
    blind: bool
    """Whether the expected quantities are hidden while counting."""
    reference: str | None
    """The document behind the numbers: a count sheet."""
    note: str | None
    """A remark."""
    version: int
    """Increases with every action on the count."""
    actor: str
    """The author."""
    closed_by: str | None
    """The person or program that posted or canceled the count; null before that, and for old counts."""
    created_at: datetime
    """When the count was opened; it may have been recorded later."""
    closed_at: datetime | None
    """When the count was posted or canceled; null before that."""
    recorded_at: datetime
    """When it was recorded in this system."""
    location: Location = leads_to(StockCountRow.location_id)
    """The location."""

    @field(description="The lines, in the order given, or by SKU code where no SKUs were given.")
    async def lines(
        self,
        info: Info,
        differing: Differing = False,  # noqa: FBT002 - an argument of the schema
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockCountLine]:
        shown, page = shows_expected(self.row), PageRequest.of(first, after, last, before)
        if differing and not shown:
            found: Page[LineRow] = Page(items=[], cursor_of=str, has_next=False, has_previous=False)
        else:
            found = await info.context.load(pages_of_differences if differing else pages_of_count_lines, self.row.id, page)
        return Connection.of(found, lambda row: StockCountLine.of(row, shown))

    @field(description="The results of the count; null for a blind count until counting ends.")
    async def summary(self, info: Info) -> StockCountSummary | None:
        if not shows_expected(self.row):
            return None
        return StockCountSummary.of(await info.context.load(summaries, self.row.id))

    @field(description="The promises that were taken back when the count was posted; null for none.")
    async def deallocation(self, info: Info) -> InventoryDeallocation | None:
        return await deallocation_of(info, self.row.id)

    @field(description="The actions on it, and whether each is allowed now.")
    def available_actions(self) -> list[AvailableAction]:
        return AvailableAction.of(LIFE.actions(self.row.status, None))
