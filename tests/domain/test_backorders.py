"""Selling more than there is: what waits, for what, until when, and who is served first."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from oms_api.db.outbox import StagedEvent
from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.deactivate_sku import DeactivateSku, deactivate_sku
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.calendar import Calendar, DeliveryDays
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.commands.clear_oversell import ClearOversell, clear_oversell
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.policies import LocationChanges
from oms_api.domain.channels.states import Oversell
from oms_api.domain.channels.stock_reports import find_stale, record_report
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.fulfillment.commands.update_order import update_order
from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change, adjust_inventory
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.inventory.promised_days import SupplyKind
from oms_api.domain.inventory.states import AdjustmentReason, OnShortfall
from oms_api.domain.orders.given import PlaceOrder
from oms_api.domain.orders.states import FulfillmentStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.updates import UpdateOrder
from oms_api.domain.purchasing.commands.confirm import LineToConfirm
from oms_api.jobs.tasks import react
from oms_api.kernel.errors import NotFound, OmsError, Refused
from oms_api.kernel.ids import ChannelId, IdKind, OrderId, new_uuid, text_id
from oms_api.workflows.assign_supply import assign_supply, renew_promises
from oms_api.workflows.deallocate import COVERS
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.place_order import PlaceOrders, place_orders
from oms_api.workflows.promise_availability import LineWanted, PromiseAvailability, promise_availability
from oms_api.workflows.source_again import SourceOrder, source_order
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper, staged
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as bought
from tests.factories.raw import raw
from tests.factories.reserving import Checkouts
from tests.factories.reserving import wanted as wanted_for
from tests.factories.trading import Shop, findings, line

EVERY_DAY = Calendar(working_days=(1, 2, 3, 4, 5, 6, 7), delivery=(DeliveryDays(None, 2),))
NOW = datetime.now(UTC)


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    shop = await Shop.open(work)
    changes = LocationChanges(calendar=EVERY_DAY)
    await work.execute(SYSTEM, update_location, UpdateLocation(location_id=shop.locations[0].id, changes=changes))
    return shop


async def oversell(shop: Shop, sku: SkuRow | None = None, policy: Oversell = Oversell.BACKORDER, **more: Any) -> None:
    reference = None if sku is None else SkuRef(id=sku.id)
    await shop.work.execute(SYSTEM, set_oversell, SetOversell(channel_id=shop.channel.id, sku=reference, policy=policy, **more))


async def buyer_for(shop: Shop) -> Buyer:
    buyer = await Buyer.open(shop.work)
    buyer.location = shop.locations[0]
    return buyer


async def waiting(work: UnitOfWork, order: OrderId) -> Sequence[BackorderRow]:
    table = BackorderRow
    async with work.reads(SYSTEM) as read:
        return await read.all(raw(select(table).where(table.order_id == order).order_by(table.id)))


async def filled(work: UnitOfWork) -> int:
    """Serve all who can be served, and return how many orders that were."""
    count = 0
    while await work.execute(SYSTEM, fill_waiting, Batch(1)):
        count += 1
    return count


async def assigned_anew(work: UnitOfWork, database: Database) -> None:
    """Let the reaction see all that has happened."""
    await relay_all(database.owner_url, Subscribers())
    while await react(work, SUBSCRIBERS.reactions["supply_assigned"]):
        pass


async def test_without_a_rule_an_order_is_refused(shop: Shop) -> None:
    sku = await shop.stocked(2)
    with pytest.raises(InsufficientStock):
        await shop.place(line(sku, 3))


async def test_what_is_there_is_allocated_and_the_rest_waits(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(2)
    await oversell(shop, sku)
    order = await shop.place(line(sku, 5))
    (only,) = await shop.lines(order.id)
    assert (only.in_fulfillment, only.backordered, only.unsourced) == (2, 3, 0)
    assert order.fulfillment_status is FulfillmentStatus.PARTIALLY_ALLOCATED
    (row,) = await waiting(work, order.id)
    assert (row.quantity, row.waiting, row.policy, row.ships_on) == (3, 3, Oversell.BACKORDER, None)
    assert await shop.stock(sku) == (0, 2)
    assert await findings(work) == []


async def test_an_order_of_nothing_that_is_there_waits_as_a_whole(shop: Shop, work: UnitOfWork) -> None:
    sku = await Given(work).sku()
    await oversell(shop)
    order = await shop.place(line(sku, 4))
    assert order.fulfillment_status is FulfillmentStatus.BACKORDERED
    assert await shop.works(order.id) == []
    assert await findings(work) == []


async def test_a_rule_of_one_sku_goes_before_that_of_the_channel(shop: Shop) -> None:
    sku, other = await shop.stocked(1), await shop.stocked(1)
    await oversell(shop)
    await oversell(shop, sku, Oversell.DENY)
    await shop.place(line(other, 2))
    with pytest.raises(InsufficientStock):
        await shop.place(line(sku, 2))
    with pytest.raises(InsufficientStock):
        await shop.place(line(other, 2), line(sku, 2))


async def test_no_more_may_wait_than_the_limit(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(1)
    await oversell(shop, sku, limit_units=5)
    await shop.place(line(sku, 4))
    with pytest.raises(InsufficientStock):
        await shop.place(line(sku, 3))
    order = await shop.place(line(sku, 2))
    await shop.cancel(order.id)
    outcomes = await asyncio.gather(*(shop.place(line(sku, 1)) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(outcome, InsufficientStock) for outcome in outcomes) == 4
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(BackorderRow).where(BackorderRow.sku_id == sku.id)))
    assert sum(row.waiting for row in rows) == 5


async def test_a_bundle_shows_the_sets_that_wait(shop: Shop, work: UnitOfWork) -> None:
    cup, box = await shop.stocked(5), await shop.stocked(9)
    gift = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 2, box.code: 1})
    await oversell(shop)
    order = await shop.place(line(gift, 4))
    parent, *_ = await shop.lines(order.id)
    assert (parent.ordered, parent.backordered, parent.in_fulfillment) == (4, 2, 2)
    assert await findings(work) == []


async def test_canceling_takes_what_waits_first(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(2)
    await oversell(shop)
    order = await shop.place(line(sku, 6))
    (only,) = await shop.lines(order.id)
    await shop.cancel(order.id, (only.id, 3))
    (row,) = await waiting(work, order.id)
    assert (row.waiting, row.canceled) == (1, 3)
    await shop.cancel(order.id)
    assert await shop.stock(sku) == (2, 0)
    assert await findings(work) == []


async def test_goods_that_come_serve_the_highest_priority_first_and_then_who_ordered_first(
    shop: Shop, work: UnitOfWork
) -> None:
    sku = await shop.stocked(1)
    await oversell(shop)
    early = await shop.place(line(sku, 3), at=NOW - timedelta(days=2))
    late = await shop.place(line(sku, 2), at=NOW - timedelta(days=1))
    dear = await shop.place(line(sku, 2), priority=9)
    assert await filled(work) == 0
    await Given(work).adjust(sku.id, shop.locations[0].id, 3)
    assert await filled(work) == 2
    served = [(await shop.lines(order.id))[0] for order in (dear, early, late)]
    assert [(only.in_fulfillment, only.backordered) for only in served] == [(2, 0), (2, 1), (0, 2)]
    assert await findings(work) == []


async def test_whoever_is_served_is_told_of(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(0), await shop.stocked(1)
    await oversell(shop)
    order = await shop.place(line(sku, 5), line(other, 3))
    rows = {row.sku_id: row for row in await waiting(work, order.id)}
    for units, was in ((2, 5), (3, 3)):
        await Given(work).adjust(sku.id, shop.locations[0].id, units)
        assert await filled(work) == 1
        event = (await staged(work, "BACKORDER_ALLOCATED", rows[sku.id].id))[-1]
        assert event.changes == {"waiting": [was, was - units], "allocated": [5 - was, 5 - was + units]}
        assert (event.order_id, event.sku_id, event.channel_id) == (order.id, sku.id, shop.channel.id)
        assert event.location_ids == [shop.locations[0].id]
    assert await staged(work, "BACKORDER_ALLOCATED", rows[other.id].id) == []
    (done,) = [row for row in await waiting(work, order.id) if row.sku_id == sku.id]
    assert (done.waiting, done.allocated) == (0, 5)


async def test_what_has_come_is_for_those_who_wait_before_anybody_served_them(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(0)
    await oversell(shop)
    first = await shop.place(line(sku, 4))
    await Given(work).adjust(sku.id, shop.locations[0].id, 6)
    second = await shop.place(line(sku, 3))
    (early,), (late,) = await shop.lines(first.id), await shop.lines(second.id)
    assert (early.in_fulfillment, late.in_fulfillment, late.backordered) == (0, 2, 1)
    assert await filled(work) == 1
    (early,) = await shop.lines(first.id)
    assert (early.in_fulfillment, early.backordered) == (4, 0)
    assert await findings(work) == []


async def test_a_higher_priority_goes_before_those_who_wait(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(0)
    await oversell(shop)
    await shop.place(line(sku, 4))
    await Given(work).adjust(sku.id, shop.locations[0].id, 4)
    dear = await shop.place(line(sku, 3), priority=1)
    (only,) = await shop.lines(dear.id)
    assert (only.in_fulfillment, only.backordered) == (3, 0)


async def test_who_may_not_wait_is_told_what_those_who_wait_leave(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(0)
    await oversell(shop)
    await shop.place(line(sku, 4))
    await oversell(shop, sku, Oversell.DENY)
    await Given(work).adjust(sku.id, shop.locations[0].id, 6)
    with pytest.raises(InsufficientStock) as caught:
        await shop.place(line(sku, 3))
    assert [(short.requested, short.available) for short in caught.value.short] == [(3, 2)]
    wanted = (LineWanted(SkuRef(id=sku.id), 3),)
    (told,) = await work.execute(SYSTEM, promise_availability, PromiseAvailability(channel_id=shop.channel.id, lines=wanted))
    assert (told.sellable, told.promise.missing) == (False, 1)
    await shop.place(line(sku, 2))


async def test_a_checkout_holds_nothing_that_others_wait_for(shop: Shop, work: UnitOfWork) -> None:
    sku, checkouts = await shop.stocked(0), Checkouts(shop)
    await oversell(shop)
    await shop.place(line(sku, 4))
    await Given(work).adjust(sku.id, shop.locations[0].id, 5)
    with pytest.raises(InsufficientStock):
        await checkouts.reserve(wanted_for(sku, 2))
    await checkouts.reserve(wanted_for(sku, 1))


async def test_who_lost_a_promise_comes_before_newcomers(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(3)
    unlucky = await shop.place(line(sku, 3))
    gone = Change(SkuRef(id=sku.id), shop.locations[0].id, -3)
    lost = AdjustInventory(changes=(gone,), reason=AdjustmentReason.LOST, on_shortfall=OnShortfall.DEALLOCATE)
    await work.execute(SYSTEM, partial(adjust_inventory, covers=COVERS), lost)
    await Given(work).adjust(sku.id, shop.locations[0].id, 3)
    with pytest.raises(InsufficientStock):
        await shop.place(line(sku, 1))
    assert await filled(work)
    (only,) = await shop.lines(unlucky.id)
    assert (only.in_fulfillment, only.unsourced) == (3, 0)


async def test_stock_that_those_who_wait_cannot_have_is_for_anybody(work: UnitOfWork) -> None:
    shop = await Shop.open(work, locations=2)
    sku = await shop.stocked(0, 0)
    north = await Given(work).channel(locations=(shop.locations[0],))
    here, there = Shop(work, north, shop.locations), shop
    await oversell(here)
    await here.place(line(sku, 4))
    await Given(work).adjust(sku.id, shop.locations[1].id, 2)
    order = await there.place(line(sku, 2))
    (only,) = await there.lines(order.id)
    assert only.in_fulfillment == 2


async def test_a_line_that_insists_on_a_location_waits_for_that(work: UnitOfWork) -> None:
    shop = await Shop.open(work, locations=2)
    sku = await shop.stocked(0, 1)
    await oversell(shop)
    order = await shop.place(line(sku, 3, location_id=shop.locations[1].id))
    await Given(work).adjust(sku.id, shop.locations[0].id, 5)
    await filled(work)
    (only,) = await shop.lines(order.id)
    assert (only.in_fulfillment, only.backordered) == (1, 2)
    assert {each.location_id for each in await shop.works(order.id)} == {shop.locations[1].id}
    (row,) = await waiting(work, order.id)
    assert row.location_id == shop.locations[1].id
    other = await shop.place(line(sku, 5))
    assert (await shop.lines(other.id))[0].in_fulfillment == 5
    await Given(work).adjust(sku.id, shop.locations[1].id, 2)
    await filled(work)
    assert {each.location_id for each in await shop.works(order.id)} == {shop.locations[1].id}
    assert (await shop.lines(order.id))[0].in_fulfillment == 3


async def test_units_on_a_transfer_that_has_not_left_are_promised_once(work: UnitOfWork) -> None:
    road = await Road.build(work)
    (sku,) = await road.goods(5)
    shop = Shop(work, await Given(work).channel(locations=(road.origin, road.destination)), (road.origin, road.destination))
    await oversell(shop)
    soon = NOW + timedelta(days=10)
    planned = await road.plan((sku, 5), expected_at=soon)
    wanted = (LineWanted(SkuRef(id=sku.id), 10),)
    ask = PromiseAvailability(channel_id=shop.channel.id, lines=wanted)
    (before,) = await work.execute(SYSTEM, promise_availability, ask)
    assert (before.promise.missing, [part.kind for part in before.promise.parts]) == (5, [SupplyKind.STOCK])
    await road.ship(planned.id)
    (after,) = await work.execute(SYSTEM, promise_availability, ask)
    assert (after.promise.missing, [part.kind for part in after.promise.parts]) == (5, [SupplyKind.TRANSFER])


async def test_a_promise_moves_with_the_calendar_of_its_location(work: UnitOfWork, database: Database) -> None:
    shop = await Shop.open(work, locations=2)
    changes = LocationChanges(calendar=EVERY_DAY)
    await work.execute(SYSTEM, update_location, UpdateLocation(location_id=shop.locations[0].id, changes=changes))
    sku, buyer = await shop.stocked(0, 0), await buyer_for(shop)
    await oversell(shop)
    await buyer.supplied(sku)
    soon = NOW + timedelta(days=10)
    await buyer.order(bought(sku, 4, expected_at=soon))
    order = await shop.place(line(sku, 3))
    await assigned_anew(work, database)
    closed = Calendar(working_days=(1, 2, 3, 4, 5, 6, 7), closed_on=frozenset({local(soon)}))
    changes = LocationChanges(calendar=closed)
    await work.execute(SYSTEM, update_location, UpdateLocation(location_id=shop.locations[0].id, changes=changes))
    await assigned_anew(work, database)
    assert (await waiting(work, order.id))[0].ships_on == local(soon) + timedelta(days=1)


async def test_nothing_is_promised_from_where_stock_is_stale(work: UnitOfWork, shop: Shop, database: Database) -> None:
    sku, buyer, place = await shop.stocked(0), await buyer_for(shop), shop.locations[0]
    changes = LocationChanges(stock_valid_minutes=60)
    await work.execute(SYSTEM, update_location, UpdateLocation(location_id=place.id, changes=changes))
    await oversell(shop, sku)
    await buyer.supplied(sku)
    await buyer.order(bought(sku, 2, expected_at=NOW + timedelta(days=3)))
    order, later = await shop.place(line(sku, 2)), datetime.now(UTC) + timedelta(hours=2)
    promised = (await waiting(work, order.id))[0].ships_on
    assert promised is not None
    await UnitOfWork(work.pool, lambda: later).execute(SYSTEM, find_stale, 100)
    await assigned_anew(work, database)
    assert (await waiting(work, order.id))[0].ships_on is None
    await UnitOfWork(work.pool, lambda: later).execute(SYSTEM, partial(record_report, at=later), [place.id])
    await assigned_anew(work, database)
    assert (await waiting(work, order.id))[0].ships_on == promised


async def test_goods_that_have_come_do_not_take_the_promise_away(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(0), await buyer_for(shop)
    await oversell(shop)
    await buyer.supplied(sku)
    soon, later = NOW + timedelta(days=10), NOW + timedelta(days=20)
    await buyer.order(bought(sku, 9, expected_at=later))
    first, second = await shop.place(line(sku, 3)), await shop.place(line(sku, 3))
    await Given(work).adjust(sku.id, shop.locations[0].id, 3)
    assert await work.execute(SYSTEM, assign_supply, [sku.id]) == 0
    assert [(await waiting(work, order.id))[0].ships_on for order in (first, second)] == [local(later)] * 2
    await buyer.order(bought(sku, 3, expected_at=soon))
    assert await work.execute(SYSTEM, assign_supply, [sku.id]) == 1
    assert [(await waiting(work, order.id))[0].ships_on for order in (first, second)] == [local(later), local(soon)]


async def test_who_lost_units_takes_what_comes_before_those_who_ordered_later(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(3), await buyer_for(shop)
    await buyer.supplied(sku)
    soon, later = NOW + timedelta(days=10), NOW + timedelta(days=20)
    await buyer.order(bought(sku, 3, expected_at=soon))
    await buyer.order(bought(sku, 3, expected_at=later))
    await shop.place(line(sku, 3))
    gone = Change(SkuRef(id=sku.id), shop.locations[0].id, -3)
    lost = AdjustInventory(changes=(gone,), reason=AdjustmentReason.LOST, on_shortfall=OnShortfall.DEALLOCATE)
    await work.execute(SYSTEM, partial(adjust_inventory, covers=COVERS), lost)
    await oversell(shop)
    order = await shop.place(line(sku, 3))
    assert (await waiting(work, order.id))[0].ships_on == local(later)
    assert await work.execute(SYSTEM, assign_supply, [sku.id]) == 0


async def test_a_preorder_leaves_on_its_day_by_the_clock_of_where_it_lies(work: UnitOfWork) -> None:
    given = Given(work)
    east, west = await given.location(time_zone="Asia/Tokyo"), await given.location(time_zone="America/New_York")
    for place in (east, west):
        changes = LocationChanges(calendar=EVERY_DAY)
        await work.execute(SYSTEM, update_location, UpdateLocation(location_id=place.id, changes=changes))
    shop = Shop(work, await given.channel(locations=(east, west)), (east, west))
    sku, buyer, day = await shop.stocked(0), await Buyer.open(work), local(NOW) + timedelta(days=40)
    buyer.location = west
    await oversell(shop, sku, Oversell.PREORDER, ships_on=day)
    await buyer.supplied(sku)
    await buyer.order(bought(sku, 3, expected_at=NOW + timedelta(days=5)))
    order = await shop.place(line(sku, 1))
    assert (await waiting(work, order.id))[0].ships_on == day


async def test_an_order_that_somebody_is_busy_with_holds_up_nobody(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(0)
    await oversell(shop)
    first, second = await shop.place(line(sku, 2)), await shop.place(line(sku, 2))
    await filled(work)
    await Given(work).adjust(sku.id, shop.locations[0].id, 4)

    async def busy(tx: Tx, _none: None) -> int:
        await tx.fetch(("SELECT id FROM orders WHERE id = $1::uuid FOR UPDATE", (first.id,)))
        return await filled(work)

    assert await work.execute(SYSTEM, busy, None) == 1
    assert (await shop.lines(second.id))[0].in_fulfillment == 2
    assert await filled(work) == 1


async def test_those_who_wait_are_served_from_where_a_newcomer_is_not(work: UnitOfWork) -> None:
    both = await Shop.open(work, locations=2)
    near = Shop(work, await Given(work).channel(locations=(both.locations[1],)), (both.locations[1],))
    sku = await both.stocked(0, 0)
    await oversell(both)
    await both.place(line(sku, 5))
    for location, units in zip(both.locations, (10, 5), strict=True):
        await Given(work).adjust(sku.id, location.id, units)
    order = await near.place(line(sku, 5))
    assert (await near.lines(order.id))[0].in_fulfillment == 5


async def test_turns_are_kept_where_those_who_wait_sell_from_different_locations(work: UnitOfWork) -> None:
    both = await Shop.open(work, locations=2)
    first = Shop(work, await Given(work).channel(locations=both.locations[:1]), both.locations[:1])
    sku = await both.stocked(0, 0)
    for shop in (both, first):
        await oversell(shop)
    waits = [await each.place(line(sku, 1)) for each in (both, first, both)]
    for location, units in zip(both.locations, (2, 1), strict=True):
        await Given(work).adjust(sku.id, location.id, units)
    newcomer = await both.place(line(sku, 1))
    assert (await both.lines(newcomer.id))[0].backordered == 1
    await filled(work)
    assert [(await both.lines(order.id))[0].in_fulfillment for order in waits] == [1, 1, 1]


async def test_what_is_told_at_placing_stands_where_those_who_wait_sell_from_different_locations(work: UnitOfWork) -> None:
    both = await Shop.open(work, locations=2)
    first = Shop(work, await Given(work).channel(locations=both.locations[:1]), both.locations[:1])
    sku, buyer = await both.stocked(0, 0), await Buyer.open(work)
    for shop in (both, first):
        await oversell(shop)
    await buyer.supplied(sku)
    for location, units, days in zip(both.locations, (2, 1), (3, 10), strict=True):
        buyer.location = location
        await buyer.order(bought(sku, units, expected_at=NOW + timedelta(days=days)))
    for each in (both, first, both):
        await each.place(line(sku, 1))
    newcomer = await both.place(line(sku, 1))
    assert (await waiting(work, newcomer.id))[0].ships_on is None
    assert await work.execute(SYSTEM, assign_supply, [sku.id]) == 0


async def placed_together(shop: Shop, sku: SkuRow, *priorities: int) -> list[OrderRow]:
    """Place an order of two units for each of *priorities* in one call, so that all have one time."""
    given = [
        PlaceOrder(idempotency_key=uuid4().hex, channel_id=shop.channel.id, lines=(line(sku, 2),), priority=priority)
        for priority in priorities
    ]
    placed = await shop.work.execute(SYSTEM, place_orders, PlaceOrders(tuple(given)))
    return [each.order for each in placed if each.order is not None]


async def test_what_is_told_at_placing_counts_what_orders_placed_with_it_take(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(0), await buyer_for(shop)
    await oversell(shop, sku)
    await buyer.supplied(sku)
    for days in (3, 10):
        await buyer.order(bought(sku, 2, expected_at=NOW + timedelta(days=days)))
    await shop.place(line(sku, 2))
    await Given(work).adjust(sku.id, shop.locations[0].id, 2)
    dear, cheap = await placed_together(shop, sku, 1, 0)
    (told,) = await waiting(work, cheap.id)
    assert (await shop.lines(dear.id))[0].in_fulfillment == 2
    await work.execute(SYSTEM, assign_supply, [sku.id])
    (still,) = await waiting(work, cheap.id)
    assert (told.ships_on, told.supply_line_id) == (still.ships_on, still.supply_line_id)


async def test_orders_of_one_moment_are_promised_in_the_order_in_which_they_are_served(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(2), await buyer_for(shop)
    await oversell(shop, sku)
    await buyer.supplied(sku)
    for days in (3, 10):
        await buyer.order(bought(sku, 2, expected_at=NOW + timedelta(days=days)))
    orders = await placed_together(shop, sku, 0, 0)
    await Keeper(work, shop.locations[0]).adjust(sku, -2)
    await work.execute(SYSTEM, source_order, SourceOrder(order_id=orders[0].id))
    await work.execute(SYSTEM, assign_supply, [sku.id])
    first, second = [(await waiting(work, order.id))[0].ships_on or date.max for order in orders]
    assert first < second
    await Given(work).adjust(sku.id, shop.locations[0].id, 2)
    await filled(work)
    assert [(await shop.lines(order.id))[0].in_fulfillment for order in orders] == [2, 0]


async def test_lines_of_an_order_are_promised_in_the_order_in_which_they_are_served(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(2), await buyer_for(shop)
    await oversell(shop, sku)
    await buyer.supplied(sku)
    for days in (3, 10):
        await buyer.order(bought(sku, 2, expected_at=NOW + timedelta(days=days)))
    order = await shop.place(line(sku, 2), line(sku, 2))
    await Keeper(work, shop.locations[0]).adjust(sku, -2)
    await work.execute(SYSTEM, source_order, SourceOrder(order_id=order.id))
    await work.execute(SYSTEM, assign_supply, [sku.id])
    days_by_line = {row.line_id: row.ships_on or date.max for row in await waiting(work, order.id)}
    first, second = [days_by_line[each.id] for each in await shop.lines(order.id)]
    assert first < second
    await Given(work).adjust(sku.id, shop.locations[0].id, 2)
    await filled(work)
    assert [each.in_fulfillment for each in await shop.lines(order.id)] == [2, 0]


async def test_others_take_what_comes_to_their_own_locations_first(work: UnitOfWork) -> None:
    near, far = await Given(work).location(), await Given(work).location()
    one = Shop(work, await Given(work).channel(locations=(near,)), (near,))
    two = Shop(work, await Given(work).channel(locations=(far, near)), (far, near))
    sku, buyer = await one.stocked(0), await Buyer.open(work)
    for shop in (one, two):
        await oversell(shop, promise_days=90)
    await buyer.supplied(sku)
    for location, days in ((far, 1), (near, 3)):
        buyer.location = location
        await buyer.order(bought(sku, 5, expected_at=NOW + timedelta(days=days)))
    await two.place(line(sku, 5))
    ask = PromiseAvailability(channel_id=one.channel.id, lines=(LineWanted(SkuRef(id=sku.id), 5),))
    (told,) = await work.execute(SYSTEM, promise_availability, ask)
    order = await one.place(line(sku, 5))
    (row,) = await waiting(work, order.id)
    assert (row.supply_kind, row.ships_on) == (SupplyKind.PURCHASE_ORDER, told.promise.ships_on)
    assert await work.execute(SYSTEM, assign_supply, [sku.id]) == 0


async def test_a_checkout_gets_what_those_who_wait_do_not_need(work: UnitOfWork) -> None:
    both = await Shop.open(work, locations=2)
    near = Shop(work, await Given(work).channel(locations=both.locations[1:]), both.locations[1:])
    sku = await both.stocked(0, 0)
    await oversell(both)
    await both.place(line(sku, 5))
    for location in both.locations:
        await Given(work).adjust(sku.id, location.id, 5)
    await Checkouts(near).reserve(wanted_for(sku, 5))
    assert (await Keeper(work, near.locations[0]).buckets(sku))[:3] == (0, 0, 5)


async def test_what_a_dead_checkout_held_elsewhere_serves_those_who_wait(work: UnitOfWork) -> None:
    both = await Shop.open(work, locations=2)
    near = Shop(work, await Given(work).channel(locations=both.locations[1:]), both.locations[1:])
    half_an_hour_ago = UnitOfWork(work.pool, lambda: NOW - timedelta(minutes=30))
    for shop in (both, near):
        await oversell(shop)
    cup, plate, buyer = await both.stocked(2, 0), await both.stocked(2, 0), await Buyer.open(work)
    for sku in (cup, plate):
        await Checkouts(both).after(-40).reserve(wanted_for(sku, 2), minutes=20)
        await replace(both, work=half_an_hour_ago).place(line(sku, 2))
    await Given(work).adjust(cup.id, both.locations[1].id, 2)
    bought_from_stock = await near.place(line(cup, 2))
    assert (await near.lines(bought_from_stock.id))[0].in_fulfillment == 2
    await buyer.supplied(plate)
    buyer.location = both.locations[1]
    await buyer.order(bought(plate, 2, expected_at=NOW + timedelta(days=5)))
    waits = await near.place(line(plate, 2))
    assert (await waiting(work, waits.id))[0].supply_kind is SupplyKind.PURCHASE_ORDER
    assert await work.execute(SYSTEM, assign_supply, [plate.id]) == 0


async def test_a_promise_that_was_not_kept_is_renewed_and_then_left_alone(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(0), await buyer_for(shop)
    await oversell(shop)
    await buyer.supplied(sku)
    await buyer.order(bought(sku, 4, expected_at=NOW + timedelta(days=2)))
    order = await shop.place(line(sku, 3))
    later = UnitOfWork(work.pool, lambda: NOW + timedelta(days=9))
    assert await work.execute(SYSTEM, renew_promises, 50) == 0
    assert await later.execute(SYSTEM, renew_promises, 50)
    assert (await waiting(work, order.id))[0].ships_on is None
    assert await later.execute(SYSTEM, renew_promises, 50) == 0


async def test_what_nothing_brings_comes_after_all_that_is_known_to_come(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(0), await buyer_for(shop)
    await oversell(shop, promise_days=5)
    await buyer.supplied(sku)
    late = NOW + timedelta(days=40)
    await buyer.order(bought(sku, 2, expected_at=late))
    first, second = await shop.place(line(sku, 2)), await shop.place(line(sku, 1))
    assert [(await waiting(work, order.id))[0].ships_on for order in (first, second)] == [local(late)] * 2


async def test_a_limit_counts_all_lines_that_are_asked_for_together(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(0)
    await oversell(shop, sku, limit_units=5)
    lines = (LineWanted(SkuRef(id=sku.id), 5), LineWanted(SkuRef(id=sku.id), 5))
    told = await work.execute(SYSTEM, promise_availability, PromiseAvailability(channel_id=shop.channel.id, lines=lines))
    assert [each.sellable for each in told] == [True, False]


async def test_asking_sees_what_dead_reservations_hold_and_only_locations_one_may_see(work: UnitOfWork) -> None:
    shop = await Shop.open(work, locations=2)
    sku, checkouts = await shop.stocked(5, 7), Checkouts(shop)
    await checkouts.reserve(wanted_for(sku, 5), minutes=1)
    ask = PromiseAvailability(channel_id=shop.channel.id, lines=(LineWanted(SkuRef(id=sku.id), 12),))
    (now,) = await work.execute(SYSTEM, promise_availability, ask)
    (then,) = await checkouts.after(2).work.execute(SYSTEM, promise_availability, ask)
    assert (now.promise.missing, then.promise.missing) == (5, 0)
    here = replace(SYSTEM, locations=frozenset({shop.locations[0].id}))
    (told,) = await checkouts.after(2).work.execute(here, promise_availability, ask)
    assert told.promise.missing == 7


async def test_what_takes_no_orders_is_not_sellable(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    await work.execute(SYSTEM, deactivate_sku, DeactivateSku(sku_id=sku.id))
    wanted = (LineWanted(SkuRef(id=sku.id), 1),)
    (told,) = await work.execute(SYSTEM, promise_availability, PromiseAvailability(channel_id=shop.channel.id, lines=wanted))
    assert (told.sellable, told.reason) == (False, f"The SKU {sku.code} is inactive: it cannot be ordered.")


async def test_an_order_is_promised_its_day_as_it_is_placed(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(0), await buyer_for(shop)
    await oversell(shop, promise_days=90)
    await buyer.supplied(sku)
    soon, later = NOW + timedelta(days=10), NOW + timedelta(days=30)
    await buyer.order(bought(sku, 4, expected_at=soon))
    await buyer.order(bought(sku, 4, expected_at=later))
    orders = [await shop.place(line(sku, 3)) for _ in range(3)]
    rows = [row for order in orders for row in await waiting(work, order.id)]
    assert [row.ships_on for row in rows] == [local(soon), local(later), local(NOW + timedelta(days=90))]
    assert rows[0].supply_kind is SupplyKind.PURCHASE_ORDER
    before = await shop.place(line(sku, 1), priority=3)
    assert (await waiting(work, before.id))[0].ships_on == local(soon)
    assert await work.execute(SYSTEM, assign_supply, [sku.id]) == 1


async def test_a_bundle_is_promised_by_its_components(shop: Shop, work: UnitOfWork) -> None:
    cup, box, buyer = await shop.stocked(5), await shop.stocked(9), await buyer_for(shop)
    await buyer.supplied(cup)
    soon = NOW + timedelta(days=10)
    await buyer.order(bought(cup, 3, expected_at=soon))
    gift = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 2, box.code: 1})

    async def asked(*units: int) -> Any:
        lines = tuple(LineWanted(SkuRef(id=gift.id), sets) for sets in units)
        return await work.execute(SYSTEM, promise_availability, PromiseAvailability(channel_id=shop.channel.id, lines=lines))

    (stocked,) = await asked(2)
    assert (stocked.sellable, stocked.promise.ships_on, stocked.promise.missing) == (True, local(NOW), 0)
    assert {(part.sku_id, part.quantity) for part in stocked.components} == {(cup.id, 4), (box.id, 2)}
    first, second = await asked(2, 1)
    assert (first.sellable, second.sellable) == (True, False)
    await oversell(shop)
    (late,) = await asked(4)
    assert (late.sellable, late.promise.ships_on, late.promise.missing) == (True, local(soon), 0)
    (short,) = await asked(6)
    assert (short.promise.missing, short.promise.ships_on) == (2, None)


async def test_a_preorder_is_not_promised_before_its_day_although_goods_come_earlier(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(0), await buyer_for(shop)
    day = local(NOW) + timedelta(days=40)
    await oversell(shop, sku, Oversell.PREORDER, ships_on=day)
    await buyer.supplied(sku)
    await buyer.order(bought(sku, 9, expected_at=NOW + timedelta(days=10)))
    wanted = (LineWanted(SkuRef(id=sku.id), 2),)
    (told,) = await work.execute(SYSTEM, promise_availability, PromiseAvailability(channel_id=shop.channel.id, lines=wanted))
    order = await shop.place(line(sku, 2))
    assert (told.promise.ships_on, (await waiting(work, order.id))[0].ships_on) == (day, day)


async def test_what_waits_is_pegged_to_what_comes_and_promised_for_its_day(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(0), await buyer_for(shop)
    await oversell(shop)
    await buyer.supplied(sku)
    soon, later = NOW + timedelta(days=10), NOW + timedelta(days=30)
    await buyer.order(bought(sku, 4, expected_at=soon))
    second = await buyer.order(bought(sku, 9, expected_at=later))
    first, next_one = await shop.place(line(sku, 3)), await shop.place(line(sku, 3))
    assert await work.execute(SYSTEM, assign_supply, [sku.id]) == 0
    (one,), (two,) = await waiting(work, first.id), await waiting(work, next_one.id)
    assert (one.supply_kind, one.ships_on) == (SupplyKind.PURCHASE_ORDER, local(soon))
    assert two.ships_on == local(later)
    assert two.arrives_on is None or two.arrives_on > local(later)
    (purchased,) = await buyer.lines(second.id)
    moved = later + timedelta(days=14)
    await buyer.confirm(second.id, LineToConfirm(line_id=purchased.id, quantity=9, expected_at=moved))
    assert await work.execute(SYSTEM, assign_supply, [sku.id]) == 1
    assert (await waiting(work, next_one.id))[0].ships_on == local(moved)
    assert await work.execute(SYSTEM, assign_supply, [sku.id]) == 0


async def test_without_supply_the_rule_names_the_day(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(0), await shop.stocked(0)
    day = local(NOW) + timedelta(days=40)
    await oversell(shop, sku, promise_days=5)
    await oversell(shop, other, Oversell.PREORDER, ships_on=day)
    order = await shop.place(line(sku, 1), line(other, 1))
    await work.execute(SYSTEM, assign_supply, [sku.id, other.id])
    days = {row.sku_id: row.ships_on for row in await waiting(work, order.id)}
    assert days == {sku.id: local(NOW + timedelta(days=5)), other.id: day}


async def test_a_customer_is_told_what_could_be_promised(shop: Shop, work: UnitOfWork) -> None:
    sku, buyer = await shop.stocked(2), await buyer_for(shop)
    await buyer.supplied(sku)
    soon = NOW + timedelta(days=10)
    await buyer.order(bought(sku, 4, expected_at=soon))

    async def asked(units: int) -> Any:
        wanted = (LineWanted(SkuRef(id=sku.id), units),)
        command = PromiseAvailability(channel_id=shop.channel.id, lines=wanted, country="GB")
        (promised,) = await work.execute(SYSTEM, promise_availability, command)
        return promised

    stocked = await asked(2)
    assert (stocked.sellable, stocked.promise.ships_on) == (True, local(NOW))
    assert (await asked(3)).sellable is False
    await oversell(shop)
    late = await asked(3)
    assert (late.sellable, late.promise.ships_on) == (True, local(soon))
    assert [part.kind for part in late.promise.parts] == [SupplyKind.STOCK, SupplyKind.PURCHASE_ORDER]
    await shop.place(line(sku, 5))
    behind = await asked(2)
    assert (behind.promise.missing, behind.promise.ships_on) == (1, None)
    await oversell(shop, promise_days=60)
    assert (await asked(2)).promise.missing == 0


async def test_what_cannot_be_asked_is_refused_by_line(shop: Shop, work: UnitOfWork) -> None:
    fee = await Given(work).sku(kind=SkuKind.SERVICE)
    lines = (LineWanted(SkuRef(code="nothing"), 1), LineWanted(SkuRef(id=fee.id), 1), LineWanted(SkuRef(id=fee.id), 0))
    with pytest.raises(Refused) as caught:
        await work.execute(SYSTEM, promise_availability, PromiseAvailability(channel_id=shop.channel.id, lines=lines))
    assert [(error.code, ".".join(error.field)) for error in caught.value.causes] == [
        ("UNKNOWN_SKU", "lines.0.sku.code"),
        ("NOT_STOCKED", "lines.1.sku"),
        ("NOT_STOCKED", "lines.2.sku"),
        ("INVALID_QUANTITY", "lines.2.quantity"),
    ]
    with pytest.raises(NotFound):
        await work.execute(SYSTEM, promise_availability, PromiseAvailability(channel_id=ChannelId(new_uuid()), lines=lines))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"limit_units": 0}, "limit"),
        ({"promise_days": -1}, "promiseDays"),
        ({"policy": Oversell.PREORDER}, "shipsOn"),
        ({"policy": Oversell.DENY, "ships_on": date(2030, 1, 1)}, "shipsOn"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(shop: Shop, more: dict[str, Any], field: str) -> None:
    with pytest.raises(OmsError) as caught:
        await oversell(shop, **more)
    assert [error.field for error in caught.value.causes] == [(field,)]


async def test_what_a_rule_said_and_says_is_told(shop: Shop, work: UnitOfWork) -> None:
    sku = await Given(work).sku()
    await oversell(shop, limit_units=5)
    await oversell(shop, limit_units=5)
    await oversell(shop, sku, Oversell.PREORDER, ships_on=date(2099, 1, 1))
    await oversell(shop, sku, limit_units=2)
    for reference in (SkuRef(id=sku.id), SkuRef(id=sku.id), None):
        await work.execute(SYSTEM, clear_oversell, ClearOversell(channel_id=shop.channel.id, sku=reference))
    path = f"oversellRules.{text_id(IdKind.SKU, sku.id)}"
    async with work.reads(SYSTEM) as read:
        mine = StagedEvent.type == "CHANNEL_CHANGED", StagedEvent.channel_id == shop.channel.id
        told = await read.all(raw(select(StagedEvent).where(*mine).order_by(StagedEvent.stage)))
    assert [(event.sku_id, event.changes) for event in told] == [
        (None, {"oversellRule.policy": [None, "BACKORDER"], "oversellRule.limit": [None, 5]}),
        (sku.id, {f"{path}.policy": [None, "PREORDER"], f"{path}.shipsOn": [None, "2099-01-01"]}),
        (sku.id, {
            f"{path}.policy": ["PREORDER", "BACKORDER"], f"{path}.limit": [None, 2], f"{path}.shipsOn": ["2099-01-01", None],
        }),
        (sku.id, {f"{path}.policy": ["BACKORDER", None], f"{path}.limit": [2, None]}),
        (None, {"oversellRule.policy": ["BACKORDER", None], "oversellRule.limit": [5, None]}),
    ]  # fmt: skip


def local(moment: datetime) -> date:
    """Return the day in London."""
    return moment.astimezone(ZoneInfo("Europe/London")).date()


async def test_an_order_that_became_more_urgent_is_promised_before_those_that_were_first(
    shop: Shop, work: UnitOfWork, database: Database
) -> None:
    buyer = await buyer_for(shop)
    sku = await buyer.supplied()
    await oversell(shop, sku)
    first, second = await shop.place(line(sku)), await shop.place(line(sku))
    await buyer.order(bought(sku, 1, expected_at=NOW + timedelta(days=10)))
    await assigned_anew(work, database)
    assert [(await waiting(work, order.id))[0].supply_line_id is None for order in (first, second)] == [False, True]
    await work.execute(SYSTEM, update_order, UpdateOrder(order_id=second.id, changes={"priority": 1}))
    await assigned_anew(work, database)
    assert [(await waiting(work, order.id))[0].supply_line_id is None for order in (first, second)] == [True, False]
    await Given(work).adjust(sku.id, shop.locations[0].id, 1)
    await filled(work)
    assert [(await shop.lines(order.id))[0].backordered for order in (first, second)] == [1, 0]
