"""Opening, filling in, posting and canceling stock counts."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from oms_api.db.session import Tx
from oms_api.domain.inventory.counts.commands.cancel import cancel_count
from oms_api.domain.inventory.counts.commands.create import create_count
from oms_api.domain.inventory.counts.commands.post import post_count
from oms_api.domain.inventory.counts.commands.submit import submit_count
from oms_api.domain.inventory.counts.queries import count_by_id
from oms_api.domain.inventory.counts.tables import StockCountRow
from oms_api.graphql.context import Info
from oms_api.graphql.counts.inputs import (
    StockCountCancelInput,
    StockCountCreateInput,
    StockCountPostInput,
    StockCountSubmitInput,
)
from oms_api.graphql.counts.types import StockCount
from oms_api.graphql.described import argument, output
from oms_api.graphql.payloads import Command, Keyed, Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.workflows.unpromise import unpromise


@output
class StockCountPayload(Payload):
    """The count, or why nothing was done."""

    stock_count: StockCount | None = None
    """The count; on a replay as it is now."""


async def done(
    info: Info, input: Keyed[Command], carry_out: Callable[[Tx, Command], Awaitable[StockCountRow]]
) -> StockCountPayload:
    """Carry out what *input* asks for once, and answer with its count."""
    found = await once(info, input, carry_out, again=count_by_id)
    return StockCountPayload(stock_count=StockCount.of(found.value), replayed=found.replayed)


@output
class StockCountMutations:
    """Opening, filling in, posting and canceling stock counts."""

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Open a count of certain SKUs at a location, or of all that it has a level of. Fails with NOTHING_TO_COUNT "
        "where it has none, and with NOT_STOCKED for what is no goods.",
    )
    async def stock_count_create(
        self, info: Info, input: Annotated[StockCountCreateInput, argument("What is to be counted.")]
    ) -> StockCountPayload:
        return await done(info, input, create_count)

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Tell what was counted, each line as of when somebody looked, as often as needed until counting is over. "
        "Nothing moves yet. Fails with NOT_IN_COUNT for another SKU than those of the count, with LINES_UNCOUNTED where it is "
        "to be over and some are left, and with ILLEGAL_MOVE from the review on.",
    )
    async def stock_count_submit(
        self, info: Info, input: Annotated[StockCountSubmitInput, argument("What was counted.")]
    ) -> StockCountPayload:
        return await done(info, input, submit_count)

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Correct stock by a count in review: what was counted less what was on hand then, all lines or none. What "
        "moved since stays moved, and a number told as of a later moment supersedes the line. Where more is missing than is "
        "free promises are taken back, or with REFUSE it fails with BELOW_ZERO, of "
        "which `sku` is the SKU. Fails with ILLEGAL_MOVE before the review, and BELOW_PICKED.",
    )
    async def stock_count_post(
        self, info: Info, input: Annotated[StockCountPostInput, argument("Which count.")]
    ) -> StockCountPayload:
        return await done(info, input, partial(post_count, unpromise=unpromise))

    @mutation(
        Scope.INVENTORY_WRITE, description="Call a count off: stock stays as it is. Fails with ILLEGAL_MOVE once it is over."
    )
    async def stock_count_cancel(
        self, info: Info, input: Annotated[StockCountCancelInput, argument("Which count.")]
    ) -> StockCountPayload:
        return await done(info, input, cancel_count)
