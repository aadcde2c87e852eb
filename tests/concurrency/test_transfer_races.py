"""Transfers with real commits: both ways at once, the same act twice, and against sales of the same units."""

from random import Random

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.transfers.states import TransferResolution
from tests.factories.given import Given
from tests.factories.moving import Road
from tests.factories.racing import race
from tests.factories.trading import Shop, line


async def units(road: Road, skus: list[SkuRow]) -> int:
    """Return how many units of *skus* lie at both ends together."""
    return sum([sum(map(sum, await road.stock(sku))) for sku in skus])


async def test_transfers_both_ways_at_once_neither_block_nor_lose_anything(many: UnitOfWork) -> None:
    there = await Road.build(many)
    skus = await there.goods(*[100] * 8)
    for sku in skus:
        await Given(many).adjust(sku.id, there.destination.id, 100)
    shuffle = Random(5)  # a fixed mixture of lines, in any order

    async def go(road: Road) -> None:
        plan = await road.plan(*((sku, shuffle.randint(1, 3)) for sku in shuffle.sample(skus, 5)))
        await road.ship(plan.id)
        await road.receive(plan.id)

    ways = [there, there.back()]
    assert await race([lambda turn=turn: go(ways[turn % 2]) for turn in range(60)]) == {"done": 60}  # type: ignore[misc]
    assert await units(there, skus) == 1_600


async def test_one_act_is_done_once_whoever_else_tries(many: UnitOfWork) -> None:
    road = await Road.build(many)
    (cup,) = await road.goods(90)
    for _ in range(5):
        plan = await road.plan((cup, 6))
        assert await race([lambda: road.ship(plan.id)] * 4) == {"done": 1, "NOTHING_TO_SEND": 3}  # noqa: B023 - raced before the next
        ends = [lambda: road.receive(plan.id), lambda: road.cancel(plan.id, TransferResolution.RETURN_TO_SOURCE)]  # noqa: B023
        outcomes = await race(ends * 3)
        assert outcomes["done"] == 1
        assert outcomes.keys() <= {"done", "ILLEGAL_MOVE", "NOTHING_IN_TRANSIT"}
    assert await units(road, [cup]) == 90


async def test_parts_called_off_and_received_at_once_are_no_more_than_left(many: UnitOfWork) -> None:
    road = await Road.build(many)
    cup, pot = await road.goods(40, 40)
    for _ in range(4):
        plan = await road.plan((cup, 6), (pot, 6))
        await road.ship(plan.id)
        parts = [lambda: road.cancel(plan.id, TransferResolution.RETURN_TO_SOURCE, (pot, 2), (cup, 2))] * 3  # noqa: B023
        outcomes = await race([*parts, *[lambda: road.receive(plan.id, (cup, 2, 0, 0), (pot, 2, 0, 0))] * 3])  # noqa: B023
        assert outcomes["done"] == 3
        assert outcomes.keys() <= {"done", "ILLEGAL_MOVE", "NOTHING_IN_TRANSIT"}
        assert [each.in_transit for each in await road.lines(plan.id)] == [0, 0]
    assert await units(road, [cup, pot]) == 80


async def test_units_are_sold_or_sent_but_never_both(many: UnitOfWork) -> None:
    road = await Road.build(many)
    shop = Shop(many, await Given(many).channel(locations=(road.origin,)), (road.origin,))
    (cup,) = await road.goods(60)
    plans = [await road.plan((cup, 2)) for _ in range(25)]
    sendings = [lambda plan=plan: road.ship(plan.id) for plan in plans]
    outcomes = await race([*sendings, *[lambda: shop.place(line(cup, 2))] * 25])
    assert outcomes["done"] == 30
    assert outcomes.keys() <= {"done", "BELOW_ZERO", "INSUFFICIENT_STOCK"}
    (free, committed, *_), _ = await road.stock(cup)
    sent = sum([(await road.lines(plan.id))[0].sent for plan in plans])
    assert (free, committed + sent) == (0, 60)
