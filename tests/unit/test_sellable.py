"""Those who wait come before newcomers: by priority, from the locations and the stock that are theirs to take."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.inventory.sellable import LevelSnapshot, Sellable, Waiting
from oms_api.domain.inventory.sourcing import Demand, LevelKey
from oms_api.kernel.ids import LevelId, LocationId, SkuId

SHIRT = SkuId(UUID(int=1))
NORTH, SOUTH = LocationId(UUID(int=2)), LocationId(UUID(int=3))
levels = st.fixed_dictionaries({
    (SHIRT, place): st.tuples(st.integers(0, 9), st.integers(0, 9)).map(
        lambda units: LevelSnapshot(LevelId(UUID(int=9)), max(units[0] - units[1], 0), units[0])
    )
    for place in (NORTH, SOUTH)
})  # fmt: skip
places = st.sampled_from([(NORTH,), (SOUTH,), (NORTH, SOUTH), (SOUTH, NORTH)])
waiters = st.lists(
    st.builds(
        Waiting,
        sku_id=st.just(SHIRT),
        priority=st.integers(0, 2),
        units=st.integers(1, 9),
        sells_safety_stock=st.booleans(),
        locations=places,
    ),
    max_size=4,
).map(lambda waiting: sorted(waiting, key=lambda each: -each.priority))


def waits(units: int, *places: LocationId, priority: int = 0, sells_safety_stock: bool = False) -> Waiting:
    return Waiting(SHIRT, priority, units, sells_safety_stock, places)


def stocked(free: int, kept: int = 0, place: LocationId = NORTH) -> dict[LevelKey, LevelSnapshot]:
    return {(SHIRT, place): LevelSnapshot(LevelId(UUID(int=9)), max(free - kept, 0), free)}


def test_a_newcomer_gets_what_those_who_wait_leave() -> None:
    stock = Sellable.of(stocked(5), [waits(3, NORTH)])
    newcomer = waits(0, NORTH)
    assert stock.promisable(newcomer, SHIRT) == 2
    assert stock.source(newcomer, [Demand(0, SHIRT, 3)]) == ([], {SHIRT: 1})
    sources, _ = stock.source(newcomer, [Demand(0, SHIRT, 2)])
    assert [taken.quantity for taken in sources] == [2]
    assert stock.promisable(newcomer, SHIRT) == 0


def test_a_higher_priority_does_not_wait_for_lower_ones() -> None:
    stock = Sellable.of(stocked(5), [waits(3, NORTH, priority=1), waits(3, NORTH)])
    assert [stock.promisable(waits(0, NORTH), SHIRT, priority=each) for each in (0, 1, 2)] == [0, 2, 5]


def test_who_may_not_take_safety_stock_keeps_nobody_from_it() -> None:
    stock = Sellable.of(stocked(5, kept=5), [waits(3, NORTH)])
    assert stock.promisable(waits(0, NORTH, sells_safety_stock=True), SHIRT) == 5


def test_nobody_takes_the_safety_stock_behind_units_that_others_wait_for() -> None:
    stock = Sellable.of(stocked(9, kept=4), [waits(3, NORTH)])
    assert stock.promisable(waits(0, NORTH, sells_safety_stock=True), SHIRT) == 2


def test_who_waits_for_another_location_keeps_nobody_from_this_one() -> None:
    assert Sellable.of(stocked(5), [waits(3, SOUTH)]).promisable(waits(0, NORTH), SHIRT) == 5


@given(levels, waiters, places, st.booleans(), st.integers(0, 2), st.integers(1, 9))
def test_serving_a_newcomer_leaves_everybody_ahead_what_they_would_have_had(
    held: dict[LevelKey, LevelSnapshot],
    waiting: list[Waiting],
    served_by: tuple[LocationId, ...],
    safety: bool,
    priority: int,
    units: int,
) -> None:
    stock = Sellable.of(held, waiting)
    _, still = stock.after_waiting(priority)
    sources, _ = stock.source(
        waits(0, *served_by, sells_safety_stock=safety), [Demand(0, SHIRT, units)], priority=priority, partly=True
    )
    left, still_after = stock.after_waiting(priority)
    assert still_after == still
    assert all(count >= 0 for count in (*left.free.values(), *left.available.values()))
    assert sum(taken.quantity for taken in sources) <= units
