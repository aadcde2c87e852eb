"""The states of boxes."""

from enum import StrEnum


class BoxStatus(StrEnum):
    """Whether a box is in use."""

    ACTIVE = "ACTIVE"
    """It is suggested, and can be packed into."""
    INACTIVE = "INACTIVE"
    """It is not used any more."""
