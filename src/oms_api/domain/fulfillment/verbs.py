"""The verbs of a fulfillment order, with their refusals. Pure: queries ask the same as commands."""

from oms_api.domain.fulfillment.errors import (
    AwaitsPickup,
    FulfillmentOrderBegun,
    FulfillmentOrderNotOpen,
    FulfillmentOrderNotRejectable,
    FulfillmentOrderOnHold,
    PickupNotOffered,
    ShipsComplete,
    UnitsPacked,
)
from oms_api.domain.fulfillment.events import (
    FulfillmentOrderChanged,
    FulfillmentOrderHeld,
    FulfillmentOrderHoldReleased,
    FulfillmentOrderMerged,
    FulfillmentOrderMoved,
    FulfillmentOrderPacked,
    FulfillmentOrderRejected,
    FulfillmentOrderSplit,
)
from oms_api.domain.fulfillment.requests.errors import RequestAccepted, RequestNotAccepted, RequestSubmitted
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.states import FulfillmentAction, FulfillmentOrderStatus
from oms_api.domain.orders.errors import OrderOnHold
from oms_api.domain.orders.events import OrderLinesCanceled
from oms_api.domain.orders.holds.errors import NotHoldable, NotOnHold
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb, stays

S = FulfillmentOrderStatus


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """What keeps a fulfillment order from being worked on: a hold of its order or of itself, or goods that it waits for.

    It *waits for others* where its order ships complete and units of that have no source yet. Units of it that are *packed*
    keep it from being put back. While it *awaits pickup* nothing else takes its units. At a supplier's location it is done as
    far as what is *asked* of that was accepted.
    """

    order_on_hold: bool
    on_hold: bool
    waits_for_others: bool = False
    packed: int = 0
    awaits_pickup: bool = False
    offers_pickup: bool = True
    asked: FulfillmentRequestStatus | None = None


def on_hold(facts: WorkFacts) -> OmsError | None:
    """Return why nothing leaves while there is a hold, or None."""
    if facts.order_on_hold:
        return OrderOnHold()
    return FulfillmentOrderOnHold() if facts.on_hold else None


def incomplete(facts: WorkFacts) -> OmsError | None:
    """Return that the other goods of an order that ships complete are not there, or None."""
    return ShipsComplete() if facts.waits_for_others else None


def packed(facts: WorkFacts) -> OmsError | None:
    """Return that units of it are in packages, or None."""
    return UnitsPacked(packed=facts.packed) if facts.packed else None


def awaits_pickup(facts: WorkFacts) -> OmsError | None:
    """Return that its units wait for their customer, or None."""
    return AwaitsPickup() if facts.awaits_pickup else None


def not_offered(facts: WorkFacts) -> OmsError | None:
    """Return that customers fetch nothing at its location, or None."""
    return None if facts.offers_pickup else PickupNotOffered()


def not_accepted(facts: WorkFacts) -> OmsError | None:
    """Return that the supplier of the location has not accepted it, or None."""
    return None if facts.asked is None or facts.asked.agreed else RequestNotAccepted(status=facts.asked.value)


def accepted(facts: WorkFacts) -> OmsError | None:
    """Return that the supplier of the location works on it, or None."""
    return RequestAccepted() if facts.asked is not None and facts.asked.agreed else None


def asked(facts: WorkFacts) -> OmsError | None:
    """Return that the supplier of the location is asked for it, or works on it, or None."""
    return RequestSubmitted() if facts.asked is FulfillmentRequestStatus.SUBMITTED else accepted(facts)


START = Verb[S, WorkFacts](
    name=FulfillmentAction.START_FULFILLMENT,
    moves={S.OPEN: {S.IN_PROGRESS}},
    aim=S.IN_PROGRESS,
    event=FulfillmentOrderChanged,
    refusals=(on_hold, incomplete, not_accepted),
)
PUT_BACK = Verb[S, WorkFacts](
    name=FulfillmentAction.PUT_BACK_FULFILLMENT,
    moves={S.IN_PROGRESS: {S.OPEN}},
    aim=S.OPEN,
    event=FulfillmentOrderChanged,
    refusals=(packed, awaits_pickup, accepted),
)
SHIP = Verb[S, WorkFacts](
    name=FulfillmentAction.CREATE_SHIPMENT,
    moves={S.OPEN: {S.OPEN, S.CLOSED}, S.IN_PROGRESS: {S.IN_PROGRESS, S.CLOSED}},
    event=None,
    otherwise=lambda status, _: FulfillmentOrderNotOpen(status=status.value),
    refusals=(on_hold, incomplete, awaits_pickup, not_accepted),
)
"""Its shipment's event tells of it."""


PACK = Verb[S, WorkFacts](
    name=FulfillmentAction.PACK_FULFILLMENT,
    moves={S.OPEN: {S.IN_PROGRESS}, S.IN_PROGRESS: {S.IN_PROGRESS}},
    event=FulfillmentOrderPacked,
    otherwise=lambda status, _: FulfillmentOrderNotOpen(status=status.value),
    refusals=(on_hold, incomplete, awaits_pickup, not_accepted),
)
READY_FOR_PICKUP = Verb[S, WorkFacts](
    name=FulfillmentAction.READY_FOR_PICKUP,
    moves={S.OPEN: {S.IN_PROGRESS}, S.IN_PROGRESS: {S.IN_PROGRESS}},
    event=FulfillmentOrderChanged,
    otherwise=lambda status, _: FulfillmentOrderNotOpen(status=status.value),
    refusals=(not_offered, on_hold, incomplete, packed, awaits_pickup, not_accepted),
)


def begun(status: S, facts: WorkFacts) -> OmsError:
    """Return that it is no fulfillment order that waits."""
    return accepted(facts) or FulfillmentOrderBegun(status=status.value)


MOVE = Verb[S, WorkFacts](
    name=FulfillmentAction.MOVE_FULFILLMENT,
    moves={S.SCHEDULED: {S.CLOSED}, S.OPEN: {S.CLOSED}},
    event=FulfillmentOrderMoved,
    otherwise=begun,
    refusals=(on_hold,),
)
SPLIT = Verb[S, WorkFacts](
    name=FulfillmentAction.SPLIT_FULFILLMENT,
    moves=stays(S.SCHEDULED, S.OPEN),
    event=FulfillmentOrderSplit,
    otherwise=begun,
    refusals=(on_hold, asked),
)
MERGE = Verb[S, WorkFacts](
    name=FulfillmentAction.MERGE_FULFILLMENT,
    moves={S.OPEN: {S.OPEN, S.CLOSED}},
    event=FulfillmentOrderMerged,
    otherwise=begun,
    refusals=(on_hold, asked),
)
REJECT = Verb[S, WorkFacts](
    name=FulfillmentAction.REJECT_FULFILLMENT,
    moves={S.OPEN: {S.OPEN, S.CLOSED}, S.IN_PROGRESS: {S.IN_PROGRESS, S.CLOSED}},
    event=FulfillmentOrderRejected,
    otherwise=lambda status, _: FulfillmentOrderNotRejectable(status=status.value),
    refusals=(awaits_pickup, asked),
)
"""On hold, too: nothing leaves by it."""
HOLD = Verb[S, WorkFacts](
    name=FulfillmentAction.HOLD_FULFILLMENT,
    moves=stays(S.SCHEDULED, S.OPEN, S.IN_PROGRESS),
    event=FulfillmentOrderHeld,
    otherwise=lambda status, _: NotHoldable(current=status.value),
)
RELEASE_HOLD = Verb[S, WorkFacts](
    name=FulfillmentAction.RELEASE_FULFILLMENT_HOLD,
    moves=stays(S.SCHEDULED, S.OPEN, S.IN_PROGRESS),
    event=FulfillmentOrderHoldReleased,
    otherwise=lambda _status, _facts: NotOnHold(),
    refusals=(lambda facts: None if facts.on_hold else NotOnHold(),),
)
RESCHEDULE = Verb[S, WorkFacts](
    name=FulfillmentAction.RESCHEDULE_FULFILLMENT,
    moves={state: {S.SCHEDULED, S.OPEN} for state in (S.SCHEDULED, S.OPEN)},
    event=FulfillmentOrderChanged,
    otherwise=begun,
    refusals=(asked,),
)
"""By hand, by the clock, and by the rules of channels."""
REOPEN = Verb[S, WorkFacts](moves={S.CLOSED: {S.OPEN, S.IN_PROGRESS}}, event=FulfillmentOrderChanged, label="SHIPMENT_CANCELED")
"""With a shipment that is undone; a supplier works on it once more."""
CANCEL = Verb[S, WorkFacts](
    moves={state: {state, S.CLOSED} for state in (S.SCHEDULED, S.OPEN, S.IN_PROGRESS)}, event=OrderLinesCanceled
)
"""With units of its order."""

OFFERED = START, PUT_BACK, PACK, SHIP, READY_FOR_PICKUP, MOVE, SPLIT, MERGE, REJECT, RESCHEDULE, HOLD, RELEASE_HOLD
LIFE = Life("fulfillment order", "fulfillmentOrderId", S, *OFFERED, CANCEL, REOPEN)
