"""The states of a reservation."""

from enum import StrEnum


class ReservationStatus(StrEnum):
    """The status of a reservation."""

    ACTIVE = "ACTIVE"
    """The reservation holds units until its deadline."""
    CONVERTED = "CONVERTED"
    """The reservation became an order, which took the units that it needed."""
    EXPIRED = "EXPIRED"
    """The deadline passed: the units of the reservation are free again."""
    RELEASED = "RELEASED"
    """The reservation was released: its units are free again."""


class ReservationAction(StrEnum):
    """What can be done with a reservation."""

    CONVERT_RESERVATION = "CONVERT_RESERVATION"
    """Place the order with the units that a reservation holds: `orderPlace` with `reservationId`."""
    EXTEND_RESERVATION = "EXTEND_RESERVATION"
    """Extend a reservation: `reservationExtend`."""
    RELEASE_RESERVATION = "RELEASE_RESERVATION"
    """Release a reservation: `reservationRelease`."""
