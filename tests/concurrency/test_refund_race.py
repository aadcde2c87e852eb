"""Money of one order under many hands at once, with real commits."""

from collections import Counter
from random import Random
from typing import Any

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.states import PaymentStatus
from oms_api.domain.payments.states import PaymentEventType, RefundStatus
from oms_api.domain.payments.tables import PaymentBalanceRow, PaymentEventRow, RefundRow
from oms_api.kernel.ids import OrderId
from tests.factories.given import SYSTEM
from tests.factories.racing import race
from tests.factories.raw import raw
from tests.factories.trading import Shop, fee, line

T, S = PaymentEventType, RefundStatus


async def rows(work: UnitOfWork, table: Any, order: OrderId) -> list[Any]:
    async with work.reads(SYSTEM) as read:
        return [*await read.all(raw(select(table).where(table.order_id == order)))]


async def test_fifty_refunds_at_once_never_exceed_one_capture(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    order = await shop.place(fee())
    await shop.pay(order.id, "100.00")
    assert await race([lambda: shop.refund(order.id, "9.00")] * 50) == {"done": 11, "EXCEEDS_REFUNDABLE": 39}
    (balance,) = await rows(many, PaymentBalanceRow, order.id)
    assert (balance.captured_minor, balance.granted_minor) == (10_000, 9_900)
    assert len(await rows(many, RefundRow, order.id)) == 11


async def test_what_is_overpaid_is_granted_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    order = await shop.place(fee())
    await shop.pay(order.id, "100.00")
    assert await race([lambda: shop.refund(order.id)] * 12) == {"done": 1, "NOTHING_OVERPAID": 11}


async def test_the_same_report_at_once_is_recorded_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    order = await shop.place(fee())
    outcomes: list[bool] = []

    async def report() -> None:
        outcomes.append((await shop.pay(order.id, "9.99", ref="webhook", transaction_reference="ch")).value.seen)

    assert await race([report] * 20) == {"done": 20}
    assert Counter(outcomes) == {False: 1, True: 19}
    assert len(await rows(many, PaymentEventRow, order.id)) == 1
    assert (await shop.order(order.id)).payment_status is PaymentStatus.PAID


async def test_one_event_reported_for_two_orders_at_once_belongs_to_one(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    for turn in range(10):
        orders = [await shop.place(fee()) for _ in range(4)]
        outcomes = await race([lambda o=o: shop.pay(o.id, "1.00", ref=f"turn {turn}") for o in orders])  # type: ignore[misc]  # noqa: B023
        assert outcomes == {"done": 1, "PAYMENT_EVENT_CONFLICT": 3}
        assert sum([len(await rows(many, PaymentEventRow, order.id)) for order in orders]) == 1


async def test_different_reports_at_once_all_count(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    order = await shop.place(fee())
    kinds = [T.AUTHORIZED] * 8 + [T.CAPTURED] * 8 + [T.REFUNDED] * 4
    Random(5).shuffle(kinds)  # a fixed mixture
    reports = [lambda kind=kind: shop.pay(order.id, "2.00", kind, transaction_reference="ch") for kind in kinds]
    assert await race(reports) == {"done": 20}
    (balance,) = await rows(many, PaymentBalanceRow, order.id)
    assert (balance.authorized_minor, balance.captured_minor, balance.refunded_minor) == (0, 1_600, 800)


async def test_a_refund_is_paid_failed_requested_and_canceled_at_once_and_ends_in_one_state(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    order = await shop.place(fee())
    await shop.pay(order.id, "100.00")
    for _ in range(8):
        refund = (await shop.refund(order.id, "5.00")).value.id
        await race(
            [
                lambda: shop.pay(order.id, "5.00", T.REFUNDED, refund_id=refund),  # noqa: B023 - raced before the next turn
                lambda: shop.pay(order.id, "5.00", T.FAILED, refund_id=refund),  # noqa: B023
                lambda: shop.request_refund(refund),  # noqa: B023
                lambda: shop.cancel_refund(refund),  # noqa: B023
                lambda: shop.cancel_refund(refund),  # noqa: B023
            ],
        )
    ended = {row.status for row in await rows(many, RefundRow, order.id)}
    assert ended <= {S.SUCCEEDED, S.CANCELED}
    (balance,) = await rows(many, PaymentBalanceRow, order.id)
    assert (balance.refunded_minor, balance.granted_minor) == (4_000, 0)


async def test_money_and_goods_of_one_order_move_at_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(40)
    for _ in range(5):
        order = await shop.place(line(sku, 4))
        (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
        ended = await race(
            [
                lambda: shop.pay(order.id, "39.96"),  # noqa: B023 - raced before the next turn
                lambda: shop.ship(todo.id, (only.id, 1)),  # noqa: B023
                lambda: shop.cancel(order.id, (only.id, 1)),  # noqa: B023
                lambda: shop.refund(order.id),  # noqa: B023
                lambda: shop.pay(order.id, "1.00", T.CHARGEBACK),  # noqa: B023
            ],
        )
        assert ended["done"] >= 4, ended  # only the refund may come too early
        (balance,) = await rows(many, PaymentBalanceRow, order.id)
        assert balance.captured_minor == 3_996
        (now,) = await shop.lines(order.id)
        assert (now.ordered, now.canceled) == (4, 1)
