"""Sides in mm and weights in g."""

from oms_api.kernel.errors import InvalidValue

LARGEST_MEASURE = 10_000_000
Sides = tuple[int, int, int]
"""The sides of something, in mm, the longest first."""


def check_measure(given: int, *path: str) -> None:
    """Raises: InvalidValue, naming *path*, for a side or a weight that is none."""
    if not 0 < given <= LARGEST_MEASURE:
        raise InvalidValue(problem=f"{path[-1]} is between 1 and {LARGEST_MEASURE:,}.", field=path)


def sides_of(length: int, width: int, height: int) -> Sides:
    """Return sides with the longest first."""
    longest, middle, shortest = sorted((length, width, height), reverse=True)
    return longest, middle, shortest


def volume(sides: Sides) -> int:
    """Return the volume in mm3."""
    return sides[0] * sides[1] * sides[2]
