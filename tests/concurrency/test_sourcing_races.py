"""Many orders at once that a profile sources by cost: nothing is sold twice, and nothing is left lying."""

from functools import partial

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.sourcing.profile import ShipmentRate, Step
from oms_api.domain.sourcing.states import SourceBy
from tests.factories.racing import race
from tests.factories.sourcing import CENT, Sourced
from tests.factories.trading import findings, line


async def test_twenty_orders_share_what_three_locations_have(many: UnitOfWork) -> None:
    shop = await Sourced.of(many, one=None, two=None, three=None)
    rates = tuple(
        ShipmentRate(from_location=place.code, fixed=100 * CENT * at) for at, place in enumerate(shop.locations, start=1)
    )
    await shop.sourced_by(Step(name="cheapest", by=SourceBy.COST), rates=rates, split_penalty=50 * CENT)
    for _ in range(3):
        sku = await shop.stock_at(one=5, two=5, three=5)
        assert await race([partial(shop.place, line(sku, 1))] * 20) == {"done": 15, "INSUFFICIENT_STOCK": 5}
        assert [await shop.stock(sku, place) for place in range(3)] == [(0, 5)] * 3
    assert await findings(many) == []


async def test_two_orders_that_together_want_all_units_both_get_theirs(many: UnitOfWork) -> None:
    shop = await Sourced.of(many, one=None, two=None)
    await shop.sourced_by(Step(name="cheapest", by=SourceBy.COST), rates=(ShipmentRate(fixed=100 * CENT),))
    for _ in range(5):
        sku = await shop.stock_at(one=3, two=3)
        assert await race([partial(shop.place, line(sku, 3))] * 2) == {"done": 2}
        assert [await shop.stock(sku, place) for place in range(2)] == [(0, 3)] * 2


async def test_a_profile_that_is_activated_meanwhile_decides_from_then_on(many: UnitOfWork) -> None:
    shop = await Sourced.of(many, one=None, two=None)
    await shop.sourced_by(Step(name="first"))
    sku = await shop.stock_at(one=50, two=50)
    second = Step(name="second", location_groups=(await shop.group("two"),))
    attempts = [partial(shop.place, line(sku, 1))] * 8
    assert await race([*attempts, partial(shop.now_by, second), *attempts]) == {"done": 17}
    order = await shop.place(line(sku, 1))
    assert await shop.served(order.id) == {"two": 1}
