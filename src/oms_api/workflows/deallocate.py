"""Taking promises back because units are missing: orders and reservations give them up under their locks, then stock moves.

Locks are taken in one order: order headers by id, reservation headers by id, levels by SKU and location. Which of them lose
something is known only under the locks of the levels, so they are chosen before, and chosen anew while others were faster: a
savepoint lets go of the locks in between.
"""

from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import datetime
from functools import partial
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.document import OrderDocument, locked_documents
from oms_api.domain.fulfillment.events import AllocationLost
from oms_api.domain.fulfillment.promises import picked_units, promises_at
from oms_api.domain.inventory.deallocation import Choice, Loss, choose, losses_of, record_losses
from oms_api.domain.inventory.levels import look_at
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.reservations.events import ReservationLost
from oms_api.domain.inventory.reservations.overdue import Locked, lock_without_overdue
from oms_api.domain.inventory.shortfall import Covered, Covers, Missing, Taking, below_picked, below_zero, refuse
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import OnShortfall
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import Busy
from oms_api.kernel.ids import ChannelId, IdKind, OrderId, ReservationId, text_id

WIDTHS = (1, 4, 64)
"""How many times what is missing the promises are worth that are locked to choose from: more where others were faster."""
LEVELS_ONLY = 0
"""The width at which no promises are locked, while nobody knows yet whether anything is missing."""


@dataclass(slots=True)
class Held:
    """What is locked to choose from: orders with all their units, and the channels of reservations."""

    orders: dict[OrderId, OrderDocument] = field(default_factory=dict)
    reservations: dict[ReservationId, ChannelId] = field(default_factory=dict)

    @property
    def ids(self) -> Collection[UUID]:
        """The orders and reservations that may lose something."""
        return self.orders.keys() | self.reservations.keys()


async def deallocate(tx: Tx, taking: Taking) -> Covered:
    """Cover what *taking* finds missing by taking promises back, all of it in the last flush of *tx*.

    Reservations that are overdue are no promises: they are expired first. Where even that is too little, or the rest is picked,
    `short` says so; Busy stands there where others kept being faster.
    """
    missing: Mapping[LevelKey, Missing] = {}
    if not (taking.lock or tx.pessimistic):
        levels = await look_at(tx, taking.keys, as_of=taking.as_of)
        missing = taking.missing(levels)
        if not missing:
            return Covered(levels, locked=False)
    for width in WIDTHS if missing else (LEVELS_ONLY, *WIDTHS):
        await tx.keep()
        held, locked = await lock_holders(tx, taking, missing, width)
        levels = locked.levels
        missing = taking.missing(levels)
        choice = choose(missing, await promises_at(tx, missing), held.ids)
        if not choice.unreached or width == WIDTHS[-1]:
            break
        await tx.let_go()
    locked.expire(tx)
    covered = Covered(levels, locked=True, freed=choice.freed)
    covered.short = {key: Busy() for key in choice.unreached}
    for key in choice.too_little:
        picked, level = choice.picked[key], levels[key]
        everything = level.free + level.reserved + level.committed + missing[key].aside
        if missing[key].requested <= everything:
            covered.short[key] = below_picked(missing[key], level, picked)
        else:
            covered.short[key] = below_zero(missing[key], level, picked, everything - picked)
    covered.moves = lose(tx, taking, held, choice)
    return covered


async def lock_holders(tx: Tx, taking: Taking, missing: Mapping[LevelKey, Missing], width: int) -> tuple[Held, Locked]:
    """Lock the orders and reservations whose promises are worth *width* times what is *missing*, then the levels."""
    promises = await promises_at(tx, missing)
    chosen = [
        loss.promise
        for key, short in missing.items()
        for loss in losses_of(short.units * width, [promise for promise in promises.get(key, ()) if promise.units])
    ]
    orders = await locked_documents(tx, {OrderId(promise.holder) for promise in chosen if promise.allocation_id is not None})
    wanted = {ReservationId(promise.holder) for promise in chosen if promise.allocation_id is None}
    locked = await lock_without_overdue(tx, taking.keys, wanted, as_of=taking.as_of)
    return Held(orders, {key: hold.channel_id for key, hold in locked.alive.items()}), locked


def lose(tx: Tx, taking: Taking, held: Held, choice: Choice) -> list[Move]:
    """Take from orders and reservations what was chosen, tell of it, and return the movements that make it free."""
    if not choice.losses:
        return []
    at = tx.now if taking.as_of is not None else taking.at
    by_holder: dict[UUID, list[Loss]] = {}
    for loss in choice.losses:
        by_holder.setdefault(loss.promise.holder, []).append(loss)
    for holder, losses in by_holder.items():
        order, reservation = OrderId(holder), ReservationId(holder)
        if order in held.orders:
            take_from_order(tx, held.orders[order], losses, at)
        else:
            tx.emit(
                ReservationLost(
                    subject_id=reservation,
                    channel_id=held.reservations[reservation],
                    location_ids=tuple(sorted({loss.promise.key[1] for loss in losses})),
                    occurred_at=at,
                )
            )
    return record_losses(tx, taking.document, choice.losses, at)


def take_from_order(tx: Tx, document: OrderDocument, losses: Collection[Loss], at: datetime) -> None:
    """Take units of a locked order's promises back and write the order; its lines are to be sourced again."""
    before = {loss.promise.line_id: document.lines[loss.promise.line_id] for loss in losses if loss.promise.line_id}
    for loss in losses:
        if loss.promise.allocation_id is not None:
            document.lose(document.promises[loss.promise.allocation_id], loss.units)
    document.save(tx, at)
    changes = {
        f"lines.{text_id(IdKind.LINE, key)}.unsourced": (line.unsourced, document.lines[key].unsourced)
        for key, line in before.items()
    }
    document.emit(tx, AllocationLost, changes, at)
    document.emit_status(tx, at)


COVERS: Covers = {OnShortfall.REFUSE: partial(refuse, picked_units=picked_units), OnShortfall.DEALLOCATE: deallocate}
"""How missing units are covered where others promise units and pick them."""
