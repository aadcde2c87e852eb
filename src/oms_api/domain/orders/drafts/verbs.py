"""The verbs of a draft, with their refusals. Pure: queries ask the same as commands."""

from oms_api.domain.orders.drafts.errors import DraftDiscarded, DraftPlaced
from oms_api.domain.orders.drafts.events import OrderDraftChanged, OrderDraftDiscarded, OrderDraftPlaced
from oms_api.domain.orders.drafts.states import OrderDraftAction, OrderDraftStatus
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderId
from oms_api.kernel.verbs import Life, Verb, stays

S = OrderDraftStatus
Became = OrderId | None
"""The order that a draft became."""


def over(status: OrderDraftStatus, order_id: Became) -> OmsError:
    """Return why nothing is done with a draft any more."""
    return DraftPlaced(order_id=order_id) if status is S.PLACED else DraftDiscarded()


UPDATE = Verb[S, Became](
    name=OrderDraftAction.UPDATE_ORDER_DRAFT, moves=stays(S.DRAFT), event=OrderDraftChanged, otherwise=over
)
PLACE = Verb[S, Became](
    name=OrderDraftAction.PLACE_ORDER_DRAFT, moves={S.DRAFT: {S.PLACED}}, aim=S.PLACED, event=OrderDraftPlaced, otherwise=over
)
DISCARD = Verb[S, Became](
    name=OrderDraftAction.DISCARD_ORDER_DRAFT,
    moves={S.DRAFT: {S.DISCARDED}},
    aim=S.DISCARDED,
    event=OrderDraftDiscarded,
    otherwise=over,
)
LIFE = Life[S, Became]("order draft", "orderDraftId", S, UPDATE, PLACE, DISCARD)
