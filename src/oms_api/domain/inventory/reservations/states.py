"""The states of a reservation."""

from enum import StrEnum

from oms_api.kernel.states import Transitions


class ReservationStatus(StrEnum):
    """How far a reservation is."""

    ACTIVE = "ACTIVE"
    """It holds units, until its deadline."""
    CONVERTED = "CONVERTED"
    """The checkout became an order, which has the units it wanted."""
    EXPIRED = "EXPIRED"
    """The deadline came first: its units are free again."""
    RELEASED = "RELEASED"
    """It was given up: its units are free again."""


S = ReservationStatus
RESERVATION = Transitions(
    "reservation",
    {
        S.ACTIVE: {S.CONVERTED, S.EXPIRED, S.RELEASED},
        S.CONVERTED: set(),
        S.EXPIRED: set(),
        S.RELEASED: set(),
    },
)
