"""The best locations are really the best: compared with every other way, over small problems as chance has them."""

import os
from random import Random

import pytest

from oms_api.domain.sourcing.optimum import Best, Problem, as_far_as_it_goes, covering
from tests.factories.brute import best_by_force, small_problem

CASES = int(os.environ.get("OMS_TEST_SOURCING_CASES", "100"))
"""For each of ten seeds; 1,000 and more when it soaks."""


def small(problem: Problem, best: Best | None) -> tuple[int, ...] | None:
    return None if best is None else best.key[: 2 if problem.weight is None else 3]


@pytest.mark.parametrize("seed", range(10))
def test_sourcing_equals_brute_force(seed: int) -> None:
    dice = Random(seed)
    for _ in range(CASES):
        problem = small_problem(dice)
        full, bounded = covering(problem)
        assert not bounded
        assert small(problem, full) == best_by_force(problem, part=False), problem
        part, bounded = as_far_as_it_goes(problem)
        assert not bounded
        assert small(problem, part) == best_by_force(problem, part=True), problem
        for best in filter(None, (full, part)):
            check_promises(problem, best)


def check_promises(problem: Problem, best: Best) -> None:
    """Never more than there is, no more than is wanted, and groups are kept."""
    left = [list(row) for row in problem.stock]
    wanted = list(problem.demand)
    for place, sku, units in best.units:
        left[place][sku] -= units
        wanted[sku] -= units
    for home, group in zip(best.homes, problem.groups, strict=True):
        for sku, units in group:
            if home is not None:
                left[home][sku] -= units
    assert min((units for row in left for units in row), default=0) >= 0
    assert min(wanted, default=0) >= 0


def test_a_search_that_is_cut_short_says_so_and_gives_the_best_it_found() -> None:
    places, skus = 20, 12
    dice = Random(5)
    stock = [[dice.choice([0, 1, 1, 2]) for _ in range(skus)] for _ in range(places)]
    problem = Problem(
        demand=[9] * skus,
        stock=stock,
        unit=[[dice.randint(1, 9) for _ in range(skus)] for _ in range(places)],
        fixed=[1] * places,
        open=[False] * places,
        weight=None,
        most=6,
    )
    best, bounded = as_far_as_it_goes(problem)
    assert bounded
    assert best.units
    check_promises(problem, best)
