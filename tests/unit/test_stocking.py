"""The levels of periodic review, proven by playing them: they keep the service level that was asked for."""

from dataclasses import dataclass
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.planning.stocking import NOT_STOCKED, LeadTime, OrderRules, Stocking, stocking
from oms_api.kernel.quantities import LARGEST_QUANTITY

CYCLES = 4_000
TOLERANCE = 0.015


@dataclass(frozen=True, kw_only=True)
class World:
    """Demand and supply as they are, and what is asked for."""

    weekly: float
    deviation: float
    lead_days: float
    spread_days: float = 0
    review_days: int = 7
    service: float = 0.95

    @property
    def levels(self) -> Stocking:
        return stocking(
            weekly=self.weekly,
            deviation=self.deviation,
            lead_time=LeadTime(mean_days=self.lead_days, deviation_days=self.spread_days),
            service_level=self.service,
            review_days=self.review_days,
        )


def played(world: World, levels: Stocking, seed: int = 7) -> tuple[float, float]:
    """Return the share of cycles that ended before stock did, and the mean units on hand; demand and lead times are normal.

    Day by day: what was ordered comes, buyers come (those who find nothing wait), and every review orders up to the level.
    """
    chance = Random(seed)
    stock = float(levels.order_up_to)
    coming: list[tuple[int, float]] = []
    kept = cycles = day = 0
    held = 0.0
    while cycles < CYCLES:
        day += 1
        for arrival in sorted(order for order in coming if order[0] <= day):
            coming.remove(arrival)
            kept, cycles = kept + (stock >= 0), cycles + 1
            stock += arrival[1]
        stock -= max(chance.gauss(world.weekly / 7, world.deviation / 7**0.5), 0)
        held += max(stock, 0)
        if day % world.review_days == 0:
            needed = levels.needed(ceil(stock + sum(units for _, units in coming)))
            if needed:
                coming.append((day + max(round(chance.gauss(world.lead_days, world.spread_days)), 0) + 1, needed))
    return kept / cycles, held / day


WORLDS = [
    World(weekly=70, deviation=10, lead_days=14),
    World(weekly=70, deviation=10, lead_days=14, service=0.9),
    World(weekly=70, deviation=15, lead_days=14, spread_days=4),
    World(weekly=700, deviation=120, lead_days=3, service=0.98),
    World(weekly=70, deviation=15, lead_days=28, review_days=14),
    World(weekly=70, deviation=12, lead_days=7, review_days=28, service=0.8),
    World(weekly=14, deviation=2.5, lead_days=10, review_days=1, service=0.9),
]


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_stock_lasts_in_the_share_of_cycles_that_was_asked_for(world: World) -> None:
    service, held = played(world, world.levels)
    assert service >= world.service - TOLERANCE
    most = world.levels.safety_stock + 2 * world.weekly / 7 * world.review_days
    assert held <= most + 1


def test_a_reorder_point_for_the_lead_time_alone_would_not_do() -> None:
    world = WORLDS[0]
    cycle = ceil(world.weekly / 7 * world.review_days)
    late = Stocking(
        safety_stock=world.levels.safety_stock,
        reorder_point=world.levels.reorder_point - cycle,
        order_up_to=world.levels.order_up_to - cycle,
    )
    assert played(world, late)[0] < 0.7


def test_safety_stock_covers_demand_and_lead_time_until_the_next_order_comes() -> None:
    levels = World(weekly=70, deviation=20, lead_days=14, spread_days=7).levels
    assert levels.safety_stock == ceil(1.6449 * (3 * 20**2 + 70**2 * 1**2) ** 0.5)
    assert levels.reorder_point == 210 + levels.safety_stock
    assert levels.order_up_to == 280 + levels.safety_stock
    assert levels.needed(levels.reorder_point) == 70
    assert levels.needed(levels.reorder_point + 1) == 0


@pytest.mark.parametrize(("weekly", "deviation"), [(0, 3), (0.0015, 0.01), (2e-15, 0), (0.1, 0)])
def test_what_nobody_asks_for_is_not_stocked(weekly: float, deviation: float) -> None:
    levels = World(weekly=weekly, deviation=deviation, lead_days=14, service=0.99).levels
    assert levels == NOT_STOCKED
    assert levels.needed(0) == 0


@given(
    st.builds(
        World,
        weekly=st.floats(0, 1e6),
        deviation=st.floats(0, 1e6),
        lead_days=st.floats(0, 400),
        spread_days=st.floats(0, 100),
        review_days=st.integers(1, 365),
        service=st.floats(0.501, 0.9999),
    )
)
def test_an_order_always_brings_something(world: World) -> None:
    levels = world.levels
    assert levels == NOT_STOCKED or levels.needed(levels.reorder_point) > 0


@pytest.mark.parametrize(("units", "ordered"), [(0, 0), (1, 24), (24, 24), (25, 36), (36, 36), (37, 48)])
def test_orders_come_in_packs_and_of_at_least_the_minimum(units: int, ordered: int) -> None:
    assert OrderRules(minimum=20, pack=12).order(units) == ordered


def test_an_order_is_never_more_than_an_order_can_hold() -> None:
    assert OrderRules(minimum=LARGEST_QUANTITY, pack=5).order(1) == LARGEST_QUANTITY - 2
    assert OrderRules().order(10**12) == LARGEST_QUANTITY
