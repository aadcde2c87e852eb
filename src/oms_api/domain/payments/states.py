"""What can be reported of money, and the states of a refund."""

from enum import StrEnum

from oms_api.kernel.states import Transitions


class PaymentEventType(StrEnum):
    """What a payment provider can report."""

    AUTHORIZED = "AUTHORIZED"
    """The customer's bank promised the amount."""
    CAPTURED = "CAPTURED"
    """The amount was taken from the customer."""
    VOIDED = "VOIDED"
    """The promise was given up for the amount."""
    REFUNDED = "REFUNDED"
    """The amount went back to the customer."""
    FAILED = "FAILED"
    """An authorization, capture or refund of the amount did not work; no money moved."""
    CHARGEBACK = "CHARGEBACK"
    """The customer's bank took the amount back."""
    CHARGEBACK_REVERSED = "CHARGEBACK_REVERSED"
    """The dispute was won: the amount came again."""
    DISPUTE_OPENED = "DISPUTE_OPENED"
    """The customer disputes the amount; no money moved yet."""
    DISPUTE_CLOSED = "DISPUTE_CLOSED"
    """The dispute about the amount is over, whoever won."""


class RefundStatus(StrEnum):
    """How far a refund is."""

    GRANTED = "GRANTED"
    """We owe it; nobody has told the provider yet."""
    REQUESTED = "REQUESTED"
    """The provider was told to pay."""
    SUCCEEDED = "SUCCEEDED"
    """The provider reported that all of it was paid."""
    FAILED = "FAILED"
    """The provider reported that it could not be paid; it may be requested again or canceled."""
    CANCELED = "CANCELED"
    """We do not owe it any more."""

    @property
    def open(self) -> bool:
        """Whether the amount is still owed."""
        return self in {RefundStatus.GRANTED, RefundStatus.REQUESTED, RefundStatus.FAILED}


R = RefundStatus
REFUND = Transitions(
    "refund",
    {
        R.GRANTED: {R.REQUESTED, R.CANCELED},
        R.REQUESTED: {R.SUCCEEDED, R.FAILED},
        R.FAILED: {R.REQUESTED, R.CANCELED},
        R.SUCCEEDED: set(),
        R.CANCELED: set(),
    },
)


class RefundReason(StrEnum):
    """Why money goes back."""

    RETURN = "RETURN"
    """Goods came back."""
    CANCELLATION = "CANCELLATION"
    """Units were canceled after they were paid."""
    OVERPAYMENT = "OVERPAYMENT"
    """More was paid than was due."""
    GOODWILL = "GOODWILL"
    """The customer shall be content: the amount is not due any more."""
    DAMAGED = "DAMAGED"
    """Goods arrived damaged and stay with the customer: the amount is not due any more."""
    LOST = "LOST"
    """Goods did not arrive: the amount is not due any more."""
    FRAUD = "FRAUD"
    """The payment was not the customer's own: what was paid with it is due again."""
    OTHER = "OTHER"
    """Something else: say it in the note. What is due stays, unless a part of it is a CONCESSION."""


CONCEDING = frozenset({RefundReason.GOODWILL, RefundReason.DAMAGED, RefundReason.LOST})
"""Reasons for which money goes back without anything coming back: the customer does not owe it any more."""


class RefundPartKind(StrEnum):
    """What a part of a refund is of, which tells its tax."""

    LINE = "LINE"
    """A line of the order, apart from shipping unless units of it came back or were canceled."""
    SHIPPING = "SHIPPING"
    """The shipping charges."""
    FEE = "FEE"
    """The fees that were kept."""
    CONCESSION = "CONCESSION"
    """The order as a whole: the customer pays less for it."""


class FeeKind(StrEnum):
    """The purpose of a fee."""

    RESTOCKING = "RESTOCKING"
    """Taking goods back into stock."""
    RETURN_POSTAGE = "RETURN_POSTAGE"
    """The cost of sending goods back."""
    SHIPPING = "SHIPPING"
    """The shipping of returned goods, which is not refunded."""
    OTHER = "OTHER"
    """Something else: say it in the note."""


class DiscrepancyKind(StrEnum):
    """How a provider's report goes beyond what is allowed."""

    CAPTURED_BEYOND_AUTHORIZED = "CAPTURED_BEYOND_AUTHORIZED"
    """More was captured than had been authorized."""
    CAPTURED_AGAIN = "CAPTURED_AGAIN"
    """A transaction of which nothing was authorized was captured by several references: all but the largest capture."""
    VOIDED_BEYOND_AUTHORIZED = "VOIDED_BEYOND_AUTHORIZED"
    """More was voided than had been authorized and not captured."""
    REFUNDED_BEYOND_CAPTURED = "REFUNDED_BEYOND_CAPTURED"
    """More went back than had been captured."""
    REFUNDED_BEYOND_GRANTED = "REFUNDED_BEYOND_GRANTED"
    """More went back than we had granted."""
