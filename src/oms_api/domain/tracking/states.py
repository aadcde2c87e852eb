"""The progress of an order for its customer, and the kinds of alerts of packages."""

from enum import StrEnum


class OrderProgress(StrEnum):
    """The progress of an order, in a customer's words."""

    PLACED = "PLACED"
    """The order was placed. None of its goods are being prepared yet."""
    PREPARING = "PREPARING"
    """A location prepares the goods."""
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    """The goods wait for the customer at a location, and nothing else of the order is open."""
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    """Some of the goods are on their way."""
    SHIPPED = "SHIPPED"
    """All of the goods are on their way."""
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    """Some of the goods have arrived."""
    DELIVERED = "DELIVERED"
    """All of the goods have arrived."""
    UNDELIVERED = "UNDELIVERED"
    """None of the goods will arrive: they were lost, or came back."""
    CANCELED = "CANCELED"
    """The order was canceled."""


class ShipmentAlertKind(StrEnum):
    """The kind of problem of a package."""

    UNSCANNED = "UNSCANNED"
    """The label was bought or the package left, and more hours than the channel's `alertUnscannedAfterHours` have passed
    without a scan by the carrier."""
    QUIET = "QUIET"
    """The package is on its way, but the carrier has reported nothing for more days than the channel's
    `alertQuietAfterDays`."""
    LATE = "LATE"
    """The package is on its way, its carrier reports on it, and its promised day is over."""
    FAILED_ATTEMPT = "FAILED_ATTEMPT"
    """An attempt to deliver the package failed."""
    RETURNING = "RETURNING"
    """The package is on its way back."""
    LOST = "LOST"
    """The carrier lost the package."""
