"""Levels under locks, without what overdue reservations hold of them: these are expired by whoever comes for the units."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.inventory.ledger import making_levels, post
from oms_api.domain.inventory.levels import Levels, lock_levels
from oms_api.domain.inventory.reservations.endings import expired, settle, unreserve
from oms_api.domain.inventory.reservations.holds import GIVEN, HeldReservation, SecondLook, holds_in
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.kernel.ids import ReservationId

CANDIDATES = """
SELECT place.id FROM unnest(:skus::uuid[], :locations::uuid[]) AS want (sku_id, location_id) CROSS JOIN LATERAL (
    SELECT id FROM inventory_level place WHERE place.sku_id = want.sku_id AND place.location_id = want.location_id OFFSET 0
) AS place
"""
LOOK = SecondLook(CANDIDATES, GIVEN)


@dataclass(frozen=True, slots=True)
class Locked:
    """Levels as they are once *overdue* reservations have ended, and the other reservations that were locked with them."""

    levels: Levels
    overdue: list[HeldReservation]
    alive: dict[ReservationId, HeldReservation]

    def expire(self, tx: Tx) -> None:
        """End what is overdue, in the last flush of *tx*, before anything is taken."""
        endings = expired(self.overdue)
        post(tx, unreserve(endings), tx.now)
        settle(tx, endings)


async def lock_without_overdue(
    tx: Tx,
    keys: Collection[LevelKey],
    reservations: Iterable[ReservationId] = (),
    *,
    make: bool = False,
    as_of: datetime | None = None,
) -> Locked:
    """Lock the overdue reservations that hold units of *keys* and those named, then all their levels, in the order of locks.

    Levels of *keys* that are missing are made where *make* says so. Whoever writes calls `Locked.expire`.
    """
    ordered = in_key_order(keys)
    lock, lock_all, read = LOOK(
        skus=array(sku for sku, _ in ordered),
        locations=array(location for _, location in ordered),
        reservations=array(reservations),
        now=tx.now,
    )
    _, rows = await tx.flush([lock, read])
    holds = holds_in(rows)
    overdue = [hold for hold in holds if hold.overdue(tx.now)]
    if holds:
        await tx.flush([*(making_levels(tx, ordered) if make else []), lock_all])
    levels = dict(await lock_levels(tx, ordered, make=make, as_of=as_of))
    for held in (line for hold in overdue for line in hold.lines):
        if held.key in levels:
            level = levels[held.key]
            levels[held.key] = replace(level, free=level.free + held.units, reserved=level.reserved - held.units)
    return Locked(levels, overdue, {hold.id: hold for hold in holds if not hold.overdue(tx.now)})
