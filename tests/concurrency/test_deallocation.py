"""Promises taken back while others ship, cancel, order and reserve the same units: no deadlock, and every unit explained."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from random import Random

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.inventory.commands.sync import Synced
from tests.factories.given import Given
from tests.factories.keeping import Keeper
from tests.factories.racing import race
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, line


async def test_a_feed_races_shipments_and_cancels_of_the_same_units(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    keeper = Keeper(many, shop.locations[0])
    for _ in range(3):
        sku = await shop.stocked(40)
        orders = [await shop.place(line(sku, 2)) for _ in range(20)]
        works = [(await shop.works(order.id))[0] for order in orders]
        fed: list[Synced] = []
        await race(
            [
                *(partial(shop.ship, work.id) for work in works[::2]),
                partial(fed_into, fed, keeper.sync((sku, 25), as_of=datetime.now(UTC))),
                *(partial(shop.cancel, order.id) for order in orders[1::2]),
            ]
        )
        assert [outcome.error for outcome in fed[0].outcomes] == [None]
        left = await Given(many).level(sku.id, shop.locations[0].id)
        lines = [(await shop.lines(order.id))[0] for order in orders]
        assert left.on_hand == 25 - sum(each.shipped for each in lines)
        assert left.committed == sum(each.in_fulfillment for each in lines)
        assert sum(each.unsourced + each.canceled + each.in_fulfillment + each.shipped for each in lines) == 40


async def fed_into(fed: list[Synced], feed: Awaitable[Synced]) -> None:
    fed.append(await feed)


async def test_everything_at_once_over_the_same_levels(many: UnitOfWork) -> None:
    shop = await Shop.open(many, locations=2)
    keepers, checkouts = [Keeper(many, location) for location in shop.locations], Checkouts(shop)
    skus = [await shop.stocked(40, 40) for _ in range(4)]
    dice = Random(5)  # a fixed mixture
    orders = [await shop.place(*(line(sku, 2) for sku in dice.sample(skus, 2))) for _ in range(16)]

    async def order() -> None:
        placed = await shop.place(*(line(sku, dice.randint(1, 3)) for sku in dice.sample(skus, 2)))
        await keepers[0].source(placed.id)

    async def checkout() -> None:
        held = await checkouts.reserve(*(wanted(sku, 2) for sku in dice.sample(skus, 2)))
        await checkouts.order(held.id, *(line(sku, 1) for sku in dice.sample(skus, 2)))

    async def end(number: int) -> None:
        if number % 2:
            await shop.cancel(orders[number].id)
        else:
            for work in await shop.works(orders[number].id):
                await shop.ship(work.id)
        await keepers[0].source(orders[number].id)

    attempts: list[Callable[[], Awaitable[object]]] = [
        *[order] * 10,
        *[checkout] * 6,
        *(partial(end, number) for number in range(16)),
        *(partial(keeper.sync, *((sku, 15) for sku in dice.sample(skus, 4))) for keeper in keepers * 3),
        *(partial(keeper.set, dice.choice(skus), 12) for keeper in keepers * 2),
        *(partial(keeper.adjust, dice.choice(skus), -3) for keeper in keepers * 2),
        *(partial(keeper.move, dice.choice(skus), 2) for keeper in keepers * 2),
    ]
    dice.shuffle(attempts)
    outcomes = await race(attempts)
    assert outcomes["done"] >= len(attempts) // 3
    assert set(outcomes) <= {
        "done", "INSUFFICIENT_STOCK", "BELOW_ZERO", "BUSY", "FULFILLMENT_ORDER_NOT_OPEN", "ILLEGAL_MOVE", "ALREADY_SHIPPED",
        "NOTHING_TO_CANCEL",
    }  # fmt: skip


async def test_of_many_who_replace_the_same_number_one_wins(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    keeper, sku = Keeper(many, shop.locations[0]), await shop.stocked(10)
    outcomes = await race([partial(keeper.set, sku, units, expected=10) for units in range(11, 23)])
    assert outcomes == {"done": 1, "STALE_QUANTITY": 11}


async def test_one_feed_told_by_many_at_once_is_applied_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    keeper, skus = Keeper(many, shop.locations[0]), [await shop.stocked(9) for _ in range(5)]
    moment, shuffle = datetime.now(UTC), Random(3)
    feeds = [partial(keeper.sync, *((sku, 4) for sku in shuffle.sample(skus, 5)), as_of=moment, source="wms") for _ in range(8)]
    assert await race(feeds) == {"done": 8}
    for sku in skus:
        level = await Given(many).level(sku.id, shop.locations[0].id)
        assert (level.on_hand, level.sequence) == (4, 2)
