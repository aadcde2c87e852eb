"""What can be wrong with reports of money and with refunds."""

from dataclasses import dataclass

from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class InvalidAmount(OmsError):
    """An amount here is above 0 and below {above}, in whole units of the currency's smallest coin: {given} is not."""

    code = "INVALID_AMOUNT"
    given: str
    above: str


@dataclass(eq=False)
class PaymentEventConflict(OmsError):
    """The gateway '{gateway}' reported '{event_reference}' before with another amount, order or transaction."""

    code = "PAYMENT_EVENT_CONFLICT"
    gateway: str
    event_reference: str


@dataclass(eq=False)
class ExceedsRefundable(OmsError):
    """Only {refundable} can still be refunded, not {requested}: what was captured less what went back or is granted."""

    code = "EXCEEDS_REFUNDABLE"
    refundable: str
    requested: str


@dataclass(eq=False)
class RefundNotOfOrder(OmsError):
    """The refund belongs to another order."""

    code = "REFUND_NOT_OF_ORDER"
