"""Working days, cut-offs and holidays decide when goods leave and arrive."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.channels.calendar import Calendar, DeliveryDays, calendar_of, check_calendar, stored
from oms_api.kernel.errors import Refused

LONDON = ZoneInfo("Europe/London")
ENGLAND = Calendar(
    cut_off=time(15),
    holiday_country="GB",
    subdivision="ENG",
    delivery=(DeliveryDays("GB", 2), DeliveryDays("DE", 4), DeliveryDays(None, 9)),
)


def ships(calendar: Calendar, moment: str) -> date:
    day = calendar.ships_on(datetime.fromisoformat(moment).replace(tzinfo=LONDON), LONDON)
    assert day is not None
    return day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-23T14:59", date(2026, 11, 23)),  # a Monday
        ("2026-11-23T15:01", date(2026, 11, 24)),
        ("2026-11-27T15:01", date(2026, 11, 30)),  # Friday after the cut-off
        ("2026-11-28T09:00", date(2026, 11, 30)),
        ("2026-12-24T16:00", date(2026, 12, 29)),  # Christmas, Boxing Day on Saturday, its substitute on Monday
    ],
)
def test_goods_leave_on_the_next_working_day(moment: str, day: date) -> None:
    assert ships(ENGLAND, moment) == day


def test_the_cut_off_is_by_the_clock_of_the_location() -> None:
    in_summer = datetime(2026, 7, 6, 14, 30, tzinfo=UTC)  # 15:30 in London
    assert ENGLAND.ships_on(in_summer, LONDON) == date(2026, 7, 7)
    assert ENGLAND.ships_on(in_summer, ZoneInfo("America/New_York")) == date(2026, 7, 6)


def test_handling_takes_working_days() -> None:
    slow = Calendar(handling_days=2)
    assert ships(slow, "2026-11-26T10:00") == date(2026, 11, 30)  # Thursday, Friday, Monday


@pytest.mark.parametrize(
    ("country", "arrives"),
    [("GB", date(2026, 11, 25)), ("DE", date(2026, 11, 27)), ("JP", date(2026, 12, 3)), (None, date(2026, 12, 3))],
)
def test_the_way_takes_delivery_days(country: str | None, arrives: date) -> None:
    assert ENGLAND.delivered_on(date(2026, 11, 23), country) == arrives


def test_nobody_delivers_on_the_holidays_of_the_destination() -> None:
    assert ENGLAND.delivered_on(date(2026, 12, 23), "GB") == date(2026, 12, 29)
    assert ENGLAND.delivered_on(date(2026, 12, 24), "DE") == date(2026, 12, 31)


def test_without_an_entry_nothing_is_promised() -> None:
    assert Calendar().delivered_on(date(2026, 11, 23), "GB") is None


def test_a_location_that_never_works_has_no_day() -> None:
    closed = Calendar(
        working_days=(7,), closed_on=frozenset(date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(4_000))
    )
    assert closed.ships_on(datetime(2026, 2, 2, tzinfo=LONDON), LONDON) is None


def test_the_longest_handling_ends_on_a_day() -> None:
    slow = Calendar(working_days=(1,), handling_days=365)
    assert ships(slow, "2026-11-23T10:00") == date(2026, 11, 23) + timedelta(weeks=365)


def test_the_end_of_time_is_no_day() -> None:
    sundays = Calendar(working_days=(7,), delivery=(DeliveryDays(None, 9),))
    assert sundays.ships_on(datetime(9999, 12, 31, 12, tzinfo=UTC), ZoneInfo("UTC")) is None
    assert sundays.delivered_on(date(9999, 12, 30), "GB") is None


@given(
    st.sets(st.integers(1, 7), min_size=1),
    st.times(),
    st.integers(0, 30),
    st.sampled_from([(None, None), ("GB", "ENG"), ("DE", None)]),
    st.frozensets(st.dates(), max_size=4),
)
def test_a_calendar_is_kept_as_it_is(
    days: set[int], cut_off: time, handling: int, place: tuple[str | None, str | None], closed: frozenset[date]
) -> None:
    calendar = Calendar(
        working_days=tuple(sorted(days)),
        cut_off=cut_off,
        handling_days=handling,
        holiday_country=place[0],
        subdivision=place[1],
        closed_on=closed,
        delivery=(DeliveryDays(None, 3),),
    )
    check_calendar(calendar)
    assert calendar_of(stored(calendar)) == calendar


@pytest.mark.parametrize(
    ("calendar", "field"),
    [
        (Calendar(working_days=()), ("workingDays",)),
        (Calendar(handling_days=-1), ("handlingDays",)),
        (Calendar(holiday_country="XX"), ("holidays", "country")),
        (Calendar(holiday_country="GB", subdivision="XX"), ("holidays", "subdivision")),
        (Calendar(subdivision="ENG"), ("holidays", "subdivision")),
        (Calendar(delivery=(DeliveryDays("GB", 1), DeliveryDays("GB", 2))), ("deliveryDays",)),
        (Calendar(delivery=(DeliveryDays("GB", -1),)), ("deliveryDays",)),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(calendar: Calendar, field: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as caught:
        check_calendar(calendar)
    assert [error.field for error in caught.value.causes] == [field]
