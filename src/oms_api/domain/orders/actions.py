"""What can be done with an order now, and what stands in the way: decided by the rules that the commands refuse by."""

from collections.abc import Collection

from oms_api.domain.orders.errors import AlreadyShipped, NoExternalRef, NothingToCancel, OrderNotCanceled
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.states import ORDER, OrderAction, OrderStatus
from oms_api.kernel.actions import Action
from oms_api.kernel.errors import IllegalMove, OmsError


def available_actions(status: OrderStatus, lines: Collection[LineUnits], external_ref: str | None) -> list[Action]:
    """Return every action on an order in *status* with *lines* and an *external_ref*, if it has one."""
    return [
        Action(OrderAction.CANCEL_ORDER, why_not_cancel(status, lines)),
        Action(OrderAction.CANCEL_LINES, why_not_cancel_lines(status, lines)),
        Action(OrderAction.FREE_EXTERNAL_REF, why_not_free_reference(status, external_ref)),
    ]


def _why_not(status: OrderStatus, shipped: int) -> OmsError | None:
    """Return why nothing of an order is canceled any more: it is over, or completed with something that was handed over."""
    if ORDER.allows(status, OrderStatus.CANCELED) and not (status is OrderStatus.COMPLETED and shipped):
        return None
    return IllegalMove(what=ORDER.what, current=status.value, target=OrderStatus.CANCELED.value, field=("orderId",))


def why_not_cancel(status: OrderStatus, lines: Collection[LineUnits]) -> OmsError | None:
    """Return why the whole order cannot be canceled, or None."""
    shipped = sum(line.handed_over for line in lines)
    if (refusal := _why_not(status, shipped)) is not None:
        return refusal
    return AlreadyShipped(shipped=shipped, field=("orderId",)) if shipped else None


def why_not_cancel_lines(status: OrderStatus, lines: Collection[LineUnits]) -> OmsError | None:
    """Return why no units of the order can be canceled, or None."""
    if (refusal := _why_not(status, sum(line.handed_over for line in lines))) is not None:
        return refusal
    return None if any(line.cancelable for line in lines) else NothingToCancel(field=("orderId",))


def why_not_free_reference(status: OrderStatus, external_ref: str | None) -> OmsError | None:
    """Return why the order cannot give its external reference up, or None."""
    if status is not OrderStatus.CANCELED:
        return OrderNotCanceled(current=status.value, field=("orderId",))
    return None if external_ref is not None else NoExternalRef(field=("orderId",))
