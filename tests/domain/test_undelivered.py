"""Parcels that do not arrive: lost on the way, or back at the sender."""

from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.inventory.states import MovementKind
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus, ReturnStatus
from oms_api.domain.returns.states import Disposition
from oms_api.domain.shipping.errors import UnitsInReturn
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.errors import IllegalMove, NotFound
from oms_api.kernel.ids import OrderId, PackageId, new_uuid
from tests.factories.given import Given
from tests.factories.lots import Pantry, lot
from tests.factories.trading import Shop, fee, findings, line

OFF = (OrderStatus.COMPLETED, FulfillmentStatus.UNDELIVERED)


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


async def sent(shop: Shop, *lines: Any) -> tuple[OrderId, list[PackageRow]]:
    order = await shop.sent(*lines, delivered=False)
    return order.id, list(await shop.packages(order.id))


async def standing(shop: Shop, order: OrderId) -> tuple[OrderStatus, FulfillmentStatus]:
    now = await shop.order(order)
    return now.status, now.fulfillment_status


async def test_a_lost_parcel_ends_its_order_and_moves_no_stock(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    order, (parcel,) = await sent(shop, line(sku, 2), fee())
    shipment = (await shop.mark_lost(parcel.id)).value
    assert shipment.status == "LOST"
    (goods, _) = await shop.lines(order)
    assert (goods.shipped, goods.delivered, goods.lost, goods.returned_to_sender) == (2, 0, 2, 0)
    assert await standing(shop, order) == OFF
    assert await shop.stock(sku) == (3, 0)
    assert await findings(work) == []


@pytest.mark.parametrize(
    ("disposition", "kept"),
    [
        (Disposition.RESTOCK, (5, 0, 0)),
        (Disposition.INSPECT, (3, 2, 0)),
        (Disposition.SCRAP, (3, 0, 0)),
    ],
)
async def test_a_parcel_that_came_back_brings_its_units(
    shop: Shop, work: UnitOfWork, disposition: Disposition, kept: tuple[int, int, int]
) -> None:
    sku = await shop.stocked(5)
    order, (parcel,) = await sent(shop, line(sku, 2))
    shipment = (await shop.mark_returned(parcel.id, disposition=disposition)).value
    assert shipment.status == "RETURNED_TO_SENDER"
    (goods,) = await shop.lines(order)
    assert (goods.shipped, goods.delivered, goods.lost, goods.returned_to_sender) == (2, 0, 0, 2)
    assert (*await standing(shop, order), (await shop.order(order)).return_status) == (*OFF, ReturnStatus.NONE)
    level = await Given(work).level(sku.id, shop.locations[0].id)
    assert (level.free, level.quality_control, level.damaged) == kept
    assert await findings(work) == []


async def test_a_parcel_may_come_back_elsewhere(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    _, (parcel,) = await sent(shop, line(sku, 2))
    await shop.mark_returned(parcel.id, location=1)
    assert (await shop.stock(sku), await shop.stock(sku, 1)) == ((3, 0), (2, 0))
    assert await findings(work) == []


async def test_units_come_back_to_the_lots_they_left(shop: Shop, work: UnitOfWork) -> None:
    pantry = Pantry(shop)
    milk = await pantry.goods((2, lot("M1", 5)), (3, lot("M2", 9)))
    _, (parcel,) = await sent(shop, line(milk, 4))
    assert await pantry.held(milk) == {"M2": 1}
    await shop.mark_returned(parcel.id)
    assert await pantry.held(milk) == {"M1": 2, "M2": 3}
    assert await pantry.moved(milk, MovementKind.TAKE_BACK) == [("M1", 2), ("M2", 2)]
    assert await findings(work) == []


async def test_what_arrived_and_what_did_not_stand_beside_each_other(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(3, 2)
    order, (one, two) = await sent(shop, line(sku, 5))
    await shop.deliver(one.shipment_id)
    assert await standing(shop, order) == (OrderStatus.OPEN, FulfillmentStatus.PARTIALLY_DELIVERED)
    await shop.mark_lost(two.id)
    assert await standing(shop, order) == (OrderStatus.COMPLETED, FulfillmentStatus.PARTIALLY_DELIVERED)
    assert await findings(work) == []


async def test_a_lost_parcel_may_arrive_after_all_or_come_back(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order, (parcel,) = await sent(shop, line(sku, 2))
    await shop.mark_lost(parcel.id)
    assert (await shop.deliver(parcel.shipment_id)).value.status == "DELIVERED"
    (goods,) = await shop.lines(order)
    assert (goods.delivered, goods.lost) == (2, 0)
    assert await standing(shop, order) == (OrderStatus.COMPLETED, FulfillmentStatus.DELIVERED)
    order, (parcel,) = await sent(shop, line(sku, 3))
    await shop.mark_lost(parcel.id)
    await shop.mark_returned(parcel.id)
    (goods,) = await shop.lines(order)
    assert (goods.lost, goods.returned_to_sender) == (0, 3)
    assert await shop.stock(sku) == (7, 0)
    assert await findings(work) == []


async def test_a_bundle_that_did_not_arrive_keeps_no_order_open(shop: Shop, work: UnitOfWork) -> None:
    cup, spoon = await shop.stocked(4), await shop.stocked(0, 8)
    bundle = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    order, (one, two) = await sent(shop, line(bundle, 2))
    await shop.mark_lost(one.id)
    await shop.deliver(two.shipment_id)
    assert await standing(shop, order) == (OrderStatus.COMPLETED, FulfillmentStatus.PARTIALLY_DELIVERED)
    assert await findings(work) == []


async def test_what_did_not_leave_or_has_its_end_can_neither_be_lost_nor_come_back(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    _, (parcel,) = await sent(shop, line(sku, 1))
    with pytest.raises(NotFound):
        await shop.mark_lost(PackageId(new_uuid()))
    await shop.mark_returned(parcel.id)
    for mark in (shop.mark_lost, shop.mark_returned):
        with pytest.raises(IllegalMove):
            await mark(parcel.id)
    assert await shop.stock(sku) == (5, 0)
    assert await findings(work) == []


async def test_units_that_are_announced_as_a_return_are_not_lost(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    order, (parcel,) = await sent(shop, line(sku, 2))
    (goods,) = await shop.lines(order)
    back = (await shop.return_(order, (goods.id, 1))).value
    for mark in (shop.mark_lost, shop.mark_returned):
        with pytest.raises(UnitsInReturn) as caught:
            await mark(parcel.id)
        assert caught.value.units == 1
    await shop.cancel_return(back.id)
    await shop.mark_returned(parcel.id)
    assert await standing(shop, order) == OFF
    assert await findings(work) == []


async def test_each_key_marks_once(shop: Shop) -> None:
    sku = await shop.stocked(5)
    _, (parcel,) = await sent(shop, line(sku, 2))
    assert not (await shop.mark_returned(parcel.id, key="back")).replayed
    again = await shop.mark_returned(parcel.id, key="back")
    assert (again.replayed, again.value.id) == (True, parcel.shipment_id)
    assert await shop.stock(sku) == (5, 0)


async def test_an_order_of_which_all_came_back_waits_for_no_arrival(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    order, _ = await sent(shop, line(sku, 2))
    (goods,) = await shop.lines(order)
    back = (await shop.return_(order, (goods.id, 2))).value
    await shop.take_back(back.id)
    now = await shop.order(order)
    assert (now.status, now.return_status) == (OrderStatus.COMPLETED, ReturnStatus.RETURNED)
    assert await findings(work) == []
