"""Transfers from surplus to need: what a plan wants to have, beside how levels stand now."""

from datetime import timedelta
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.policies import LocationChanges
from oms_api.domain.channels.states import Activity, Oversell
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.planning.positions import positions_now
from oms_api.domain.planning.queries import lines_of_skus
from oms_api.domain.planning.surplus import SuggestedTransfer, suggested_transfers
from oms_api.domain.planning.tables import StockPlanLineRow, StockPlanRow
from tests.domain.test_stock_plan import NOW, line_of, planned, sold
from tests.factories.given import SYSTEM, Given
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as bought
from tests.factories.trading import Shop, line


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


async def suggested(work: UnitOfWork, plan: StockPlanRow, sku: SkuRow) -> list[SuggestedTransfer]:
    """Return the transfers of *sku* that are suggested now."""
    async with work.reads(SYSTEM) as read:
        return suggested_transfers(await lines_of_skus(read, plan.id, [sku.id]), await positions_now(read, [sku.id]))


async def as_planned(work: UnitOfWork, plan: StockPlanRow, sku: SkuRow) -> list[SuggestedTransfer]:
    """Return the transfers of *sku* that were to be suggested when the plan was made."""
    async with work.reads(SYSTEM) as read:
        return suggested_transfers(await lines_of_skus(read, plan.id, [sku.id]))


async def both(work: UnitOfWork, plan: StockPlanRow, sku: SkuRow, shop: Shop) -> tuple[StockPlanLineRow, StockPlanLineRow]:
    """Return the plan of the shop's two levels."""
    here, there = [await line_of(work, plan, sku, place.id) for place in shop.locations]
    return here, there


async def test_surplus_is_moved_to_where_it_is_needed(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(90, 400)
    await sold(shop, sku, *[10] * 9)
    plan = await planned(work)
    here, there = shop.locations
    poor, _ = await both(work, plan, sku, shop)
    assert poor.suggested > 0
    expected = [SuggestedTransfer(sku.id, there.id, here.id, poor.suggested)]
    assert await as_planned(work, plan, sku) == expected
    assert await suggested(work, plan, sku) == expected


async def test_what_is_moved_is_what_is_needed_not_what_a_supplier_would_send(shop: Shop, work: UnitOfWork) -> None:
    buyer, sku = await Buyer.open(work), await shop.stocked(130, 900)
    await buyer.supplied(sku, minimum_quantity=500, pack_size=500)
    await sold(shop, sku, *[10] * 10)
    plan = await planned(work)
    here, there = shop.locations
    poor, _ = await both(work, plan, sku, shop)
    assert (poor.available, poor.suggested) == (30, 500)
    assert await suggested(work, plan, sku) == [SuggestedTransfer(sku.id, there.id, here.id, poor.order_up_to - 30)]


async def test_nothing_is_wanted_at_a_location_that_takes_part_in_nothing_new(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(90, 400)
    await sold(shop, sku, *[10] * 9)
    closed = UpdateLocation(location_id=shop.locations[0].id, changes=LocationChanges(status=Activity.INACTIVE))
    await work.execute(SYSTEM, update_location, closed)
    plan = await planned(work)
    poor, _ = await both(work, plan, sku, shop)
    assert (poor.suggested, poor.alerts) == (0, [])
    assert await suggested(work, plan, sku) == []


async def test_what_was_moved_is_suggested_no_more_however_far_it_got(shop: Shop, work: UnitOfWork) -> None:
    """One location has 60 more than is to be had; two others want more than that, the first of them at once."""
    sku, other = await shop.stocked(90, 60), await Shop.open(work)
    await sold(shop, sku, *[10] * 9)
    await Given(work).adjust(sku.id, other.locations[0].id, 95, NOW - timedelta(days=80))
    await sold(other, sku, *[10] * 9)
    plan = await planned(work)
    (first, _), origin = shop.locations, shop.locations[1]
    second = other.locations[0]
    to_first, to_second = await suggested(work, plan, sku)
    assert (to_first.destination_id, to_second.destination_id) == (first.id, second.id)
    assert to_first.quantity + to_second.quantity == 60
    road = Road(work, origin, first)
    transfer = await road.plan((sku, to_first.quantity), ready=False)
    assert await suggested(work, plan, sku) == [to_second]
    await road.ready(transfer.id)
    assert await suggested(work, plan, sku) == [to_second]
    await road.ship(transfer.id, (sku, 7))
    assert await suggested(work, plan, sku) == [to_second]
    await road.ship(transfer.id)
    assert await suggested(work, plan, sku) == [to_second]
    await road.receive(transfer.id, (sku, 5, 0, 0))
    assert await suggested(work, plan, sku) == [to_second]
    await road.receive(transfer.id)
    assert await suggested(work, plan, sku) == [to_second]
    await sent(road, sku, second, to_second.quantity)
    assert await suggested(work, plan, sku) == []


async def sent(road: Road, sku: SkuRow, destination: LocationRow, units: int) -> None:
    """Let units leave the road's origin and arrive elsewhere."""
    other = Road(road.work, road.origin, destination)
    transfer = await other.plan((sku, units))
    await other.ship(transfer.id)
    await other.receive(transfer.id)


async def test_what_was_sold_or_came_since_the_plan_counts(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(90, 400)
    await sold(shop, sku, *[10] * 9)
    plan = await planned(work)
    here, there = shop.locations
    poor, rich = await both(work, plan, sku, shop)
    await Given(work).adjust(sku.id, there.id, 10 - rich.available)
    assert [each.quantity for each in await suggested(work, plan, sku)] == [10]
    await Given(work).adjust(sku.id, here.id, poor.order_up_to)
    assert await suggested(work, plan, sku) == []


async def test_units_that_wait_since_the_plan_are_needed_too(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(90), await Given(work).location()
    await Given(work).adjust(sku.id, other.id, 400)
    await sold(shop, sku, *[10] * 9)
    plan = await planned(work)
    (before,) = await suggested(work, plan, sku)
    await work.execute(SYSTEM, set_oversell, SetOversell(channel_id=shop.channel.id, policy=Oversell.BACKORDER))
    await shop.place(line(sku, 7))
    (after,) = await suggested(work, plan, sku)
    assert after.quantity == before.quantity + 7


@pytest.mark.parametrize("drafted_before", [True, False])
async def test_a_purchase_order_counts_once_as_a_draft_and_when_it_is_ordered(
    shop: Shop, work: UnitOfWork, drafted_before: Any
) -> None:
    sku = await shop.stocked(90, 400)
    await sold(shop, sku, *[10] * 9)
    buyer = await Buyer.open(work)
    buyer.location = shop.locations[0]
    await buyer.supplied(sku)
    if drafted_before:
        draft = (await buyer.write(bought(sku, 10))).value
    plan = await planned(work)
    poor, _ = await both(work, plan, sku, shop)
    if not drafted_before:
        draft = (await buyer.write(bought(sku, 10))).value
    for step in (None, buyer.submit):
        if step is not None:
            await step(draft.id)
        assert [each.quantity for each in await suggested(work, plan, sku)] == [poor.order_up_to - 10]
    await buyer.receive(draft.id)
    assert [each.quantity for each in await suggested(work, plan, sku)] == [poor.order_up_to - 10]
