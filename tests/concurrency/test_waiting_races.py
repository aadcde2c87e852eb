"""Those who wait, newcomers, and whoever promises or cancels, all at once with real commits."""

from functools import partial
from random import Random

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.events.sweeps import Batch
from oms_api.workflows.assign_supply import assign_supply
from oms_api.workflows.fill_waiting import fill_waiting
from tests.factories.given import SYSTEM, Given
from tests.factories.racing import Attempt, race
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, line

ROUNDS = 5


@pytest.fixture
async def shop(many: UnitOfWork) -> Shop:
    return await Shop.open(many)


async def sells(shop: Shop, policy: Oversell) -> None:
    await shop.work.execute(SYSTEM, set_oversell, SetOversell(channel_id=shop.channel.id, sku=None, policy=policy))


async def test_newcomers_that_come_together_leave_those_who_wait_their_units(shop: Shop, many: UnitOfWork) -> None:
    for _ in range(ROUNDS):
        sku = await shop.stocked(0)
        await sells(shop, Oversell.BACKORDER)
        await shop.place(line(sku, 4))
        await Given(many).adjust(sku.id, shop.locations[0].id, 6)
        await sells(shop, Oversell.DENY)
        assert await race([partial(shop.place, line(sku, 2))] * 8) == {"done": 1, "INSUFFICIENT_STOCK": 7}


async def test_checkouts_that_come_together_leave_those_who_wait_their_units(shop: Shop, many: UnitOfWork) -> None:
    checkouts = Checkouts(shop)
    for _ in range(ROUNDS):
        sku = await shop.stocked(0)
        await sells(shop, Oversell.BACKORDER)
        await shop.place(line(sku, 4))
        await Given(many).adjust(sku.id, shop.locations[0].id, 6)
        assert await race([partial(checkouts.reserve, wanted(sku, 2))] * 8) == {"done": 1, "INSUFFICIENT_STOCK": 7}


async def test_canceling_serving_and_promising_what_waits_do_not_block_each_other(shop: Shop, many: UnitOfWork) -> None:
    await sells(shop, Oversell.BACKORDER)
    skus, shuffle = [await shop.stocked(0) for _ in range(8)], Random(7)
    for _ in range(ROUNDS):
        orders = [await shop.place(*(line(sku, 1) for sku in shuffle.sample(skus, 8))) for _ in range(12)]
        for sku in skus[:3]:
            await Given(many).adjust(sku.id, shop.locations[0].id, 2)

        async def serve() -> None:
            while await many.execute(SYSTEM, fill_waiting, Batch(1)):
                pass

        attempts: list[Attempt] = [
            *(partial(many.execute, SYSTEM, assign_supply, shuffle.sample([sku.id for sku in skus], 8)) for _ in range(4)),
            *(partial(shop.cancel, order.id) for order in orders[:8]),
            serve,
        ]
        assert await race(attempts) == {"done": 13}
