"""Demand counts when it was asked for: also what waited, what was canceled later, and what was served from elsewhere."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.domain.planning.history import History, histories
from oms_api.domain.planning.states import AbcClass
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.plan_stock import classes_at
from tests.domain.test_stock_plan import line_of, planned, sold
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.raw import raw
from tests.factories.trading import Shop, line

NOW = datetime.now(UTC)


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


async def history(shop: Shop, sku: SkuRow, place: int = 0, at: datetime | None = None) -> History:
    async def known(tx: Tx, _: None) -> History:
        mine = (InventoryLevelRow.sku_id == sku.id, InventoryLevelRow.location_id == shop.locations[place].id)
        (level,) = await tx.values(raw(select(InventoryLevelRow.id).where(*mine)))
        return (await histories(tx, [level], at or datetime.now(UTC)))[level]

    return await shop.work.execute(SYSTEM, known, None)


async def demand(shop: Shop, sku: SkuRow, place: int = 0, at: datetime | None = None) -> list[int | None]:
    return (await history(shop, sku, place, at)).demand


async def oversold(shop: Shop, sku: SkuRow, *units: int) -> None:
    """Sell so many units a week of a SKU that is out of stock."""
    rule = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=sku.id), policy=Oversell.BACKORDER)
    await shop.work.execute(SYSTEM, set_oversell, rule)
    await sold(shop, sku, *units)


async def test_what_waits_is_demand_and_counts_once_when_it_is_served(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    await oversold(shop, sku, *[20] * 10)
    found = await line_of(work, await planned(work), sku, shop.locations[0].id)
    assert (round(found.weekly), found.backordered) == (20, 195)
    assert found.suggested == found.order_up_to + 195
    before = await demand(shop, sku)
    assert before == [20] * 10
    await Given(work).adjust(sku.id, shop.locations[0].id, 70)
    while await work.execute(SYSTEM, fill_waiting, Batch(1)):
        pass
    assert await demand(shop, sku) == before
    assert await demand(shop, sku, at=NOW - timedelta(weeks=4)) == [20] * 6


async def test_weeks_without_demand_are_known_where_units_that_are_not_there_are_sold(shop: Shop) -> None:
    sku = await shop.stocked(9, at=NOW - timedelta(weeks=16))
    await shop.place(line(sku, 9), at=NOW - timedelta(weeks=13.5))
    await oversold(shop, sku, 6, 0, 0, 0, 6, 0, 0, 0, 6, 0, 0)
    assert await demand(shop, sku) == [9, None, None, 6, 0, 0, 0, 6, 0, 0, 0, 6, 0, 0]


async def test_what_is_canceled_was_not_asked_for_in_the_week_of_its_order(shop: Shop) -> None:
    sku = await shop.stocked(50)
    for week in (6, 4, 2):
        order = await shop.place(line(sku, 10), at=NOW - timedelta(weeks=week - 0.5))
        if week == 4:
            await shop.cancel(order.id)
    assert await demand(shop, sku) == [10, 0, 0, 0, 10, 0]
    assert await demand(shop, sku, at=NOW - timedelta(minutes=1)) == [10, 0, 10, 0, 10, 0]


async def test_an_article_of_which_all_was_canceled_was_never_asked_for(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(10)
    order = await shop.place(line(sku, 10), at=NOW - timedelta(weeks=4))
    await shop.cancel(order.id)
    found = await line_of(work, await planned(work), sku)
    assert (found.weekly, found.suggested, found.alerts) == (Decimal(0), 0, [])
    assert found.last_demand_at is None


async def test_waiting_units_that_were_canceled_are_no_demand(shop: Shop) -> None:
    sku = await shop.stocked(1)
    await oversold(shop, sku)
    order = await shop.place(line(sku, 8), at=NOW - timedelta(weeks=3.5))
    await shop.place(line(sku, 4), at=NOW - timedelta(weeks=1.5))
    (ordered,) = await shop.lines(order.id)
    await shop.cancel(order.id, (ordered.id, 5))
    assert await demand(shop, sku) == [3, 0, 4, 0]


async def test_what_was_lost_and_found_elsewhere_is_demand_there_when_it_was_ordered(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(6, 6)
    order = await shop.place(line(sku, 6), at=NOW - timedelta(weeks=2.5))
    keeper = Keeper(work, shop.locations[0])
    await keeper.adjust(sku, -4)
    await keeper.source(order.id)
    assert (await demand(shop, sku, 0), await demand(shop, sku, 1)) == ([2, 0, 0], [4, 0, 0])
    await shop.cancel(order.id)
    assert (await history(shop, sku, 1)).last_demand_at is None


async def test_what_was_canceled_adds_no_value(shop: Shop, work: UnitOfWork) -> None:
    dear, sku = await shop.stocked(90_000), await shop.stocked(90_000)
    await shop.cancel((await shop.place(line(dear, 60_000))).id)
    await shop.place(line(sku, 50_000))
    async with work.reads(SYSTEM) as read:
        classes = await classes_at(read, await planned(work))
    assert (classes[sku.id], classes[dear.id]) == (AbcClass.A, AbcClass.C)
