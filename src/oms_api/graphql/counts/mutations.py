"""Opening, filling in, posting and canceling stock counts."""

from functools import partial

from oms_api.domain.inventory.counts.commands.cancel import cancel_count
from oms_api.domain.inventory.counts.commands.create import create_count
from oms_api.domain.inventory.counts.commands.post import post_count
from oms_api.domain.inventory.counts.commands.submit import submit_count
from oms_api.domain.inventory.counts.queries import count_by_id
from oms_api.graphql.counts.inputs import (
    StockCountCancelInput,
    StockCountCreateInput,
    StockCountPostInput,
    StockCountSubmitInput,
)
from oms_api.graphql.counts.types import StockCount
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import output
from oms_api.graphql.payloads import Payload
from oms_api.kernel.access import Scope
from oms_api.workflows.unpromise import unpromise


@output
class StockCountPayload(Payload):
    """The count, or why nothing was done."""

    stock_count: StockCount | None = None
    """The count; on a replay as it is now."""


on_count = partial(carries_out, payload=StockCountPayload, scope=Scope.INVENTORY_WRITE, again=count_by_id)


@output
class StockCountMutations:
    """Opening, filling in, posting and canceling stock counts."""

    stock_count_create = on_count(create_count, StockCountCreateInput, told="What is to be counted.")
    """Open a count of certain SKUs at a location, or of all that it has a level of. Fails with NOTHING_TO_COUNT where it has
    none, and with NOT_STOCKED for what is no goods."""
    stock_count_submit = on_count(submit_count, StockCountSubmitInput, told="What was counted.")
    """Tell what was counted, each line as of when somebody looked, as often as needed until counting is over. Nothing moves
    yet. Fails with NOT_IN_COUNT for another SKU than those of the count, with LINES_UNCOUNTED where it is to be over and some
    are left, and with ILLEGAL_MOVE from the review on."""
    stock_count_post = on_count(partial(post_count, unpromise=unpromise), StockCountPostInput, told="Which count.")
    """Correct stock by a count in review: what was counted less what was on hand then, all lines or none. What moved since
    stays moved, and a number told as of a later moment supersedes the line. Where more is missing than is free promises are
    taken back, or with REFUSE it fails with BELOW_ZERO, of which `sku` is the SKU. Fails with ILLEGAL_MOVE before the review,
    and BELOW_PICKED."""
    stock_count_cancel = on_count(cancel_count, StockCountCancelInput, told="Which count.")
    """Call a count off: stock stays as it is. Fails with ILLEGAL_MOVE once it is over."""
