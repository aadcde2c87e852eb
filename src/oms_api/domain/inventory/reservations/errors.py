"""Errors of reservations."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import ReservationId


@dataclass(eq=False)
class ReservationOverdue(OmsError):
    """The reservation held its units until {expired_at}: reserve again, or order without it.

    The deadline of the reservation is over: reserve again, or order without it.
    """

    code = "RESERVATION_EXPIRED"
    expired_at: str


@dataclass(eq=False)
class ReservationNotActive(OmsError):
    """The reservation is {status} and holds nothing any more.

    The reservation was converted, expired or released, and holds nothing.
    """

    code = "RESERVATION_NOT_ACTIVE"
    status: str


@dataclass(eq=False)
class ReservationTooLong(OmsError):
    """A reservation lasts until {latest} at most: {most} minutes after it was made.

    The reservation would exceed the maximum duration.
    """

    code = "RESERVATION_TOO_LONG"
    latest: str
    most: int


@dataclass(eq=False)
class DuplicateReservationRef(OmsError):
    """The channel already has an active reservation with the external reference '{external_ref}'.

    The channel has an active reservation with this external reference already.
    """

    code = "DUPLICATE_RESERVATION_REF"
    external_ref: str
    reservation_id: ReservationId | None = None
