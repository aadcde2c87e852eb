"""What is sold before its day: promised at once, worked on when its day has come by the clock of the location."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.calendar import Calendar
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.policies import LocationChanges
from oms_api.domain.channels.states import Oversell
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment import schedule
from oms_api.domain.fulfillment.errors import FulfillmentOrderNotOpen
from oms_api.domain.fulfillment.queries import days_of_scheduled_lines
from oms_api.domain.fulfillment.schedule import open_scheduled, schedule_missed
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus as Status
from oms_api.domain.orders.given import PlaceOrder
from oms_api.domain.orders.states import FulfillmentStatus
from oms_api.jobs.tasks import react
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.place_order import place_order
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.racing import deadlocks, transaction, waited_for
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, findings, line

HOLD = Sql("SELECT id FROM fulfillment_order WHERE id = :work::uuid FOR NO KEY UPDATE")
DAY = datetime.now(UTC).date() + timedelta(days=30)


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


async def sold_from(shop: Shop, sku: SkuRow, day: date | None) -> None:
    """Sell *sku* as a preorder for *day*, or without one as a backorder."""
    policy = Oversell.BACKORDER if day is None else Oversell.PREORDER
    rule = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=sku.id), policy=policy, ships_on=day)
    await shop.work.execute(SYSTEM, set_oversell, rule)


def at(work: UnitOfWork, day: date) -> UnitOfWork:
    """Return the unit of work at noon of *day*."""
    return UnitOfWork(work.pool, lambda: datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


async def works(shop: Shop, order: Any) -> list[tuple[Status, date | None]]:
    return [(work.status, work.opens_on) for work in await shop.works(order.id)]


async def test_a_preorder_that_lies_in_stock_waits_for_its_day(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(5), await shop.stocked(5)
    await sold_from(shop, sku, DAY)
    order = await shop.place(line(sku, 2), line(other, 1))
    assert order.fulfillment_status is FulfillmentStatus.ALLOCATED
    assert sorted(await works(shop, order)) == [(Status.OPEN, None), (Status.SCHEDULED, DAY)]
    scheduled = next(each for each in await shop.works(order.id) if each.status is Status.SCHEDULED)
    with pytest.raises(FulfillmentOrderNotOpen):
        await shop.ship(scheduled.id)
    assert await work.execute(SYSTEM, open_scheduled, 9) == 0
    assert await at(work, DAY - timedelta(days=1)).execute(SYSTEM, open_scheduled, 9) == 0
    assert await at(work, DAY).execute(SYSTEM, open_scheduled, 9) == 1
    assert await works(shop, order) == [(Status.OPEN, None)] * 2
    assert {each.id: each.version for each in await shop.works(order.id)}[scheduled.id] == scheduled.version + 1
    await shop.ship(scheduled.id)
    assert await findings(work) == []


async def test_a_preorder_for_today_that_comes_too_late_for_today_leaves_later(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    calendar = Calendar(working_days=(1, 2, 3, 4, 5, 6, 7), cut_off=time(0, 0, 1))
    command = UpdateLocation(location_id=shop.locations[0].id, changes=LocationChanges(calendar=calendar))
    place = await work.execute(SYSTEM, update_location, command)
    today = datetime.now(ZoneInfo(place.time_zone)).date()
    sku = await shop.stocked(5)
    await sold_from(shop, sku, today)
    order = await shop.place(line(sku, 2))
    (only,) = await shop.lines(order.id)
    async with work.reads(SYSTEM) as read:
        ((leaves, _),) = (await days_of_scheduled_lines(read, [only.id]))[only.id]
    assert leaves == today + timedelta(days=1)
    await shop.cancel(order.id)


async def test_a_preorder_whose_goods_come_early_waits_for_its_day(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(0)
    await sold_from(shop, sku, DAY)
    order = await shop.place(line(sku, 2))
    await Given(work).adjust(sku.id, shop.locations[0].id, 2)
    assert await work.execute(SYSTEM, fill_waiting, Batch(1))
    assert await works(shop, order) == [(Status.SCHEDULED, DAY)]
    assert await at(work, DAY).execute(SYSTEM, open_scheduled, 9) == 1


async def followed(work: UnitOfWork, database: Database) -> None:
    """Let the reaction see all that has happened to rules."""
    await relay_all(database.owner_url, Subscribers())
    while await react(work, SUBSCRIBERS.reactions["preorder_days"]):
        pass


async def test_another_day_moves_the_work_and_no_day_opens_it(shop: Shop, work: UnitOfWork, database: Database) -> None:
    sku, later = await shop.stocked(5), DAY + timedelta(days=7)
    await sold_from(shop, sku, DAY)
    order = await shop.place(line(sku, 2))
    await sold_from(shop, sku, later)
    await followed(work, database)
    assert await works(shop, order) == [(Status.SCHEDULED, later)]
    assert await at(work, DAY).execute(SYSTEM, open_scheduled, 9) == 0
    await sold_from(shop, sku, None)
    await followed(work, database)
    assert await works(shop, order) == [(Status.OPEN, None)]


async def test_another_day_moves_work_that_somebody_holds_and_waits_with_nothing_in_hand(
    shop: Shop, patient: UnitOfWork, database: Database
) -> None:
    skus, sooner = [await shop.stocked(5), await shop.stocked(5)], DAY - timedelta(days=7)
    for sku in skus:
        await sold_from(shop, sku, DAY)
    order = await shop.place(*(line(sku, 2) for sku in skus))
    for sku in skus:
        await sold_from(shop, sku, sooner)
    first, second = sorted(work.id for work in await shop.works(order.id))
    async with transaction(patient) as somebody:
        await somebody.fetch(HOLD(work=second))
        moving = asyncio.create_task(followed(patient, database))
        await waited_for(somebody, moving)
        await somebody.fetch(HOLD(work=first))
    await moving
    assert await works(shop, order) == [(Status.SCHEDULED, sooner)] * 2
    assert deadlocks(database) == 0
    await shop.cancel(order.id)


async def test_an_order_placed_while_its_rule_changed_is_found_later(shop: Shop, work: UnitOfWork, database: Database) -> None:
    sku, sooner, decided, changed = await shop.stocked(5), DAY - timedelta(days=7), asyncio.Event(), asyncio.Event()
    await sold_from(shop, sku, DAY)

    async def slowly(tx: Tx, command: PlaceOrder) -> Any:
        placed = await place_order(tx, command)
        decided.set()
        await changed.wait()
        return placed

    command = PlaceOrder(idempotency_key=uuid4().hex, channel_id=shop.channel.id, lines=(line(sku, 2),))
    placing = asyncio.create_task(work.execute(SYSTEM, slowly, command))
    await decided.wait()
    await sold_from(shop, sku, sooner)
    await followed(work, database)
    changed.set()
    order = (await placing).order  # its number came with COMMIT
    assert await works(shop, order) == [(Status.SCHEDULED, DAY)]
    assert await work.execute(SYSTEM, schedule_missed, 9) == 1
    assert await works(shop, order) == [(Status.SCHEDULED, sooner)]
    assert await work.execute(SYSTEM, schedule_missed, 9) == 0
    await shop.cancel(order.id)


async def test_many_pieces_of_work_are_moved_bit_by_bit(
    shop: Shop, work: UnitOfWork, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "MOST_MOVED", 2)
    sku, sooner = await shop.stocked(9), DAY - timedelta(days=7)
    await sold_from(shop, sku, DAY)
    orders = [await shop.place(line(sku, 1)) for _ in range(5)]
    await sold_from(shop, sku, sooner)
    await followed(work, database)
    assert [await works(shop, order) for order in orders] == [[(Status.SCHEDULED, sooner)]] * 5
    for order in orders:
        await shop.cancel(order.id)


async def test_the_rule_of_one_sku_holds_nothing_of_another(shop: Shop, work: UnitOfWork, database: Database) -> None:
    early, late = await shop.stocked(5), await shop.stocked(5)
    for sku in (early, late):
        await sold_from(shop, sku, DAY)
    order = await shop.place(line(early, 2), line(late, 1))
    await sold_from(shop, late, DAY + timedelta(days=7))
    await followed(work, database)
    assert sorted(await works(shop, order)) == [(Status.SCHEDULED, DAY), (Status.SCHEDULED, DAY + timedelta(days=7))]
    await sold_from(shop, early, None)
    await followed(work, database)
    assert sorted(await works(shop, order)) == [(Status.OPEN, None), (Status.SCHEDULED, DAY + timedelta(days=7))]


async def test_work_whose_day_has_come_asks_the_rule_once_more(shop: Shop, work: UnitOfWork) -> None:
    sku, later = await shop.stocked(5), DAY + timedelta(days=7)
    await sold_from(shop, sku, DAY)
    order = await shop.place(line(sku, 2))
    await sold_from(shop, sku, later)
    assert await at(work, DAY).execute(SYSTEM, open_scheduled, 9) == 1
    assert await works(shop, order) == [(Status.SCHEDULED, later)]
    await shop.cancel(order.id)


async def test_work_opens_by_the_clock_of_its_location(work: UnitOfWork) -> None:
    given = Given(work)
    west = await given.location(time_zone="Pacific/Pago_Pago")
    shop = Shop(work, await given.channel(locations=(west,)), (west,))
    sku = await shop.stocked(5)
    await sold_from(shop, sku, DAY)
    order = await shop.place(line(sku, 2))
    early = UnitOfWork(work.pool, lambda: datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC))
    assert await early.execute(SYSTEM, open_scheduled, 9) == 0
    assert await at(work, DAY).execute(SYSTEM, open_scheduled, 9) == 1
    assert await works(shop, order) == [(Status.OPEN, None)]


async def test_a_scheduled_preorder_is_canceled_like_any_other(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    await sold_from(shop, sku, DAY)
    order = await shop.place(line(sku, 2))
    await shop.cancel(order.id)
    assert [status for status, _ in await works(shop, order)] == [Status.CLOSED]
    assert await shop.stock(sku) == (5, 0)
    assert await findings(work) == []


async def test_what_a_checkout_held_is_scheduled_too(shop: Shop) -> None:
    sku, checkouts = await shop.stocked(5), Checkouts(shop)
    await sold_from(shop, sku, DAY)
    held = await checkouts.reserve(wanted(sku, 2))
    order = await checkouts.order(held.id, line(sku, 2))
    assert await works(shop, order) == [(Status.SCHEDULED, DAY)]


async def test_what_shipped_from_before_today_is_worked_on_at_once(shop: Shop) -> None:
    sku = await shop.stocked(5)
    day = datetime.now(UTC).date() - timedelta(days=2)
    await sold_from(replace(shop, work=at(shop.work, day)), sku, day)
    order = await shop.place(line(sku, 2))
    assert await works(shop, order) == [(Status.OPEN, None)]
