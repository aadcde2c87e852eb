"""What can be reported of money, and the states of a refund."""

from enum import StrEnum


class PaymentEventType(StrEnum):
    """The type of a payment provider's report."""

    AUTHORIZED = "AUTHORIZED"
    """The customer's bank authorized the amount."""
    CAPTURED = "CAPTURED"
    """The amount was taken from the customer."""
    VOIDED = "VOIDED"
    """The authorization of the amount was given up."""
    REFUNDED = "REFUNDED"
    """The amount was paid back to the customer."""
    FAILED = "FAILED"
    """An authorization, capture or refund of the amount failed; no money moved."""
    CHARGEBACK = "CHARGEBACK"
    """The customer's bank took the amount back."""
    CHARGEBACK_REVERSED = "CHARGEBACK_REVERSED"
    """The shop won the dispute and got the amount back."""
    DISPUTE_OPENED = "DISPUTE_OPENED"
    """The customer disputes the amount; no money moved yet."""
    DISPUTE_CLOSED = "DISPUTE_CLOSED"
    """The dispute about the amount ended, whoever won."""


class RefundStatus(StrEnum):
    """The status of a refund."""

    GRANTED = "GRANTED"
    """The shop owes the amount; no provider was told to pay it yet."""
    REQUESTED = "REQUESTED"
    """The provider was told to pay."""
    SUCCEEDED = "SUCCEEDED"
    """The provider reported that the whole amount was paid."""
    FAILED = "FAILED"
    """The provider reported that the amount could not be paid. The refund may be requested again or canceled."""
    CANCELED = "CANCELED"
    """The shop no longer owes the amount."""

    @property
    def open(self) -> bool:
        """Whether the amount is still owed."""
        return self in {RefundStatus.GRANTED, RefundStatus.REQUESTED, RefundStatus.FAILED}


class RefundReason(StrEnum):
    """The reason for the refund."""

    RETURN = "RETURN"
    """Goods came back."""
    CANCELLATION = "CANCELLATION"
    """Units were canceled after they were paid."""
    OVERPAYMENT = "OVERPAYMENT"
    """More was paid than was due."""
    GOODWILL = "GOODWILL"
    """A gesture to the customer: the amount is no longer due."""
    DAMAGED = "DAMAGED"
    """Goods arrived damaged and stay with the customer: the amount is no longer due."""
    LOST = "LOST"
    """Goods did not arrive: the amount is no longer due."""
    FRAUD = "FRAUD"
    """The payment was not the customer's own: its amount is due again."""
    OTHER = "OTHER"
    """Another reason: the note should say it. With this reason, only parts of the kind CONCESSION lower the amount due."""


CONCEDING = frozenset({RefundReason.GOODWILL, RefundReason.DAMAGED, RefundReason.LOST})
"""Reasons for which money goes back without anything coming back: the customer does not owe it any more."""


class RefundPartKind(StrEnum):
    """The kind of charge that a part of a refund is for. It determines the tax of the part."""

    LINE = "LINE"
    """A line of the order. Shipping is included only for units that came back or were canceled."""
    SHIPPING = "SHIPPING"
    """The shipping charges."""
    FEE = "FEE"
    """The fees that were kept."""
    CONCESSION = "CONCESSION"
    """An amount off the order as a whole, not off one line."""


class FeeKind(StrEnum):
    """The purpose of a fee."""

    RESTOCKING = "RESTOCKING"
    """Taking goods back into stock."""
    RETURN_POSTAGE = "RETURN_POSTAGE"
    """The cost of sending goods back."""
    SHIPPING = "SHIPPING"
    """The price of shipping the goods to the customer: the shop keeps this price although the goods came back."""
    OTHER = "OTHER"
    """Another reason: say it in the note."""


class DiscrepancyKind(StrEnum):
    """The kind of excess in a provider's reports."""

    CAPTURED_BEYOND_AUTHORIZED = "CAPTURED_BEYOND_AUTHORIZED"
    """More was captured than had been authorized."""
    CAPTURED_AGAIN = "CAPTURED_AGAIN"
    """A transaction without an authorization was captured several times. The amount is the sum of all captures but the
    largest."""
    VOIDED_BEYOND_AUTHORIZED = "VOIDED_BEYOND_AUTHORIZED"
    """More was voided than was left of the authorization after the captures."""
    REFUNDED_BEYOND_CAPTURED = "REFUNDED_BEYOND_CAPTURED"
    """More was refunded than had been captured."""
    REFUNDED_BEYOND_GRANTED = "REFUNDED_BEYOND_GRANTED"
    """More was refunded than had been granted."""


class RefundAction(StrEnum):
    """What can be done with a refund, or with an order of which money goes back."""

    CREATE_REFUND = "CREATE_REFUND"
    """Grant a refund: `refundCreate`."""
    REQUEST_REFUND = "REQUEST_REFUND"
    """Record that a provider was told to pay a refund: `refundRequest`."""
    CANCEL_REFUND = "CANCEL_REFUND"
    """Cancel a refund that no provider is paying: `refundCancel`."""
