"""The states of boxes."""

from enum import StrEnum


class BoxStatus(StrEnum):
    """Whether a box is in use."""

    ACTIVE = "ACTIVE"
    """It is suggested for packing, and can be used."""
    INACTIVE = "INACTIVE"
    """It is no longer used."""
