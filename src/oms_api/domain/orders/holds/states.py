"""The states of a hold."""

from enum import StrEnum


class HoldStatus(StrEnum):
    """The state of a hold."""

    ACTIVE = "ACTIVE"
    """The hold keeps its order or fulfillment order from being worked on."""
    RELEASED = "RELEASED"
    """The hold was released."""
    EXPIRED = "EXPIRED"
    """The hold was released automatically, at its `releaseAt`."""
    ENDED = "ENDED"
    """The hold ended because its order was canceled or completed, or its fulfillment order was closed."""
