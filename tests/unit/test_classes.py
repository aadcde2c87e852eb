"""Where one class ends and the next begins, how old stock is, and from when on something is wrong with a level."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from oms_api.domain.planning.classes import Inflow, abc_classes, ages, days_of_cover, xyz_class
from oms_api.domain.planning.forecast import Forecast
from oms_api.domain.planning.history import History
from oms_api.domain.planning.plan import Planned, urgency, wrong_with
from oms_api.domain.planning.states import AbcClass, AlertKind, ForecastMethod, XyzClass
from oms_api.domain.planning.stocking import Stocking

AT = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Limits:
    most_days: int = 70
    dead_after_days: int = 180


def test_an_article_belongs_to_the_class_in_which_its_value_begins() -> None:
    found = abc_classes({"first": 80.0, "second": 15.0, "third": 5.0, "unsold": 0.0})
    assert found == {"first": AbcClass.A, "second": AbcClass.B, "third": AbcClass.C, "unsold": AbcClass.C}
    assert abc_classes({"sold": 1.0, "returned": -3.0})["returned"] is AbcClass.C
    assert abc_classes({"only": 1.0}) == {"only": AbcClass.A}
    assert abc_classes({"nothing": 0.0}) == {"nothing": AbcClass.C}
    assert abc_classes({"first": 79.0, "second": 16.0, "third": 5.0}) == {
        "first": AbcClass.A,
        "second": AbcClass.A,
        "third": AbcClass.C,
    }


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        ([], XyzClass.Z),
        ([0, 0], XyzClass.Z),
        ([10, 10], XyzClass.X),
        ([5, 15], XyzClass.X),
        ([4, 16], XyzClass.Y),
        ([0, 20], XyzClass.Y),
        ([0, 0, 20], XyzClass.Z),
    ],
)
def test_demand_is_as_steady_as_its_variation(demand: list[int], expected: XyzClass) -> None:
    assert xyz_class(demand) is expected


def test_units_are_as_old_as_what_came_last() -> None:
    inflows = [Inflow(30, 1), Inflow(31, 2), Inflow(90, 3), Inflow(365, 4), Inflow(366, 5)]
    assert ages(15, inflows) == [1, 5, 0, 4, 5]
    assert ages(4, inflows) == [1, 3, 0, 0, 0]
    assert ages(20, inflows) == [1, 5, 0, 4, 10]
    assert ages(0, inflows) == [0, 0, 0, 0, 0]


def test_cover_is_counted_in_days() -> None:
    assert (days_of_cover(10, 35.0), days_of_cover(0, 1.0), days_of_cover(9, 0.0)) == (2.0, 0.0, None)
    assert (urgency(2.9, -5), urgency(None, -1)) == (2, 0)


def planned(*, available: int, position: int, weekly: float = 7.0, reorder_point: int = 20) -> Planned:
    return Planned(
        forecast=Forecast(
            method=ForecastMethod.MEAN, weekly=weekly, deviation=0.0, missed=0.0, beyond=0.0, naive_missed=0.0, demanded=1
        ),
        xyz=XyzClass.X,
        available=available,
        position=position,
        levels=Stocking(safety_stock=0, reorder_point=reorder_point, order_up_to=40),
        suggested=0,
        urgency=0,
        ages=[],
    )


SOUND = planned(available=21, position=21)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (SOUND, []),
        (replace(SOUND, position=20), [AlertKind.LOW_STOCK]),
        (planned(available=1, position=21), []),
        (planned(available=0, position=21), [AlertKind.STOCKOUT]),
        (planned(available=0, position=0), [AlertKind.STOCKOUT]),
        (planned(available=0, position=0, reorder_point=0), [AlertKind.STOCKOUT]),
        (planned(available=0, position=0, reorder_point=-1), []),
        (planned(available=1, position=0, reorder_point=0), [AlertKind.LOW_STOCK]),
        (planned(available=1, position=-9, reorder_point=-1), []),
        (planned(available=70, position=70), []),
        (planned(available=71, position=71), [AlertKind.OVERSTOCK]),
        (planned(available=71, position=71, weekly=0.0), []),
    ],
)
def test_something_is_wrong_from_the_limit_on(found: Planned, expected: list[AlertKind]) -> None:
    assert wrong_with(found, History(), Limits(), AT) == expected


@pytest.mark.parametrize(("idle_days", "on_hand", "dead"), [(180, 5, False), (181, 5, True), (181, 0, False)])
def test_stock_is_dead_when_nobody_asked_for_longer_than_its_class_allows(idle_days: int, on_hand: int, *, dead: bool) -> None:
    past = History(on_hand=on_hand, inflows=[Inflow(idle_days, 5)], last_demand_at=AT - timedelta(days=idle_days))
    assert wrong_with(SOUND, past, Limits(), AT) == [AlertKind.DEAD_STOCK] * dead
