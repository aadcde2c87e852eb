"""The verbs of a document that is to become an order. Pure: queries ask the same as commands."""

from oms_api.domain.intake.errors import OrderIntakeDiscarded, OrderIntakePlaced
from oms_api.domain.intake.events import OrderIntakeGivenUp, OrderIntakeRead
from oms_api.domain.intake.states import OrderIntakeAction, OrderIntakeStatus
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderId
from oms_api.kernel.verbs import Life, Verb

S = OrderIntakeStatus
Became = OrderId | None
"""The order that a document became."""
OPEN = (S.RECEIVED, S.REFUSED, S.UNREADABLE)


def over(status: OrderIntakeStatus, order_id: Became) -> OmsError:
    """Return why nothing is done with a document any more."""
    return OrderIntakePlaced(order_id=order_id) if status is S.PLACED else OrderIntakeDiscarded()


READ = Verb[S, Became](
    name=OrderIntakeAction.RETRY_ORDER_INTAKE,
    moves={state: {S.PLACED, S.REFUSED, S.UNREADABLE} for state in OPEN},
    aim=S.PLACED,
    event=OrderIntakeRead,
    otherwise=over,
)
"""By the worker at first, and by whoever asks for it again."""
RESOLVE = Verb[S, Became](
    name=OrderIntakeAction.RESOLVE_ORDER_INTAKE,
    moves={state: {S.PLACED} for state in OPEN},
    aim=S.PLACED,
    event=OrderIntakeRead,
    otherwise=over,
)
DISCARD = Verb[S, Became](
    name=OrderIntakeAction.DISCARD_ORDER_INTAKE,
    moves={state: {S.DISCARDED} for state in OPEN},
    aim=S.DISCARDED,
    event=OrderIntakeGivenUp,
    otherwise=over,
)
LIFE = Life[S, Became]("order intake", "orderIntakeId", S, READ, RESOLVE, DISCARD)
