"""From which lots units are taken. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import date

from oms_api.domain.inventory.lots.states import LEAVING, Leaving
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.kernel.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class HeldLot:
    """Units of a lot at one place, some of them known to be *set_aside*; *expired* is by the day there."""

    code: str
    units: int
    expires_on: date | None = None
    expired: bool = False
    set_aside: int = 0

    @property
    def on_shelf(self) -> int:
        """The units that are not known to be set aside."""
        return self.units - self.set_aside


def first_expired_first(lots: Sequence[HeldLot]) -> list[HeldLot]:
    """Return *lots* in the order in which they should leave; of those that expire together the order stays as it is."""
    return sorted(lots, key=lambda lot: lot.expires_on or date.max)


def still_sellable(lots: Sequence[HeldLot]) -> dict[str, int]:
    """Return how many units of which lots have expired and are not known to be set aside, first what expired first."""
    return {lot.code: lot.on_shelf for lot in first_expired_first(lots) if lot.expired and lot.on_shelf}


def share_out(units: int, wanted: Mapping[str, int]) -> dict[str, int]:
    """Return how many of *units* each lot gets of what it wants, those that come first first."""
    shares: dict[str, int] = {}
    for code, wants in wanted.items():
        if share := min(units, wants):
            shares[code] = share
        units -= share
    return shares


Pile = dict[str | None, int]
"""Units by the lots that they are of; None stands for units of no lot."""


@dataclass(slots=True)
class Shelf:
    """Units at one place, of lots and of no lot, taken one after the other; *aside* of them are set aside.

    Units are taken from where they lie: those that are set aside, of which the lot is not always known, from the lots known to
    lie there, and all others from what is left on the shelf.
    """

    without_lot: int
    lots: list[HeldLot]
    aside: int = 0
    left: Pile = field(init=False)
    left_aside: Pile = field(init=False)

    def __post_init__(self) -> None:
        self.lots = first_expired_first(self.lots)
        unnamed = min(max(self.aside - sum(lot.set_aside for lot in self.lots), 0), self.without_lot)
        self.left = {None: self.without_lot - unnamed} | {lot.code: lot.on_shelf for lot in self.lots}
        self.left_aside = {lot.code: lot.set_aside for lot in self.lots} | {None: unnamed}

    def order(self, leaving: Leaving) -> list[str | None]:
        """Return the codes of the lots that units may be taken from, in order; None stands for units of no lot."""
        good: list[str | None] = [lot.code for lot in self.lots if not lot.expired]
        bad: list[str | None] = [lot.code for lot in self.lots if lot.expired]
        match leaving:
            case Leaving.TO_CUSTOMER:
                return [*good, None]
            case Leaving.ELSEWHERE:
                return [*good, None, *bad]
            case Leaving.MISSING:
                return [None, *(lot.code for lot in self.lots)]

    def take(self, units: int, leaving: Leaving, *, aside: bool = False) -> list[tuple[str | None, int]]:
        """Take *units* and return how many of which lot: fewer, where there are not that many that may be taken.

        Those set *aside* are of the lots known to lie there first, and then of whatever else is here.
        """
        turns = [(self.left, code) for code in self.order(leaving)]
        if aside:
            turns = [*((self.left_aside, code) for code in self.left_aside), *turns]
        parts: Pile = {}
        for pile, code in turns:
            if taken := _take(pile, code, units):
                parts[code] = parts.get(code, 0) + taken
                units -= taken
        return list(parts.items())

    def split(self, units: int, leaving: Leaving, *, aside: bool = False) -> list[tuple[str | None, int]]:
        """Take *units* and return how many of which lot; those that none is found for are of no lot."""
        parts = dict(self.take(units, leaving, aside=aside))
        rest = units - sum(parts.values())
        return list((parts | {None: parts.get(None, 0) + rest} if rest else parts).items())

    def take_of(self, code: str | None, units: int, *, aside: bool = False) -> None:
        """Take up to *units* of one lot, from where they lie and then from where else it has any."""
        piles = (self.left_aside, self.left) if aside else (self.left, self.left_aside)
        for pile in piles:
            units -= _take(pile, code, units)

    def held(self, code: str, *, aside: bool) -> int:
        """Return how many units of one lot may lie among those set *aside*, or among the others."""
        here = self.left_aside if aside else self.left
        unknown = max(self.aside - sum(self.left_aside.values()), 0) + self.left_aside[None] if aside else 0
        return here.get(code, 0) + min(unknown, self.left.get(code, 0))


def _take(pile: Pile, code: str | None, units: int) -> int:
    taken = min(pile.get(code, 0), units)
    if taken:
        pile[code] -= taken
    return taken


def by_lot(moves: Sequence[Move], shelves: Mapping[LevelKey, Shelf]) -> list[Move]:
    """Return *moves*, those that take units away from one of *shelves* split by the lots that the units are of.

    A move that names its lot takes from that, before any other does. What no lot is found for stays of none: the ledger refuses
    it where there are not that many.
    """
    for move in moves:
        if move.lot is not None and move.on_hand < 0 and move.key in shelves:
            shelves[move.key].take_of(move.lot, move.quantity, aside=move.aside < 0)
    split: list[Move] = []
    for move in moves:
        shelf = shelves.get(move.key)
        if shelf is None or move.lot is not None or move.on_hand >= 0:
            split.append(move)
            continue
        parts = shelf.split(move.quantity, LEAVING.get(move.kind, Leaving.MISSING), aside=move.aside < 0)
        split += [replace(move, lot=code, quantity=units) for code, units in parts]
    return split
