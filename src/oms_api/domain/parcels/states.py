"""The statuses of a parcel on its way."""

from enum import StrEnum


class TrackingStatus(StrEnum):
    """The status of a parcel, as its carrier reports it."""

    PRE_TRANSIT = "PRE_TRANSIT"
    """The carrier knows of the parcel, and does not have it yet."""
    IN_TRANSIT = "IN_TRANSIT"
    """The parcel is on its way."""
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    """A driver has the parcel."""
    AVAILABLE_FOR_PICKUP = "AVAILABLE_FOR_PICKUP"
    """The parcel waits at a pickup point."""
    DELIVERED = "DELIVERED"
    """It has arrived."""
    RETURN_TO_SENDER = "RETURN_TO_SENDER"
    """The package is on its way back."""
    FAILURE = "FAILURE"
    """An attempt to deliver the package failed."""
    LOST = "LOST"
    """The carrier lost or destroyed the parcel."""
    UNKNOWN = "UNKNOWN"
    """The carrier reports a status that no other value covers."""
