"""Every way to serve a small problem of sourcing, one after the other: slow, and plainly right."""

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

from oms_api.domain.sourcing.optimum import Group, Problem, Units, by_priority

Homes = tuple[int | None, ...]


def best_by_force(problem: Problem, *, part: bool) -> tuple[int, ...] | None:
    """Return what is kept small at its smallest, None where nothing serves all of it and no *part* will do."""
    best: tuple[int, ...] | None = None
    places: list[int | None] = [*range(len(problem.stock)), *([None] if part else [])]
    for homes in product(places, repeat=len(problem.groups)):
        left = _left(problem, homes)
        if left is None:
            continue
        skipped = sum(units for home, group in zip(homes, problem.groups, strict=True) if home is None for _, units in group)
        for missing, units in _assignments(problem, left, part=part):
            key = _key(problem, units, homes, missing + skipped)
            if key is not None and (best is None or key < best):
                best = key
    return best


def _left(problem: Problem, homes: Homes) -> Units | None:
    left = [list(row) for row in problem.stock]
    for home, group in zip(homes, problem.groups, strict=True):
        for sku, units in group:
            if home is not None:
                left[home][sku] -= units
    return None if any(units < 0 for row in left for units in row) else left


def _assignments(problem: Problem, stock: Units, *, part: bool) -> Iterator[tuple[int, Units]]:
    """Yield every way to take units, and how many are missing then."""
    ways: list[list[tuple[int, tuple[int, ...]]]] = []
    for sku, want in enumerate(problem.demand):
        there = [row[sku] for row in stock]
        ways.append([(want - n, taken) for n in (range(want + 1) if part else [want]) for taken in _split(n, there)])
    for way in product(*ways):
        units = [[taken[place] for _, taken in way] for place in range(len(stock))]
        yield sum(missing for missing, _ in way), units


def _split(units: int, there: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not there:
        if units == 0:
            yield ()
        return
    for taken in range(min(units, there[0]) + 1):
        yield from ((taken, *rest) for rest in _split(units - taken, there[1:]))


def _key(problem: Problem, units: Units, homes: Homes, missing: int) -> tuple[int, ...] | None:
    used = [place for place in range(len(units)) if any(units[place]) or place in homes]
    new = [place for place in used if not problem.open[place]]
    if len(new) > problem.most:
        return None
    if problem.weight is not None:
        return missing, len(new), sum(problem.weight[place] for place in new)
    cost = sum(problem.fixed[place] for place in new)
    cost += problem.split * (len(new) if any(problem.open) else max(len(new) - 1, 0))
    cost += sum(n * each for taken, row in zip(units, problem.unit, strict=True) for n, each in zip(taken, row, strict=True))
    for home, group in zip(homes, problem.groups, strict=True):
        cost += 0 if home is None else sum(n * problem.unit[home][sku] for sku, n in group)
    return missing, cost


def small_problem(dice: Random) -> Problem:
    """Return a problem of one to four places and one or two SKUs, with groups and open places now and then."""
    places, skus = dice.randint(1, 4), dice.randint(1, 2)
    opened = [dice.random() < 0.15 for _ in range(places)]
    groups: list[Group] = [
        tuple((sku, dice.randint(1, 2)) for sku in range(skus) if dice.random() < 0.7) for _ in range(dice.choice([0, 0, 1, 2]))
    ]
    weights = {
        "cost": None,
        "priority": by_priority(places),
        "distance": [dice.randint(0, 5) for _ in range(places)],
    }
    return Problem(
        demand=[dice.randint(0, 3) for _ in range(skus)],
        stock=[[dice.randint(0, 3) for _ in range(skus)] for _ in range(places)],
        unit=[[dice.randint(0, 4) for _ in range(skus)] for _ in range(places)],
        fixed=[0 if ships else dice.randint(0, 6) for ships in opened],
        open=opened,
        weight=weights[dice.choice(list(weights))],
        split=dice.randint(0, 3),
        most=dice.randint(1, 4),
        groups=[group for group in groups if group],
    )
