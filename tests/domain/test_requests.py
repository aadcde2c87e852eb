"""Work that is asked of suppliers: answered by line, done by them, taken back, given up where nobody answers."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.rearranging import settle
from tests.factories.requesting import Desk
from tests.factories.trading import Shop, findings, line


@pytest.fixture
async def desk(work: UnitOfWork) -> Desk:
    return await Desk.open(work, minutes=60)


@pytest.fixture
async def shop(work: UnitOfWork, desk: Desk) -> Shop:
    """Return a shop that the supplier serves first, and a warehouse behind it."""
    shop = await Shop.open(work, locations=1)
    places = (desk.location, *shop.locations)
    change = UpdateChannel(channel_id=shop.channel.id, location_ids=tuple(place.id for place in places))
    await work.execute(SYSTEM, update_channel, change)
    return replace(shop, locations=places)


@pytest.fixture(autouse=True)
async def sound(work: UnitOfWork) -> AsyncIterator[None]:
    yield
    assert await findings(work) == []


async def test_a_supplier_rejects_a_line_and_ships_the_others(shop: Shop, desk: Desk, database: Database) -> None:
    cup, pot = await shop.stocked(5, 5), await shop.stocked(5, 5)
    await desk.buyer.supplied(cup)
    order = await shop.place(line(cup, 3), line(pot, 2))
    request = await desk.asked(order.id)
    assert (request.status, request.supplier_id, request.answer_by is None) == ("SUBMITTED", desk.supplier.id, False)
    (todo,) = await shop.works(order.id)
    _, pots = await shop.work_lines(todo.id)
    accepted = await desk.accept(request.id, (pots.id, 2), supplier_ref="S-17")
    assert (accepted.status, accepted.supplier_ref) == ("ACCEPTED", "S-17")
    assert [work.status for work in await shop.works(order.id)] == ["IN_PROGRESS"]
    await settle(shop.work, database)
    _, elsewhere = await shop.works(order.id)
    assert (elsewhere.location_id, elsewhere.status) == (shop.locations[1].id, "OPEN")
    assert accepted.purchase_order_id is not None
    bought = await desk.buyer.now(accepted.purchase_order_id)
    assert (bought.status, bought.total_minor, bought.fulfillment_order_id) == ("CONFIRMED", 750, todo.id)
    assert await desk.buyer.incoming(cup) == 0
    shipment = await desk.ship(request.id, carrier="DHL", tracking_number="T1")
    assert (await desk.request(order.id)).status == "CLOSED"
    assert (await desk.buyer.now(bought.id)).status == "RECEIVED"
    await shop.ship(elsewhere.id)
    for package in await shop.packages(order.id):
        await shop.deliver(package.shipment_id)
    assert shipment.location_id == desk.location.id
    assert (await shop.order(order.id)).status == "COMPLETED"
