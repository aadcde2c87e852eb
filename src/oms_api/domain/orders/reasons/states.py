"""What a reason explains."""

from enum import StrEnum


class OrderReasonUse(StrEnum):
    """The purpose of a reason."""

    CANCEL = "CANCEL"
    """It explains a cancellation."""
    HOLD = "HOLD"
    """It explains a hold."""
    CHANGE = "CHANGE"
    """It explains a change of an order."""
