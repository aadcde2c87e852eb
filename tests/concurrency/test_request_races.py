"""What a supplier answers against what its merchant does at the same moment: one of the two comes first."""

from datetime import timedelta

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.orders.tables import OrderRow
from tests.factories.given import Given
from tests.factories.racing import outcomes
from tests.factories.rearranging import Floor
from tests.factories.requesting import Desk
from tests.factories.trading import Shop, line

ROUNDS = 6


@pytest.fixture
async def desk(many: UnitOfWork) -> Desk:
    return await Desk.open(many, minutes=5)


@pytest.fixture
async def shop(many: UnitOfWork, desk: Desk) -> Shop:
    """Return a shop of the supplier's location, and a warehouse behind it."""
    second = await Given(many).location()
    places = (desk.location, second)
    return Shop(many, await Given(many).channel(locations=places), places)


async def asked(shop: Shop, desk: Desk, units: int = 2) -> tuple[OrderRow, FulfillmentRequestRow]:
    """Return an order, and the request for all of it."""
    cup = await desk.buyer.supplied(await shop.stocked(9, 9))
    order = await shop.place(line(cup, units))
    return order, await desk.asked(order.id)


async def test_of_two_acceptances_one_is_one(shop: Shop, desk: Desk) -> None:
    for _ in range(ROUNDS):
        order, request = await asked(shop, desk)
        ended = await outcomes([lambda: desk.accept(request.id)] * 3)  # noqa: B023
        assert sorted(ended) == ["REQUEST_NOT_SUBMITTED", "REQUEST_NOT_SUBMITTED", "done"]
        assert [each.quantity for each in await desk.buyer.lines((await desk.bought(request.id)).id)] == [2]
        assert (await shop.works(order.id))[0].status == "IN_PROGRESS"


async def test_an_acceptance_and_a_cancellation_come_one_after_the_other(shop: Shop, desk: Desk) -> None:
    for _ in range(ROUNDS):
        order, request = await asked(shop, desk)
        accepted, canceled = await outcomes([lambda: desk.accept(request.id), lambda: shop.cancel(order.id)])  # noqa: B023
        assert (accepted, canceled) in {("done", "REQUEST_ACCEPTED"), ("REQUEST_NOT_SUBMITTED", "done")}
        now = await desk.request(order.id)
        assert (now.status, now.purchase_order_id is None) == (("ACCEPTED", False) if accepted == "done" else ("CLOSED", True))


async def test_an_acceptance_and_a_move_come_one_after_the_other(shop: Shop, desk: Desk) -> None:
    floor = Floor(shop.work)
    for _ in range(ROUNDS):
        order, request = await asked(shop, desk)
        (todo,) = await shop.works(order.id)
        accepted, moved = await outcomes(
            [lambda: desk.accept(request.id), lambda: floor.move(todo.id, shop.locations[1])]  # noqa: B023
        )
        assert (accepted, moved) in {("done", "REQUEST_ACCEPTED"), ("REQUEST_NOT_SUBMITTED", "done")}


async def test_an_acceptance_and_a_withdrawal_come_one_after_the_other(shop: Shop, desk: Desk) -> None:
    for _ in range(ROUNDS):
        order, request = await asked(shop, desk)
        accepted, back = await outcomes([lambda: desk.accept(request.id), lambda: desk.ask_to_cancel(request.id)])  # noqa: B023
        assert (accepted, back) in {("done", "done"), ("REQUEST_NOT_SUBMITTED", "done")}
        expected = "CANCELLATION_REQUESTED" if accepted == "done" else "UNSUBMITTED"
        assert (await desk.request(order.id)).status == expected


async def test_a_shipment_and_a_stop_come_one_after_the_other(shop: Shop, desk: Desk) -> None:
    for _ in range(ROUNDS):
        order, request = await asked(shop, desk)
        await desk.accept(request.id)
        await desk.ask_to_cancel(request.id)
        shipped, stopped = await outcomes([lambda: desk.ship(request.id), lambda: desk.stop(request.id)])  # noqa: B023
        assert (shipped, stopped) in {("done", "CANCELLATION_NOT_REQUESTED"), ("REQUEST_NOT_ACCEPTED", "done")}
        assert (await shop.lines(order.id))[0].shipped == (2 if shipped == "done" else 0)


async def test_an_answer_and_the_end_of_the_time_for_it_come_one_after_the_other(shop: Shop, desk: Desk) -> None:
    late = shop.work.clock() + timedelta(minutes=6)
    for _ in range(ROUNDS):
        order, request = await asked(shop, desk)
        accepted, swept = await outcomes([lambda: desk.accept(request.id), lambda: desk.sweep(at=late)])  # noqa: B023
        assert swept == "done"
        assert (accepted, (await desk.request(order.id)).status) in {
            ("done", "ACCEPTED"), ("REQUEST_NOT_SUBMITTED", "REJECTED"),
        }  # fmt: skip


async def test_of_two_who_ask_a_supplier_at_once_one_does(shop: Shop, desk: Desk) -> None:
    cup = await desk.buyer.supplied(await shop.stocked(90, 9))
    orders = [await shop.place(line(cup, 2)) for _ in range(ROUNDS)]
    (first,) = await shop.works(orders[0].id)
    ended = await outcomes([desk.sweep, desk.sweep, lambda: shop.cancel(orders[0].id), lambda: shop.start(first.id)])
    assert ended[:3] == ["done"] * 3
    await desk.sweep()
    for order in orders[1:]:
        assert (await desk.request(order.id)).status == "SUBMITTED"
    assert {request.status for request in await desk.requests(orders[0].id)} <= {"CLOSED"}
