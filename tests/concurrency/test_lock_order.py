"""Locks are taken in one order: whoever waits for one holds none that comes behind it, so that nobody waits in a circle.

Each test forces two transactions together where one of them used to hold what the other wanted next.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change, adjust_inventory
from oms_api.domain.inventory.levels import lock_levels
from oms_api.domain.inventory.lots.commands.update import UpdateLot, update_lot
from oms_api.domain.inventory.lots.queries import lots_with_code
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.orders.changes.wanted import AddLine, RemoveLine
from oms_api.domain.orders.given import PlaceOrder
from oms_api.domain.orders.states import CancelReason
from oms_api.domain.promising.commands.create_reservation import CreateReservation, create_reservation
from oms_api.domain.returns.receiving import ReturnLineToReceive
from oms_api.kernel.ids import OrderId
from oms_api.workflows.cancel_order import CancelOrder, cancel_order
from oms_api.workflows.edit_order import EditOrder, edit_order
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.place_order import place_order
from oms_api.workflows.receive_return import ReceiveReturn, receive_return
from oms_api.workflows.source_again import SourceOrder, source_order
from tests.factories.given import SYSTEM
from tests.factories.lots import Pantry, in_days, lot
from tests.factories.racing import transaction, under_locks, waited_for
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, fee, findings, line

LOT_AT = Sql("UPDATE lot_level SET set_aside = set_aside WHERE sku_id = :sku::uuid AND location_id = :place::uuid")
LINES = Sql("SELECT id FROM order_line WHERE order_id = :order::uuid")
BACKORDERS = Sql("SELECT id FROM backorder WHERE order_id = :order::uuid FOR NO KEY UPDATE")


@pytest.fixture
async def shop(patient: UnitOfWork) -> AsyncIterator[Shop]:
    """Give a shop that sells what is not there, from two locations; the doctor finds nothing wrong with what was done there.

    What is made first comes first in the order of locks.
    """
    shop = await Shop.open(patient, locations=2)
    rule = SetOversell(channel_id=shop.channel.id, sku=None, policy=Oversell.BACKORDER)
    await patient.execute(SYSTEM, set_oversell, rule)
    yield shop
    assert await findings(patient) == []


def level(shop: Shop, sku: SkuRow, location: int = 0) -> LevelKey:
    return sku.id, shop.locations[location].id


def adjusting(*changes: tuple[LevelKey, int]) -> AdjustInventory:
    rows = tuple(Change(SkuRef(id=sku), place, delta) for (sku, place), delta in changes)
    return AdjustInventory(changes=rows, reason="COUNT_CORRECTION")


async def bring(shop: Shop, *changes: tuple[LevelKey, int]) -> None:
    """Find (or, negative, miss) units."""
    await shop.work.execute(SYSTEM, adjust_inventory, adjusting(*changes))


async def waiting(shop: Shop, order: OrderId) -> int:
    """Return how many units of an order wait for supply."""
    return sum(each.backordered for each in await shop.lines(order))


async def test_who_is_served_next_is_looked_at_without_the_levels_of_the_one_before(shop: Shop) -> None:
    low, high = await shop.stocked(0), await shop.stocked(0)
    first, second = await shop.place(line(high, 1)), await shop.place(line(low, 1))
    await bring(shop, (level(shop, low), 1), (level(shop, high), 1))
    async with transaction(shop.work) as other:
        await lock_levels(other, [level(shop, low)])
        async with transaction(shop.work) as taking:
            await lock_levels(taking, [level(shop, high)])
            serving = asyncio.create_task(shop.work.execute(SYSTEM, under_locks(fill_waiting), Batch(1)))
            await waited_for(taking, serving)
            await adjust_inventory(taking, adjusting((level(shop, high), -1)))
        await waited_for(other, serving)
        await lock_levels(other, [level(shop, high)])
    assert await serving == 1
    assert [await waiting(shop, order.id) for order in (first, second)] == [1, 0]


async def adjusts(shop: Shop, new: SkuRow, there: SkuRow) -> Any:
    await bring(shop, (level(shop, there), 1))
    changes = adjusting((level(shop, new), 1), (level(shop, there), 1))
    return partial(shop.work.execute, SYSTEM, under_locks(adjust_inventory), changes)


async def adjusts_what_is_held(shop: Shop, new: SkuRow, there: SkuRow) -> Any:
    await bring(shop, (level(shop, there), 1))
    await Checkouts(shop).after(-60).reserve(wanted(there), minutes=30)
    changes = adjusting((level(shop, new), 1), (level(shop, there), 1))
    return partial(shop.work.execute, SYSTEM, under_locks(adjust_inventory), changes)


async def takes_back(shop: Shop, new: SkuRow, there: SkuRow) -> Any:
    """Take back at the first location what was shipped from the second."""
    await bring(shop, (level(shop, there), 1), (level(shop, there, 1), 1), (level(shop, new, 1), 1))
    place = shop.locations[1].id
    order = await shop.sent(line(new, 1, location_id=place), line(there, 1, location_id=place))
    lines = await shop.lines(order.id)
    back = (await shop.return_(order.id, *((each.id, 1) for each in lines))).value
    rows = tuple(ReturnLineToReceive(line_id=each.id, quantity=1) for each in lines)
    location = shop.locations[0].id
    command = ReceiveReturn(idempotency_key=uuid4().hex, return_id=back.id, location_id=location, lines=rows)
    return partial(shop.work.execute, SYSTEM, under_locks(receive_return), command)


@pytest.mark.parametrize("document", [adjusts, adjusts_what_is_held, takes_back])
async def test_levels_that_are_missing_are_made_before_any_is_locked(shop: Shop, document: Any) -> None:
    new, there = await shop.stocked(0), await shop.stocked(0)
    attempt = await document(shop, new, there)
    async with transaction(shop.work) as other:
        await lock_levels(other, [level(shop, new)])
        going = asyncio.create_task(attempt())
        await waited_for(other, going)
        await lock_levels(other, [level(shop, there)])
    await going


async def places(shop: Shop, sku: SkuRow) -> Any:
    command = PlaceOrder(idempotency_key=uuid4().hex, channel_id=shop.channel.id, lines=(line(sku, 1),))
    return partial(shop.work.execute, SYSTEM, under_locks(place_order), command)


async def reserves(shop: Shop, sku: SkuRow) -> Any:
    command = CreateReservation(idempotency_key=uuid4().hex, channel_id=shop.channel.id, lines=(wanted(sku),))
    return partial(shop.work.execute, SYSTEM, under_locks(create_reservation), command)


@pytest.mark.parametrize("sale", [places, reserves])
async def test_a_sale_takes_nothing_from_a_level_that_came_behind_its_locks(shop: Shop, sale: Any) -> None:
    sku = await shop.stocked(0)
    first, second = level(shop, sku), level(shop, sku, 1)
    await bring(shop, (second, 5))
    attempt = await sale(shop, sku)
    async with transaction(shop.work) as other:
        async with transaction(shop.work) as before:
            await lock_levels(before, [second])
            selling = asyncio.create_task(attempt())
            await waited_for(before, selling)
            await bring(shop, (first, 5))
            await lock_levels(other, [first])
        await waited_for(other, selling)
        await lock_levels(other, [second])
    await selling
    assert [free for free, *_ in (await shop.stock(sku), await shop.stock(sku, 1))] == [4, 5]


async def cancels(tx: Tx, order: OrderId) -> Any:
    return await cancel_order(tx, CancelOrder(idempotency_key=uuid4().hex, order_id=order, reason=CancelReason.CUSTOMER))


async def sources(tx: Tx, order: OrderId) -> Any:
    return await source_order(tx, SourceOrder(order_id=order, backordered=True))


async def edits(tx: Tx, order: OrderId) -> Any:
    ((only,),) = await tx.fetch(LINES(order=order))
    changes = RemoveLine(line_id=only), AddLine(line=fee())
    return await edit_order(tx, EditOrder(order_id=order, changes=changes))


@pytest.mark.parametrize("command", [cancels, edits, sources, *map(under_locks, (cancels, edits, sources))])
async def test_backorders_come_behind_levels(shop: Shop, command: Any) -> None:
    sku = await shop.stocked(2)
    order = await shop.place(line(sku, 3))
    await bring(shop, (level(shop, sku), 1))
    async with transaction(shop.work) as other:
        await lock_levels(other, [level(shop, sku)])
        going = asyncio.create_task(shop.work.execute(SYSTEM, command, order.id))
        await waited_for(other, going)
        await other.fetch(BACKORDERS(order=order.id))
    await going
    assert await waiting(shop, order.id) == 0


async def test_an_expiry_is_corrected_behind_the_levels_where_the_lot_lies(shop: Shop) -> None:
    pantry = Pantry(shop)
    milk = await pantry.goods((2, lot("soon", 3)))
    await pantry.bring(milk, 2, lot("soon"), location=1)
    places = [place.id for place in shop.locations]
    async with shop.work.reads(SYSTEM) as read:
        (soon,) = await read.all(lots_with_code(milk.id, "soon", read.sight))
    async with transaction(shop.work) as other:
        await lock_levels(other, [(milk.id, place) for place in places])
        await other.fetch(LOT_AT(sku=milk.id, place=places[1]))
        command = UpdateLot(lot_id=soon.id, changes={"expires_on": in_days(9)})
        correcting = asyncio.create_task(shop.work.execute(SYSTEM, update_lot, command))
        await waited_for(other, correcting)
        await other.fetch(LOT_AT(sku=milk.id, place=places[0]))
    assert (await correcting).expires_on == in_days(9)
