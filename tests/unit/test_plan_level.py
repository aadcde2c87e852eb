"""One level's plan, from its history alone."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from oms_api.domain.planning.forecast import SEASON
from oms_api.domain.planning.history import History
from oms_api.domain.planning.plan import NO_DEMAND, Aims, Keeping, Planned, Supply, plan_level, wrong_with
from oms_api.domain.planning.states import AlertKind, ForecastMethod
from oms_api.domain.planning.stocking import LeadTime, OrderRules

AT = datetime(2026, 3, 1, tzinfo=UTC)
PACKS = OrderRules(minimum=100, pack=50)


@dataclass(frozen=True)
class Limits:
    most_days: int = 90
    dead_after_days: int = 180


def history(*demand: int, free: int = 0, waiting: int = 0) -> History:
    """Return the history of a level that was asked for so many units a week, the last week last."""
    weeks = {week: units for week, units in enumerate(reversed(demand)) if units}
    asked = AT - timedelta(weeks=min(weeks)) if weeks else None
    return History(weeks=weeks, freed={len(demand): free + 1, 0: -1}, on_hand=free, last_demand_at=asked, waiting=waiting)


def planned(past: History, *, sold: bool = True, incoming: int = 0, dead_after_days: int = 180) -> Planned:
    supply = Supply(lead_time=LeadTime(mean_days=14), rules=PACKS, incoming=incoming)
    keeping = Keeping(sold=sold, limits=Limits(dead_after_days=dead_after_days))
    return plan_level(past, supply, keeping, Aims(at=AT, service_level=0.95, review_days=7))


def test_demand_that_has_faded_is_not_ordered_whatever_the_minimum() -> None:
    past = history(*[6] * 10, *[0] * 52)
    found = planned(past, dead_after_days=3_650)
    assert (found.forecast.weekly, found.suggested, found.levels.reorder_point, found.urgency) == (0, 0, -1, NO_DEMAND)
    assert wrong_with(found, past, Limits(), AT) == []


def test_what_nobody_asked_for_until_it_was_dead_is_ordered_for_those_who_wait_only() -> None:
    found = planned(history(*[6] * 10, *[0] * 30))
    assert (found.forecast.weekly, found.suggested) == (0, 0)
    waited_for = planned(history(*[6] * 10, *[0] * 30, waiting=120))
    assert (waited_for.suggested, waited_for.urgency) == (150, 0)
    assert planned(history(*[6] * 10, *[0] * 30, waiting=120), incoming=120).suggested == 0


def test_a_season_returns_however_long_ago_it_was() -> None:
    year = [80, 160, 240, 320] + [0] * (SEASON - 4)
    found = planned(history(*year, *year))
    assert found.forecast.method is ForecastMethod.SEASONAL_NAIVE
    assert found.forecast.weekly == (80 + 160 + 240) / 3, "for the 14 days of the lead time and the 7 of the review"
    assert found.suggested > 0


def test_what_is_not_sold_any_more_is_neither_ordered_nor_missed() -> None:
    past = history(*[10] * 20, waiting=5)
    gone, kept = planned(past, sold=False), planned(past)
    assert (gone.forecast.weekly, gone.suggested, wrong_with(gone, past, Limits(), AT)) == (10, 0, [])
    assert kept.suggested > 0
    assert wrong_with(kept, past, Limits(), AT) == [AlertKind.STOCKOUT]


def test_what_is_kept_back_is_not_available_and_what_is_drafted_is_not_suggested_again() -> None:
    past, aims = history(*[10] * 20, free=5), Aims(at=AT, service_level=0.95, review_days=7)
    supply = Supply(lead_time=LeadTime(mean_days=14))
    keeping = Keeping(safety_stock_target=2, limits=Limits())
    found = plan_level(past, supply, keeping, aims)
    assert (found.available, found.position, found.urgency) == (3, 3, 2)
    assert found.suggested == found.levels.order_up_to - 3
    assert plan_level(past, supply, replace(keeping, safety_stock_target=9), aims).available == 0
    drafted = plan_level(past, replace(supply, drafted=found.suggested), keeping, aims)
    assert (drafted.suggested, drafted.position) == (0, 3)


def test_demand_counts_until_the_last_day_of_its_class() -> None:
    past = history(*[6] * 40)
    edge = replace(past, last_demand_at=AT - timedelta(days=180))
    over = replace(past, last_demand_at=AT - timedelta(days=180, seconds=1))
    assert (planned(edge).forecast.weekly, planned(over).forecast.weekly) == (6, 0)
