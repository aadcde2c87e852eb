"""Holding units for a checkout: sourced like an order, all or nothing."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from oms_api.db.rows import inserts
from oms_api.db.session import LookAgain, Tx
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
from oms_api.domain.promising.reserving import LineToReserve, units_to_reserve
from oms_api.domain.promising.snapshot import ChannelSnapshot, Snapshot, read_snapshot
from oms_api.kernel.checks import check_length
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import ChannelId, IdKind, ReservationId, ReservationLineId, SkuId, text_id
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


NextArrivals = Callable[[Tx, ChannelId, Collection[SkuId]], Awaitable[Mapping[SkuId, datetime]]]
"""Tells when more of SKUs is expected at the locations of a channel, where that is known."""


async def none_known(_tx: Tx, _channel_id: ChannelId, _skus: Collection[SkuId]) -> Mapping[SkuId, datetime]:
    """Return nothing: no arrival is known."""
    return {}


async def create_reservation(tx: Tx, command: CreateReservation, *, next_arrivals: NextArrivals = none_known) -> ReservationRow:
    """Hold units over the channel's locations by priority, and return the reservation; the last flush of *tx* writes it.

    Overdue reservations at these locations are expired before anything is refused.
    Raises: NotFound, ChannelInactive, DuplicateReservationRef, InvalidValue, TooManyItems, ReservationTooLong; Refused with all
    that is wrong with the lines; InsufficientStock, naming every SKU that is short.
    """
    _check(command)
    references = sorted({line.sku for line in command.lines}, key=str)
    snapshot = await read_snapshot(tx, command.channel_id, references, command.external_ref)
    channel = snapshot.channel
    if channel is None or not tx.principal.sees_channel(command.channel_id):
        raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, command.channel_id), field=("channelId",))
    if snapshot.same_reference is not None and command.external_ref is not None:
        raise DuplicateReservationRef(
            external_ref=command.external_ref, reservation_id=snapshot.same_reference, field=("externalRef",)
        )
    expires_at = deadline(tx.now, tx.now, channel.reservation_minutes if command.minutes is None else command.minutes)
    try:
        units = units_to_reserve(snapshot, channel, command.lines)
    except InsufficientStock as error:
        if not tx.pessimistic:
            raise LookAgain from None
        expected = await next_arrivals(tx, command.channel_id, [short.sku_id for short in error.short])
        error.short = [replace(short, next_available_at=expected.get(short.sku_id)) for short in error.short]
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
    _write(tx, row, snapshot, channel, units)
    return row


def _check(command: CreateReservation) -> None:
    check_length(command.lines, "lines", MOST_LINES)
    if command.external_ref is not None:
        check_code(command.external_ref, "externalRef")


def _write(tx: Tx, row: ReservationRow, snapshot: Snapshot, channel: ChannelSnapshot, units: Mapping[LevelKey, int]) -> None:
    """Take the units and then record the reservation: whoever waits for the same reference has the levels already."""
    ids = {key: tx.new_id(ReservationLineId) for key in units}
    post(
        tx, [_hold(key, quantity, ids[key], promise=not channel.sells_safety_stock) for key, quantity in units.items()], tx.now
    )
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
