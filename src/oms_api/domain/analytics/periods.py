"""The days, weeks and months that a range of days is told in. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from oms_api.domain.analytics.errors import InvalidRange
from oms_api.kernel.dataclass import dataclass

MOST_YEARS, MOST_DAYS = 10, 3_653
"""As many days as ten years have at most."""


class Grain(StrEnum):
    """The length of the periods of a report."""

    DAY = "DAY"
    """One row for each day."""
    WEEK = "WEEK"
    """One row for each week, from Monday to Sunday (ISO 8601)."""
    MONTH = "MONTH"
    """One row for each calendar month."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days from *start* until before *before*; *whole* when they are all of a day, week or month of the calendar."""

    start: date
    before: date
    whole: bool


def check_range(start: date, before: date) -> None:
    """Raises: InvalidRange, for one that ends before it begins, holds no day, or is too long."""
    if not 0 < (before - start).days <= MOST_DAYS:
        raise InvalidRange(most_years=MOST_YEARS, field=("range", "before"))


def periods(grain: Grain, start: date, before: date) -> Iterator[Period]:
    """Yield the periods of a range in order; the first and the last hold only those of their days that the range holds."""
    while start < before:
        passed, length = _place(grain, start)
        left = length - passed
        end = start + timedelta(min(left, (before - start).days))
        yield Period(start, end, whole=(end - start).days == length)
        start = end


def _place(grain: Grain, day: date) -> tuple[int, int]:
    """Return how many days of its period lie before *day*, and how many days the period has."""
    match grain:
        case Grain.DAY:
            return 0, 1
        case Grain.WEEK:
            return day.weekday(), 7
        case Grain.MONTH:
            return day.day - 1, monthrange(day.year, day.month)[1]
