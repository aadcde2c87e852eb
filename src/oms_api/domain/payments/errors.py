"""Errors of reports of money and of refunds."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class InvalidAmount(OmsError):
    """An amount here is more than zero: {given} is not.

    The amount is zero or negative: it must be above zero.
    """

    code = "INVALID_AMOUNT"
    given: str


@dataclass(eq=False)
class PaymentEventConflict(OmsError):
    """The gateway '{gateway}' already reported '{event_reference}', with another amount, order or transaction.

    The gateway already reported this event, with another amount, order or transaction.
    """

    code = "PAYMENT_EVENT_CONFLICT"
    gateway: str
    event_reference: str


@dataclass(eq=False)
class ExceedsRefundable(OmsError):
    """Only {refundable} can still be refunded, not {requested}: captured minus refunded, charged back and granted amounts.

    The refund exceeds the refundable amount. That is the captured amount minus the amounts refunded, charged back and already
    granted.
    """

    code = "EXCEEDS_REFUNDABLE"
    refundable: str
    requested: str


@dataclass(eq=False)
class ExceedsPart(OmsError):
    """Only {left} can be conceded here, not {requested}: the remaining price minus earlier concessions.

    The concession is larger than the rest of the amount it is for, after earlier concessions. That amount is the price of a
    line, the shipping charge, or the fees.
    """

    code = "EXCEEDS_PART"
    left: str
    requested: str


@dataclass(eq=False)
class FeeNotKept(OmsError):
    """The fee was waived already."""

    code = "FEE_WAIVED"


@dataclass(eq=False)
class TaxBeyondAmount(OmsError):
    """The tax is a part of the amount, {amount}: {tax} is more.

    The tax of a fee is more than the fee.
    """

    code = "TAX_BEYOND_AMOUNT"
    amount: str
    tax: str


@dataclass(eq=False)
class NothingOverpaid(OmsError):
    """Nothing is overpaid beyond the refunds already granted. To refund more, give an amount of at most {refundable}.

    Nothing is overpaid beyond the refunds already granted. To refund more, give an amount.
    """

    code = "NOTHING_OVERPAID"
    refundable: str


@dataclass(eq=False)
class RefundNotOfOrder(OmsError):
    """The refund belongs to another order: name a refund of this order."""

    code = "REFUND_NOT_OF_ORDER"


@dataclass(eq=False)
class NotAnAuthorization(OmsError):
    """Only an AUTHORIZED event has a captureBefore, not one that is {given}.

    Only an event of the type AUTHORIZED has a `captureBefore`.
    """

    code = "NOT_AN_AUTHORIZATION"
    given: str


@dataclass(eq=False)
class NotAboutRefunds(OmsError):
    """Only a REFUNDED or FAILED event belongs to a refund, not one that is {given}.

    The event names a refund, but is neither REFUNDED nor FAILED.
    """

    code = "NOT_ABOUT_REFUNDS"
    given: str
