"""The states of a hold."""

from enum import StrEnum


class HoldStatus(StrEnum):
    """The state of a hold."""

    ACTIVE = "ACTIVE"
    """It keeps its order or fulfillment order from being worked on."""
    RELEASED = "RELEASED"
    """It was released."""
    EXPIRED = "EXPIRED"
    """It was released automatically, at its `releaseAt`."""
    ENDED = "ENDED"
    """It ended because its order was canceled or completed, or its fulfillment order was closed."""
