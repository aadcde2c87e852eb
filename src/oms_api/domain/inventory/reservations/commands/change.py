"""Holding a checkout's units for longer, or giving them up."""

from oms_api.db.records import changed
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.reservations.endings import Ending, settle, unreserve
from oms_api.domain.inventory.reservations.events import ReservationExtended
from oms_api.domain.inventory.reservations.holds import HeldReservation, locked_hold
from oms_api.domain.inventory.reservations.policies import deadline
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.tables import ReservationRow
from oms_api.domain.inventory.reservations.verbs import EXTEND, LIFE, RELEASE, Deadline
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, ReservationId, text_id

DEADLINE = updates(ReservationRow, "expires_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendReservation:
    """Hold units for so many minutes more, beyond the present deadline."""

    idempotency_key: str
    reservation_id: ReservationId
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReservation:
    """Give a reservation up."""

    idempotency_key: str
    reservation_id: ReservationId


async def extend_reservation(tx: Tx, command: ExtendReservation) -> ReservationRow:
    """Move the deadline of a reservation that is not over, and return it.

    Raises: NotFound, ReservationOverdue, ReservationNotActive, InvalidValue, ReservationTooLong.
    """
    hold, row = await _locked(tx, command.reservation_id)
    refuse_if(LIFE.why_not(EXTEND, hold.status, Deadline(hold.expires_at, tx.now)))
    until = deadline(hold.created_at, hold.expires_at, command.minutes)
    tx.write(DEADLINE, [{"id": hold.id, "expires_at": until}])
    tx.emit(
        ReservationExtended(
            subject_id=hold.id,
            channel_id=hold.channel_id,
            location_ids=tuple(sorted({line.location_id for line in hold.lines})),
            changes={"expiresAt": (hold.expires_at, until)},
        )
    )
    return changed(row, expires_at=until)


async def release_reservation(tx: Tx, command: ReleaseReservation) -> ReservationRow:
    """Free all units of a reservation, also of an overdue one that nobody has expired yet, and return it.

    Raises: NotFound, ReservationOverdue, ReservationNotActive.
    """
    hold, row = await _locked(tx, command.reservation_id)
    refuse_if(LIFE.why_not(RELEASE, hold.status, Deadline(hold.expires_at, tx.now)))
    endings = [Ending(hold=hold, status=ReservationStatus.RELEASED)]
    post(tx, unreserve(endings), tx.now)
    settle(tx, endings)
    return changed(row, status=ReservationStatus.RELEASED, closed_at=tx.now)


async def _locked(tx: Tx, reservation_id: ReservationId) -> tuple[HeldReservation, ReservationRow]:
    locked = await locked_hold(tx, reservation_id)
    if locked is None:
        given = text_id(IdKind.RESERVATION, reservation_id)
        raise NotFound(what=LIFE.noun, given=given, field=(LIFE.argument,))
    return locked
