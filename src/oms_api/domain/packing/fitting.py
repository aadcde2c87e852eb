"""The goods that fit into a box together: by the library packvium where it is installed, else by volume and sides."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import TypeAlias

from oms_api.domain.packing.measures import Sides, volume

Fit: TypeAlias = Callable[[Sides, Sequence[Sides]], list[int]]
"""Takes the sides of a box and of goods, gives the places of those goods that fit into it together."""
MOST_TRIES = 20
USABLE_PERCENT = 80
"""How much of a box's volume several goods can fill, where nobody tries how they lie."""


def alone(box: Sides, goods: Sides) -> bool:
    """Tell whether goods fit into an empty box, turned as they have to be."""
    return all(side <= limit for side, limit in zip(goods, box, strict=True))


def by_volume(box: Sides, goods: Sequence[Sides]) -> list[int]:
    """Return which goods fit by their sides and together by their volume: a box of a single one may be full."""
    volume_left, chosen = volume(box) * USABLE_PERCENT // 100, list[int]()
    for place, sides in enumerate(goods):
        if alone(box, sides) and (not chosen or volume(sides) <= volume_left):
            chosen.append(place)
            volume_left -= volume(sides)
    return chosen


def fit() -> Fit:
    """Return the best way to fit that is installed, for one suggestion: after so many tries it goes by volume."""
    try:
        from oms_api.domain.packing.fitting_by_packvium import by_packvium  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return by_volume
    tries = count()
    return lambda box, goods: by_packvium(box, goods) if next(tries) < MOST_TRIES else by_volume(box, goods)
