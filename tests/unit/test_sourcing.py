"""Which location serves which line: never more than there is, all or nothing, the first location first."""

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.inventory.sourcing import Demand, LevelKey, source
from oms_api.kernel.ids import LocationId, SkuId

SKUS = [SkuId(UUID(int=number)) for number in range(1, 4)]
PLACES = [LocationId(UUID(int=number)) for number in range(11, 15)]
keys = st.tuples(st.sampled_from(SKUS), st.sampled_from(PLACES))
stocks = st.dictionaries(keys, st.integers(0, 6))
wishes = st.one_of(st.none(), st.sampled_from(PLACES))
demands = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 6), wishes), min_size=1, max_size=6).map(
    lambda rows: [Demand(line, sku, quantity, wish) for line, (sku, quantity, wish) in enumerate(rows)]
)
served_by = st.permutations(PLACES).flatmap(lambda order: st.integers(0, len(order)).map(lambda n: order[:n]))


@given(demands, served_by, stocks)
def test_all_is_served_or_nothing_is_taken(wanted: list[Demand], places: list[LocationId], stock: dict[LevelKey, int]) -> None:
    before = dict(stock)
    sources, missing = source(wanted, places, stock)
    if missing:
        assert sources == []
        assert stock == before
        assert all(units > 0 for units in missing.values())
        return
    served = Counter[int]()
    taken = Counter[LevelKey]()
    for one in sources:
        served[one.line] += one.quantity
        taken[one.sku_id, one.location_id] += one.quantity
        assert one.quantity > 0
        assert one.reason
        assert one.location_id in places
        assert wanted[one.line].location_id in {None, one.location_id}
        assert wanted[one.line].sku_id == one.sku_id
    assert served == Counter({demand.line: demand.quantity for demand in wanted})
    for key, units in before.items():
        assert stock[key] == units - taken[key] >= 0


@given(st.integers(1, 12), stocks)
def test_an_earlier_location_is_emptied_before_a_later_one_is_asked(quantity: int, stock: dict[LevelKey, int]) -> None:
    before = dict(stock)
    sources, missing = source([Demand(0, SKUS[0], quantity)], PLACES, stock)
    there = sum(before.get((SKUS[0], place), 0) for place in PLACES)
    assert bool(missing) is (there < quantity)
    assert missing.get(SKUS[0], 0) == max(quantity - there, 0)
    places = [one.location_id for one in sources]
    assert places == sorted(places, key=PLACES.index)
    for place in places[:-1]:
        assert stock[SKUS[0], place] == 0


def test_a_wish_is_not_served_from_elsewhere() -> None:
    stock = {(SKUS[0], PLACES[0]): 1, (SKUS[0], PLACES[1]): 9}
    assert source([Demand(0, SKUS[0], 2, PLACES[0])], PLACES, stock) == ([], {SKUS[0]: 1})
    (only,), _ = source([Demand(0, SKUS[0], 2, PLACES[1])], PLACES, stock)
    assert (only.location_id, only.reason) == (PLACES[1], "the order asked for this location")


def test_a_location_that_a_line_is_barred_from_is_passed_over() -> None:
    stock = dict.fromkeys(((SKUS[0], place) for place in PLACES), 5)
    sources, _ = source([Demand(0, SKUS[0], 2, barred=(PLACES[0],)), Demand(1, SKUS[0], 2)], PLACES, stock)
    assert [taken.location_id for taken in sources] == [PLACES[1], PLACES[0]]
