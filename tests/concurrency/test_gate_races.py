"""Payments that arrive while an order is given up, or its gate is opened by something else."""

from datetime import timedelta

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.payments.states import PaymentEventType
from oms_api.kernel.clock import system_clock
from tests.factories.holding import sweep
from tests.factories.racing import outcomes
from tests.factories.trading import Shop, line


async def test_a_payment_and_the_deadline_end_in_one_of_two_ways(many: UnitOfWork) -> None:
    shop = await (await Shop.open(many)).gated(pay_within_minutes=1, cancel_unpaid=True)
    sku = await shop.stocked(100)
    late = UnitOfWork(many.pool, clock=lambda: system_clock() + timedelta(hours=1))
    for _ in range(12):
        order = await shop.place(line(sku))
        paid, swept = await outcomes(
            [lambda: shop.pay(order.id, "9.99", PaymentEventType.CAPTURED), lambda: sweep(late, "cancel_unpaid")]  # noqa: B023
        )
        assert (paid, swept) == ("done", "done")
        now = await shop.order(order.id)
        assert now.awaits_payment is False
        if now.status is OrderStatus.CANCELED:
            assert (now.payment_status, await shop.works(order.id)) == ("OVERPAID", [])
        else:
            assert (now.payment_status, len(await shop.works(order.id))) == ("PAID", 1)


async def test_an_order_is_released_once_whoever_opens_its_gate(many: UnitOfWork) -> None:
    shop = await (await Shop.open(many)).gated()
    sku = await shop.stocked(100)
    for _ in range(8):
        order = await shop.place(line(sku, 2))
        (only,) = await shop.lines(order.id)
        await outcomes(
            [
                lambda: shop.pay(order.id, "9.99", PaymentEventType.AUTHORIZED),  # noqa: B023 - raced before the next turn
                lambda: shop.cancel(order.id, (only.id, 1)),  # noqa: B023
                lambda: sweep(many, "open_gates"),
            ]
        )
        await sweep(many, "open_gates")
        assert (await shop.order(order.id)).awaits_payment is False
        (todo,), (now,) = await shop.works(order.id), await shop.lines(order.id)
        assert (now.canceled, now.in_fulfillment) == (1, 1)
        await shop.ship(todo.id)
