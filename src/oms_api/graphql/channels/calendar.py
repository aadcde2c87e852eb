"""A location's calendar, given and read."""

from datetime import date, time
from typing import Self

import strawberry

from oms_api.db.columns import Json
from oms_api.domain.channels.calendar import Calendar, DeliveryDays, calendar_of
from oms_api.domain.channels.states import Weekday
from oms_api.graphql.described import enum, input_type, output
from oms_api.graphql.scalars import CountryCode

WEEK = tuple(Weekday)
enum(Weekday)


@input_type
class HolidaysInput:
    """The public holidays that a location keeps."""

    country: CountryCode
    """The country."""
    subdivision: str | None = None
    """A subdivision of the country with holidays of its own: "ENG", "BY"."""


@input_type
class DeliveryDaysInput:
    """The delivery time to a country."""

    country: CountryCode | None = None
    """The country; null for all other countries."""
    days: int
    """The number of delivery days from departure to arrival. Monday to Saturday are delivery days, except public holidays at
    the destination."""


@input_type
class LocationCalendarInput:
    """The working days of a location and its delivery times."""

    working_days: list[Weekday]
    """The days on which the location ships, at least one."""
    cut_off: time | None = None
    """Orders up to this time of day count for the same day; in the location's time zone. Midnight by default."""
    handling_days: int = 0
    """Working days between the order and its departure."""
    holidays: HolidaysInput | None = None
    """The public holidays it keeps; none by default."""
    closed_on: list[date] = strawberry.field(default_factory=list)
    """Further days when the location does not work, at most 366."""
    delivery_days: list[DeliveryDaysInput] = strawberry.field(default_factory=list)
    """The delivery times, by country; a country without an entry gets no promised delivery day."""

    def to_calendar(self) -> Calendar:
        """Return the calendar as the domain takes it."""
        return Calendar(
            working_days=tuple(sorted({WEEK.index(day) + 1 for day in self.working_days})),
            cut_off=self.cut_off or Calendar().cut_off,
            handling_days=self.handling_days,
            holiday_country=self.holidays.country if self.holidays else None,
            subdivision=self.holidays.subdivision if self.holidays else None,
            closed_on=frozenset(self.closed_on),
            delivery=tuple(DeliveryDays(way.country, way.days) for way in self.delivery_days),
        )


@output
class LocationDeliveryDays:
    """The delivery time to a country."""

    country: CountryCode | None
    """The country; null for all other countries."""
    days: int
    """Delivery days from departure to arrival."""


@output
class LocationCalendar:
    """The working days of a location and its delivery times."""

    working_days: list[Weekday]
    """The days on which the location ships."""
    cut_off: time
    """Orders up to this time of day count for the same day; in the location's time zone."""
    handling_days: int
    """Working days between the order and its departure."""
    holiday_country: CountryCode | None
    """The country whose public holidays it keeps."""
    holiday_subdivision: str | None
    """The part of the `holidayCountry` with holidays of its own, such as "ENG"; null for the whole country."""
    closed_on: list[date]
    """Further days when the location does not work."""
    delivery_days: list[LocationDeliveryDays]
    """The delivery times, by country."""

    @classmethod
    def of(cls, given: Json | None) -> Self:
        """Describe a stored calendar; without one a location works from Monday to Friday."""
        calendar = calendar_of(given)
        return cls(
            working_days=[WEEK[day - 1] for day in calendar.working_days],
            cut_off=calendar.cut_off,
            handling_days=calendar.handling_days,
            holiday_country=CountryCode(calendar.holiday_country) if calendar.holiday_country else None,
            holiday_subdivision=calendar.subdivision,
            closed_on=sorted(calendar.closed_on),
            delivery_days=[
                LocationDeliveryDays(country=CountryCode(way.country) if way.country else None, days=way.days)
                for way in calendar.delivery
            ],
        )
