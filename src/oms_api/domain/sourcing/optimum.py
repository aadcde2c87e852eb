"""The best set of locations for an order: found exactly, by a search of sets that gives up those that cannot win.

Once a set is chosen, each SKU comes from its cheapest locations first, which is the best that can be done with that set. So
only sets are searched. Everything is whole numbers; costs are millionths of a major unit.
"""

from collections.abc import Sequence
from dataclasses import field
from operator import lshift

from oms_api.kernel.dataclass import dataclass

MOST_SETS = 20_000
"""How many sets are looked at, at most."""
DEAR = 9
"""How many sets more count that are weighed unit by unit."""
Group = tuple[tuple[int, int], ...]
"""Units of SKUs that come from one place: (SKU, units)."""
Units = list[list[int]]
"""By place, by SKU."""


@dataclass(slots=True, kw_only=True)
class Problem:
    """The wanted units and their locations. Places and SKUs are numbered; places stand in the channel's order of priority.

    `stock` and `unit` (the cost of one unit) are by place and SKU. To open a place costs `fixed`; `open` ones ship anyway, and
    cost nothing more. `weight` is what is kept small once the number of shipments is: metres, or the order itself. Where it is
    None the whole cost is kept small instead. `groups` are beside `demand`.
    """

    demand: list[int]
    stock: Units
    unit: Units
    fixed: list[int]
    open: list[bool]
    weight: list[int] | None
    split: int = 0
    most: int = 4
    groups: list[Group] = field(default_factory=list)


@dataclass(slots=True)
class Best:
    """The best way that was found: `units` by place and SKU of what is in no group, `homes` the place of each group.

    `key` is what was kept small, the units missing first.
    """

    key: tuple[int, ...]
    units: list[tuple[int, int, int]]
    homes: list[int | None]
    missing: int


def by_priority(places: int) -> list[int]:
    """Return weights by which, of two sets of one size, that one is lighter whose first place comes first, and so on."""
    return [(1 << places) - (1 << (places - at)) for at in range(places)]


def covering(problem: Problem) -> tuple[Best | None, bool]:
    """Return the best way to serve all of it, None where there is none, and whether the search was cut short."""
    return _Search(problem, part=False).run()


def as_far_as_it_goes(problem: Problem) -> tuple[Best, bool]:
    """Return the best way to serve as many units as can be, a group whole or not at all, and whether it was cut short."""
    best, bounded = _Search(problem, part=True).run()
    assert best is not None  # noqa: S101 - to serve nothing is a way
    return best, bounded


class _Search:
    """A walk through sets of places."""

    def __init__(self, problem: Problem, *, part: bool) -> None:
        self.of, self.part = problem, part
        self.places, self.skus = range(len(problem.stock)), range(len(problem.demand))
        self.best: Best | None = None
        self.left = MOST_SETS
        weight = problem.weight
        self.by_cost = weight is None
        self.light = problem.fixed if weight is None else weight
        if weight is None:
            costs = [[row[sku] for row in problem.unit] for sku in self.skus]
            self.cheap = [sorted(self.places, key=cost.__getitem__) for cost in costs]
        else:
            self.cheap = [sorted(self.places, key=weight.__getitem__)] * len(problem.demand)
        least = [problem.demand[sku] * min((row[sku] for row in problem.unit), default=0) for sku in self.skus]
        self.rest = [sum(least[sku + 1 :]) for sku in self.skus]
        self.rank = [{place: at for at, place in enumerate(order)} for order in self.cheap]

    def run(self) -> tuple[Best | None, bool]:
        self._groups(0, [list(row) for row in self.of.stock], [], 0)
        return self.best, self.left <= 0

    def _groups(self, at: int, stock: Units, homes: list[int | None], missing: int) -> None:
        """Give each group its place, one after the other, then serve the rest."""
        problem = self.of
        if at == len(problem.groups):
            self._sets(stock, homes, missing)
            return
        group = problem.groups[at]
        for place in self.places:
            row = stock[place]
            if all(row[sku] >= units for sku, units in group) and self.left > 0:
                for sku, units in group:
                    row[sku] -= units
                self._groups(at + 1, stock, [*homes, place], missing)
                for sku, units in group:
                    row[sku] += units
        if self.part:
            self._groups(at + 1, stock, [*homes, None], missing + sum(units for _, units in group))

    def _sets(self, stock: Units, homes: list[int | None], missing: int) -> None:
        """Go through the sets of places that hold those of the groups, *missing* units being left out already."""
        problem, light = self.of, self.light
        demand = problem.demand
        taken = [place for place in dict.fromkeys(homes) if place is not None]
        base = [place for place in self.places if problem.open[place] or place in taken]
        new = sum(not problem.open[place] for place in taken)
        if new > problem.most:
            return
        extra = sum(
            units * problem.unit[home][sku]
            for home, group in zip(homes, problem.groups, strict=True)
            if home is not None
            for sku, units in group
        )
        width = (max(demand, default=0) * (len(stock) + 1)).bit_length() + 1
        shifts = range(0, width * len(demand), width)
        tops = sum(1 << (shift + width - 1) for shift in shifts)
        lack = tops - sum(map(lshift, demand, shifts))
        packed = [sum(map(lshift, map(min, row, demand), shifts)) for row in stock]
        others = [place for place in sorted(self.places, key=light.__getitem__) if packed[place] and place not in base]
        suffix = [0] * (len(others) + 1)
        for at in range(len(others) - 1, -1, -1):
            suffix[at] = suffix[at + 1] + packed[others[at]]
        have = lack + sum(packed[place] for place in base)
        if not self.part and (have + suffix[0]) & tops != tops:
            return
        least = self._cost(stock, self.places)[0] + extra if self.by_cost and not self.part else extra
        fewest = missing + (self._fewest(stock, base, others, problem.most - new) if self.part else 0)
        walk = _Walk(stock, homes, missing, extra, others, packed, suffix, tops, least, fewest)
        opened = sum(light[place] for place in taken if not problem.open[place])
        if self.by_cost:
            self._walk(walk, 0, base, have, new, opened, problem.most)
            return
        for size in range(new, problem.most + 1):
            if self.best is not None and (self.best.missing, self.best.key[1]) < (missing, size):
                return
            self._walk(walk, 0, base, have, new, opened, size)

    def _walk(self, walk: "_Walk", at: int, chosen: list[int], have: int, new: int, opened: int, most: int) -> None:
        """Look at a set, then at those with one place more of the *others* from *at* on, up to *most* new places."""
        self.left -= DEAR if self.part else 1
        if (self.by_cost or new == most) and (self.part or have & walk.tops == walk.tops):
            self._weigh(walk, chosen, new, opened)
        if new == most:
            return
        light, tops, others = self.light, walk.tops, walk.others
        last = new + 1 == most
        for place_at in range(at, len(others)):
            if self.left <= 0:
                return
            if not self.part and (have + walk.suffix[place_at]) & tops != tops:
                return
            place = others[place_at]
            more = opened + light[place]
            best = self.best
            if best is not None and best.missing <= walk.fewest and self._hopeless(best, walk, new + 1, more):
                return
            sum_ = have + walk.packed[place]
            if last and not self.part and sum_ & tops != tops:
                self.left -= 1
                continue
            self._walk(walk, place_at + 1, [*chosen, place], sum_, new + 1, more, most)

    def _hopeless(self, best: Best, walk: "_Walk", new: int, opened: int) -> bool:
        """Tell whether no set with *new* places that open for *opened* or more can win; others come no cheaper."""
        if self.by_cost:
            floor = opened + walk.least + self._splits(new)
            return floor > best.key[1] or (floor == best.key[1] and new > best.key[2])
        return new == best.key[1] and opened > best.key[2]

    def _fewest(self, stock: Units, base: Sequence[int], others: Sequence[int], most: int) -> int:
        """Return how many units are missing at the least with *most* of the *others* beside *base*."""
        short = 0
        for sku, want in enumerate(self.of.demand):
            there = sum(stock[place][sku] for place in base)
            more = sorted((stock[place][sku] for place in others), reverse=True)[:most]
            short += max(want - there - sum(more), 0)
        return short

    def _splits(self, new: int) -> int:
        """Return the penalty for *new* shipments, each after the first of the order."""
        return self.of.split * (new if any(self.of.open) else max(new - 1, 0))

    def _weigh(self, walk: "_Walk", chosen: list[int], new: int, opened: int) -> None:
        """Note the set *chosen* if it is the best so far."""
        fixed = opened + walk.extra + self._splits(new)
        most = None if self.part or not self.by_cost or self.best is None else self.best.key[1] - fixed
        cost, short = self._cost(walk.stock, chosen, most)
        missing = walk.missing + short
        if self.best is not None and missing > self.best.missing:
            return
        fresh = tuple(sorted(place for place in chosen if not self.of.open[place]))
        amount = fixed + cost if self.by_cost else opened
        if most is not None and cost > most:
            return
        key = (missing, amount, new, *fresh) if self.by_cost else (missing, new, amount, *fresh)
        if self.best is None or key < self.best.key:
            self.best = Best(key, self._served(walk.stock, chosen), list(walk.homes), missing)

    def _cost(self, stock: Units, chosen: Sequence[int], most: int | None = None) -> tuple[int, int]:
        """Return what the units cost that *chosen* places serve, and how many are missing; beyond *most* it gives up."""
        unit, total, short = self.of.unit, 0, 0
        for sku, want in enumerate(self.of.demand):
            left, rank = want, self.rank[sku]
            for place in sorted(chosen, key=rank.__getitem__) if len(chosen) > 1 else chosen:
                have = stock[place][sku]
                if have >= left:
                    total += left * unit[place][sku]
                    left = 0
                    break
                total += have * unit[place][sku]
                left -= have
            short += left
            if most is not None and total + self.rest[sku] > most:
                return total + self.rest[sku], short
        return total, short

    def _served(self, stock: Units, chosen: Sequence[int]) -> list[tuple[int, int, int]]:
        """Return the units of each SKU that each of *chosen* serves: (place, SKU, units)."""
        inside, served = set(chosen), []
        for sku, want in enumerate(self.of.demand):
            left = want
            for place in self.cheap[sku]:
                units = min(stock[place][sku], left) if place in inside else 0
                if units:
                    served.append((place, sku, units))
                    left -= units
        return served


@dataclass(slots=True)
class _Walk:
    """What stays the same while sets are gone through, once the groups have their places."""

    stock: Units
    homes: list[int | None]
    missing: int
    extra: int
    others: list[int]
    packed: list[int]
    suffix: list[int]
    tops: int
    least: int
    fewest: int
