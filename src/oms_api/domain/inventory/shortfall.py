"""When more units are to be taken away than are free: what is missing, and which numbers tell why it cannot be taken."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from uuid import UUID

from oms_api.db.session import LookAgain, Tx
from oms_api.domain.inventory.errors import BelowPicked, BelowZero
from oms_api.domain.inventory.levels import Level, Levels, look_at
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.reservations.overdue import lock_without_overdue
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import OnShortfall
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, slots=True)
class Missing:
    """Units to be taken from a level, of which some are not free; *aside* of them may be taken from what is set aside.

    Those in quality control and damaged ones come last, after every promise that can be taken back. Where the document does
    with fewer, *aside* is what it may do without.
    """

    requested: int
    units: int
    aside: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Units that a document takes away: *missing* tells from the levels of *keys* where there are too few free ones.

    *lock* says that the document must not decide over levels that may change before it is written. *as_of* asks the levels
    for what was on hand at that moment as well. What is taken back is told to have happened at *at*.
    """

    document: tuple[IdKind, UUID]
    keys: Collection[LevelKey]
    missing: Callable[[Levels], Mapping[LevelKey, Missing]]
    at: datetime
    lock: bool = False
    as_of: datetime | None = None


@dataclass(slots=True)
class Covered:
    """The levels as they are decided over, and what became of the units that were missing.

    What overdue reservations held is free there: under locks they are expired with it. *freed* are units made free by taking
    promises back, by the *moves* that are posted before the document's own; where that was refused or was not enough, *short*
    says why.
    """

    levels: Levels
    locked: bool
    freed: dict[LevelKey, int] = field(default_factory=dict)
    short: dict[LevelKey, OmsError] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)

    def check(self, errors: Sequence[OmsError]) -> None:
        """Raises: Refused with *errors*, if any; LookAgain instead, where the levels were not locked."""
        if errors:
            raise Refused(errors=errors) if self.locked else LookAgain


Cover = Callable[[Tx, Taking], Awaitable[Covered]]
Covers = Mapping[OnShortfall, Cover]
"""How missing units are covered, by what the client wants."""

PickedUnits = Callable[[Tx, Collection[LevelKey]], Awaitable[Mapping[LevelKey, int]]]
"""Tells how many units somebody is picking, or has picked or packed, at levels where there are any."""


async def none_picked(_tx: Tx, _keys: Collection[LevelKey]) -> Mapping[LevelKey, int]:
    """Return nothing: nobody picks."""
    return {}


async def refuse(tx: Tx, taking: Taking, picked_units: PickedUnits = none_picked) -> Covered:
    """Take from what is free only, and say with all numbers where that is too little. What is overdue is expired first.

    Raises: LookAgain, where it is too little at a look without locks.
    """
    if taking.lock or tx.pessimistic:
        locked = await lock_without_overdue(tx, taking.keys, as_of=taking.as_of)
        locked.expire(tx)
        covered = Covered(locked.levels, locked=True)
    else:
        covered = Covered(await look_at(tx, taking.keys, as_of=taking.as_of), locked=False)
    missing = taking.missing(covered.levels)
    if missing:
        if not covered.locked:
            raise LookAgain
        picked = await picked_units(tx, missing)
        for key, each in missing.items():
            level = covered.levels[key]
            covered.short[key] = below_zero(each, level, picked.get(key, 0), each.requested - each.units)
    return covered


ALONE: Covers = dict.fromkeys(OnShortfall, refuse)
"""Stock by itself, where nobody promises units or picks them."""


def below_zero(missing: Missing, level: Level, picked: int, most: int) -> OmsError:
    """Return the error that fewer units can be taken, at *most*, than *missing* asks for."""
    return BelowZero(
        free=min(level.free, most),
        requested=missing.requested,
        reserved=level.reserved,
        committed=level.committed,
        picked=picked,
        most=most,
    )


def below_picked(missing: Missing, level: Level, picked: int) -> OmsError:
    """Return the error that *missing* asks for units in somebody's hands."""
    return BelowPicked(
        free=level.free, requested=missing.requested, reserved=level.reserved, committed=level.committed, picked=picked
    )


def missing_to(level: Level, quantity: int) -> Missing | None:
    """Return what is missing to leave *quantity* of the units that are (or, as of a moment, were) on hand, or None."""
    fewer = level.then - quantity
    if fewer <= level.free:
        return None
    return Missing(requested=fewer, units=fewer - level.free, aside=level.set_aside)
