"""Forecasts from the past alone, and the levels that follow from them."""

from collections.abc import Callable
from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.planning.classes import Inflow, abc_classes, ages, days_of_cover, xyz_class
from oms_api.domain.planning.forecast import (
    Forecasts,
    best_forecast,
    croston,
    exponential_smoothing,
    mean,
    naive,
    seasonal_naive,
)
from oms_api.domain.planning.states import AbcClass, ForecastMethod, XyzClass

Demand = list[int | None]
demands = st.lists(st.none() | st.integers(0, 500), max_size=90)
METHODS: list[Callable[[Demand], Forecasts]] = [
    naive,
    mean,
    seasonal_naive,
    lambda demand: exponential_smoothing(demand, 0.2),
    lambda demand: croston(demand, 0.1),
]


@pytest.mark.parametrize("method", METHODS)
@given(demand=demands, later=st.lists(st.integers(0, 500), min_size=1, max_size=5))
def test_a_forecast_knows_nothing_of_what_comes_after(
    method: Callable[[Demand], Forecasts], demand: Demand, later: list[int]
) -> None:
    forecasts = method(demand)
    assert len(forecasts) == len(demand) + 1
    assert method([*demand, *later])[: len(forecasts)] == pytest.approx(forecasts)


@given(units=st.integers(1, 500), weeks=st.integers(8, 90))
def test_steady_demand_is_forecast_as_it_is(units: int, weeks: int) -> None:
    found = best_forecast([units] * weeks)
    assert isclose(found.weekly, units, rel_tol=0.2)
    assert found.method is not ForecastMethod.CROSTON
    assert found.wape == 0


def test_demand_with_weeks_of_nothing_is_left_to_croston() -> None:
    found = best_forecast([0, 0, 0, 12] * 15)
    assert found.method in {ForecastMethod.CROSTON, ForecastMethod.EXPONENTIAL_SMOOTHING}
    assert 2 < found.weekly < 4.5
    assert found.naive_wape is not None
    assert found.wape is not None
    assert found.wape < found.naive_wape


def test_what_returns_every_year_is_forecast_from_a_year_ago() -> None:
    year = [5] * 40 + [80, 160, 240, 320] + [5] * 8
    found = best_forecast((year * 2)[:96])
    assert found.method is ForecastMethod.SEASONAL_NAIVE
    assert found.weekly == 5


@pytest.mark.parametrize("method", [method for method in METHODS if method is not seasonal_naive])
@given(demand=demands, weeks=st.integers(1, 20))
def test_weeks_that_are_not_known_change_no_forecast(method: Callable[[Demand], Forecasts], demand: Demand, weeks: int) -> None:
    assert method([*demand, *[None] * weeks]) == [*method(demand), *[method(demand)[-1]] * weeks]


@given(st.lists(st.integers(1, 500), min_size=9, max_size=60), st.integers(1, 20))
def test_weeks_without_stock_at_the_end_leave_forecast_and_errors_as_they_were(demand: list[int], weeks: int) -> None:
    assert best_forecast([*demand, *[None] * weeks]) == best_forecast(demand)
    assert best_forecast([*demand, *[0] * weeks]) != best_forecast(demand)


def test_a_season_that_was_sold_out_is_forecast_from_the_last_known_week_before_it() -> None:
    demand: Demand = [3, 5, None, None, 7]
    assert seasonal_naive(demand, 4) == [0, 0, 0, 0, 3, 5]
    assert seasonal_naive([*demand, 8, 9], 4)[-2:] == [5, 5]
    assert [seasonal_naive([1, 2, 6, 400], 4, horizon=weeks)[-1] for weeks in (1, 2, 3, 9)] == [1, 1.5, 3, 102.25]


@given(st.integers(2, 50), st.integers(0, 6))
def test_what_is_sold_out_every_other_week_is_forecast_by_the_weeks_with_stock(units: int, more: int) -> None:
    found = best_forecast([units, None] * (8 + more))
    assert isclose(found.weekly, units, rel_tol=0.1)
    assert (found.wape, found.naive_wape, found.demanded) == (0, 0, units * min(7 + more, 13))


def test_the_weeks_before_the_first_sale_do_not_count() -> None:
    assert best_forecast([0] * 60 + [7] * 20) == best_forecast([7] * 20)


@pytest.mark.parametrize(("demand", "weekly"), [([], 0), ([0, 0, 0], 0), ([3], 3), ([0, 4, 2], 3)])
def test_with_little_past_the_mean_is_taken(demand: list[int], weekly: float) -> None:
    found = best_forecast(demand)
    assert (found.method, found.weekly) == (ForecastMethod.MEAN, weekly)
    assert found.deviation >= round(sqrt(weekly), 4)


def test_the_mean_is_judged_by_its_own_errors() -> None:
    found = best_forecast([4, 2, 6])
    assert (found.missed, found.beyond, found.naive_missed) == (2 + 3, 2 - 3, 2 + 4)
    assert (found.wape, found.bias, found.naive_wape) == (5 / 8, -1 / 8, 6 / 8)


@pytest.mark.parametrize("smoothing", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("times", [1, 2, 6])
def test_croston_begins_with_the_interval_that_was_seen(smoothing: float, times: int) -> None:
    assert croston([10, *[0] * 12] * times, smoothing)[-1] == pytest.approx((1 - smoothing / 2) * 10 / 13)


def test_what_has_faded_is_nothing() -> None:
    assert best_forecast([10] * 10 + [0] * 52).weekly == 0


@given(demands)
def test_a_forecast_is_never_negative_and_errors_are_sane(demand: Demand) -> None:
    found = best_forecast(demand)
    assert found.weekly >= 0
    assert found.deviation >= 0
    assert found.wape is None or abs(found.bias or 0) <= found.wape + 1e-9


@given(st.dictionaries(st.integers(), st.floats(0, 1e6), max_size=30))
def test_the_a_articles_make_up_most_of_the_value(values: dict[int, float]) -> None:
    classes = abc_classes(values)
    assert classes.keys() == values.keys()
    total = sum(values.values())
    a_and_b = sum(value for key, value in values.items() if classes[key] is not AbcClass.C)
    if total > 0:
        assert a_and_b >= 0.95 * total * (1 - 1e-9)
    assert all(classes[key] is AbcClass.C for key, value in values.items() if value == 0)


@pytest.mark.parametrize(
    ("demand", "expected"),
    [([5, 5, 5, 5], XyzClass.X), ([2, 8, 1, 9], XyzClass.Y), ([0, 0, 0, 40], XyzClass.Z), ([], XyzClass.Z)],
)
def test_steadiness_is_the_coefficient_of_variation(demand: list[int], expected: XyzClass) -> None:
    assert xyz_class(demand) is expected


def test_days_of_cover() -> None:
    assert days_of_cover(30, 10) == 21
    assert days_of_cover(30, 0) is None


@given(st.integers(0, 200), st.lists(st.builds(Inflow, st.integers(0, 800), st.integers(1, 60))))
def test_ages_add_up_to_what_is_there(on_hand: int, inflows: list[Inflow]) -> None:
    assert sum(ages(on_hand, inflows)) == on_hand


def test_what_came_last_is_what_is_left() -> None:
    assert ages(15, [Inflow(10, 5), Inflow(60, 5), Inflow(400, 100)]) == [5, 5, 0, 0, 5]
    assert ages(7, []) == [0, 0, 0, 0, 7]
