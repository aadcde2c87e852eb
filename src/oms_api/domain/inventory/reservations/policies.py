"""The deadlines of reservations. Pure."""

from datetime import datetime, timedelta

from oms_api.domain.channels.policies import LONGEST_RESERVATION_MINUTES
from oms_api.domain.inventory.reservations.errors import ReservationTooLong
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.occurrence import text_time

LONGEST = timedelta(minutes=LONGEST_RESERVATION_MINUTES)


def overdue(status: ReservationStatus, expires_at: datetime, now: datetime) -> bool:
    """Tell whether a reservation is past its deadline and nobody has expired it yet."""
    return status is ReservationStatus.ACTIVE and expires_at <= now


def deadline(created_at: datetime, since: datetime, minutes: int) -> datetime:
    """Return the moment *minutes* after *since*. Raises: InvalidValue; ReservationTooLong, beyond what may be."""
    if not 0 < minutes <= LONGEST_RESERVATION_MINUTES:
        raise InvalidValue(problem=f"minutes is between 1 and {LONGEST_RESERVATION_MINUTES:,}.", field=("minutes",))
    until, latest = since + timedelta(minutes=minutes), created_at + LONGEST
    if until > latest:
        raise ReservationTooLong(latest=text_time(latest), most=LONGEST_RESERVATION_MINUTES, field=("minutes",))
    return until
