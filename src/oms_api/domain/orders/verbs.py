"""The verbs of an order, with their refusals. Pure: queries ask the same as commands."""

from collections.abc import Collection

from oms_api.domain.orders.errors import AlreadyShipped, NoExternalRef, NothingToCancel, OrderNotCanceled, OrderNotEditable
from oms_api.domain.orders.events import (
    OrderCanceled,
    OrderCompleted,
    OrderEdited,
    OrderHeld,
    OrderHoldReleased,
    OrderLinesCanceled,
    OrderNoteAdded,
    OrderReferenceFreed,
    OrderReopened,
    OrderUpdated,
)
from oms_api.domain.orders.holds.errors import NotHoldable, NotOnHold
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.states import OrderAction, OrderStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IllegalMove, OmsError
from oms_api.kernel.verbs import Life, Verb, stays

S = OrderStatus


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order with its lines, whose units decide what can be canceled."""

    status: OrderStatus
    lines: Collection[LineUnits]
    external_ref: str | None
    on_hold: bool = False

    @property
    def handed_over(self) -> int:
        """Units that were handed over."""
        return sum(line.handed_over for line in self.lines)


def over(facts: OrderFacts) -> OmsError | None:
    """Return that an order is completed with something that was handed over, or None."""
    if facts.status is S.COMPLETED and facts.handed_over:
        return IllegalMove(what=LIFE.noun, current=facts.status.value, target=S.CANCELED.value)
    return None


def shipped(facts: OrderFacts) -> OmsError | None:
    """Return that something of a whole order was handed over, or None."""
    return AlreadyShipped(shipped=facts.handed_over) if facts.handed_over else None


def nothing_left(facts: OrderFacts) -> OmsError | None:
    """Return that no units can be canceled, or None."""
    return None if any(line.cancelable for line in facts.lines) else NothingToCancel()


UPDATE = Verb[S, OrderFacts](name=OrderAction.UPDATE_ORDER, moves=stays(S.OPEN, S.COMPLETED, S.CANCELED), event=OrderUpdated)
"""Of what moves neither units nor money: at any time."""
CANCEL = Verb[S, OrderFacts](
    name=OrderAction.CANCEL_ORDER,
    moves={S.OPEN: {S.CANCELED}, S.COMPLETED: {S.CANCELED}},
    aim=S.CANCELED,
    event=OrderCanceled,
    refusals=(over, shipped),
)
CANCEL_LINES = Verb[S, OrderFacts](
    name=OrderAction.CANCEL_LINES,
    moves={S.OPEN: {S.OPEN, S.COMPLETED, S.CANCELED}, S.COMPLETED: {S.COMPLETED, S.CANCELED}},
    aim=S.CANCELED,
    event=OrderLinesCanceled,
    refusals=(over, nothing_left),
)
EDIT = Verb[S, OrderFacts](
    name=OrderAction.EDIT_ORDER,
    moves={S.OPEN: {S.OPEN, S.COMPLETED}, S.COMPLETED: {S.COMPLETED, S.OPEN}},
    event=OrderEdited,
    otherwise=lambda status, _facts: OrderNotEditable(current=status.value),
)
SOURCE_AGAIN = Verb[S, OrderFacts](name=OrderAction.SOURCE_ORDER_AGAIN, moves=stays(S.OPEN), aim=S.OPEN, event=None)
"""What it comes to is told by events of fulfillment."""
FREE_REFERENCE = Verb[S, OrderFacts](
    name=OrderAction.FREE_EXTERNAL_REF,
    moves=stays(S.CANCELED),
    event=OrderReferenceFreed,
    otherwise=lambda status, _facts: OrderNotCanceled(current=status.value),
    refusals=(lambda facts: None if facts.external_ref is not None else NoExternalRef(),),
)
ADD_NOTE = Verb[S, OrderFacts](name=OrderAction.ADD_NOTE, moves=stays(*S), event=OrderNoteAdded)
HOLD = Verb[S, OrderFacts](
    name=OrderAction.HOLD_ORDER,
    moves=stays(S.OPEN),
    event=OrderHeld,
    otherwise=lambda status, _facts: NotHoldable(current=status.value),
)
RELEASE_HOLD = Verb[S, OrderFacts](
    name=OrderAction.RELEASE_ORDER_HOLD,
    moves=stays(S.OPEN),
    event=OrderHoldReleased,
    otherwise=lambda _status, _facts: NotOnHold(),
    refusals=(lambda facts: None if facts.on_hold else NotOnHold(),),
)
COMPLETE = Verb[S, OrderFacts](moves={S.OPEN: {S.COMPLETED}}, event=OrderCompleted)
"""By whatever leaves nothing to do: an arrival, a payment, the end of a return."""
REOPEN = Verb[S, OrderFacts](moves={S.COMPLETED: {S.OPEN}}, event=OrderReopened)
"""By whatever leaves something to do: a return, a refund, an arrival that was none."""

OFFERED = UPDATE, CANCEL, CANCEL_LINES, EDIT, SOURCE_AGAIN, FREE_REFERENCE, ADD_NOTE, HOLD, RELEASE_HOLD
LIFE = Life("order", "orderId", S, *OFFERED, COMPLETE, REOPEN)
