"""On which days a location ships, and when what it ships arrives. Pure; days are the location's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, time
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused

MOST_DAYS = 365
MOST_CLOSED_DAYS = 366


@dataclass(frozen=True, slots=True)
class DeliveryDays:
    """How many delivery days the way to a country takes; *country* is None for all others."""

    country: str | None
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a location works: ISO weekdays (1 is Monday), hour of the day until which orders still leave, days of handling.

    Holidays are those of *holiday_country* (and its *subdivision*). Without an entry in *delivery* nothing is known of the way.
    """

    working_days: tuple[int, ...] = (1, 2, 3, 4, 5)
    cut_off: time = time(23, 59, 59)
    handling_days: int = 0
    holiday_country: str | None = None
    subdivision: str | None = None
    closed_on: frozenset[date] = field(default_factory=frozenset)
    delivery: tuple[DeliveryDays, ...] = ()

    def works_on(self, day: date) -> bool:
        """Tell whether the location ships on *day*."""
        if day.isoweekday() not in self.working_days or day in self.closed_on:
            return False
        return self.holiday_country is None or day not in public_holidays(self.holiday_country, self.subdivision, day.year)

    def ships_on(self, ready_at: datetime, zone: ZoneInfo) -> date | None:
        """Return the day on which goods leave that are ready to be picked at *ready_at*; None where no day is found.

        What comes after the cut-off begins the next working day; handling takes working days.
        """
        local = ready_at.astimezone(zone)
        days = days_from(local.date(), skipped=int(local.time() > self.cut_off))
        return nth((day for day in days if self.works_on(day)), self.handling_days)

    def delivered_on(self, shipped_on: date, country: str | None) -> date | None:
        """Return the day of arrival in *country*, or None where the way is not known."""
        days = self.days_to(country)
        return None if days is None else arrival(shipped_on, days, country)

    def days_to(self, country: str | None) -> int | None:
        """Return how many delivery days the way takes, or None where nothing is known of it."""
        known = {way.country: way.days for way in self.delivery}
        return known.get(country, known.get(None))


def arrival(shipped_on: date, days: int, country: str | None) -> date | None:
    """Return the day on which goods arrive in *country* that were *days* delivery days on their way.

    Carriers deliver from Monday to Saturday, not on public holidays of the destination.
    """
    delivering = (day for day in days_from(shipped_on, skipped=int(days > 0)) if _delivers(day, country))
    return nth(delivering, max(days - 1, 0))


SUNDAY = 7
LONGEST_SEARCH = 3_660
"""How many days are looked through: the most handling days on one day a week take seven years."""


def days_from(day: date, *, skipped: int) -> Iterator[date]:
    """Yield the days after the first *skipped* ones from *day* on, as far as they are looked through."""
    first = day.toordinal() + skipped
    return map(date.fromordinal, range(first, min(first + LONGEST_SEARCH, date.max.toordinal() + 1)))


def nth(days: Iterator[date], number: int) -> date | None:
    """Return the one of *days* that *number* others come before, or None."""
    return next(islice(days, number, None), None)


def _delivers(day: date, country: str | None) -> bool:
    if day.isoweekday() == SUNDAY:
        return False
    return country is None or not has_holidays(country) or day not in public_holidays(country, None, day.year)


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the public holidays of a country or a part of it; source: the `holidays` library."""
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


@lru_cache(maxsize=1)
def supported() -> Mapping[str, Sequence[str]]:
    """Return the countries whose holidays are known, with the codes of their parts."""
    return holidays.list_supported_countries(include_aliases=True)


def has_holidays(country: str) -> bool:
    """Tell whether the holidays of *country* are known."""
    return country in supported()


def check_calendar(calendar: Calendar) -> None:
    """Raises: Refused, with all that is wrong with *calendar*."""
    errors = [InvalidValue(problem=problem, field=path) for path, problem in _problems(calendar)]
    if errors:
        raise Refused(errors=list[OmsError](errors))


def _problems(calendar: Calendar) -> list[tuple[tuple[str, ...], str]]:
    countries = [way.country for way in calendar.delivery]
    country, part = calendar.holiday_country, calendar.subdivision
    unknown = country is not None and not has_holidays(country)
    unknown_part = part is not None and (country is None or (not unknown and part not in supported()[country]))
    checks = (
        (bool(calendar.working_days), ("workingDays",), "A location works on at least one day of the week."),
        (0 <= calendar.handling_days <= MOST_DAYS, ("handlingDays",), f"handlingDays is between 0 and {MOST_DAYS}."),
        (not unknown, ("holidays", "country"), f"The holidays of {country} are not known."),
        (not unknown_part, ("holidays", "subdivision"), f"{part} is no part of {country} whose holidays are known."),
        (len(calendar.closed_on) <= MOST_CLOSED_DAYS, ("closedOn",), f"At most {MOST_CLOSED_DAYS} days are listed."),
        (len(set(countries)) == len(countries), ("deliveryDays",), "Each country is listed once."),
        (all(0 <= way.days <= MOST_DAYS for way in calendar.delivery), ("deliveryDays",), f"0 to {MOST_DAYS} days."),
    )
    return [(path, problem) for holds, path, problem in checks if not holds]


def stored(calendar: Calendar) -> dict[str, Any]:
    """Return *calendar* as JSON."""
    return {
        "working_days": list(calendar.working_days),
        "cut_off": calendar.cut_off.isoformat(),
        "handling_days": calendar.handling_days,
        "holiday_country": calendar.holiday_country,
        "subdivision": calendar.subdivision,
        "closed_on": sorted(day.isoformat() for day in calendar.closed_on),
        "delivery": [[way.country, way.days] for way in calendar.delivery],
    }


def calendar_of(given: Mapping[str, Any] | None) -> Calendar:
    """Return the calendar stored as *given*; without one a location works from Monday to Friday."""
    if given is None:
        return Calendar()
    return Calendar(
        working_days=tuple(given["working_days"]),
        cut_off=time.fromisoformat(given["cut_off"]),
        handling_days=given["handling_days"],
        holiday_country=given["holiday_country"],
        subdivision=given["subdivision"],
        closed_on=frozenset(map(date.fromisoformat, given["closed_on"])),
        delivery=tuple(DeliveryDays(country, days) for country, days in given["delivery"]),
    )
