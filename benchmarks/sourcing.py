"""Finding the best locations alone, without a database: `python -m benchmarks.sourcing` prints p50 and p95.

20 locations, up to 4 shipments, by cost. What counts is processor time, for others use the machine too.
"""

from collections.abc import Sequence
from random import Random
from time import process_time

from oms_api.domain.sourcing.optimum import Problem, as_far_as_it_goes, covering

PLACES, SHIPMENTS, ROUNDS = 20, 4, 200
STOCKS: dict[str, Sequence[int]] = {"plenty": (9,), "scattered": (0, 1, 2, 4), "thin": (0, 1, 1, 2)}


def problem(dice: Random, skus: int, there: Sequence[int]) -> Problem:
    """Return an order of 1 to 4 units of each SKU over locations that have *there* of it, each at its own cost."""
    return Problem(
        demand=[dice.randint(1, 4) for _ in range(skus)],
        stock=[[dice.choice(there) for _ in range(skus)] for _ in range(PLACES)],
        unit=[[dice.randint(10, 120) * 1000 for _ in range(skus)] for _ in range(PLACES)],
        fixed=[dice.randint(400, 900) * 1000 for _ in range(PLACES)],
        open=[False] * PLACES,
        weight=None,
        split=200_000,
        most=SHIPMENTS,
    )


def measured(skus: int, there: Sequence[int]) -> tuple[float, float, int]:
    """Return p50 and p95 in milliseconds, and how many searches were cut short."""
    dice, times, bounded = Random(7), list[float](), 0
    for _ in range(ROUNDS):
        given = problem(dice, skus, there)
        began = process_time()
        best, cut = covering(given)
        if best is None:
            _, more = as_far_as_it_goes(given)
            cut |= more
        times.append((process_time() - began) * 1000)
        bounded += cut
    times.sort()
    return times[ROUNDS // 2], times[ROUNDS * 95 // 100], bounded


def main() -> None:
    """Print the table."""
    print("| stock | SKUs | p50 | p95 | bounded |\n|---|---|---|---|---|")
    for name, there in STOCKS.items():
        for skus in (1, 8):
            p50, p95, bounded = measured(skus, there)
            print(f"| {name} | {skus} | {p50:.2f} ms | {p95:.2f} ms | {bounded} of {ROUNDS} |")


if __name__ == "__main__":
    main()
