"""Promises taken back when units are missing: which, in which order, and what becomes of orders and reservations."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.errors import BelowPicked, BelowZero
from oms_api.domain.inventory.states import Bucket, OnShortfall
from oms_api.domain.orders.given import PlaceOrder
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import IdKind, text_id
from oms_api.workflows.place_order import place_order
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper, lost, staged, waiting
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, by_hand, findings, line


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def keeper(work: UnitOfWork, shop: Shop) -> Keeper:
    return Keeper(work, shop.locations[0])


@pytest.fixture(autouse=True)
async def sound(work: UnitOfWork) -> AsyncIterator[None]:
    yield
    assert await findings(work) == []


async def placed(shop: Shop, sku: SkuRow, units: int, priority: int = 0) -> OrderRow:
    command = PlaceOrder(idempotency_key=uuid4().hex, channel_id=shop.channel.id, lines=(line(sku, units),), priority=priority)
    return cast("OrderRow", (await shop.work.execute(SYSTEM, place_order, command)).order)


def begin_picking(database: Database, order: OrderRow) -> None:
    by_hand(
        database.admin_url,
        f"UPDATE fulfillment_order SET status = 'IN_PROGRESS' WHERE order_id = '{order.id}'",
        f"UPDATE orders SET fulfillment_status = 'IN_PROGRESS' WHERE id = '{order.id}'",
    )


def cause(refused: pytest.ExceptionInfo[Refused]) -> OmsError:
    (error,) = refused.value.causes
    return error


async def test_free_units_go_first_then_the_newest_order_of_the_lowest_priority(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(12)
    oldest, important, newest = [await placed(shop, sku, 3, priority) for priority in (0, 5, 0)]
    adjustment = await keeper.adjust(sku, -7)
    assert await lost(shop.work, adjustment.id) == [(newest.id, 3), (oldest.id, 1)]
    assert await waiting(shop.work, newest.id) == [(3, 0, 0)]
    assert await waiting(shop.work, oldest.id) == [(1, 0, 2)]
    assert await waiting(shop.work, important.id) == [(0, 0, 3)]
    assert await keeper.buckets(sku) == (0, 5, 0, 0, 0)
    now = await shop.order(newest.id)
    assert (now.status, now.fulfillment_status) == ("OPEN", "UNALLOCATED")
    assert [work.status for work in await shop.works(newest.id)] == ["CLOSED"]
    assert (await shop.order(oldest.id)).fulfillment_status == "PARTIALLY_ALLOCATED"
    assert now.version == newest.version + 1


async def test_each_order_that_loses_something_is_told_of(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(4)
    order = await placed(shop, sku, 4)
    await keeper.adjust(sku, -3)
    (event,) = await staged(shop.work, "ALLOCATION_LOST", order.id)
    (only,) = await shop.lines(order.id)
    assert (event.order_id, event.channel_id, event.location_ids) == (order.id, shop.channel.id, [shop.locations[0].id])
    assert event.changes == {
        f"lines.{text_id(IdKind.LINE, only.id)}.unsourced": [0, 3],
        "fulfillmentStatus": ["ALLOCATED", "PARTIALLY_ALLOCATED"],
    }


async def test_reservations_go_before_orders_the_latest_deadline_first(shop: Shop, keeper: Keeper) -> None:
    checkouts = Checkouts(shop)
    sku = await shop.stocked(9)
    order = await placed(shop, sku, 3)
    soon = await checkouts.reserve(wanted(sku, 3), minutes=5)
    late = await checkouts.reserve(wanted(sku, 3), minutes=50)
    adjustment = await keeper.adjust(sku, -4)
    assert await lost(shop.work, adjustment.id) == [(None, 3), (None, 1)]
    assert (await checkouts.lines(late.id), await checkouts.lines(soon.id)) == ([(3, 0, 0, 3)], [(3, 2, 0, 1)])
    assert len(await staged(shop.work, "RESERVATION_LOST", late.id)) == 1
    await keeper.adjust(sku, -4)
    assert await waiting(shop.work, order.id) == [(2, 0, 1)]
    assert await keeper.buckets(sku) == (0, 1, 0, 0, 0)


async def test_an_overdue_reservation_goes_before_all_others(shop: Shop, keeper: Keeper) -> None:
    checkouts = Checkouts(shop)
    sku = await shop.stocked(6)
    overdue = await checkouts.reserve(wanted(sku, 3), minutes=1)
    alive = await checkouts.reserve(wanted(sku, 3), minutes=50)
    later = keeper.at(lambda: datetime.now(UTC) + timedelta(minutes=2))
    await later.adjust(sku, -3)
    assert (await checkouts.lines(overdue.id), await checkouts.lines(alive.id)) == ([(3, 0, 0, 3)], [(3, 3, 0, 0)])


async def test_what_is_picked_is_never_taken(shop: Shop, keeper: Keeper, database: Database) -> None:
    sku = await shop.stocked(10)
    picking, waits = await placed(shop, sku, 4), await placed(shop, sku, 4)
    begin_picking(database, picking)
    with pytest.raises(Refused) as refused:
        await keeper.set(sku, 3)
    error = cause(refused)
    assert isinstance(error, BelowPicked)
    assert (error.free, error.requested, error.reserved, error.committed, error.picked) == (2, 7, 0, 8, 4)
    assert error.field == ("sets", "0", "quantity")
    assert await keeper.buckets(sku) == (2, 8, 0, 0, 0)
    await keeper.set(sku, 4)
    assert await waiting(shop.work, waits.id) == [(4, 0, 0)]
    assert await waiting(shop.work, picking.id) == [(0, 0, 4)]
    with pytest.raises(Refused) as refused:
        await keeper.adjust(sku, -1)
    assert isinstance(cause(refused), BelowPicked)
    with pytest.raises(Refused) as refused:
        await keeper.move(sku, 1)
    assert isinstance(cause(refused), BelowPicked)


async def test_more_than_there_is_cannot_be_missed(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(4)
    order = await placed(shop, sku, 3)
    with pytest.raises(Refused) as refused:
        await keeper.adjust(sku, -5)
    error = cause(refused)
    assert isinstance(error, BelowZero)
    assert (error.free, error.requested, error.committed, error.picked) == (1, 5, 3, 0)
    assert await waiting(shop.work, order.id) == [(0, 0, 3)]


async def test_refusing_answers_with_all_numbers_and_changes_nothing(shop: Shop, keeper: Keeper, database: Database) -> None:
    sku = await shop.stocked(10)
    picking = await placed(shop, sku, 2)
    begin_picking(database, picking)
    await placed(shop, sku, 3)
    await Checkouts(shop).reserve(wanted(sku, 4))
    for call in (
        lambda: keeper.adjust(sku, -2, on_shortfall=OnShortfall.REFUSE),
        lambda: keeper.move(sku, 2, on_shortfall=OnShortfall.REFUSE),
        lambda: keeper.set(sku, 8, on_shortfall=OnShortfall.REFUSE),
    ):
        with pytest.raises(Refused) as refused:
            await call()
        error = cause(refused)
        assert isinstance(error, BelowZero)
        assert (error.free, error.requested, error.reserved, error.committed, error.picked) == (1, 2, 4, 5, 2)
    assert await keeper.buckets(sku) == (1, 5, 4, 0, 0)


async def test_damaged_units_leave_their_promises(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(5)
    order = await placed(shop, sku, 4)
    move = await keeper.move(sku, 3)
    assert await lost(shop.work, move.id) == [(order.id, 2)]
    assert await keeper.buckets(sku) == (0, 2, 0, 0, 3)


async def test_a_number_that_is_set_takes_back_promises_and_then_what_is_set_aside(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(9)
    await keeper.move(sku, 2, to=Bucket.QUALITY_CONTROL)
    await keeper.move(sku, 1)
    order = await placed(shop, sku, 4)
    adjustment = await keeper.set(sku, 6)
    assert await lost(shop.work, adjustment.id) == [(order.id, 1)]
    assert await keeper.buckets(sku) == (0, 3, 0, 2, 1)
    await keeper.set(sku, 2)
    assert await keeper.buckets(sku) == (0, 0, 0, 1, 1)
    assert await waiting(shop.work, order.id) == [(4, 0, 0)]
    await keeper.set(sku, 0)
    assert await keeper.buckets(sku) == (0, 0, 0, 0, 0)


async def test_a_feed_takes_promises_back_unless_told_not_to(shop: Shop, keeper: Keeper, database: Database) -> None:
    sku, picked, fine = [await shop.stocked(5) for _ in range(3)]
    order, picking = await placed(shop, sku, 5), await placed(shop, picked, 5)
    begin_picking(database, picking)
    done = await keeper.sync((sku, 3), (picked, 4), (fine, 4), on_shortfall=OnShortfall.REFUSE)
    assert [outcome.error and outcome.error.code for outcome in done.outcomes] == ["BELOW_ZERO", "BELOW_ZERO", None]
    done = await keeper.sync((sku, 3), (picked, 4), (fine, 3))
    assert [outcome.error and outcome.error.code for outcome in done.outcomes] == [None, "BELOW_PICKED", None]
    assert (done.sync.applied, done.sync.failed) == (2, 1)
    assert await lost(shop.work, done.sync.id) == [(order.id, 2)]
    assert [await keeper.buckets(each) for each in (sku, picked, fine)] == [(0, 3, 0, 0, 0), (0, 5, 0, 0, 0), (3, 0, 0, 0, 0)]


async def test_a_feed_that_is_told_twice_takes_back_once(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(5)
    counted_at = datetime.now(UTC)
    order = await placed(shop, sku, 5)
    for _ in range(2):
        await keeper.sync((sku, 3), as_of=counted_at)
        assert await keeper.buckets(sku) == (0, 3, 0, 0, 0)
    assert await waiting(shop.work, order.id) == [(2, 0, 3)]


async def test_a_bundle_shows_the_sets_that_are_left(shop: Shop, keeper: Keeper) -> None:
    cup, spoon = await shop.stocked(4), await shop.stocked(8)
    bundle = await Given(shop.work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    order = await placed(shop, bundle, 4)
    await keeper.adjust(spoon, -3)
    parent, *parts = await waiting(shop.work, order.id)
    assert parent == (2, 0, 2)
    assert sorted(parts) == [(0, 0, 4), (3, 0, 5)]


async def test_one_order_may_lose_at_several_levels(shop: Shop, keeper: Keeper) -> None:
    cups, pots = await shop.stocked(4), await shop.stocked(4)
    order = await shop.place(line(cups, 4), line(pots, 4))
    done = await keeper.sync((cups, 1), (pots, 2))
    assert (await lost(shop.work, done.sync.id)) in ([(order.id, 3), (order.id, 2)], [(order.id, 2), (order.id, 3)])
    assert await waiting(shop.work, order.id) == [(3, 0, 1), (2, 0, 2)]


async def test_what_was_lost_can_be_canceled_or_shipped_in_part(shop: Shop, keeper: Keeper) -> None:
    sku = await shop.stocked(5)
    order = await placed(shop, sku, 5)
    await keeper.adjust(sku, -2)
    (work,), (only,) = await shop.works(order.id), await shop.lines(order.id)
    await shop.ship(work.id)
    await shop.cancel(order.id, (only.id, 2))
    (only,) = await shop.lines(order.id)
    assert (only.shipped, only.canceled, only.unsourced) == (3, 2, 0)
