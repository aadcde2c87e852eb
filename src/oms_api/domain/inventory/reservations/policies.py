"""What may be done with a reservation at a moment: pure, for commands, orders and the list of actions alike."""

from datetime import datetime, timedelta

from oms_api.domain.channels.policies import LONGEST_RESERVATION_MINUTES
from oms_api.domain.inventory.reservations.errors import ReservationExpired, ReservationNotActive, ReservationTooLong
from oms_api.domain.inventory.reservations.states import RESERVATION, ReservationAction, ReservationStatus
from oms_api.kernel.actions import Action
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.occurrence import text_time

LONGEST = timedelta(minutes=LONGEST_RESERVATION_MINUTES)
WHERE = ("reservationId",)
S = ReservationStatus


def overdue(status: ReservationStatus, expires_at: datetime, now: datetime) -> bool:
    """Tell whether a reservation is past its deadline and nobody has expired it yet."""
    return status is S.ACTIVE and expires_at <= now


def why_not_release(status: ReservationStatus, expires_at: datetime) -> OmsError | None:
    """Return why a reservation cannot be given up, or None; an overdue one can."""
    if RESERVATION.allows(status, S.RELEASED):
        return None
    return _expired(expires_at) if status is S.EXPIRED else ReservationNotActive(status=status, field=WHERE)


def why_not_use(status: ReservationStatus, expires_at: datetime, now: datetime) -> OmsError | None:
    """Return why no order can be made of a reservation, and why it cannot be extended, or None."""
    if overdue(status, expires_at, now):
        return _expired(expires_at)
    return why_not_release(status, expires_at)


def available_actions(status: ReservationStatus, expires_at: datetime, now: datetime) -> list[Action]:
    """Return every action on a reservation."""
    unusable = why_not_use(status, expires_at, now)
    return [
        Action(ReservationAction.CONVERT_RESERVATION, unusable),
        Action(ReservationAction.EXTEND_RESERVATION, unusable),
        Action(ReservationAction.RELEASE_RESERVATION, why_not_release(status, expires_at)),
    ]


def _expired(expires_at: datetime) -> OmsError:
    return ReservationExpired(expired_at=text_time(expires_at), field=WHERE)


def deadline(created_at: datetime, since: datetime, minutes: int) -> datetime:
    """Return the moment *minutes* after *since*. Raises: InvalidValue; ReservationTooLong, beyond what may be."""
    if not 0 < minutes <= LONGEST_RESERVATION_MINUTES:
        raise InvalidValue(problem=f"minutes is between 1 and {LONGEST_RESERVATION_MINUTES}.", field=("minutes",))
    until, latest = since + timedelta(minutes=minutes), created_at + LONGEST
    if until > latest:
        raise ReservationTooLong(latest=text_time(latest), most=LONGEST_RESERVATION_MINUTES, field=("minutes",))
    return until
