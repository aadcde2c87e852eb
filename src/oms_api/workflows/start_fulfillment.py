"""Beginning to pick for a fulfillment order, from when on its units are in somebody's hands, and putting them back."""

from datetime import datetime
from typing import Any

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.verbs import PUT_BACK, START
from oms_api.domain.fulfillment.work import FulfillmentOrderDocument
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderId
from oms_api.kernel.occurrence import occurred
from oms_api.kernel.verbs import Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentToChange:
    """A fulfillment order of which somebody begins to pick, or puts back what was picked."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    occurred_at: datetime | None = None


async def start_fulfillment(tx: Tx, command: FulfillmentToChange) -> FulfillmentOrderRow:
    """Let a location begin with its work on an order, and return the fulfillment order as it is then.

    What is being picked is not canceled at once, not taken back where units are missing, and not sold by anybody else.
    Raises: NotFound, IllegalMove, OrderOnHold, OccurredTooEarly.
    """
    return await _change(tx, command, START)


async def put_back_fulfillment(tx: Tx, command: FulfillmentToChange) -> FulfillmentOrderRow:
    """Let a location put back what it picked for an order, and return the fulfillment order: OPEN, as if nobody had begun.

    Raises: NotFound, IllegalMove, OccurredTooEarly.
    """
    return await _change(tx, command, PUT_BACK)


async def _change(tx: Tx, command: FulfillmentToChange, verb: Verb[FulfillmentOrderStatus, Any]) -> FulfillmentOrderRow:
    at = tx.business_time(command.occurred_at)
    async with changing_part(tx, FulfillmentOrderDocument, verb, command.fulfillment_order_id, None) as work:
        placed = work.order.order.placed_at
        work.at = occurred(at, command.occurred_at, not_before=placed, what="the order's placing")
        if verb is PUT_BACK:
            work.row.pick_batch_id = None
        work.move()
    return work.row
