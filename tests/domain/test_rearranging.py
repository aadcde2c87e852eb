"""Work that is given to other locations, split, joined, rejected: units, promises, stock and ledger agree after each act."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.errors import LocationNotInChannel
from oms_api.domain.channels.states import Activity
from oms_api.domain.fulfillment.errors import (
    AlreadyThere,
    ExceedsRemaining,
    FulfillmentOrderBegun,
    FulfillmentOrderNotRejectable,
    LocationTakesNoOrders,
    NotMergeable,
    PinnedElsewhere,
    SplitsAll,
)
from oms_api.domain.fulfillment.rejections.tables import FulfillmentRejectionRow
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.orders.errors import OrderOnHold
from oms_api.domain.orders.reasons.errors import UnknownOrderReason
from oms_api.kernel.errors import IllegalMove, InvalidValue, NotFound, Refused, VersionConflict
from tests.factories.counting import Shelf
from tests.factories.database import Database
from tests.factories.explaining import unexplained
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold
from tests.factories.keeping import Keeper, staged, waiting
from tests.factories.lots import Pantry, lot
from tests.factories.raw import raw
from tests.factories.rearranging import Floor, settle
from tests.factories.trading import Shop, findings, line


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=3)


@pytest.fixture
def floor(work: UnitOfWork) -> Floor:
    return Floor(work)


@pytest.fixture(autouse=True)
async def sound(work: UnitOfWork) -> AsyncIterator[None]:
    yield
    assert await findings(work) == []


async def test_work_is_given_to_another_location(shop: Shop, floor: Floor) -> None:
    cup, pot = await shop.stocked(5, 9), await shop.stocked(5, 9)
    order = await shop.place(line(cup, 3), line(pot, 2))
    (todo,) = await shop.works(order.id)
    moved = await floor.move(todo.id, shop.locations[1])
    was, now = await shop.works(order.id)
    assert (was.status, now.status, now.id, now.location_id) == ("CLOSED", "OPEN", moved.id, shop.locations[1].id)
    assert [await shop.stock(cup, place) for place in range(2)] == [(5, 0), (6, 3)]
    assert [await shop.stock(pot, place) for place in range(2)] == [(5, 0), (7, 2)]
    assert (await shop.order(order.id)).fulfillment_status == "ALLOCATED"
    (event,) = await staged(shop.work, "FULFILLMENT_ORDER_MOVED", todo.id)
    assert (event.changes or {})["fulfillmentOrder.status"] == ["OPEN", "CLOSED"]
    await shop.deliver((await shop.ship(moved.id)).value.id)
    assert (await shop.order(order.id)).status == "COMPLETED"


async def test_what_is_left_of_work_is_moved(shop: Shop, floor: Floor) -> None:
    cup = await shop.stocked(5, 9)
    order = await shop.place(line(cup, 3))
    (todo,), (cups,) = await shop.works(order.id), await shop.lines(order.id)
    await shop.ship(todo.id, (cups.id, 1))
    moved = await floor.move(todo.id, shop.locations[1])
    assert await shop.stock(cup, 1) == (7, 2)
    (part,) = await shop.work_lines(moved.id)
    assert (part.quantity, part.shipped) == (2, 0)


async def test_work_that_cannot_be_moved(shop: Shop, floor: Floor) -> None:
    cup, pot = await shop.stocked(5, 2, 5), await shop.stocked(5, 9, 5)
    elsewhere = await Given(shop.work).location()
    order = await shop.place(line(cup, 3), line(pot, 2))
    (todo,) = await shop.works(order.id)
    with pytest.raises(AlreadyThere):
        await floor.move(todo.id, shop.locations[0])
    with pytest.raises(LocationNotInChannel):
        await floor.move(todo.id, elsewhere)
    with pytest.raises(InsufficientStock) as short:
        await floor.move(todo.id, shop.locations[1])
    assert [(each.sku_code, each.requested, each.available) for each in short.value.short] == [(cup.code, 3, 2)]
    with pytest.raises(VersionConflict):
        await floor.move(todo.id, shop.locations[2], expected_version=9)
    off = UpdateLocation(location_id=shop.locations[2].id, changes={"accepts_orders": False})
    await shop.work.execute(SYSTEM, update_location, off)
    with pytest.raises(LocationTakesNoOrders):
        await floor.move(todo.id, shop.locations[2])
    await shop.start(todo.id)
    with pytest.raises(FulfillmentOrderBegun):
        await floor.move(todo.id, shop.locations[1])
    held = await shop.place(line(pot, 1))
    await hold(shop.work, held.id)
    (todo,) = await shop.works(held.id)
    with pytest.raises(OrderOnHold):
        await floor.move(todo.id, shop.locations[1])
    pinned = await shop.place(line(pot, 1, location_id=shop.locations[0].id))
    (todo,) = await shop.works(pinned.id)
    with pytest.raises(Refused) as refused:
        await floor.move(todo.id, shop.locations[1])
    assert [type(error) for error in refused.value.errors] == [PinnedElsewhere]


async def test_who_waits_comes_before_work_that_is_moved(shop: Shop, floor: Floor) -> None:
    cup = await shop.stocked(2, 2)
    order = await shop.place(line(cup, 2))
    other = await shop.place(line(cup, 2))
    await Keeper(shop.work, shop.locations[1]).adjust(cup, -2)
    await Given(shop.work).adjust(cup.id, shop.locations[1].id, 3)
    (todo,) = await shop.works(order.id)
    with pytest.raises(InsufficientStock):
        await floor.move(todo.id, shop.locations[1])
    assert await waiting(shop.work, other.id) == [(2, 0, 0)]


async def test_units_are_split_off_and_joined_again(shop: Shop, floor: Floor) -> None:
    cup, pot = await shop.stocked(9), await shop.stocked(9)
    order = await shop.place(line(cup, 4), line(pot, 2))
    (todo,), (cups, pots) = await shop.works(order.id), await shop.lines(order.id)
    made = await floor.split(todo.id, (cups.id, 1), (pots.id, 2))
    assert [(part.line_id, part.quantity) for part in await shop.work_lines(todo.id)] == [(cups.id, 3)]
    assert sorted(part.quantity for part in await shop.work_lines(made.id)) == [1, 2]
    assert await findings(shop.work) == []
    for wrong, error in (((cups.id, 4), ExceedsRemaining), ((cups.id, 0), Refused), ((pots.id, 1), Refused)):
        with pytest.raises((error, Refused)):
            await floor.split(todo.id, wrong)
    with pytest.raises(SplitsAll):
        await floor.split(todo.id, (cups.id, 3))
    await floor.merge(todo.id, made.id)
    first, second = await shop.works(order.id)
    assert {first.status, second.status} == {"OPEN", "CLOSED"}
    assert sorted(part.quantity for part in await shop.work_lines(todo.id)) == [1, 2, 3]
    await shop.ship(todo.id, (cups.id, 4))
    assert await shop.stock(cup) == (5, 0)


async def test_only_like_work_is_joined(shop: Shop, floor: Floor) -> None:
    cup = await shop.stocked(2, 9)
    order, other = await shop.place(line(cup, 4)), await shop.place(line(cup, 1))
    here, there = await shop.works(order.id)
    (foreign,) = await shop.works(other.id)
    with pytest.raises(Refused) as refused:
        await floor.merge(here.id, there.id, foreign.id)
    assert [(type(error), error.field) for error in refused.value.errors] == [
        (NotMergeable, ("fulfillmentOrderIds", "1")),
        (NotMergeable, ("fulfillmentOrderIds", "2")),
    ]


async def test_rejected_units_come_from_elsewhere(shop: Shop, floor: Floor, database: Database) -> None:
    cup = await shop.stocked(9, 1, 9)
    order = await shop.place(line(cup, 3))
    (todo,) = await shop.works(order.id)
    await shop.start(todo.id)
    await floor.reject(todo.id, note="the forklift broke")
    assert await waiting(shop.work, order.id) == [(3, 0, 0)]
    await settle(shop.work, database)
    assert await waiting(shop.work, order.id) == [(0, 0, 3)]
    assert [await shop.stock(cup, place) for place in range(3)] == [(9, 0), (0, 1), (7, 2)]
    with pytest.raises(FulfillmentOrderNotRejectable):
        await floor.reject(todo.id)
    with pytest.raises(UnknownOrderReason):
        await floor.reject(todo.id, reason="LAZY")


async def test_who_rejected_a_line_is_not_asked_again_until_it_counted(shop: Shop, floor: Floor, database: Database) -> None:
    cup = await shop.stocked(9)
    order = await shop.place(line(cup, 3))
    (todo,), (cups,) = await shop.works(order.id), await shop.lines(order.id)
    await floor.reject(todo.id, (cups.id, 2), reason="NOT_FOUND")
    await settle(shop.work, database)
    assert await waiting(shop.work, order.id) == [(2, 0, 1)]
    assert await shop.stock(cup) == (6, 1)
    newcomer = await shop.place(line(cup, 6))
    await shop.cancel(newcomer.id)
    table = FulfillmentRejectionRow
    async with shop.work.reads(SYSTEM) as read:
        (rejection,) = await read.all(raw(select(table).where(table.order_id == order.id)))
    shelf = Shelf(shop.work, shop.locations[0])
    assert rejection.count_id is not None
    await shelf.submit(rejection.count_id, (cup, 7), complete=True)
    await shelf.post(rejection.count_id)
    await settle(shop.work, database)
    assert await Keeper(shop.work, shop.locations[0]).source(order.id) == 2
    assert await waiting(shop.work, order.id) == [(0, 0, 3)]


async def test_units_moved_back_are_asked_for_again(shop: Shop, floor: Floor, database: Database) -> None:
    cup = await shop.stocked(9, 9)
    order = await shop.place(line(cup, 3))
    (todo,) = await shop.works(order.id)
    await floor.reject(todo.id)
    await settle(shop.work, database)
    now = (await shop.works(order.id))[-1]
    assert now.location_id == shop.locations[1].id
    await floor.move(now.id, shop.locations[0])
    (cups,) = await shop.lines(order.id)
    assert cups.barred_from is None


async def test_a_location_that_rejects_because_it_is_closed_is_switched_off(
    shop: Shop, floor: Floor, database: Database
) -> None:
    cup, pot = await shop.stocked(9, 9), await shop.stocked(9, 1)
    orders = [await shop.place(line(cup, 2)), await shop.place(line(cup, 1), line(pot, 3))]
    picked = await shop.place(line(cup, 1))
    (todo,), (begun,) = await shop.works(orders[0].id), await shop.works(picked.id)
    await shop.start(begun.id)
    await floor.reject(todo.id, reason="CLOSED")
    await settle(shop.work, database)
    assert [await shop.stock(cup, place) for place in range(2)] == [(8, 1), (6, 3)]
    assert [await shop.stock(pot, place) for place in range(2)] == [(7, 2), (0, 1)]
    for order in orders:
        assert {units[:2] for units in await waiting(shop.work, order.id)} == {(0, 0)}


async def test_an_order_is_sourced_anew_where_that_is_no_worse(shop: Shop, floor: Floor) -> None:
    cup, pot = await shop.stocked(0, 5), await shop.stocked(0, 5)
    order = await shop.place(line(cup, 2), line(pot, 3))
    assert [work.location_id for work in await shop.works(order.id)] == [shop.locations[1].id]
    assert (await floor.again(order.id)).version == order.version
    await Given(shop.work).adjust(cup.id, shop.locations[0].id, 9)
    await floor.again(order.id, release=False)
    assert await shop.stock(cup, 0) == (9, 0)
    await floor.again(order.id)
    assert [await shop.stock(cup, place) for place in range(2)] == [(7, 2), (5, 0)]
    assert await shop.stock(pot, 1) == (2, 3)
    (event,) = await staged(shop.work, "ORDER_SOURCED_ANEW", order.id)
    assert event.changes == {}
    works = await shop.works(order.id)
    assert sorted((work.location_id == shop.locations[1].id, work.status) for work in works) == [
        (False, "OPEN"),
        (True, "OPEN"),
    ]


async def test_what_is_wrong_with_looking_anew_is_told(shop: Shop, floor: Floor) -> None:
    cup = await shop.stocked(5)
    order, other = await shop.place(line(cup, 2)), await shop.place(line(cup, 1))
    (foreign,) = await shop.works(other.id)
    with pytest.raises(InvalidValue):
        await floor.again(order.id, foreign.id, release=False)
    with pytest.raises(Refused) as refused:
        await floor.again(order.id, foreign.id)
    assert [(type(error), error.field) for error in refused.value.errors] == [(NotFound, ("fulfillmentOrderIds", "0"))]
    with pytest.raises(VersionConflict):
        await floor.again(order.id, expected_version=9)
    await shop.cancel(order.id)
    with pytest.raises(IllegalMove):
        await floor.again(order.id)


async def test_who_rejected_a_line_is_asked_again_on_request(shop: Shop, floor: Floor, database: Database) -> None:
    cup = await shop.stocked(5)
    order = await shop.place(line(cup, 2))
    (todo,) = await shop.works(order.id)
    await floor.reject(todo.id)
    await settle(shop.work, database)
    await floor.again(order.id)
    assert await waiting(shop.work, order.id) == [(2, 0, 0)]
    await floor.again(order.id, release=False, ask_again=True)
    assert await waiting(shop.work, order.id) == [(0, 0, 2)]
    assert (await shop.lines(order.id))[0].barred_from is None


async def test_what_nobody_else_has_stays_in_a_location_that_is_deactivated(
    shop: Shop, floor: Floor, database: Database
) -> None:
    cup = await shop.stocked(5, 1)
    order = await shop.place(line(cup, 3))
    off = UpdateLocation(location_id=shop.locations[0].id, changes={"status": Activity.INACTIVE})
    await shop.work.execute(SYSTEM, update_location, off)
    await settle(shop.work, database)
    assert [await shop.stock(cup, place) for place in range(2)] == [(3, 2), (0, 1)]
    assert await waiting(shop.work, order.id) == [(0, 0, 3)]
    assert (await floor.again(order.id)).fulfillment_status == "ALLOCATED"
    assert [await shop.stock(cup, place) for place in range(2)] == [(3, 2), (0, 1)]
    assert await unexplained(shop.work) == []


async def test_goods_in_lots_are_rejected_and_moved(shop: Shop, floor: Floor, database: Database) -> None:
    pantry = Pantry(shop)
    tea = await pantry.goods((4, lot("A", 20)), (3, lot("B", 60)))
    await pantry.bring(tea, 9, lot("C", 90), location=1)
    order = await shop.place(line(tea, 6))
    (todo,), (teas,) = await shop.works(order.id), await shop.lines(order.id)
    await floor.reject(todo.id, (teas.id, 5), reason="DAMAGED")
    assert (await pantry.held(tea))["B"] == 2
    await settle(shop.work, database)
    await floor.move(todo.id, shop.locations[1])
    assert await waiting(shop.work, order.id) == [(0, 0, 6)]
    assert [await shop.stock(tea, place) for place in range(2)] == [(2, 0), (3, 6)]
