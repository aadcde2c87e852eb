"""Classes of articles, days of cover and age of stock. Pure."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from statistics import fmean, pstdev
from typing import TypeVar

from oms_api.domain.planning.states import AbcClass, XyzClass
from oms_api.kernel.dataclass import dataclass

Key = TypeVar("Key", bound=Hashable)
A_SHARE, B_SHARE = 0.80, 0.95
X_VARIATION, Y_VARIATION = 0.5, 1.0
AGE_LIMITS_DAYS = (30, 90, 180, 365)


def abc_classes(values: Mapping[Key, float]) -> dict[Key, AbcClass]:
    """Return the class of each article by the value it sold: the most valuable first, until 80 %, 95 %, all of it.

    An article belongs to the class in which its value begins. Source: Dickie 1951, after Pareto.
    """
    total = sum(values.values())
    before = 0.0
    found: dict[Key, AbcClass] = {}
    for key, value in sorted(values.items(), key=lambda item: -item[1]):
        share = before / total if total else 1.0
        found[key] = AbcClass.C if value <= 0 else _abc(share)
        before += value
    return found


def _abc(share: float) -> AbcClass:
    if share < A_SHARE:
        return AbcClass.A
    return AbcClass.B if share < B_SHARE else AbcClass.C


def xyz_class(demand: Sequence[int]) -> XyzClass:
    """Return the class of weekly *demand* by its coefficient of variation: standard deviation over mean."""
    mean = fmean(demand) if demand else 0.0
    if mean <= 0:
        return XyzClass.Z
    variation = pstdev(demand) / mean
    if variation <= X_VARIATION:
        return XyzClass.X
    return XyzClass.Y if variation <= Y_VARIATION else XyzClass.Z


def days_of_cover(available: int, weekly: float) -> float | None:
    """Return for how many days *available* units last; None where nothing is demanded."""
    return available / weekly * 7 if weekly > 0 else None


@dataclass(frozen=True, slots=True)
class Inflow:
    """Units that came in, so many days ago."""

    age_days: int
    units: int


def ages(on_hand: int, inflows: Iterable[Inflow]) -> list[int]:
    """Return how many of the units on hand are up to 30, 90, 180, 365 days old, and older.

    First in, first out: what is there now came last. *inflows* are given newest first; what they do not explain is oldest.
    """
    found = [0] * (len(AGE_LIMITS_DAYS) + 1)
    left = on_hand
    for inflow in inflows:
        taken = min(left, inflow.units)
        found[sum(inflow.age_days > limit for limit in AGE_LIMITS_DAYS)] += taken
        left -= taken
        if not left:
            break
    found[-1] += left
    return found
