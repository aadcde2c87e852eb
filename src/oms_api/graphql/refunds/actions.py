"""What can be done with an order to get a refund: its currency is of an area above payments."""

from oms_api.domain.orders.amounts import amount_text
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.errors import NothingOverpaid
from oms_api.domain.payments.states import RefundAction
from oms_api.kernel.actions import Action


def order_actions(balance: Balance, currency: str) -> list[Action]:
    """Return every action of this area on an order with this *balance*."""
    refundable = amount_text(balance.refundable, currency)
    blocked = None if balance.refundable else NothingOverpaid(refundable=refundable, field=("amount",))
    return [Action(RefundAction.CREATE_REFUND, blocked)]
