"""What can be done with a record now, told beside it, so that a frontend draws its buttons without knowing the rules."""

from collections.abc import Iterable
from typing import Any, Self

from oms_api.domain.fulfillment.requests.states import FulfillmentRequestAction
from oms_api.domain.fulfillment.states import FulfillmentAction
from oms_api.domain.intake.states import OrderIntakeAction
from oms_api.domain.inventory.counts.states import StockCountAction
from oms_api.domain.inventory.reservations.states import ReservationAction
from oms_api.domain.inventory.transfers.states import TransferAction
from oms_api.domain.orders.changes.states import OrderChangeAction
from oms_api.domain.orders.drafts.states import OrderDraftAction
from oms_api.domain.orders.states import OrderAction
from oms_api.domain.payments.states import RefundAction
from oms_api.domain.purchasing.states import PurchaseOrderAction
from oms_api.domain.returns.states import ReturnAction
from oms_api.domain.shipping.states import ShippingAction
from oms_api.graphql.described import joined, output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.kernel.actions import Action

ActionName: Any = joined(
    "ActionName",
    "An action on a record, by a person or a program.",
    OrderAction,
    OrderChangeAction,
    OrderDraftAction,
    OrderIntakeAction,
    FulfillmentAction,
    FulfillmentRequestAction,
    ShippingAction,
    ReturnAction,
    RefundAction,
    PurchaseOrderAction,
    ReservationAction,
    TransferAction,
    StockCountAction,
)


@output
class AvailableAction:
    """An action, and whether it is allowed now."""

    action: ActionName
    """The action."""
    allowed: bool
    """Whether the mutation would succeed now."""
    blocked_by: UserError | None
    """The error that the mutation would answer with; null where the action is allowed."""

    @classmethod
    def of(cls, actions: Iterable[Action]) -> list[Self]:
        """Describe *actions*."""
        return [
            cls(
                action=ActionName(action.name),
                allowed=action.allowed,
                blocked_by=user_errors(action.blocked_by)[0] if action.blocked_by else None,
            )
            for action in actions
        ]
