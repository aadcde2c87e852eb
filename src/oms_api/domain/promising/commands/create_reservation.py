"""Holding units for a checkout: sourced like an order, all or nothing."""

from collections.abc import Mapping
from uuid import UUID

from oms_api.db.rows import inserts
from oms_api.db.session import LookAgain, Tx
from oms_api.db.sets import array
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.reservations.endings import expired, settle, unreserve
from oms_api.domain.inventory.reservations.errors import DuplicateReservationRef
from oms_api.domain.inventory.reservations.events import ReservationCreated
from oms_api.domain.inventory.reservations.policies import deadline
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.tables import ReservationLineRow, ReservationRow
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.promising.look import BY_CODE, BY_ID, Look, referred
from oms_api.domain.promising.reserving import LineToReserve, units_to_reserve
from oms_api.domain.promising.snapshot import Snapshot
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import ChannelId, IdKind, ReservationId, ReservationLineId, text_id
from oms_api.kernel.naming import check_code

MOST_LINES = 1_000
REFERENCE_TAKEN = "uq_reservation_active_ref"
DOCUMENTS, LINES = inserts(ReservationRow), inserts(ReservationLineRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReservation:
    """Hold units of *lines* for *minutes*, by default as long as the channel says."""

    idempotency_key: str
    channel_id: ChannelId
    lines: tuple[LineToReserve, ...]
    external_ref: str | None = None
    minutes: int | None = None


SAME_REFERENCE = """
    SELECT id, expires_at FROM reservation
    WHERE channel_id = ANY (:channels::uuid[]) AND external_ref = :reference::text AND status = 'ACTIVE'
"""
SAME = f"(SELECT jsonb_build_array(id, expires_at <= :now::timestamptz) FROM ({SAME_REFERENCE}) AS same)"  # noqa: S608 - constants
OVERDUE_REFERENCE = f"SELECT id FROM ({SAME_REFERENCE}) AS same WHERE expires_at <= :now::timestamptz"  # noqa: S608 - as above
LOOK = Look(BY_CODE, BY_ID, values=(SAME,), wanted=OVERDUE_REFERENCE)


async def create_reservation(tx: Tx, command: CreateReservation) -> ReservationRow:
    """Hold units over the channel's locations by priority, and return the reservation; the last flush of *tx* writes it.

    Overdue reservations at these locations are expired before anything is refused.
    Raises: NotFound, ChannelInactive, DuplicateReservationRef, InvalidValue, TooManyItems, ReservationTooLong; Refused with all
    that is wrong with the lines; InsufficientStock, naming every SKU that is short.
    """
    _check(command)
    snapshot = Snapshot()
    same = await read_into(snapshot, tx, command)
    if not snapshot.channels or not tx.principal.sees_channel(command.channel_id):
        raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, command.channel_id), field=("channelId",))
    if same is not None and command.external_ref is not None:
        raise DuplicateReservationRef(external_ref=command.external_ref, reservation_id=same, field=("externalRef",))
    minutes = snapshot.channel.reservation_minutes if command.minutes is None else command.minutes
    expires_at = deadline(tx.now, tx.now, minutes)
    try:
        units = units_to_reserve(snapshot, command.lines)
    except InsufficientStock:
        if not tx.pessimistic:
            raise LookAgain from None
        raise
    row = DOCUMENTS.record(
        {
            "id": tx.new_id(ReservationId),
            "channel_id": command.channel_id,
            "external_ref": command.external_ref,
            "status": ReservationStatus.ACTIVE,
            "expires_at": expires_at,
            "client_id": tx.principal.client_id,
            "actor": tx.actor,
            "created_at": tx.now,
        }
    )
    endings = expired(snapshot.overdue)
    post(tx, unreserve(endings), tx.now)
    settle(tx, endings)
    _write(tx, row, snapshot, units)
    return row


async def read_into(snapshot: Snapshot, tx: Tx, command: CreateReservation) -> ReservationId | None:
    """Read what deciding needs, in one round trip; return the active reservation of the channel with the same reference.

    Raises: LookAgain, where that is overdue or somebody waits for one of the SKUs: what is to be done about it is known under
    locks only.
    """
    references = sorted({line.sku for line in command.lines}, key=str)
    values = {**referred(references), "channels": array([command.channel_id]), "reference": command.external_ref, "now": tx.now}
    if tx.pessimistic:
        (same,) = snapshot.take_second(await tx.flush(LOOK.second(lock=True, **values)), tx.now, locked=True)
    else:
        (same,) = snapshot.take((await tx.fetch(LOOK.first(**values)))[0])
    key, overdue = (ReservationId(UUID(same[0])), same[1]) if same else (None, False)
    if (overdue or snapshot.contested) and not tx.pessimistic:
        raise LookAgain
    return None if key in snapshot.holds else key


def _check(command: CreateReservation) -> None:
    check_length(command.lines, "lines", MOST_LINES)
    if command.external_ref is not None:
        check_code(command.external_ref, "externalRef")


def _write(tx: Tx, row: ReservationRow, snapshot: Snapshot, units: Mapping[LevelKey, int]) -> None:
    """Take the units and then record the reservation: whoever waits for the same reference has the levels already."""
    ids = {key: tx.new_id(ReservationLineId) for key in units}
    promise = not snapshot.channel.sells_safety_stock
    post(tx, [_hold(key, quantity, ids[key], promise=promise) for key, quantity in units.items()], tx.now)
    tx.races = frozenset({REFERENCE_TAKEN})
    lines = [
        {
            "id": ids[key],
            "reservation_id": row.id,
            "position": position,
            "sku_id": key[0],
            "location_id": key[1],
            "level_id": snapshot.levels[key].id,
            "quantity": quantity,
        }
        for position, (key, quantity) in enumerate(units.items())
    ]
    tx.write(DOCUMENTS, [row])
    tx.write(LINES, lines)
    tx.emit(
        ReservationCreated(
            subject_id=row.id,
            channel_id=row.channel_id,
            location_ids=tuple(sorted({location for _, location in units})),
            changes={"status": (None, row.status), "expiresAt": (None, row.expires_at)},
        )
    )


def _hold(key: LevelKey, quantity: int, line_id: ReservationLineId, *, promise: bool) -> Move:
    return Move(
        sku_id=key[0],
        location_id=key[1],
        quantity=quantity,
        source=Account.FREE,
        target=Account.RESERVED,
        kind=MovementKind.RESERVE,
        cause_kind=CauseKind.RESERVATION_LINE,
        cause_id=line_id,
        promise=promise,
    )
