"""The statuses of a parcel on its way."""

from enum import StrEnum


class TrackingStatus(StrEnum):
    """The status of a parcel, by its carrier."""

    PRE_TRANSIT = "PRE_TRANSIT"
    """The carrier knows of it, and does not have it yet."""
    IN_TRANSIT = "IN_TRANSIT"
    """It is on its way."""
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    """A driver has it."""
    AVAILABLE_FOR_PICKUP = "AVAILABLE_FOR_PICKUP"
    """It waits at a pickup point."""
    DELIVERED = "DELIVERED"
    """It has arrived."""
    RETURN_TO_SENDER = "RETURN_TO_SENDER"
    """It is on its way back."""
    FAILURE = "FAILURE"
    """An attempt to deliver it failed."""
    LOST = "LOST"
    """The carrier lost or destroyed it."""
    UNKNOWN = "UNKNOWN"
    """The carrier reports something that no other value says."""
