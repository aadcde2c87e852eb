"""Orders of which nothing ships: handed over once they are paid, or as they are placed, by the channel's policy."""

from decimal import Decimal
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.orders.changes.wanted import AddLine
from oms_api.domain.orders.given import Amount
from oms_api.domain.orders.states import CancelReason, LineKind, OrderStatus, PaymentStatus
from oms_api.domain.payments.states import PaymentEventType, RefundReason
from oms_api.kernel.errors import IllegalMove
from oms_api.kernel.ids import OrderId
from oms_api.workflows.cancel_order import CancelOrder, RefundWithCancel, cancel_order
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold, release
from tests.factories.rearranging import settle
from tests.factories.ruling import K, Rules, act
from tests.factories.trading import Shop, fee, findings, line

S, P, T = OrderStatus, PaymentStatus, PaymentEventType


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


async def where(shop: Shop, order: OrderId) -> tuple[str, tuple[int, ...]]:
    """Return the order's status, and of its first line the units unsourced, shipped, delivered and canceled."""
    (first, *_) = await shop.lines(order)
    return (await shop.order(order)).status, (first.unsourced, first.shipped, first.delivered, first.canceled)


async def test_it_is_completed_when_nothing_is_outstanding(shop: Shop, work: UnitOfWork) -> None:
    ebook = await Given(work).sku(kind=SkuKind.DIGITAL)
    order = await shop.place(line(ebook, 2), fee())
    assert (order.status, order.completed_at, order.fulfillment_status) == (S.OPEN, None, "NOT_REQUIRED")
    assert await where(shop, order.id) == (S.OPEN, (2, 0, 0, 0))
    await shop.pay(order.id, "20.00")
    assert await where(shop, order.id) == (S.OPEN, (2, 0, 0, 0))
    await shop.pay(order.id, "9.97")
    assert await where(shop, order.id) == (S.COMPLETED, (0, 2, 2, 0))
    await shop.pay(order.id, "9.97", T.CHARGEBACK)
    assert await where(shop, order.id) == (S.COMPLETED, (0, 2, 2, 0))
    with pytest.raises(IllegalMove):
        await shop.cancel(order.id)
    assert await findings(work) == []


async def test_a_concession_may_be_the_rest(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(fee(LineKind.SERVICE), fee())
    (help_, _) = await shop.lines(order.id)
    await shop.pay(order.id, "9.99")
    await shop.cancel(order.id, (help_.id, 1))
    assert (await shop.order(order.id)).status is S.COMPLETED
    assert await findings(work) == []


async def test_unpaid_it_is_canceled_whatever_it_is(shop: Shop, work: UnitOfWork) -> None:
    given = Given(work)
    for sku in [await given.sku(kind=kind) for kind in (SkuKind.DIGITAL, SkuKind.GIFT_CARD, SkuKind.SERVICE, SkuKind.FEE)]:
        order = await shop.place(line(sku, 2))
        (only,) = await shop.lines(order.id)
        await shop.cancel(order.id, (only.id, 1))
        assert await where(shop, order.id) == (S.OPEN, (1, 0, 0, 1))
        await shop.cancel(order.id)
        now = await shop.order(order.id)
        assert (now.status, now.payment_status) == (S.CANCELED, P.NOT_REQUIRED)
    assert await findings(work) == []


async def test_a_paid_service_is_canceled_and_refunded(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(fee(LineKind.SERVICE))
    await shop.pay(order.id)
    assert (await shop.order(order.id)).status is S.COMPLETED
    command = CancelOrder(
        idempotency_key=uuid4().hex, order_id=order.id, reason=CancelReason.CUSTOMER, refund=RefundWithCancel()
    )
    done = await work.execute(SYSTEM, cancel_order, command)
    assert done.refund is not None
    assert (done.order.status, done.order.completed_at, done.refund.amount_minor) == (S.CANCELED, None, 999)
    await shop.pay(order.id, "9.99", T.REFUNDED, refund_id=done.refund.id)
    assert (await shop.order(order.id)).payment_status is P.REFUNDED
    assert await findings(work) == []


async def test_a_paid_download_comes_back_by_a_return(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(line(await Given(work).sku(kind=SkuKind.DIGITAL)))
    await shop.pay(order.id)
    (only,) = await shop.lines(order.id)
    back = (await shop.return_(order.id, (only.id, 1))).value.id
    await shop.take_back(back)
    refund = (await shop.refund(order.id, reason=RefundReason.RETURN, return_id=back)).value
    assert refund.amount_minor == 999
    assert await findings(work) == []


async def test_the_channel_may_hand_over_at_once_and_what_is_free_never_waits(shop: Shop, work: UnitOfWork) -> None:
    free = await shop.place(line(await Given(work).sku(kind=SkuKind.DIGITAL), unit_price=Amount(value=Decimal(0))))
    assert await where(shop, free.id) == (S.COMPLETED, (0, 1, 1, 0))
    mixed = await shop.place(fee(), line(await shop.stocked(3)))
    assert await where(shop, mixed.id) == (S.OPEN, (0, 1, 1, 0))
    await shop.hand_over_at_once()
    order = await shop.place(fee())
    assert await where(shop, order.id) == (S.COMPLETED, (0, 1, 1, 0))
    assert await findings(work) == []


async def test_nothing_of_an_order_on_hold_is_handed_over_before_it_is_released(work: UnitOfWork, database: Database) -> None:
    shop = await Shop.open(work)
    ebook = await Given(work).sku(kind=SkuKind.DIGITAL)
    order = await shop.place(line(ebook))
    await hold(work, order.id)
    await shop.pay(order.id)
    assert await where(shop, order.id) == (S.OPEN, (1, 0, 0, 0))
    assert await findings(work) == []
    await release(work, order.id)
    await settle(work, database)
    assert await where(shop, order.id) == (S.COMPLETED, (0, 1, 1, 0))
    assert await findings(work) == []


async def test_what_a_rule_holds_is_handed_over_as_if_it_was_placed_when_released(work: UnitOfWork, database: Database) -> None:
    shop = await Shop.open(work)
    rules = Rules(work, shop.channel)
    await rules.active("order.total > 5.0", act(K.HOLD, reason="FRAUD_REVIEW"))
    ebook = await Given(work).sku(kind=SkuKind.DIGITAL)
    alone = await shop.place(line(ebook))
    mixed = await shop.place(line(ebook), line(await shop.stocked(3)))
    held = {order.id for order in (alone, mixed) if order.on_hold and order.status is S.OPEN}
    assert held == {alone.id, mixed.id}
    assert await where(shop, mixed.id) == (S.OPEN, (1, 0, 0, 0))
    await shop.edit(mixed.id, AddLine(line=line(ebook)))
    assert [(each.unsourced, each.shipped) for each in await shop.lines(mixed.id)] == [(1, 0), (0, 0), (1, 0)]
    for each in (alone, mixed):
        await release(work, each.id)
    await settle(work, database)
    assert await where(shop, alone.id) == (S.OPEN, (1, 0, 0, 0))  # the channel hands over once it is paid
    assert [(each.unsourced, each.shipped) for each in await shop.lines(mixed.id)] == [(0, 1), (0, 0), (0, 1)]
    await shop.pay(alone.id)
    assert await where(shop, alone.id) == (S.COMPLETED, (0, 1, 1, 0))
    assert await findings(work) == []
