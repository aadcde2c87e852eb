"""Work that is asked of suppliers: answered by line, done by them, taken back, given up where nobody answers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from oms_api.db.outbox import FeedEvent, StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.fulfillment.requests.errors import (
    CancellationNotRequested,
    RequestAccepted,
    RequestNotAccepted,
    RequestNotRejectable,
    RequestNotSubmitted,
    RequestSubmitted,
)
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.orders.changes.wanted import SetShippingAddress
from oms_api.domain.orders.states import CanceledStock
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.purchasing.errors import DropshipOrder
from oms_api.kernel.address import Address
from oms_api.kernel.errors import NotFound, Refused, VersionConflict
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentRequestId
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold, release
from tests.factories.raw import raw
from tests.factories.rearranging import Floor, settle
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


@pytest.fixture
def floor(work: UnitOfWork) -> Floor:
    return Floor(work)


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


async def test_nobody_else_begins_what_a_supplier_has_not_accepted(shop: Shop, desk: Desk, floor: Floor) -> None:
    order, request, todo = await asked(shop, desk, 3)
    (cups,) = await shop.lines(order.id)
    for act in (shop.start(todo.id), shop.pack(todo.id), shop.ship(todo.id)):
        with pytest.raises(RequestNotAccepted, match="SUBMITTED"):
            await act
    for other in (floor.split(todo.id, (cups.id, 1)), floor.reject(todo.id)):
        with pytest.raises(RequestSubmitted):
            await other
    with pytest.raises(RequestNotAccepted):
        await desk.ship(request.id)
    await desk.ask_to_cancel(request.id)
    with pytest.raises(RequestNotAccepted, match="UNSUBMITTED"):
        await shop.ship(todo.id)
    await floor.split(todo.id, (cups.id, 1))


async def test_what_nobody_accepted_is_withdrawn_with_its_units(shop: Shop, desk: Desk, floor: Floor) -> None:
    order, request, todo = await asked(shop, desk, 3)
    (cups,) = await shop.lines(order.id)
    await shop.cancel(order.id, (cups.id, 1))
    less = await desk.request(order.id)
    assert (less.status, less.version) == ("SUBMITTED", request.version + 1)
    with pytest.raises(VersionConflict):
        await desk.accept(request.id, expected_version=request.version)
    await floor.move(todo.id, shop.locations[1])
    assert (await desk.request(order.id)).status == "CLOSED"
    with pytest.raises(RequestNotSubmitted, match="CLOSED"):
        await desk.accept(request.id)
    types = [event.type for event in await told(shop.work, request.id)]
    assert types == [f"FULFILLMENT_REQUEST_{name}" for name in ("SUBMITTED", "CHANGED", "CLOSED")]


async def test_accepted_work_is_the_suppliers_until_it_stops(shop: Shop, desk: Desk, floor: Floor) -> None:
    order, request, todo = await asked(shop, desk, 3)
    (cups,) = await shop.lines(order.id)
    await desk.accept(request.id)
    with pytest.raises(RequestNotSubmitted, match="ACCEPTED"):
        await desk.accept(request.id)
    for act in (
        shop.cancel(order.id),
        shop.cancel(order.id, stock=CanceledStock.NOT_FOUND),
        floor.move(todo.id, shop.locations[1]),
        floor.split(todo.id, (cups.id, 1)),
        floor.reject(todo.id),
        put_back(shop, todo.id),
    ):
        with pytest.raises(RequestAccepted):
            await act
    for stock in (None, CanceledStock.NOT_FOUND):
        with pytest.raises(Refused) as refused:
            await shop.cancel(order.id, (cups.id, 1), stock=stock)
        assert [(error.code, error.field) for error in refused.value.errors] == [
            ("REQUEST_ACCEPTED", ("lines", "0", "quantity"))
        ]
    await floor.again(order.id)
    assert [(work.id, work.status) for work in await shop.works(order.id)] == [(todo.id, "IN_PROGRESS")]
    with pytest.raises(CancellationNotRequested, match="ACCEPTED"):
        await desk.stop(request.id)
    assert (await desk.ask_to_cancel(request.id)).status == "CANCELLATION_REQUESTED"
    assert (await desk.go_on(request.id, note="It is in the van.")).status == "CANCELLATION_REJECTED"
    await desk.ask_to_cancel(request.id)
    assert (await desk.stop(request.id)).status == "CANCELLATION_ACCEPTED"
    with pytest.raises(RequestNotAccepted, match="CANCELLATION_ACCEPTED"):
        await desk.ship(request.id)
    (work,) = await shop.works(order.id)
    assert work.status == "OPEN"
    await shop.cancel(order.id, (cups.id, 1))
    assert (await desk.submit(request.id)).status == "SUBMITTED"
    await desk.accept(request.id)
    await desk.ship(request.id)
    assert (await desk.request(order.id)).status == "CLOSED"


async def test_a_supplier_may_ship_until_it_says_that_it_stops(shop: Shop, desk: Desk) -> None:
    order, request, todo = await asked(shop, desk, 3)
    await desk.accept(request.id)
    await desk.ask_to_cancel(request.id)
    (part,) = await shop.work_lines(todo.id)
    await desk.ship(request.id, (part.id, 2))
    await desk.stop(request.id)
    bought = await desk.bought(request.id)
    assert [(each.accepted, each.open, each.called_off) for each in await desk.buyer.lines(bought.id)] == [(2, 0, 1)]
    assert bought.status == "RECEIVED"
    await desk.submit(request.id)
    await desk.accept(request.id)
    assert (await desk.bought(request.id)).status == "PARTIALLY_RECEIVED"
    assert [(each.accepted, each.open) for each in await desk.buyer.lines(bought.id)] == [(2, 1)]
    await desk.ship(request.id)
    assert (await desk.bought(request.id)).status == "RECEIVED"
    assert (await shop.order(order.id)).fulfillment_status == "SHIPPED"


@pytest.mark.parametrize("accepted", [False, True])
async def test_what_is_taken_back_to_be_sent_by_others_goes_to_them_at_once(
    shop: Shop, desk: Desk, database: Database, accepted: bool
) -> None:
    order, request, _ = await asked(shop, desk, 3)
    if accepted:
        await desk.accept(request.id)
    await desk.ask_to_cancel(request.id, source_elsewhere=True)
    if accepted:
        await desk.stop(request.id)
    assert (await desk.request(order.id)).status == "CLOSED"
    await settle(shop.work, database)
    _, elsewhere = await shop.works(order.id)
    assert (elsewhere.location_id, elsewhere.status) == (shop.locations[1].id, "OPEN")
    if accepted:
        assert (await desk.bought(request.id)).status == "CANCELED"


async def test_the_work_of_a_silent_supplier_goes_to_others(shop: Shop, desk: Desk, database: Database) -> None:
    order, request, _ = await asked(shop, desk, 3)
    await desk.sweep(at=shop.work.clock() + timedelta(minutes=59))
    assert (await desk.request(order.id)).status == "SUBMITTED"
    await desk.sweep(at=shop.work.clock() + timedelta(minutes=61))
    silent = await desk.request(order.id)
    assert (silent.status, silent.answered_at) == ("REJECTED", None)
    with pytest.raises(RequestNotSubmitted, match="REJECTED"):
        await desk.accept(request.id)
    await settle(shop.work, database)
    _, elsewhere = await shop.works(order.id)
    assert elsewhere.location_id == shop.locations[1].id
    assert [event.type for event in await told(shop.work, request.id)][-1] == "FULFILLMENT_REQUEST_EXPIRED"
    await desk.sweep()
    assert len(await desk.requests(order.id)) == 1


async def test_a_supplier_that_finds_goods_missing_says_so_after_it_accepted(
    shop: Shop, desk: Desk, database: Database
) -> None:
    order, request, todo = await asked(shop, desk, 3)
    await desk.accept(request.id)
    (part,) = await shop.work_lines(todo.id)
    await desk.ship(request.id, (part.id, 1))
    assert (await desk.reject(request.id, (part.id, 1), reason="NOT_FOUND")).status == "ACCEPTED"
    assert (await desk.reject(request.id)).status == "CLOSED"
    with pytest.raises(RequestNotRejectable, match="CLOSED"):
        await desk.reject(request.id)
    bought = await desk.bought(request.id)
    assert [(each.accepted, each.called_off) for each in await desk.buyer.lines(bought.id)] == [(1, 2)]
    await settle(shop.work, database)
    assert [work.location_id for work in await shop.works(order.id)] == [place.id for place in shop.locations]


async def test_a_shipment_that_is_undone_is_the_suppliers_again(shop: Shop, desk: Desk) -> None:
    order, request, _ = await asked(shop, desk, 3)
    await desk.accept(request.id)
    shipment = await desk.ship(request.id)
    await shop.cancel_shipment(shipment.id)
    (work,) = await shop.works(order.id)
    assert (work.status, (await desk.request(order.id)).status) == ("IN_PROGRESS", "ACCEPTED")
    bought = await desk.bought(request.id)
    assert (bought.status, [each.open for each in await desk.buyer.lines(bought.id)]) == ("CONFIRMED", [3])
    await desk.ship(request.id)
    assert (await desk.bought(request.id)).status == "RECEIVED"


async def test_goods_of_the_merchant_are_not_bought_of_who_sends_them(work: UnitOfWork) -> None:
    desk = await Desk.open(work, kind=LocationKind.WAREHOUSE, submits=False)
    shop = Shop(work, await Given(work).channel(locations=(desk.location,)), (desk.location,))
    cup = await desk.buyer.supplied(await shop.stocked(5))
    order = await shop.place(line(cup, 2))
    request = await desk.asked(order.id)
    assert (request.status, request.submitted_at) == ("UNSUBMITTED", None)
    with pytest.raises(NotFound):
        await desk.accept(request.id)
    await desk.submit(request.id)
    assert (await desk.accept(request.id)).purchase_order_id is None


async def test_nobody_is_asked_for_what_is_on_hold_or_waits_for_other_goods(shop: Shop, desk: Desk) -> None:
    cup = await shop.stocked(5)
    held = await shop.place(line(cup, 1))
    await hold(shop.work, held.id)
    await desk.sweep()
    assert await desk.requests(held.id) == []
    await release(shop.work, held.id)
    await desk.sweep()
    assert (await desk.request(held.id)).status == "SUBMITTED"


async def test_work_that_began_before_its_location_was_a_suppliers_stays_as_it_is(work: UnitOfWork) -> None:
    desk = await Desk.open(work)
    await desk.change(supplier_id=None)
    shop = Shop(work, await Given(work).channel(locations=(desk.location,)), (desk.location,))
    cup = await shop.stocked(9)
    begun, sent = await shop.place(line(cup, 2)), await shop.place(line(cup, 2))
    ((one,), (two,)) = await shop.works(begun.id), await shop.works(sent.id)
    (cups,) = await shop.lines(sent.id)
    await shop.start(one.id)
    await shop.ship(two.id, (cups.id, 1))
    await desk.change(supplier_id=desk.supplier.id)
    await desk.sweep()
    for each in (one, two):
        await shop.ship(each.id)
    assert await desk.requests(begun.id) == await desk.requests(sent.id) == []


async def test_units_that_are_missing_are_canceled_and_those_that_a_supplier_accepted_stay(shop: Shop, desk: Desk) -> None:
    cup = await desk.buyer.supplied(await shop.stocked(3, 2))
    order = await shop.place(line(cup, 5))
    request = await desk.accept((await desk.asked(order.id)).id)
    (cups,) = await shop.lines(order.id)
    with pytest.raises(Refused) as refused:
        await shop.cancel(order.id, (cups.id, 3), stock=CanceledStock.NOT_FOUND)
    assert [error.code for error in refused.value.errors] == ["REQUEST_ACCEPTED"]
    await shop.cancel(order.id, (cups.id, 2), stock=CanceledStock.NOT_FOUND)
    (now,) = await shop.lines(order.id)
    assert (now.canceled, now.in_fulfillment) == (2, 3)
    assert [(work.location_id, work.status) for work in await shop.works(order.id)] == [
        (desk.location.id, "IN_PROGRESS"),
        (shop.locations[1].id, "CLOSED"),
    ]
    assert request.status == "ACCEPTED"


async def test_units_without_a_source_are_canceled_before_those_that_a_supplier_accepted(shop: Shop, desk: Desk) -> None:
    cup = await desk.buyer.supplied(await shop.stocked(5, 0))
    order = await shop.place(line(cup, 5))
    request = await desk.asked(order.id)
    (part,) = await shop.work_lines(request.fulfillment_order_id)
    await desk.accept(request.id, (part.id, 2), reason="NO_CAPACITY")
    (cups,) = await shop.lines(order.id)
    assert (cups.unsourced, cups.in_fulfillment) == (2, 3)
    await shop.cancel(order.id, (cups.id, 2), stock=CanceledStock.NOT_FOUND)
    (now,) = await shop.lines(order.id)
    assert (now.unsourced, now.in_fulfillment, now.canceled) == (0, 3, 2)


async def test_a_supplier_hears_that_its_goods_go_elsewhere(shop: Shop, desk: Desk) -> None:
    order, request, _ = await asked(shop, desk, 3)
    accepted = await desk.accept(request.id)
    address = Address(name="Ada", line1="2 New Road", city="Leeds", postal_code="LS1 1AA", country="GB")
    await shop.edit(order.id, SetShippingAddress(address=address))
    now = await desk.request(order.id)
    assert (now.status, now.version) == ("ACCEPTED", accepted.version + 1)
    assert [event.type for event in await told(shop.work, request.id)][-1] == "FULFILLMENT_REQUEST_CHANGED"


async def test_work_that_nobody_does_is_the_merchants_once_its_location_is_no_suppliers(shop: Shop, desk: Desk) -> None:
    order, request, todo = await asked(shop, desk, 3)
    await desk.ask_to_cancel(request.id)
    with pytest.raises(RequestNotAccepted):
        await shop.start(todo.id)
    await desk.change(supplier_id=None)
    await shop.start(todo.id)
    await shop.ship(todo.id)
    assert (await desk.request(order.id)).status == "CLOSED"


async def test_the_purchase_order_of_a_request_is_not_moved_by_hand(shop: Shop, desk: Desk) -> None:
    _, request, _ = await asked(shop, desk, 3)
    await desk.accept(request.id)
    bought = await desk.bought(request.id)
    for act in (desk.buyer.receive(bought.id), desk.buyer.confirm(bought.id), desk.buyer.cancel(bought.id)):
        with pytest.raises(DropshipOrder):
            await act


async def test_a_supplier_touches_nothing_of_another(shop: Shop, desk: Desk, work: UnitOfWork) -> None:
    _, request, _ = await asked(shop, desk, 3)
    other = await Desk.open(work)
    blind = [
        replace(desk, principal=replace(desk.principal, suppliers=other.principal.suppliers)),
        replace(desk, principal=replace(desk.principal, locations=other.principal.locations)),
        replace(desk, principal=other.principal),
        replace(desk, principal=replace(desk.principal, suppliers=frozenset(), locations=frozenset())),
    ]
    for stranger in blind:
        for act in (
            stranger.accept(request.id),
            stranger.reject(request.id),
            stranger.ship(request.id),
            stranger.stop(request.id),
            stranger.go_on(request.id),
        ):
            with pytest.raises(NotFound):
                await act


async def asked(shop: Shop, desk: Desk, units: int) -> tuple[OrderRow, FulfillmentRequestRow, FulfillmentOrderRow]:
    """Place an order of a cup that the supplier sells and the warehouse has too; return it with its request and its work."""
    cup = await desk.buyer.supplied(await shop.stocked(5, 5))
    order = await shop.place(line(cup, units))
    request = await desk.asked(order.id)
    (todo,) = await shop.works(order.id)
    return order, request, todo


async def told(work: UnitOfWork, request: FulfillmentRequestId) -> list[StagedEvent | FeedEvent]:
    """Return what was told of a request and waits for the relay, in order."""
    async with work.reads(SYSTEM) as read:
        found = raw(select(StagedEvent).where(StagedEvent.subject_id == request).order_by(StagedEvent.stage))
        staged = list(await read.all(found))
        fed = await read.all(raw(select(FeedEvent).where(FeedEvent.subject_id == request).order_by(FeedEvent.position)))
        return [*fed, *staged]


async def put_back(shop: Shop, work: FulfillmentOrderId) -> None:
    command = FulfillmentToChange(idempotency_key="", fulfillment_order_id=work)
    await shop.work.execute(SYSTEM, put_back_fulfillment, command)
