"""What can be done with a purchase order, by its status alone. Pure: queries ask the same as commands."""

from oms_api.domain.purchasing.errors import NotADraft
from oms_api.domain.purchasing.events import (
    PurchaseOrderCanceled,
    PurchaseOrderChanged,
    PurchaseOrderClosed,
    PurchaseOrderConfirmed,
    PurchaseOrderReceived,
    PurchaseOrderSubmitted,
)
from oms_api.domain.purchasing.states import PurchaseOrderAction, PurchaseOrderStatus
from oms_api.kernel.verbs import Life, Verb, stays

S = PurchaseOrderStatus

UPDATE = Verb[S, None](
    name=PurchaseOrderAction.UPDATE_PURCHASE_ORDER,
    moves=stays(S.DRAFT),
    event=PurchaseOrderChanged,
    otherwise=lambda status, _: NotADraft(current=status.value),
)
SUBMIT = Verb[S, None](
    name=PurchaseOrderAction.SUBMIT_PURCHASE_ORDER, moves={S.DRAFT: {S.ORDERED}}, aim=S.ORDERED, event=PurchaseOrderSubmitted
)
CONFIRM = Verb[S, None](
    name=PurchaseOrderAction.CONFIRM_PURCHASE_ORDER,
    moves={
        S.ORDERED: {S.CONFIRMED},
        S.CONFIRMED: {S.CONFIRMED},
        S.PARTIALLY_RECEIVED: {S.PARTIALLY_RECEIVED, S.RECEIVED},
    },
    aim=S.CONFIRMED,
    event=PurchaseOrderConfirmed,
)
"""While goods are expected, it can be said again what will come."""
RECEIVE = Verb[S, None](
    name=PurchaseOrderAction.RECEIVE_PURCHASE_ORDER,
    moves={
        S.ORDERED: {S.PARTIALLY_RECEIVED, S.RECEIVED},
        S.CONFIRMED: {S.PARTIALLY_RECEIVED, S.RECEIVED},
        S.PARTIALLY_RECEIVED: {S.PARTIALLY_RECEIVED, S.RECEIVED},
        S.RECEIVED: {S.RECEIVED},
    },
    aim=S.RECEIVED,
    event=PurchaseOrderReceived,
)
"""Of what all came, more may come within the tolerance."""
CLOSE = Verb[S, None](
    name=PurchaseOrderAction.CLOSE_PURCHASE_ORDER,
    moves={S.PARTIALLY_RECEIVED: {S.CLOSED}, S.RECEIVED: {S.CLOSED}},
    aim=S.CLOSED,
    event=PurchaseOrderClosed,
)
CANCEL = Verb[S, None](
    name=PurchaseOrderAction.CANCEL_PURCHASE_ORDER,
    moves={status: {S.CANCELED} for status in (S.DRAFT, S.ORDERED, S.CONFIRMED)},
    aim=S.CANCELED,
    event=PurchaseOrderCanceled,
)
LIFE = Life[S, None]("purchase order", "purchaseOrderId", S, UPDATE, SUBMIT, CONFIRM, RECEIVE, CLOSE, CANCEL)
