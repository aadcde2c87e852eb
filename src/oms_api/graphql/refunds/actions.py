"""What can be done with refunds, and with an order to get one."""

from oms_api.domain.orders.actions import Action, ActionName
from oms_api.domain.orders.amounts import amount_text
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.errors import NothingOverpaid
from oms_api.domain.payments.policies import why_not_cancel, why_not_request
from oms_api.domain.payments.states import RefundStatus


def refund_actions(status: RefundStatus) -> list[Action]:
    """Return every action on a refund."""
    return [
        Action(ActionName.REQUEST_REFUND, why_not_request(status)),
        Action(ActionName.CANCEL_REFUND, why_not_cancel(status)),
    ]


def order_actions(balance: Balance, currency: str) -> list[Action]:
    """Return every action of this area on an order with this *balance*."""
    refundable = amount_text(balance.refundable, currency)
    blocked = None if balance.refundable else NothingOverpaid(refundable=refundable, field=("amount",))
    return [Action(ActionName.CREATE_REFUND, blocked)]
