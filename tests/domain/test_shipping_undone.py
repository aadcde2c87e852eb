"""What left is corrected, undone, found again, and recorded in a further package."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.shipping.errors import ExceedsPackage, ShipmentScanned, TooLateToCancel, UnitsInReturn
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.kernel.errors import IllegalMove, InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import PackageId
from oms_api.workflows.update_shipment import ShipmentChanges, UpdateShipment, update_shipment
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.lots import Pantry, lot
from tests.factories.trading import Shop, findings, line


def causes(caught: pytest.ExceptionInfo[OmsError]) -> list[tuple[str, tuple[str, ...]]]:
    return [(error.code, error.field) for error in caught.value.causes]


async def test_a_canceled_shipment_lies_where_it_lay_and_leaves_once_more(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    cup = await shop.stocked(9)
    order = await shop.place(line(cup, 3))
    (todo,) = await shop.works(order.id)
    (package,) = await shop.pack(todo.id)
    shipment = await shop.ship_packages(package.id)
    assert (await shop.stock(cup), (await shop.works(order.id))[0].status) == ((6, 0), "CLOSED")
    assert (await shop.cancel_shipment(shipment.id)).status is ShipmentStatus.CANCELED
    (now,), (part,), (first,) = await shop.works(order.id), await shop.work_lines(todo.id), await shop.lines(order.id)
    assert (now.status, now.closed_at, part.shipped, first.in_fulfillment, first.shipped) == ("OPEN", None, 0, 3, 0)
    assert await shop.stock(cup) == (6, 3)
    assert [each.status for each in await shop.packages_of(todo.id)] == [PackageStatus.CANCELED]
    with pytest.raises(IllegalMove):
        await shop.cancel_shipment(shipment.id)
    with pytest.raises(IllegalMove):
        await shop.mark_lost(package.id)
    assert await findings(work) == []
    await shop.deliver((await shop.ship(todo.id)).value.id)
    assert (await shop.order(order.id)).status is OrderStatus.COMPLETED
    assert await findings(work) == []


async def test_lots_come_back_as_they_left(work: UnitOfWork) -> None:
    pantry = Pantry(await Shop.open(work))
    milk = await pantry.goods((3, lot("A", 10)), (5, lot("B", 20)))
    work_id = await pantry.ordered(milk, 4)
    shipment = (await pantry.shop.ship(work_id)).value
    assert await pantry.held(milk) == {"B": 4}
    await pantry.shop.cancel_shipment(shipment.id)
    assert await pantry.held(milk) == {"A": 3, "B": 5}
    assert await findings(work) == []


async def test_a_shipment_is_canceled_within_the_limit_before_the_first_scan(work: UnitOfWork, database: Database) -> None:
    shop = await Shop.open(work)
    cup = await shop.stocked(9)
    order = await shop.sent(line(cup, 3), delivered=False)
    (package,) = await shop.packages(order.id)
    assert package.shipment_id is not None
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE package SET scanned_at = now() WHERE id = %s", (package.id,))
    with pytest.raises(ShipmentScanned):
        await shop.cancel_shipment(package.shipment_id)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE package SET scanned_at = NULL WHERE id = %s", (package.id,))
    change = UpdateChannel(channel_id=shop.channel.id, changes={"cancel_shipment_within_minutes": 0})
    await work.execute(SYSTEM, update_channel, change)
    with pytest.raises(TooLateToCancel) as caught:
        await shop.cancel_shipment(package.shipment_id)
    assert caught.value.minutes == 0
    change = UpdateChannel(channel_id=shop.channel.id, changes={"cancel_shipment_within_minutes": 60})
    await work.execute(SYSTEM, update_channel, change)
    (first,) = await shop.lines(order.id)
    back = (await shop.return_(order.id, (first.id, 1))).value
    with pytest.raises(UnitsInReturn):
        await shop.cancel_shipment(package.shipment_id)
    await shop.cancel_return(back.id)
    await shop.cancel_shipment(package.shipment_id)
    assert timedelta(0) <= (await shop.order(order.id)).updated_at - order.updated_at
    assert await findings(work) == []


async def test_a_lost_package_is_found_and_its_order_waits_for_it_again(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    order = await shop.sent(line(await shop.stocked(9), 3), delivered=False)
    (package,) = await shop.packages(order.id)
    with pytest.raises(IllegalMove):
        await shop.mark_found(package.id)
    await shop.mark_lost(package.id)
    assert (await shop.order(order.id)).status is OrderStatus.COMPLETED
    assert (await shop.mark_found(package.id)).status is ShipmentStatus.SHIPPED
    (now,), (first,) = await shop.packages(order.id), await shop.lines(order.id)
    assert (now.status, now.lost_at is None, first.lost) == (PackageStatus.SHIPPED, False, 0)
    assert (await shop.order(order.id)).status is OrderStatus.OPEN
    await shop.deliver(package.shipment_id)
    assert (await shop.order(order.id)).status is OrderStatus.COMPLETED
    assert await findings(work) == []


async def test_a_further_package_takes_units_of_another_one(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    cup = await shop.stocked(9)
    order = await shop.sent(line(cup, 5), delivered=False)
    (package,), (first,) = await shop.packages(order.id), await shop.lines(order.id)
    assert package.shipment_id is not None
    shipment = package.shipment_id
    empty = await shop.add_package(shipment)
    with pytest.raises(Refused) as caught:
        await shop.add_package(shipment, (first.id, 6), from_package_id=package.id)
    assert causes(caught) == [(ExceedsPackage.code, ("lines", "0", "quantity"))]
    with pytest.raises(NotFound):
        await shop.add_package(shipment, (first.id, 1), from_package_id=PackageId(uuid4()))
    further = await shop.add_package(shipment, (first.id, 2), from_package_id=package.id, tracking_number="7")
    assert (further.status, further.tracking_number) == (PackageStatus.SHIPPED, "7")
    (given,) = (each for each in await shop.packages(order.id) if each.id == package.id)
    assert (given.version, given.updated_at) == (package.version + 1, further.updated_at)
    await shop.mark_lost(package.id)
    assert (await shop.lines(order.id))[0].lost == 3
    await shop.mark_returned(further.id)
    assert ((await shop.lines(order.id))[0].returned_to_sender, await shop.stock(cup)) == (2, (6, 0))
    await shop.mark_returned(package.id)
    assert await shop.stock(cup) == (9, 0)
    assert len(await shop.packages(order.id)) == 3
    assert empty.id
    assert await findings(work) == []


async def test_tracking_and_method_of_a_shipment_are_corrected(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    order = await shop.sent(line(await shop.stocked(9), 3), delivered=False)
    (package,) = await shop.packages(order.id)
    assert package.shipment_id is not None
    shipment = package.shipment_id

    async def correct(package_id: PackageId | None = None, **changes: str | None) -> None:
        given = ShipmentChanges(**changes)  # type: ignore[typeddict-item]
        command = UpdateShipment(idempotency_key="", shipment_id=shipment, package_id=package_id, changes=given)
        await work.execute(SYSTEM, update_shipment, command)

    await correct(carrier="DHL", tracking_number="1", method="Express")
    await correct(carrier="DHL")
    (now,) = await shop.packages(order.id)
    assert (now.carrier, now.tracking_number, now.version) == ("DHL", "1", package.version + 1)
    other = await shop.add_package(shipment)
    with pytest.raises(InvalidValue):
        await correct(tracking_number="2")
    await correct(other.id, tracking_number="2")
    assert [each.tracking_number for each in await shop.packages(order.id)] == ["1", "2"]
    with pytest.raises(Refused):
        await correct(other.id, tracking_url="javascript:alert(1)")
    with pytest.raises(NotFound):
        await correct(PackageId(uuid4()), carrier="x")
