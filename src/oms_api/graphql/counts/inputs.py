"""What clients send to open, fill in, post and cancel stock counts."""

from datetime import datetime

import strawberry

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.counts.commands.cancel import CancelCount
from oms_api.domain.inventory.counts.commands.create import CreateCount
from oms_api.domain.inventory.counts.commands.post import PostCount
from oms_api.domain.inventory.counts.commands.submit import CountedUnits, SubmitCount
from oms_api.domain.inventory.states import OnShortfall
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.kernel.ids import CountId, LocationId


def references(skus: list[SkuByInput]) -> tuple[SkuRef, ...]:
    """Return the references of *skus*."""
    return tuple(sku.to_reference() for sku in skus)


@input_type
class StockCountCreateInput(Input[CreateCount]):
    """The SKUs to count, and the location."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the count that the first call opened."""
    location_id: LocationId
    """The location."""
    skus: list[SkuByInput] | None = becomes(by=references, default=None)
    """The SKUs, 1 to 1,000, each once; by default all SKUs with a level at the location, at most 5,000."""
    blind: bool = False
    """Whether the expected quantities are hidden until counting ends."""
    reference: str | None = None
    """The document behind the numbers: a count sheet."""
    note: str | None = None
    """A remark."""
    occurred_at: datetime | None = None
    """When the count was opened; by default now. Never in the future. Needs the scope `orders:import`."""


@input_type
class StockCountSubmitLineInput(Input[CountedUnits]):
    """The counted units of one SKU."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The SKU: each SKU may be in one line only. A count of the whole location also takes unexpected SKUs."""
    quantity: int
    """Units that were there, in any state: 0 or more."""
    counted_at: datetime | None = None
    """The moment of counting; by default now. Never before the count was opened, never in the future. Movements after it stay
    in effect."""


@input_type
class StockCountSubmitInput(Input[SubmitCount]):
    """Counted quantities. A line that is counted again replaces its earlier quantity."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the count."""
    stock_count_id: CountId = becomes("count_id")
    """The count."""
    lines: list[StockCountSubmitLineInput] = strawberry.field(default_factory=list, description="Up to 1,000 lines.")
    complete: bool = False
    """Whether counting ends with these lines: the count then goes to review."""
    leave_uncounted: bool = False
    """Whether counting may end with uncounted lines. Their stock stays as it is."""
    expected_version: int | None = None
    """The version of the count that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the quantities were reported; by default now. It is also the moment of counting for lines without a moment of their
    own. Needs the scope `orders:import`."""


@input_type
class StockCountPostInput(Input[PostCount]):
    """The count to post."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the count."""
    stock_count_id: CountId = becomes("count_id")
    """The count. It must be in REVIEW."""
    on_shortfall: OnShortfall = OnShortfall.DEALLOCATE
    """The treatment of promised units if the missing units exceed the free units."""
    note: str | None = None
    """A remark that replaces the count's own."""
    expected_version: int | None = None
    """The version of the count that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the count was posted; by default now. Never in the future, never before it was counted. Needs the scope
    `orders:import`."""


@input_type
class StockCountCancelInput(Input[CancelCount]):
    """The count to cancel."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the count."""
    stock_count_id: CountId = becomes("count_id")
    """The count."""
    expected_version: int | None = None
    """The version of the count that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the count was canceled; by default now. Never in the future, never before it was opened. Needs the scope
    `orders:import`."""
