"""What can be done with a purchase order, and why not. Pure: queries ask the same as commands."""

from oms_api.domain.purchasing.errors import NotADraft
from oms_api.domain.purchasing.states import PURCHASE_ORDER, PurchaseOrderStatus
from oms_api.kernel.actions import Action, ActionName
from oms_api.kernel.errors import IllegalMove, OmsError

S = PurchaseOrderStatus
AT = ("purchaseOrderId",)


def why_not_update(status: PurchaseOrderStatus) -> OmsError | None:
    """Return why a purchase order cannot be rewritten, or None."""
    return None if status is S.DRAFT else NotADraft(current=status.value, field=AT)


def why_not_submit(status: PurchaseOrderStatus) -> OmsError | None:
    """Return why a purchase order cannot be sent to its supplier, or None."""
    return _unless_allowed(status, S.ORDERED)


def why_not_confirm(status: PurchaseOrderStatus) -> OmsError | None:
    """Return why nothing can be said of what will come, or None: while goods are expected, it can be said again."""
    return None if status.incoming else _illegal(status, S.CONFIRMED)


def why_not_receive(status: PurchaseOrderStatus) -> OmsError | None:
    """Return why no goods can be received, or None: of what all came, more may come within the tolerance."""
    return None if status is S.RECEIVED else _unless_allowed(status, S.RECEIVED)


def why_not_close(status: PurchaseOrderStatus) -> OmsError | None:
    """Return why a purchase order cannot be closed, or None."""
    return _unless_allowed(status, S.CLOSED)


def why_not_cancel(status: PurchaseOrderStatus) -> OmsError | None:
    """Return why a purchase order cannot be canceled, or None."""
    return _unless_allowed(status, S.CANCELED)


def available_actions(status: PurchaseOrderStatus) -> list[Action]:
    """Return every action on a purchase order."""
    return [
        Action(ActionName.UPDATE_PURCHASE_ORDER, why_not_update(status)),
        Action(ActionName.SUBMIT_PURCHASE_ORDER, why_not_submit(status)),
        Action(ActionName.CONFIRM_PURCHASE_ORDER, why_not_confirm(status)),
        Action(ActionName.RECEIVE_PURCHASE_ORDER, why_not_receive(status)),
        Action(ActionName.CLOSE_PURCHASE_ORDER, why_not_close(status)),
        Action(ActionName.CANCEL_PURCHASE_ORDER, why_not_cancel(status)),
    ]


def _unless_allowed(status: PurchaseOrderStatus, target: PurchaseOrderStatus) -> OmsError | None:
    return None if PURCHASE_ORDER.allows(status, target) else _illegal(status, target)


def _illegal(status: PurchaseOrderStatus, target: PurchaseOrderStatus) -> OmsError:
    return IllegalMove(what=PURCHASE_ORDER.what, current=status.value, target=target.value, field=AT)
