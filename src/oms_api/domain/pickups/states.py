"""The states of pickups."""

from enum import StrEnum


class PickupStatus(StrEnum):
    """The status of goods that a customer fetches."""

    READY = "READY"
    """They wait for the customer."""
    HANDED_OVER = "HANDED_OVER"
    """The customer has them."""
    EXPIRED = "EXPIRED"
    """Nobody came in time: they are canceled and back in stock."""
    CANCELED = "CANCELED"
    """They wait no longer: the fulfillment order can be shipped, or made ready again."""
