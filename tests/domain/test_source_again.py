"""Looking for units again: for what lost its promise, over the order's channel, by the rules that orders are placed by."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.tables import AllocationRow
from oms_api.jobs.tasks import react
from oms_api.kernel.ids import OrderId
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper, staged, waiting
from tests.factories.raw import raw
from tests.factories.trading import Shop, by_hand, findings, line


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=3)


@pytest.fixture
def keeper(work: UnitOfWork, shop: Shop) -> Keeper:
    return Keeper(work, shop.locations[0])


@pytest.fixture(autouse=True)
async def sound(work: UnitOfWork) -> AsyncIterator[None]:
    yield
    assert await findings(work) == []


async def test_lost_units_come_from_the_next_locations_as_far_as_they_go(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(8, 2, 3)
    order = await shop.place(line(sku, 8))
    await keeper.adjust(sku, -7)
    assert await keeper.source(order.id) == 5
    assert await waiting(shop.work, order.id) == [(2, 0, 6)]
    assert [await shop.stock(sku, place) for place in range(3)] == [(0, 1), (0, 2), (0, 3)]
    works = await shop.works(order.id)
    assert [work.status for work in works] == ["OPEN"] * 3
    table = AllocationRow
    async with shop.work.reads(SYSTEM) as read:
        made = await read.all(raw(select(table).where(table.order_id == order.id).order_by(table.id)))
    assert [(row.location_id, row.quantity, row.in_fulfillment, row.released) for row in made] == [
        (shop.locations[0].id, 8, 1, 7),
        (shop.locations[1].id, 2, 2, 0),
        (shop.locations[2].id, 3, 3, 0),
    ]
    assert made[1].reason == "number 2 in the channel's priority, as far as its stock went"
    (event,) = await staged(shop.work, "ORDER_SOURCED", order.id)
    assert [6 in change for change in (event.changes or {}).values()] == [True]


async def test_done_again_it_finds_nothing_left_to_do(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(4, 4)
    order = await shop.place(line(sku, 4))
    await keeper.adjust(sku, -4)
    assert [await keeper.source(order.id) for _ in range(3)] == [4, 0, 0]
    assert (await shop.order(order.id)).fulfillment_status == "ALLOCATED"
    assert len(await staged(shop.work, "ORDER_SOURCED", order.id)) == 1


async def test_what_was_sourced_again_ships_and_can_be_lost_again(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(4, 4)
    order = await shop.place(line(sku, 4))
    await keeper.adjust(sku, -4)
    await keeper.source(order.id)
    second = Keeper(shop.work, shop.locations[1])
    await second.adjust(sku, -1)
    assert await waiting(shop.work, order.id) == [(1, 0, 3)]
    (work,) = [work for work in await shop.works(order.id) if work.status == "OPEN"]
    await shop.deliver((await shop.ship(work.id)).value.id)
    (only,) = await shop.lines(order.id)
    await shop.cancel(order.id, (only.id, 1))
    assert (await shop.order(order.id)).status == "COMPLETED"


async def test_nothing_is_promised_where_no_orders_are_accepted(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(4, 3, 9)
    order = await shop.place(line(sku, 4))
    off = UpdateLocation(location_id=shop.locations[1].id, changes={"accepts_orders": False})
    await shop.work.execute(SYSTEM, update_location, off)
    await keeper.adjust(sku, -4)
    assert await keeper.source(order.id) == 4
    assert [await shop.stock(sku, place) for place in range(3)] == [(0, 0), (3, 0), (5, 4)]


async def test_safety_stock_and_inactive_locations_are_left_alone(shop: Shop, keeper: Keeper, database: Database) -> None:
    sku = await shop.stocked(4, 3, 9)
    order = await shop.place(line(sku, 4))
    second = f"sku_id = '{sku.id}' AND location_id = '{shop.locations[1].id}'"
    by_hand(
        database.admin_url,
        f"UPDATE inventory_level SET safety_stock_target = 2 WHERE {second}",
        f"UPDATE location SET status = 'INACTIVE' WHERE id = '{shop.locations[2].id}'",
    )
    await keeper.adjust(sku, -4)
    assert await keeper.source(order.id) == 1
    assert await waiting(shop.work, order.id) == [(3, 0, 1)]


async def test_lines_of_one_sku_share_what_there_is(shop: Shop, keeper: Keeper) -> None:
    cup, spoon = await shop.stocked(6, 3), await shop.stocked(9)
    bundle = await Given(shop.work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 1})
    order = await shop.place(line(cup, 3), line(bundle, 3))
    await keeper.adjust(cup, -6)
    assert await keeper.source(order.id) == 3
    cups, sets, *parts = await waiting(shop.work, order.id)
    assert (cups, sets) == ((0, 0, 3), (3, 0, 0))
    assert sorted(parts) == [(0, 0, 3), (3, 0, 0)]


async def test_orders_that_are_over_or_unknown_get_nothing(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(4, 4)
    order = await shop.place(line(sku, 4))
    await keeper.adjust(sku, -4)
    await shop.cancel(order.id)
    assert await keeper.source(order.id) == 0
    assert await keeper.source(OrderId(sku.id)) == 0
    assert await shop.stock(sku, 1) == (4, 0)


async def test_a_lost_promise_sets_off_the_search(shop: Shop, keeper: Keeper, database: Database) -> None:
    sku = await shop.stocked(6, 9)
    orders = [await shop.place(line(sku, 3)) for _ in range(2)]
    await keeper.adjust(sku, -6)
    await relay_all(database.owner_url, SUBSCRIBERS)
    while await react(shop.work, SUBSCRIBERS.reactions["source_again"]):
        pass
    assert [await waiting(shop.work, order.id) for order in orders] == [[(0, 0, 3)], [(0, 0, 3)]]
    assert await shop.stock(sku, 1) == (3, 6)


async def test_what_no_location_has_waits_for_supply_where_the_channel_sells_it(shop: Shop, keeper: Keeper) -> None:
    sku, denied = await shop.stocked(5, 1), await shop.stocked(5)
    for each, policy in ((sku, Oversell.BACKORDER), (denied, Oversell.DENY)):
        rule = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=each.id), policy=policy)
        await shop.work.execute(SYSTEM, set_oversell, rule)
    order = await shop.place(line(sku, 5), line(denied, 5))
    await keeper.sync((sku, 2), (denied, 3))
    assert await waiting(shop.work, order.id) == [(3, 0, 2), (2, 0, 3)]
    assert await keeper.source(order.id) == 1
    assert await waiting(shop.work, order.id) == [(0, 2, 3), (2, 0, 3)]
    assert await keeper.source(order.id) == 0
    await Given(shop.work).adjust(sku.id, shop.locations[0].id, 1)
    assert await keeper.source(order.id, backordered=True) == 1
    assert await waiting(shop.work, order.id) == [(0, 1, 4), (2, 0, 3)]
    (lost, _) = await staged(shop.work, "ORDER_SOURCED", order.id)
    first, _ = await shop.lines(order.id)
    told = {name.rpartition(".")[2]: change for name, change in (lost.changes or {}).items()}
    assert told == {"inFulfillment": [2, 3], "backordered": [0, 2]}
    await shop.cancel(order.id, (first.id, 1))
    assert await waiting(shop.work, order.id) == [(0, 0, 4), (2, 0, 3)]
