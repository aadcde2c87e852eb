"""What can be done with purchase orders: decided by the rules that the commands refuse by."""

from oms_api.domain.orders.actions import Action, ActionName
from oms_api.domain.purchasing.policies import (
    why_not_cancel,
    why_not_close,
    why_not_confirm,
    why_not_receive,
    why_not_submit,
    why_not_update,
)
from oms_api.domain.purchasing.states import PurchaseOrderStatus

RULES = {
    ActionName.UPDATE_PURCHASE_ORDER: why_not_update,
    ActionName.SUBMIT_PURCHASE_ORDER: why_not_submit,
    ActionName.CONFIRM_PURCHASE_ORDER: why_not_confirm,
    ActionName.RECEIVE_PURCHASE_ORDER: why_not_receive,
    ActionName.CLOSE_PURCHASE_ORDER: why_not_close,
    ActionName.CANCEL_PURCHASE_ORDER: why_not_cancel,
}


def available_actions(status: PurchaseOrderStatus) -> list[Action]:
    """Return every action on a purchase order."""
    return [Action(name, why_not(status)) for name, why_not in RULES.items()]
