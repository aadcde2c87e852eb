"""The codes and the days of pickups."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.pickups.policies import ALPHABET, CODE_LENGTH, days_of, extended, is_code, new_code


def test_a_code_has_no_letters_that_are_mistaken_for_others() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert set("".join(codes)) <= set(ALPHABET) - set("01ILOU")


@pytest.mark.parametrize("given", ["AB2C3D4E", "ab2c3d4e", " AB2C 3D4E ", "ab2c-3d4e", "a b 2 c 3 d 4 e"])
def test_a_code_is_known_however_it_is_typed(given: str) -> None:
    assert is_code("AB2C3D4E", given)


@pytest.mark.parametrize("given", ["", "AB2C3D4", "AB2C3D4EE", "AB2C3D4F", "AB2C3D4É", "\0"])
def test_what_is_no_code_is_not_known(given: str) -> None:
    assert not is_code("AB2C3D4E", given)


def test_a_pickup_that_is_over_has_no_code() -> None:
    assert not is_code(None, "")


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), days=st.integers(1, 365), reminder=st.integers(1, 365))
def test_customers_are_reminded_while_goods_wait(day: date, days: int, reminder: int) -> None:
    last, remind_on = days_of(day, days, min(reminder, days))
    assert remind_on is not None
    assert day < remind_on <= last
    assert days_of(day, days, None) == (last, None)


@pytest.mark.parametrize(("today", "last"), [(date(2026, 5, 1), date(2026, 5, 12)), (date(2026, 6, 1), date(2026, 6, 3))])
def test_more_days_count_from_the_last_one_or_from_today(today: date, last: date) -> None:
    assert extended(date(2026, 5, 10), today, 2) == last
