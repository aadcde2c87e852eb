"""Holds against whatever else happens to an order at the same moment."""

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.errors import OrderOnHold
from oms_api.domain.orders.holds.errors import HandleTaken, NotOnHold
from tests.factories.holding import hold, hold_work, release
from tests.factories.racing import outcomes, race
from tests.factories.trading import Shop, line


async def test_a_hold_and_a_shipment_come_one_after_the_other(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(100)
    for _ in range(10):
        order = await shop.place(line(sku, 2))
        (todo,) = await shop.works(order.id)
        held, started, shipped = await outcomes(
            [lambda: hold(many, order.id), lambda: shop.start(todo.id), lambda: shop.ship(todo.id)]  # noqa: B023 - raced at once
        )
        assert {started, shipped} <= {"done", OrderOnHold.code, "ILLEGAL_MOVE", "FULFILLMENT_ORDER_NOT_OPEN"}
        now = await shop.order(order.id)
        if shipped == "done":
            assert (await shop.lines(order.id))[0].shipped == 2
        else:
            assert (shipped, now.on_hold) == (OrderOnHold.code, True)
        assert held == "done"


async def test_a_hold_of_work_and_its_shipment_come_one_after_the_other(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(100)
    for _ in range(10):
        order = await shop.place(line(sku, 2))
        (todo,) = await shop.works(order.id)
        held, shipped = await outcomes([lambda: hold_work(many, todo.id), lambda: shop.ship(todo.id)])  # noqa: B023
        assert (held, shipped) in {("done", "FULFILLMENT_ORDER_ON_HOLD"), ("NOT_HOLDABLE", "done")}
        assert (await shop.works(order.id))[0].on_hold is (held == "done")


async def test_a_hold_is_released_once_and_a_handle_is_taken_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    order = await shop.place(line(await shop.stocked(9)))
    assert await race([lambda: hold(many, order.id, handle="one")] * 4) == {"done": 1, HandleTaken.code: 3}
    assert await race([lambda: release(many, order.id)] * 4) == {"done": 1, NotOnHold.code: 3}
    assert (await shop.order(order.id)).on_hold is False


async def test_a_hold_and_a_cancellation_leave_no_canceled_order_on_hold(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(100)
    for _ in range(10):
        order = await shop.place(line(sku, 2))
        held, canceled = await outcomes([lambda: hold(many, order.id), lambda: shop.cancel(order.id)])  # noqa: B023
        assert (held in {"done", "NOT_HOLDABLE"}, canceled) == (True, "done")
        assert (await shop.order(order.id)).on_hold is False
