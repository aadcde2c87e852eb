"""Goods that customers fetch: set aside, handed over for a code, and back in stock when nobody came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.fulfillment.errors import AwaitsPickup, BundleApart, FulfillmentOrderNotOpen, PickupNotOffered, UnitsPacked
from oms_api.domain.orders.errors import OrderOnHold
from oms_api.domain.orders.states import CanceledStock, OrderStatus
from oms_api.domain.pickups.errors import PickupCodeWrong, PickupLocked, PickupOver
from oms_api.domain.pickups.states import PickupStatus
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError
from oms_api.workflows.reject_work import RejectWork, reject_work
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment
from tests.factories.fetching import Store
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold, release
from tests.factories.keeping import staged
from tests.factories.trading import findings, line

WRONG = "22222222"


@pytest.fixture
async def store(work: UnitOfWork) -> Store:
    return await Store.open(work, locations=2)


def code_of(error: pytest.ExceptionInfo[OmsError]) -> tuple[str, tuple[str, ...]]:
    return error.value.causes[0].code, error.value.causes[0].field


async def test_goods_wait_and_are_handed_over_for_their_code(store: Store) -> None:
    shop = store.shop
    cup = await shop.stocked(9)
    todo = await store.ordered(line(cup, 2))
    pickup = await store.ready(todo.id)
    assert pickup.code is not None
    assert (pickup.collect_by - pickup.ready_at.date(), pickup.tries) == (timedelta(7), 0)
    (waits,) = await shop.works(todo.order_id)
    assert (waits.status, waits.awaits_pickup, await shop.stock(cup)) == ("IN_PROGRESS", True, (7, 2))
    done = await store.hand_over(pickup.id, pickup.code.lower(), "Ada Lovelace", key="fetch")
    assert (done.value.status, done.value.code, done.value.collected_by) == (PickupStatus.HANDED_OVER, None, "Ada Lovelace")
    (package,) = await shop.packages(todo.order_id)
    (work,), (first,) = await shop.works(todo.order_id), await shop.lines(todo.order_id)
    assert (package.status, package.shipment_id) == ("DELIVERED", done.value.shipment_id)
    assert (work.status, work.awaits_pickup, first.shipped, first.delivered) == ("CLOSED", False, 2, 2)
    assert ((await shop.order(todo.order_id)).status, await shop.stock(cup)) == (OrderStatus.COMPLETED, (7, 0))
    again = await store.hand_over(pickup.id, pickup.code.lower(), "Ada Lovelace", key="fetch")
    assert (again.replayed, again.value.id) == (True, pickup.id)
    with pytest.raises(PickupOver):
        await store.hand_over(pickup.id, pickup.code)
    assert await findings(shop.work) == []


async def test_what_waits_for_its_customer_is_taken_by_nobody_else(store: Store) -> None:
    shop = store.shop
    cup = await shop.stocked(9)
    todo = await store.ordered(line(cup, 2))
    pickup, (first,) = await store.ready(todo.id), await shop.lines(todo.order_id)
    put_back = FulfillmentToChange(idempotency_key="", fulfillment_order_id=todo.id)
    reject = RejectWork(idempotency_key="", fulfillment_order_id=todo.id, reason_code="NO_CAPACITY")
    for attempt in (
        lambda: shop.ship(todo.id),
        lambda: shop.pack(todo.id, [(first.id, 1)]),
        lambda: shop.work.execute(SYSTEM, put_back_fulfillment, put_back),
        lambda: shop.work.execute(SYSTEM, reject_work, reject),
        lambda: shop.cancel(todo.order_id, (first.id, 1), stock=CanceledStock.NOT_FOUND),
        lambda: store.ready(todo.id),
    ):
        with pytest.raises(AwaitsPickup):
            await attempt()
    assert (await store.cancel(pickup.id)).status is PickupStatus.CANCELED
    (kept,) = await shop.works(todo.order_id)
    assert (kept.status, kept.awaits_pickup) == ("IN_PROGRESS", False)
    assert (await store.ready(todo.id)).id != pickup.id
    assert await findings(shop.work) == []


async def test_goods_are_not_made_ready_where_that_cannot_be(store: Store) -> None:
    shop, work = store.shop, store.shop.work
    cup = await shop.stocked(9)
    todo = await store.ordered(line(cup, 2))
    first = await shop.lines(todo.order_id)
    await shop.pack(todo.id, [(first[0].id, 1)])
    with pytest.raises(UnitsPacked):
        await store.ready(todo.id)
    held = await store.ordered(line(cup, 1))
    await hold(work, held.order_id)
    with pytest.raises(OrderOnHold):
        await store.ready(held.id)
    sent = await store.ordered(line(cup, 1))
    await shop.ship(sent.id)
    with pytest.raises(FulfillmentOrderNotOpen):
        await store.ready(sent.id)
    other = await store.ordered(line(cup, 1))
    changes = UpdateLocation(location_id=shop.locations[0].id, changes={"pickup_days": None, "pickup_reminder_days": None})
    await work.execute(SYSTEM, update_location, changes)
    with pytest.raises(PickupNotOffered):
        await store.ready(other.id)
    elsewhere = replace(SYSTEM, locations=frozenset({shop.locations[1].id}))
    with pytest.raises(NotFound):
        await store.acting_as(elsewhere).ready(other.id)


async def test_a_bundle_is_fetched_whole(store: Store) -> None:
    shop = store.shop
    cup, pot = await shop.stocked(5), await shop.stocked(0, 5)
    bundle = await Given(shop.work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, pot.code: 2})
    apart = await store.ordered(line(bundle, 1))
    with pytest.raises(BundleApart):
        await store.ready(apart.id)
    mug, jug = await shop.stocked(9), await shop.stocked(9)
    gift = await Given(shop.work).sku(kind=SkuKind.BUNDLE, components={mug.code: 1, jug.code: 2})
    whole = await store.ordered(line(gift, 2), line(mug, 1))
    pickup = await store.ready(whole.id)
    assert await store.expire(pickup.ready_at + timedelta(9)) == 1
    lines = {each.sku_code: each.canceled for each in await shop.lines(whole.order_id) if each.parent_line_id is None}
    assert lines == {gift.code: 2, mug.code: 1}
    assert [await shop.stock(sku) for sku in (mug, jug)] == [(9, 0), (9, 0)]
    assert await findings(shop.work) == []


async def test_five_wrong_codes_lock_a_pickup_until_its_code_is_renewed(store: Store) -> None:
    cup = await store.shop.stocked(9)
    pickup = await store.waiting(line(cup, 1))
    assert pickup.code is not None
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(PickupCodeWrong) as caught:
            await store.hand_over(pickup.id, WRONG)
        assert (caught.value.left, code_of(caught)) == (left, ("PICKUP_CODE_WRONG", ("code",)))
    for code in (WRONG, pickup.code):
        with pytest.raises(PickupLocked):
            await store.hand_over(pickup.id, code)
    assert (await store.now(pickup.id)).tries == 5
    renewed = await store.renew(pickup.id)
    assert (renewed.tries, renewed.code != pickup.code) == (0, True)
    with pytest.raises(PickupCodeWrong):
        await store.hand_over(pickup.id, pickup.code)
    assert renewed.code is not None
    assert (await store.hand_over(pickup.id, renewed.code)).value.status is PickupStatus.HANDED_OVER
    told = [event.changes for event in await staged(store.shop.work, "PICKUP_CODE_REFUSED", pickup.id)]
    assert told == [{"pickup.wrongTries": [n, n + 1]} for n in (0, 1, 2, 3, 4, 0)]


async def test_what_nobody_fetched_is_canceled_and_back_in_stock(store: Store) -> None:
    shop = store.shop
    cup = await shop.stocked(3, 9)
    order = await shop.place(line(cup, 5))
    here, there = await shop.works(order.id)
    await shop.start(there.id)
    pickup = await store.ready(here.id)
    assert await store.expire(pickup.ready_at + timedelta(7)) == 0
    late = await store.extend(pickup.id, 2)
    assert late.collect_by - pickup.collect_by == timedelta(2)
    assert await store.expire(pickup.ready_at + timedelta(8)) == 0
    assert await store.expire(pickup.ready_at + timedelta(10)) == 1
    (first,) = await shop.lines(order.id)
    assert (first.canceled, first.in_fulfillment, await shop.stock(cup)) == (3, 2, (3, 0))
    assert [each.status for each in await shop.works(order.id)] == ["CLOSED", "IN_PROGRESS"]
    gone = await store.now(pickup.id)
    assert (gone.status, gone.code) == (PickupStatus.EXPIRED, None)
    with pytest.raises(PickupOver):
        await store.hand_over(pickup.id, pickup.code or "")
    with pytest.raises(PickupOver):
        await store.extend(pickup.id, 1)
    assert await store.expire(pickup.ready_at + timedelta(99)) == 0
    assert await findings(shop.work) == []


async def test_an_order_of_which_nothing_was_fetched_is_canceled(store: Store) -> None:
    cup = await store.shop.stocked(3)
    pickup = await store.waiting(line(cup, 3))
    assert await store.expire(pickup.ready_at + timedelta(9)) == 1
    order = await store.shop.order(pickup.order_id)
    assert (order.status, order.cancel_reason) == (OrderStatus.CANCELED, "CUSTOMER")
    assert [event.type for event in await staged(store.shop.work, "ORDER_CANCELED", order.id)] == ["ORDER_CANCELED"]


async def test_what_is_on_hold_is_neither_handed_over_nor_given_up(store: Store) -> None:
    cup = await store.shop.stocked(3)
    pickup = await store.waiting(line(cup, 3))
    await hold(store.shop.work, pickup.order_id)
    with pytest.raises(OrderOnHold):
        await store.hand_over(pickup.id, pickup.code or "")
    late = pickup.ready_at + timedelta(9)
    assert await store.expire(late) == 0
    await release(store.shop.work, pickup.order_id)
    assert await store.expire(late) == 1


async def test_a_customer_is_reminded_once(store: Store) -> None:
    cup = await store.shop.stocked(3)
    pickup = await store.waiting(line(cup, 1))
    assert [await store.remind(pickup.ready_at + timedelta(days)) for days in (2, 3, 4)] == [0, 1, 0]
    (event,) = await staged(store.shop.work, "PICKUP_REMINDER_DUE", pickup.id)
    assert event.location_ids == [store.shop.locations[0].id]


async def test_days_are_those_of_the_location(store: Store) -> None:
    """At noon in London it is the next day already on Kiritimati, 14 hours ahead of UTC."""
    place = store.shop.locations[0]
    changes = UpdateLocation(location_id=place.id, changes={"time_zone": "Pacific/Kiritimati"})
    await store.shop.work.execute(SYSTEM, update_location, changes)
    cup = await store.shop.stocked(3)
    pickup = await store.waiting(line(cup, 1))
    ends = datetime.combine(pickup.collect_by, datetime.min.time(), UTC) + timedelta(hours=24 - 14)
    assert await store.expire(ends - timedelta(seconds=1)) == 0
    assert await store.expire(ends) == 1


async def test_bad_numbers_and_names_are_refused(store: Store) -> None:
    cup = await store.shop.stocked(3)
    pickup = await store.waiting(line(cup, 1))
    for days in (0, -1, 366):
        with pytest.raises(InvalidValue) as caught:
            await store.extend(pickup.id, days)
        assert code_of(caught) == ("INVALID_VALUE", ("days",))
    await store.extend(pickup.id, 365)
    with pytest.raises(InvalidValue):
        await store.extend(pickup.id, 365)
    for name in (" ", "\0", "x" * 256):
        with pytest.raises(InvalidValue):
            await store.hand_over(pickup.id, pickup.code or "", name)
    assert (await store.now(pickup.id)).status is PickupStatus.READY
