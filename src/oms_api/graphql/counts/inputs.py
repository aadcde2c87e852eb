"""What clients send to open, fill in, post and cancel stock counts."""

from datetime import datetime

import strawberry

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.counts.commands.cancel import CancelCount
from oms_api.domain.inventory.counts.commands.create import CreateCount
from oms_api.domain.inventory.counts.commands.post import PostCount
from oms_api.domain.inventory.counts.commands.submit import SubmitCount, Tally
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
    """What is to be counted, and where."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the count opened first; kept 72 hours."""
    location_id: LocationId
    """Where."""
    skus: list[SkuByInput] | None = becomes(by=references, default=None)
    """Which SKUs, 1 to 1,000, each once; without it all that the location has a level of, at most 5,000."""
    blind: bool = False
    """Whether who counts is not told what is expected before counting is over."""
    reference: str | None = None
    """The document behind it: a count sheet."""
    note: str | None = None
    """A remark."""
    occurred_at: datetime | None = None
    """When it was opened, if not now; needs the scope `orders:import`, never in the future."""


@input_type
class StockCountSubmitLineInput(Input[Tally]):
    """How many units of one SKU were there."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods; each SKU once. Of a whole count also one that nobody expected there."""
    quantity: int
    """How many units of it were there, in whatever state: 0 or more."""
    counted_at: datetime | None = None
    """When somebody looked, if not now: since the count was opened, never in the future. What moved later stays moved."""


@input_type
class StockCountSubmitInput(Input[SubmitCount]):
    """What was counted; a line that was counted before is counted anew."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the count; kept 72 hours."""
    stock_count_id: CountId = becomes("count_id")
    """The count."""
    lines: list[StockCountSubmitLineInput] = strawberry.field(default_factory=list, description="Up to 1,000 lines.")
    complete: bool = False
    """Whether counting is over: the count goes to review."""
    leave_uncounted: bool = False
    """Whether it is over also with lines that nobody counted: they are left as they are."""
    expected_version: int | None = None
    """Submit only while the count has this version."""
    occurred_at: datetime | None = None
    """When it was told and, unless a line says so, counted, if not now; needs the scope `orders:import`."""


@input_type
class StockCountPostInput(Input[PostCount]):
    """Which count stock is corrected by."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the count; kept 72 hours."""
    stock_count_id: CountId = becomes("count_id")
    """The count, in review."""
    on_shortfall: OnShortfall = OnShortfall.UNPROMISE
    """What happens where more is missing than is free."""
    note: str | None = None
    """A remark in place of the count's own."""
    expected_version: int | None = None
    """Post only while the count has this version."""
    occurred_at: datetime | None = None
    """When it was posted, if not now; needs the scope `orders:import`, never in the future or before it was counted."""


@input_type
class StockCountCancelInput(Input[CancelCount]):
    """Which count is called off."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the count; kept 72 hours."""
    stock_count_id: CountId = becomes("count_id")
    """The count."""
    expected_version: int | None = None
    """Cancel it only while it has this version."""
    occurred_at: datetime | None = None
    """When it was called off, if not now; needs the scope `orders:import`, never in the future or before it was opened."""
