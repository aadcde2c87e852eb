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


class PickupAction(StrEnum):
    """What can be done with a pickup."""

    HAND_OVER_PICKUP = "HAND_OVER_PICKUP"
    """Give the goods to the customer: `pickupHandOver`."""
    CANCEL_PICKUP = "CANCEL_PICKUP"
    """Let the goods wait no longer: `pickupCancel`."""
    RENEW_PICKUP_CODE = "RENEW_PICKUP_CODE"
    """Give it another code: `pickupCodeRenew`."""
    EXTEND_PICKUP = "EXTEND_PICKUP"
    """Let the goods wait longer: `pickupExtend`."""
