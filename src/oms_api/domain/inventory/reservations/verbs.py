"""The verbs of a reservation at a moment. Pure: commands, orders and queries ask the same."""

from datetime import datetime

from oms_api.domain.inventory.reservations.errors import ReservationNotActive, ReservationOverdue
from oms_api.domain.inventory.reservations.events import (
    ReservationConverted,
    ReservationExpired,
    ReservationExtended,
    ReservationReleased,
)
from oms_api.domain.inventory.reservations.states import ReservationAction, ReservationStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.occurrence import text_time
from oms_api.kernel.verbs import Life, Verb, stays

S = ReservationStatus


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a reservation expires, and what time it is."""

    expires_at: datetime
    now: datetime


def passed(deadline: Deadline) -> OmsError | None:
    """Return the error that a reservation is overdue, if it is."""
    return ReservationOverdue(expired_at=text_time(deadline.expires_at)) if deadline.expires_at <= deadline.now else None


def over(status: ReservationStatus, deadline: Deadline) -> OmsError:
    """Return the error that a reservation has ended."""
    if status is S.EXPIRED:
        return ReservationOverdue(expired_at=text_time(deadline.expires_at))
    return ReservationNotActive(status=status)


CONVERT = Verb[S, Deadline](
    name=ReservationAction.CONVERT_RESERVATION,
    moves={S.ACTIVE: {S.CONVERTED}},
    event=ReservationConverted,
    otherwise=over,
    refusals=(passed,),
)
EXTEND = Verb[S, Deadline](
    name=ReservationAction.EXTEND_RESERVATION,
    moves=stays(S.ACTIVE),
    event=ReservationExtended,
    otherwise=over,
    refusals=(passed,),
)
RELEASE = Verb[S, Deadline](
    name=ReservationAction.RELEASE_RESERVATION, moves={S.ACTIVE: {S.RELEASED}}, event=ReservationReleased, otherwise=over
)
"""An overdue one can be given up, too."""
EXPIRE = Verb[S, Deadline](moves={S.ACTIVE: {S.EXPIRED}}, event=ReservationExpired)
LIFE = Life[S, Deadline]("reservation", "reservationId", S, CONVERT, EXTEND, RELEASE, EXPIRE)
