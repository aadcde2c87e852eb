"""Levels under locks, without what overdue reservations hold of them: these are expired by whoever comes for the units."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.levels import Levels, lock_levels
from oms_api.domain.inventory.reservations.endings import expired, settle, unreserve
from oms_api.domain.inventory.reservations.holds import (
    GIVEN,
    LOCKED,
    READ,
    HeldReservation,
    by_id,
    holds_in,
    locking,
    overdue_at,
)
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ReservationId

CANDIDATES = """
SELECT place.id FROM unnest(:skus::uuid[], :locations::uuid[]) AS want (sku_id, location_id) CROSS JOIN LATERAL (
    SELECT id FROM inventory_level place WHERE place.sku_id = want.sku_id AND place.location_id = want.location_id OFFSET 0
) AS place
"""
LOCK = locking(by_id(f"{GIVEN} UNION ALL {overdue_at(CANDIDATES)}"))


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
    tx: Tx, keys: Collection[LevelKey], reservations: Iterable[ReservationId] = (), *, as_of: datetime | None = None
) -> Locked:
    """Lock the overdue reservations that hold units of *keys* and those named, then *keys* and all their levels.

    Levels of *keys* that are missing are made. Whoever writes calls `Locked.expire`.
    """
    wanted = {"skus": array(sku for sku, _ in keys), "locations": array(location for _, location in keys)}
    _, rows = await tx.flush([LOCK(**wanted, reservations=array(reservations), now=tx.now), READ(locked=LOCKED)])
    holds = holds_in(rows)
    overdue = [hold for hold in holds if hold.overdue(tx.now)]
    found = await lock_levels(tx, {*keys, *(line.key for hold in holds for line in hold.lines)}, as_of=as_of)
    levels = {key: found[key] for key in keys}
    for held in (line for hold in overdue for line in hold.lines):
        if held.key in levels:
            level = levels[held.key]
            levels[held.key] = replace(level, free=level.free + held.units, reserved=level.reserved - held.units)
    return Locked(levels, overdue, {hold.id: hold for hold in holds if not hold.overdue(tx.now)})
