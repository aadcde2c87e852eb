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
    REJECT = "REJECT"
    """It explains why a location rejects a fulfillment order."""


class RejectEffect(StrEnum):
    """How a rejection of units corrects the stock of their location."""

    NOTHING = "NOTHING"
    """The units are there: they can be sold to others."""
    SHORT = "SHORT"
    """The units are not there, or not fit for sale: they are written off."""
    COUNT = "COUNT"
    """The units were not found: they are written off, and a count of their SKUs is opened."""
    LOCATION_OFF = "LOCATION_OFF"
    """The location cannot work for now: it takes no more orders, and its fulfillment orders that have not begun are sourced
    from other locations."""

    @property
    def short(self) -> bool:
        """Whether the units are written off."""
        return self in {RejectEffect.SHORT, RejectEffect.COUNT}
