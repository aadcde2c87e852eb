"""The progress of an order for its customer, and the kinds of alerts of packages."""

from enum import StrEnum


class OrderProgress(StrEnum):
    """The progress of an order, in a customer's words."""

    PLACED = "PLACED"
    """It was placed; nothing of it is being prepared."""
    PREPARING = "PREPARING"
    """A location prepares it."""
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    """It waits for the customer at a location, and nothing else of it is open."""
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    """Some of it is on its way."""
    SHIPPED = "SHIPPED"
    """All of it is on its way."""
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    """Some of it has arrived."""
    DELIVERED = "DELIVERED"
    """All of it has arrived."""
    UNDELIVERED = "UNDELIVERED"
    """Nothing of it will arrive: it was lost, or came back."""
    CANCELED = "CANCELED"
    """It was canceled."""


class ShipmentAlertKind(StrEnum):
    """The kind of problem of a package."""

    UNSCANNED = "UNSCANNED"
    """Its label is bought or it left, and its carrier has not scanned it for the channel's `alertUnscannedAfterHours`."""
    QUIET = "QUIET"
    """It is on its way, and its carrier has reported nothing for the channel's `alertQuietAfterDays`."""
    LATE = "LATE"
    """It is on its way with a carrier that reports on it, and its promised day is over."""
    FAILED_ATTEMPT = "FAILED_ATTEMPT"
    """An attempt to deliver it failed."""
    RETURNING = "RETURNING"
    """It is on its way back."""
    LOST = "LOST"
    """Its carrier lost it."""
