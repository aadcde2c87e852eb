"""What can be done with a fulfillment order, and why not. Pure: queries ask the same as commands."""

from oms_api.domain.fulfillment.errors import FulfillmentOrderNotOpen
from oms_api.domain.fulfillment.events import FulfillmentOrderChanged
from oms_api.domain.fulfillment.states import FulfillmentAction, FulfillmentOrderStatus
from oms_api.domain.orders.errors import OrderOnHold
from oms_api.domain.orders.events import OrderLinesCanceled
from oms_api.kernel.verbs import Life, Verb

S = FulfillmentOrderStatus


def on_hold(held: bool) -> OrderOnHold | None:
    """Return why nothing leaves while the order is *held*, or None."""
    return OrderOnHold() if held else None


START = Verb[S, bool](
    name=FulfillmentAction.START_FULFILLMENT,
    moves={S.OPEN: {S.IN_PROGRESS}},
    aim=S.IN_PROGRESS,
    event=FulfillmentOrderChanged,
    refusals=(on_hold,),
)
PUT_BACK = Verb[S, bool](
    name=FulfillmentAction.PUT_BACK_FULFILLMENT,
    moves={S.IN_PROGRESS: {S.OPEN}},
    aim=S.OPEN,
    event=FulfillmentOrderChanged,
)
SHIP = Verb[S, bool](
    name=FulfillmentAction.CREATE_SHIPMENT,
    moves={S.OPEN: {S.OPEN, S.CLOSED}, S.IN_PROGRESS: {S.IN_PROGRESS, S.CLOSED}},
    event=None,
    otherwise=lambda status, _: FulfillmentOrderNotOpen(status=status.value),
    refusals=(on_hold,),
)
"""Its shipment's event tells of it."""
RESCHEDULE = Verb[S, bool](moves={S.SCHEDULED: {S.SCHEDULED, S.OPEN}}, event=FulfillmentOrderChanged)
"""By the clock, and by the rules of channels."""
CANCEL = Verb[S, bool](
    moves={state: {state, S.CLOSED} for state in (S.SCHEDULED, S.OPEN, S.IN_PROGRESS)}, event=OrderLinesCanceled
)
"""With units of its order."""

LIFE = Life("fulfillment order", "fulfillmentOrderId", S, START, PUT_BACK, SHIP, RESCHEDULE, CANCEL)
