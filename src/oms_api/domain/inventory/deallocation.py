"""Which promises are taken back when units are missing: reservations first, then allocations that nobody has picked.

Among reservations the latest deadline comes first; those that are overdue promise nothing, and are expired before. Among
allocations it is the lowest priority of the order, then the newest order. The choice is pure; who makes it has locked what it
chooses from.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from uuid import UUID

from oms_api.db.rows import Given, inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.shortfall import Missing
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.inventory.tables import InventoryDeallocationLineRow, InventoryDeallocationRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import AllocationId, DeallocationId, DeallocationLineId, IdKind, LevelId, LineId, ReservationLineId

DOCUMENTS, LINES = inserts(InventoryDeallocationRow), inserts(InventoryDeallocationLineRow)
LOST = Given("lost", id="uuid", units="int")
RELEASE = Sql(f"""
UPDATE reservation_line line SET released = line.released + lost.units FROM {LOST} WHERE line.id = lost.id
""")  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """Units of a level that are promised: how many can be taken back, and how many are picked.

    An allocation names its order and line, and a reservation's line its reservation: the one is `holder`, to be locked.
    """

    key: LevelKey
    level_id: LevelId
    units: int
    holder: UUID
    picked: int = 0
    allocation_id: AllocationId | None = None
    line_id: LineId | None = None
    reservation_line_id: ReservationLineId | None = None


Promises = Mapping[LevelKey, Sequence[Promised]]


@dataclass(frozen=True, slots=True)
class Loss:
    """Units that a promise loses."""

    promise: Promised
    units: int


@dataclass(slots=True)
class Choice:
    """What is taken back, how many units that makes free, and where all that could be taken back is too little.

    `unreached` are levels where there is enough, but not among the holders that may be chosen from.
    """

    losses: list[Loss] = field(default_factory=list)
    freed: dict[LevelKey, int] = field(default_factory=dict)
    picked: dict[LevelKey, int] = field(default_factory=dict)
    too_little: set[LevelKey] = field(default_factory=set)
    unreached: set[LevelKey] = field(default_factory=set)


def choose(missing: Mapping[LevelKey, Missing], promises: Promises, holders: Collection[UUID] | None = None) -> Choice:
    """Choose what is taken back to cover what is *missing*, of *holders* only where they are given.

    Where everything that can be taken back is too little, nothing is: but what may be taken from what is set aside counts.
    """
    choice = Choice()
    for key, short in missing.items():
        given = promises.get(key, ())
        reachable = [promise for promise in given if promise.units and (holders is None or promise.holder in holders)]
        choice.picked[key] = sum(promise.picked for promise in given)
        least = min(short.units, sum(promise.units for promise in given))
        if least + short.aside < short.units:
            choice.too_little.add(key)
        elif sum(promise.units for promise in reachable) < least:
            choice.unreached.add(key)
        else:
            choice.freed[key] = least
            choice.losses += losses_of(least, reachable)
    return choice


def losses_of(units: int, promises: Sequence[Promised]) -> list[Loss]:
    """Return what each of *promises* in turn loses, until *units* are taken back."""
    losses = []
    for promise in promises:
        if units <= 0:
            break
        losses.append(Loss(promise, min(units, promise.units)))
        units -= promise.units
    return losses


def record_losses(tx: Tx, document: tuple[IdKind, UUID], losses: Sequence[Loss], at: datetime) -> list[Move]:
    """Record in the last flush of *tx* what *document* took back, and return the movements that make the units free.

    What reservations lose is taken from them here; what orders lose is written by whoever locked them.
    """
    kind, document_id = document
    ids = [tx.new_id(DeallocationLineId) for _ in losses]
    held = [
        {"id": loss.promise.reservation_line_id, "units": loss.units} for loss in losses if loss.promise.reservation_line_id
    ]
    act_id = tx.new_id(DeallocationId)
    tx.put(
        DOCUMENTS,
        id=act_id,
        document_kind=kind.value,
        document_id=document_id,
        actor=tx.actor,
        occurred_at=at,
        recorded_at=tx.now,
    )
    if held:
        tx.closing.append(RELEASE(lost=LOST(held)))
    tx.write(
        LINES,
        [
            {
                "id": line_id,
                "unpromise_id": act_id,
                "position": position,
                "level_id": loss.promise.level_id,
                "quantity": loss.units,
                "order_id": loss.promise.holder if loss.promise.allocation_id else None,
                "line_id": loss.promise.line_id if loss.promise.allocation_id else None,
                "allocation_id": loss.promise.allocation_id,
                "reservation_line_id": loss.promise.reservation_line_id,
            }
            for position, (line_id, loss) in enumerate(zip(ids, losses, strict=True))
        ],
    )
    return [
        Move(
            sku_id=loss.promise.key[0],
            location_id=loss.promise.key[1],
            quantity=loss.units,
            source=Account.COMMITTED if loss.promise.allocation_id else Account.RESERVED,
            target=Account.FREE,
            kind=MovementKind.RELEASE if loss.promise.allocation_id else MovementKind.UNRESERVE,
            cause_kind=CauseKind.DEALLOCATION_LINE,
            cause_id=line_id,
            occurred_at=at,
        )
        for line_id, loss in zip(ids, losses, strict=True)
    ]
