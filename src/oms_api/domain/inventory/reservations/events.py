"""What can be told of reservations."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class ReservationCreated(Event):
    """Units are held for a checkout."""

    type = "RESERVATION_CREATED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationExtended(Event):
    """Units are held for longer."""

    type = "RESERVATION_EXTENDED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationReleased(Event):
    """A checkout was given up: its units are free again."""

    type = "RESERVATION_RELEASED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationExpired(Event):
    """The deadline of a checkout passed: its units are free again."""

    type = "RESERVATION_EXPIRED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationConverted(Event):
    """A checkout became an order, which has the units it wanted of those held; the others are free again."""

    type = "RESERVATION_CONVERTED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationLost(Event):
    """Units held for a checkout are missing: it holds fewer than it did."""

    type = "RESERVATION_LOST"
    subject = IdKind.RESERVATION
