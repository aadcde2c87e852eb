"""Those who wait, newcomers, and whoever promises or cancels, all at once with real commits."""

import asyncio
from random import Random

import psycopg
import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.peg_backorders import peg_backorders
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, findings, line

ROUNDS = 5


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


async def sells(shop: Shop, policy: Oversell) -> None:
    await shop.work.execute(SYSTEM, set_oversell, SetOversell(channel_id=shop.channel.id, sku=None, policy=policy))


def deadlocks(database: Database) -> int:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        found = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return int(found[0]) if found else 0


async def test_newcomers_that_come_together_leave_those_who_wait_their_units(shop: Shop, work: UnitOfWork) -> None:
    for _ in range(ROUNDS):
        sku = await shop.stocked(0)
        await sells(shop, Oversell.BACKORDER)
        await shop.place(line(sku, 4))
        await Given(work).adjust(sku.id, shop.locations[0].id, 6)
        await sells(shop, Oversell.DENY)
        outcomes = await asyncio.gather(*(shop.place(line(sku, 2)) for _ in range(8)), return_exceptions=True)
        refused = [each for each in outcomes if isinstance(each, InsufficientStock)]
        assert (len(outcomes) - len(refused), len(refused)) == (1, 7)


async def test_checkouts_that_come_together_leave_those_who_wait_their_units(shop: Shop, work: UnitOfWork) -> None:
    checkouts = Checkouts(shop)
    for _ in range(ROUNDS):
        sku = await shop.stocked(0)
        await sells(shop, Oversell.BACKORDER)
        await shop.place(line(sku, 4))
        await Given(work).adjust(sku.id, shop.locations[0].id, 6)
        outcomes = await asyncio.gather(*(checkouts.reserve(wanted(sku, 2)) for _ in range(8)), return_exceptions=True)
        refused = [each for each in outcomes if isinstance(each, InsufficientStock)]
        assert (len(outcomes) - len(refused), len(refused)) == (1, 7)


async def test_canceling_serving_and_promising_what_waits_do_not_block_each_other(
    shop: Shop, work: UnitOfWork, database: Database
) -> None:
    await sells(shop, Oversell.BACKORDER)
    skus, shuffle = [await shop.stocked(0) for _ in range(8)], Random(7)
    before = deadlocks(database)
    for _ in range(ROUNDS):
        orders = [await shop.place(*(line(sku, 1) for sku in shuffle.sample(skus, 8))) for _ in range(12)]
        for sku in skus[:3]:
            await Given(work).adjust(sku.id, shop.locations[0].id, 2)

        async def serve() -> None:
            while await work.execute(SYSTEM, fill_waiting, 1):
                pass

        promising = [work.execute(SYSTEM, peg_backorders, shuffle.sample([sku.id for sku in skus], 8)) for _ in range(4)]
        canceling = [shop.cancel(order.id) for order in orders[:8]]
        outcomes = await asyncio.gather(*promising, *canceling, serve(), return_exceptions=True)
        assert [each for each in outcomes if isinstance(each, BaseException)] == []
    assert deadlocks(database) == before
    assert await findings(work) == []
