"""Opening, filling in, posting and canceling stock counts."""

from functools import partial

from oms_api.domain.inventory.counts.commands.cancel import cancel_count
from oms_api.domain.inventory.counts.commands.create import create_count
from oms_api.domain.inventory.counts.commands.post import post_count
from oms_api.domain.inventory.counts.commands.submit import submit_count
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
from oms_api.workflows.deallocate import COVERS


@output
class StockCountPayload(Payload):
    """The count, or why nothing was done."""

    stock_count: StockCount | None = None
    """The count. Where `replayed` is true, this is its present state."""


on_count = partial(carries_out, payload=StockCountPayload, scope=Scope.INVENTORY_WRITE)


@output
class StockCountMutations:
    """Opening, filling in, posting and canceling stock counts."""

    stock_count_create = on_count(create_count, StockCountCreateInput, describes="The SKUs to count.")
    """Open a count of certain SKUs at a location, or of all SKUs that have a level there. Fails with NOTHING_TO_COUNT where no
    SKU has a level there, and with NOT_STOCKED for a SKU that is not GOODS."""
    stock_count_submit = on_count(submit_count, StockCountSubmitInput, describes="The counted quantities.")
    """Record counted quantities; each line has its own moment of counting. The mutation can be called again until counting
    ends. No stock moves yet. Fails with NOT_IN_COUNT for a SKU that is not on the count, with LINES_UNCOUNTED if the call ends
    counting although some lines have no count, and with ILLEGAL_MOVE once the count is in review."""
    stock_count_post = on_count(partial(post_count, covers=COVERS), StockCountPostInput, describes="The count.")
    """Correct stock by a count in review, all lines or none: each level changes by the counted quantity minus the units on hand
    at the moment of counting. Movements after that moment stay in effect. A line changes nothing where a stock number of a
    later moment is already recorded. If there are fewer free units than missing units, promises are taken back. If
    `onShortfall` is REFUSE, the call fails with BELOW_ZERO instead, and the error's `sku` names the SKU. Fails with
    BELOW_PICKED where missing units are picked or packed. Fails with ILLEGAL_MOVE before the review."""
    stock_count_cancel = on_count(cancel_count, StockCountCancelInput, describes="The count.")
    """Cancel a count: stock stays as it is. Fails with ILLEGAL_MOVE once it was posted or canceled."""
