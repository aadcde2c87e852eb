"""All that happens in a market at once with real commits: the books add up, and nobody who waits is overtaken."""

import asyncio
from collections.abc import Mapping
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.fulfillment.tables import AllocationRow
from oms_api.domain.orders.tables import OrderLineRow
from oms_api.kernel.ids import OrderId
from tests.factories.given import SYSTEM
from tests.factories.keeping import Keeper
from tests.factories.market import Dice, Market
from tests.factories.racing import Attempt, race
from tests.factories.raw import raw
from tests.factories.stockroom import Stockroom
from tests.factories.trading import findings

ROUNDS = 8
ACTS = (
    *("place",) * 7, *("adjust",) * 4, *("ship",) * 4, "place_together", "place_together", "reserve", "reserve", "order_held",
    "extend", "release", "expire_holds", "cancel", "fill", "source_again", "peg", "days_pass", "start", "put_back", "buy",
    "plan_transfer", "change_rule", "keep_back", "change_locations", "announce", "ship_transfer", "move", "move", "set", "sync",
    "count", "count", "receive", "receive_transfer", "cancel_transfer", "take_back", "set_expired_aside", "change_expiry",
)  # fmt: skip


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> range:
    return range(60 if request.config.getoption("soak") else 3)


async def test_whatever_happens_at_once_the_books_add_up(many: UnitOfWork, seeds: range) -> None:
    for seed in seeds:
        dice, told = Dice(seed), list[str]()
        market = await Stockroom.open(many, dice)
        for _ in range(ROUNDS):
            acts = [(dice.choice(ACTS), dice.randrange(2**16)) for _ in range(12)]
            await asyncio.gather(*(market.carry_out(*act, told.append) for act in acts))
        assert (await findings(many), told) == ([], told)


async def test_nobody_who_waits_is_overtaken(many: UnitOfWork, seeds: range) -> None:
    for seed in seeds:
        dice = Dice(seed)
        market = await Market.open(many, dice)
        for _ in range(ROUNDS):
            await settled(market)
            waited, before = await waiting(market), {sold.id for sold in market.orders}
            await race(at_once(market, dice))
            await settled(market)
            still = [row for key, row in (await waiting(market)).items() if key in waited]
            given = await promised(market, {sold.id for sold in market.orders} - before)
            assert [row for row in still if given & could_have(market, row)] == []


def could_have(market: Market, row: BackorderRow) -> set[tuple[UUID, UUID]]:
    """Return the SKU with each of the locations that may serve whoever waits."""
    (shop,) = [shop for shop in market.shops if shop.channel.id == row.channel_id]
    return {(row.sku_id, place.id) for place in shop.locations if row.pinned_to in {None, place.id}}


def at_once(market: Market, dice: Dice) -> list[Attempt]:
    """Return newcomers, goods that come, and those who serve and promise."""
    newcomers: list[Attempt] = [
        partial(market.sell, dice.one(market.shops), [(dice.one(market.skus), dice.units())]) for _ in range(8)
    ]
    goods: list[Attempt] = [
        partial(Keeper(market.work, dice.one(market.locations)).adjust, dice.one(market.skus), dice.units(1, 3))
        for _ in range(3)
    ]
    serving: list[Attempt] = [partial(act, dice) for act in (market.fill, market.fill, market.peg)]
    return dice.several([*newcomers, *goods, *serving], 14)


async def settled(market: Market) -> None:
    await market.expire_holds(Dice(0))
    await market.fill(Dice(0))


async def waiting(market: Market) -> Mapping[UUID, BackorderRow]:
    table, skus = BackorderRow, [sku.id for sku in market.skus]
    async with market.work.reads(SYSTEM) as read:
        return {row.id: row for row in await read.all(raw(select(table).where(table.waiting > 0, table.sku_id.in_(skus))))}


async def promised(market: Market, orders: set[OrderId]) -> set[tuple[UUID, UUID]]:
    """Return of which SKUs units at which locations were promised to *orders*."""
    found = select(OrderLineRow.sku_id, AllocationRow.location_id).join(AllocationRow, AllocationRow.line_id == OrderLineRow.id)
    async with market.work.reads(SYSTEM) as read:
        return {(sku, place) for sku, place in await read.all(raw(found.where(AllocationRow.order_id.in_(orders))))}
