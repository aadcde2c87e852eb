"""What a step looks at and what it costs; and the routing scenarios of HotWax's public documentation, in our words."""

from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.channels.states import LocationKind
from oms_api.domain.inventory.sourcing import Demand
from oms_api.domain.sourcing.candidates import Journey, why_not
from oms_api.domain.sourcing.costs import GoodsFacts, minor, scarce
from oms_api.domain.sourcing.places import IDLE, LocationLoad, Map, PlaceFacts, Spot, Zone, kilometres
from oms_api.domain.sourcing.profile import Profile, Scarcity, ShipmentRate, Step, major, millionths, step_of, stored_step
from oms_api.domain.sourcing.states import SourceBy
from oms_api.domain.sourcing.strategy import ProfileStrategy
from oms_api.kernel.ids import LocationId, SkuId
from oms_api.kernel.money import TooManyDecimals
from tests.factories.sourcing import CENT

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BERLIN, PARIS = (52.52, 13.405), (48.857, 2.352)
SKUS = [SkuId(UUID(int=100 + n)) for n in range(9)]


def place(number: int, **more: Any) -> PlaceFacts:
    known: dict[str, Any] = {"code": f"L{number}", "name": f"L{number}", "kind": LocationKind.STORE, **more}
    return PlaceFacts(id=LocationId(UUID(int=number)), **known)


def journey(**more: Any) -> Journey:
    return Journey(more.pop("to", Spot()), more.pop("now", NOON), **more)


@pytest.mark.parametrize(
    ("step", "facts", "work", "said"),
    [
        (Step(name="s", location_groups=("a",)), {"groups": frozenset({"b"})}, IDLE, "in no group of a"),
        (Step(name="s", location_kinds=(LocationKind.WAREHOUSE,)), {}, IDLE, "a STORE"),
        (Step(name="s", same_country=True), {"spot": Spot("FR")}, IDLE, "in another country"),
        (Step(name="s", same_country=True), {"spot": Spot("DE")}, IDLE, None),
        (Step(name="s", same_zone=True), {"spot": Spot("DE", zones=frozenset({"z"}))}, IDLE, None),
        (Step(name="s", same_zone=True), {"spot": Spot("DE")}, IDLE, "in another zone"),
        (Step(name="s", max_distance_km=500), {"spot": Spot("FR", point=PARIS)}, IDLE, "877 km away, more than 500"),
        (Step(name="s", max_distance_km=900), {"spot": Spot("FR", point=PARIS)}, IDLE, None),
        (Step(name="s", max_distance_km=900), {}, IDLE, "its distance is not known"),
        (Step(name="s"), {"open_order_limit": 3}, LocationLoad(open_orders=3), "has 3 open fulfillment orders of 3"),
        (Step(name="s", orders_per_day=2), {}, LocationLoad(today=2), "began 2 fulfillment orders today of 2"),
        (Step(name="s", cut_off=time(14)), {"time_zone": "Europe/Berlin"}, IDLE, "after 14:00 there"),
        (Step(name="s", cut_off=time(14)), {"time_zone": "Europe/London"}, IDLE, None),
    ],
)
def test_a_step_refuses_a_location_with_a_reason(
    step: Step, facts: dict[str, Any], work: LocationLoad, said: str | None
) -> None:
    to = Spot("DE", point=BERLIN, zones=frozenset({"z"}))
    assert why_not(step, place(1, **facts), work, journey(to=to)) == said


def test_a_step_is_stored_and_read_as_it_was() -> None:
    step = Step(
        name="s", by=SourceBy.COST, location_kinds=(LocationKind.STORE,), cut_off=time(14, 30), destination_zones=("a", "b"),
        keep_back=4, serves_part=True,
    )  # fmt: skip
    assert step_of(stored_step(step)) == step
    assert step_of(stored_step(Step(name="s"))) == Step(name="s")


def test_zones_are_found_by_prefix_and_range_and_lend_their_centre() -> None:
    zones = Map(
        [
            Zone(code="all", country="DE", centre=(51.0, 10.0)),
            Zone(code="north", country="DE", prefixes=("2",), centre=(53.5, 10.0)),
            Zone(code="mid", country="DE", ranges=(("30", "34"),)),
            Zone(code="paris", country="FR", prefixes=("75",)),
        ]
    )
    assert zones.spot("DE", "20 095", None) == Spot("DE", "20095", (53.5, 10.0), frozenset({"all", "north"}))
    assert zones.spot("DE", "34999", None).zones == {"all", "mid"}
    assert zones.spot("DE", "35000", None).zones == {"all"}
    assert zones.spot("DE", None, BERLIN) == Spot("DE", None, BERLIN, frozenset({"all"}))
    assert zones.spot(None, None, None) == Spot()


def test_distances_are_those_of_the_earth() -> None:
    assert round(kilometres(BERLIN, PARIS)) == 877
    assert kilometres(PARIS, PARIS) == 0


def test_scarcity_grows_as_cover_shrinks() -> None:
    rule = Scarcity(days=10, per_unit=200 * CENT)
    a_unit_a_day = 1000
    assert [minor(scarce(rule, a_unit_a_day, stock), "EUR") for stock in (20, 10, 5, 1, 0)] == [0, 0, 100, 180, 200]
    assert scarce(rule, 0, 0) == 0


def test_amounts_are_rounded_once() -> None:
    assert [minor(each, "EUR") for each in (0, 4_999, 5_000, 14_999, 15_000)] == [0, 0, 1, 1, 2]
    assert [minor(5_500_000, currency) for currency in ("EUR", "JPY", "KWD")] == [550, 6, 5_500]


@given(st.decimals(0, 1_000_000, places=6))
def test_amounts_are_kept_to_the_millionth(amount: Decimal) -> None:
    assert major(millionths(amount)) == amount
    with pytest.raises(TooManyDecimals):
        millionths(amount + Decimal("0.0000001"))


def serve(
    profile: Profile, places: list[PlaceFacts], stock: dict[tuple[int, int], int], *wanted: int, **more: Any
) -> tuple[dict[str, int], ProfileStrategy]:
    """Return how many units each place serves of *wanted* units of the first SKUs."""
    facts = {each.id: each for each in places}
    to = more.pop("to", Spot())
    goods = more.pop("goods", GoodsFacts())
    strategy = ProfileStrategy(profile, facts, goods, journey(to=to), "EUR", **more)
    demands = [Demand(at, SKUS[at], units) for at, units in enumerate(wanted) if units]
    there = {(SKUS[sku], places[at].id): units for (at, sku), units in stock.items()}
    sources, missing = strategy.source(demands, [each.id for each in places], dict(there), partly=False)
    served: dict[str, int] = {}
    for taken in sources:
        served[facts[taken.location_id].code] = served.get(facts[taken.location_id].code, 0) + taken.quantity
    return ({} if missing else served), strategy


# The scenarios: a warehouse first, then outlets, then retail stores; a store keeps four units back where another can serve; of
# several the one with most stock, then the nearest. A customer orders up to five different articles.

WAREHOUSE = place(1, code="warehouse", kind=LocationKind.WAREHOUSE, groups=frozenset({"warehouses"}))
OUTLET = place(2, code="outlet", groups=frozenset({"outlets"}), spot=Spot("US", point=(40.0, -75.0)))
NEAR_OUTLET = place(3, code="near outlet", groups=frozenset({"outlets"}), spot=Spot("US", point=(40.6, -74.0)))
RETAIL = place(4, code="retail", groups=frozenset({"retail"}), spot=Spot("US", point=(40.7, -74.0)))
NEW_YORK = Spot("US", point=(40.71, -74.0))
ANY_STORE = ("outlets", "retail")
PLENTY = Scarcity(days=30, per_unit=100 * CENT)
ROUTING = Profile(
    code="shops",
    number=1,
    steps=(
        Step(name="warehouse", location_groups=("warehouses",), serves_part=True),
        Step(name="a store that keeps four", location_groups=ANY_STORE, keep_back=4, may_split=False, by=SourceBy.COST),
        Step(name="an outlet", location_groups=("outlets",), may_split=False, by=SourceBy.DISTANCE),
        Step(name="a retail store", location_groups=("retail",), may_split=False, by=SourceBy.DISTANCE),
        Step(name="several stores", location_groups=ANY_STORE, by=SourceBy.DISTANCE),
    ),
    rates=(ShipmentRate(fixed=500 * CENT),),
    scarcity=PLENTY,
)
PLACES = [WAREHOUSE, OUTLET, NEAR_OUTLET, RETAIL]
W, FAR, N, R = range(4)


def routed(stock: dict[tuple[int, int], int], *wanted: int) -> dict[str, int]:
    daily = {(sku, each.id): 1000 for sku in SKUS for each in PLACES}  # one unit a day: cover is stock
    fresh = [replace(each) for each in PLACES]
    return serve(ROUTING, fresh, stock, *wanted, to=NEW_YORK, goods=GoodsFacts(daily=daily))[0]


def test_1_the_rest_of_an_order_comes_from_the_store_that_keeps_its_four() -> None:
    stock = {(W, 0): 1, (W, 1): 1, (W, 2): 1, (FAR, 3): 9, (FAR, 4): 9, (N, 3): 2, (N, 4): 2}
    assert routed(stock, 1, 1, 1, 1, 1) == {"warehouse": 3, "outlet": 2}


def test_2_of_two_stores_that_both_have_the_rest_the_one_that_keeps_more_of_it_back() -> None:
    stock = {(W, 0): 1, (W, 1): 1, (W, 2): 1, (FAR, 3): 5, (FAR, 4): 5, (N, 3): 5, (N, 4): 4}
    assert routed(stock, 1, 1, 1, 1, 1) == {"warehouse": 3, "outlet": 2}


def test_3_where_each_store_keeps_four_of_one_article_only_the_nearest_has_both() -> None:
    stock = {(W, 0): 1, (W, 1): 1, (W, 2): 1, (FAR, 3): 5, (FAR, 4): 1, (N, 3): 1, (N, 4): 5}
    assert routed(stock, 1, 1, 1, 1, 1) == {"warehouse": 3, "near outlet": 2}


def test_4_an_order_that_no_warehouse_has_comes_from_one_store_that_has_all() -> None:
    stock = {(N, sku): 2 for sku in range(5)} | {(R, sku): 2 for sku in range(4)}
    assert routed(stock, 1, 1, 1, 1, 1) == {"near outlet": 5}


def test_5_a_single_article_comes_from_the_store_that_keeps_its_four() -> None:
    assert routed({(N, 0): 3, (R, 0): 6}, 1) == {"retail": 1}


def test_6_of_several_stores_with_all_articles_an_outlet_comes_before_retail() -> None:
    stock = {(at, sku): 2 for at in (FAR, N, R) for sku in range(5)}
    assert routed(stock, 1, 1, 1, 1, 1) == {"near outlet": 5}


def test_7a_where_nobody_keeps_four_the_outlet_comes_before_the_nearer_retail_store() -> None:
    assert routed({(FAR, 0): 1, (FAR, 1): 1, (R, 0): 1, (R, 1): 1}, 1, 1) == {"outlet": 2}


def test_7b_of_the_stores_that_keep_four_the_one_with_most_stock() -> None:
    assert routed({(FAR, 0): 9, (FAR, 1): 9, (N, 0): 6, (N, 1): 6}, 1, 1) == {"outlet": 2}


def test_8_the_warehouse_comes_before_every_store() -> None:
    stock = {(at, sku): 9 for at in range(4) for sku in range(2)}
    assert routed(stock, 1, 1) == {"warehouse": 2}


def test_9_what_the_warehouse_lacks_comes_from_the_nearest_outlet() -> None:
    assert routed({(W, 0): 1, (FAR, 1): 1, (N, 1): 1}, 1, 1) == {"warehouse": 1, "near outlet": 1}


def test_10_an_outlet_warehouse_comes_before_a_retail_warehouse_and_all_stores() -> None:
    outlet = place(5, code="outlet warehouse", kind=LocationKind.WAREHOUSE, groups=frozenset({"warehouses"}))
    stock = {(at, sku): 9 for at in range(3) for sku in range(2)}
    served, _ = serve(ROUTING, [outlet, replace(WAREHOUSE), replace(RETAIL)], stock, 1, 1, to=NEW_YORK)
    assert served == {"outlet warehouse": 2}


def test_11_a_warehouse_with_little_stock_still_comes_before_stores_with_much() -> None:
    assert routed({(W, 0): 2, (W, 1): 2, (FAR, 0): 9, (FAR, 1): 9, (R, 0): 9, (R, 1): 9}, 1, 1) == {"warehouse": 2}


def test_suppliers_come_last_whatever_they_cost() -> None:
    supplier = place(6, code="supplier", kind=LocationKind.SUPPLIER)
    profile = Profile(
        code="p",
        number=1,
        steps=(Step(name="s", by=SourceBy.COST, suppliers_last=True),),
        rates=(ShipmentRate(from_location="supplier", fixed=1 * CENT), ShipmentRate(fixed=900 * CENT)),
    )
    both = [supplier, place(7, code="shop")]
    assert serve(profile, both, {(0, 0): 5, (1, 0): 5}, 3)[0] == {"shop": 3}
    assert serve(profile, both, {(0, 0): 5, (1, 0): 2}, 3)[0] == {"supplier": 3}


def test_weight_and_handling_decide_by_whole_numbers() -> None:
    rates = (
        ShipmentRate(from_location="L1", fixed=300 * CENT, per_kg=100 * CENT),
        ShipmentRate(from_location="L2", fixed=400 * CENT, per_unit=30 * CENT),
    )
    profile = Profile(code="p", number=1, steps=(Step(name="s", by=SourceBy.COST),), rates=rates)
    goods = GoodsFacts(grams={SKUS[0]: 450})
    two = [place(1), place(2)]
    assert serve(profile, two, {(0, 0): 9, (1, 0): 9}, 2, goods=goods)[0] == {"L1": 2}  # 3.90 against 4.60
    served, strategy = serve(profile, two, {(0, 0): 9, (1, 0): 9}, 9, goods=goods)
    assert served == {"L2": 9}  # 7.05 against 6.70
    (decided,) = strategy.decisions
    costs = {each.location.int: (each.cost, dict(each.terms), each.rejected) for each in decided.candidates}
    assert costs == {
        1: (705, {"shipment": 300, "weight": 405}, "costs 0.35 more"),
        2: (670, {"shipment": 400, "handling": 270}, None),
    }
