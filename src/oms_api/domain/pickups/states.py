"""The states of pickups."""

from enum import StrEnum


class PickupStatus(StrEnum):
    """The status of goods that a customer fetches."""

    READY = "READY"
    """The goods wait for the customer."""
    HANDED_OVER = "HANDED_OVER"
    """The customer has the goods."""
    EXPIRED = "EXPIRED"
    """Nobody came in time: the goods are canceled and back in stock."""
    CANCELED = "CANCELED"
    """The goods no longer wait: the fulfillment order can be shipped, or made ready again."""


class PickupAction(StrEnum):
    """The actions on a pickup."""

    HAND_OVER_PICKUP = "HAND_OVER_PICKUP"
    """Give the goods to the customer: `pickupHandOver`."""
    CANCEL_PICKUP = "CANCEL_PICKUP"
    """Stop keeping the goods for their customer: `pickupCancel`."""
    RENEW_PICKUP_CODE = "RENEW_PICKUP_CODE"
    """Give the pickup a new code: `pickupCodeRenew`."""
    EXTEND_PICKUP = "EXTEND_PICKUP"
    """Keep the goods longer for their customer: `pickupExtend`."""
