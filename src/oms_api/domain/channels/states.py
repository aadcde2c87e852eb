"""States of channels, listings and locations."""

from enum import StrEnum


class Activity(StrEnum):
    """Whether a channel, listing or location takes part in new business."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class LocationKind(StrEnum):
    """What a location is."""

    WAREHOUSE = "WAREHOUSE"
    STORE = "STORE"
    SUPPLIER = "SUPPLIER"
