"""The verbs of a purchase order, by its status alone. Pure: queries ask the same as commands."""

from oms_api.domain.purchasing.errors import DropshipOrder, NotADraft
from oms_api.domain.purchasing.events import (
    PurchaseOrderCanceled,
    PurchaseOrderChanged,
    PurchaseOrderClosed,
    PurchaseOrderConfirmed,
    PurchaseOrderReceived,
    PurchaseOrderSubmitted,
)
from oms_api.domain.purchasing.states import PurchaseOrderAction, PurchaseOrderStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb, stays

S = PurchaseOrderStatus


@dataclass(frozen=True, slots=True)
class PurchaseFacts:
    """Whether the supplier sends the goods to a customer: then a request says what becomes of them."""

    dropship: bool = False


def _dropship(facts: PurchaseFacts) -> OmsError | None:
    return DropshipOrder() if facts.dropship else None


UPDATE = Verb[S, PurchaseFacts](
    name=PurchaseOrderAction.UPDATE_PURCHASE_ORDER,
    moves=stays(S.DRAFT),
    event=PurchaseOrderChanged,
    otherwise=lambda status, _: NotADraft(current=status.value),
)
SUBMIT = Verb[S, PurchaseFacts](
    name=PurchaseOrderAction.SUBMIT_PURCHASE_ORDER, moves={S.DRAFT: {S.ORDERED}}, aim=S.ORDERED, event=PurchaseOrderSubmitted
)
CONFIRM = Verb[S, PurchaseFacts](
    name=PurchaseOrderAction.CONFIRM_PURCHASE_ORDER,
    moves={
        S.ORDERED: {S.CONFIRMED},
        S.CONFIRMED: {S.CONFIRMED},
        S.PARTIALLY_RECEIVED: {S.PARTIALLY_RECEIVED, S.RECEIVED},
    },
    aim=S.CONFIRMED,
    event=PurchaseOrderConfirmed,
    refusals=(_dropship,),
)
"""While goods are expected, it can be said again what will come."""
RECEIVE = Verb[S, PurchaseFacts](
    name=PurchaseOrderAction.RECEIVE_PURCHASE_ORDER,
    moves={
        S.ORDERED: {S.PARTIALLY_RECEIVED, S.RECEIVED},
        S.CONFIRMED: {S.PARTIALLY_RECEIVED, S.RECEIVED},
        S.PARTIALLY_RECEIVED: {S.PARTIALLY_RECEIVED, S.RECEIVED},
        S.RECEIVED: {S.RECEIVED},
    },
    aim=S.RECEIVED,
    event=PurchaseOrderReceived,
    refusals=(_dropship,),
)
"""Of what all came, more may come within the tolerance."""
CLOSE = Verb[S, PurchaseFacts](
    name=PurchaseOrderAction.CLOSE_PURCHASE_ORDER,
    moves={S.PARTIALLY_RECEIVED: {S.CLOSED}, S.RECEIVED: {S.CLOSED}},
    aim=S.CLOSED,
    event=PurchaseOrderClosed,
    refusals=(_dropship,),
)
CANCEL = Verb[S, PurchaseFacts](
    name=PurchaseOrderAction.CANCEL_PURCHASE_ORDER,
    moves={status: {S.CANCELED} for status in (S.DRAFT, S.ORDERED, S.CONFIRMED)},
    aim=S.CANCELED,
    event=PurchaseOrderCanceled,
    refusals=(_dropship,),
)
LIFE = Life[S, PurchaseFacts]("purchase order", "purchaseOrderId", S, UPDATE, SUBMIT, CONFIRM, RECEIVE, CLOSE, CANCEL)
