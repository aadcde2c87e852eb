"""Events of reservations."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class ReservationCreated(Event):
    """A reservation was created: it holds units for a checkout."""

    type = "RESERVATION_CREATED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationExtended(Event):
    """A reservation was extended."""

    type = "RESERVATION_EXTENDED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationReleased(Event):
    """A reservation was released: its units are free again."""

    type = "RESERVATION_RELEASED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationExpired(Event):
    """A reservation reached its deadline: its units are free again."""

    type = "RESERVATION_EXPIRED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationConverted(Event):
    """A reservation became an order.

    The order took the reserved units that it needs, and the rest of the reservation is free again.
    """

    type = "RESERVATION_CONVERTED"
    subject = IdKind.RESERVATION


@dataclass(frozen=True, kw_only=True)
class ReservationLost(Event):
    """Units of a reservation are missing: it holds fewer than before."""

    type = "RESERVATION_LOST"
    subject = IdKind.RESERVATION
