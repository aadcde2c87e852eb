"""Orders that are released to the warehouse once they are authorized or paid."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell, ReleaseWhen
from oms_api.domain.orders.changes.wanted import AddLine, SetQuantity
from oms_api.domain.orders.given import Amount
from oms_api.domain.orders.states import CancelReason, FulfillmentStatus, LineKind, OrderStatus
from oms_api.domain.payments.states import PaymentEventType
from oms_api.kernel.clock import system_clock
from oms_api.kernel.ids import IdKind, OrderId, new_uuid, parse_id, text_id
from oms_api.workflows.source_again import SourceOrder, source_order
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold, sweep
from tests.factories.keeping import staged
from tests.factories.trading import Shop, fee, findings, line

AUTHORIZED, CAPTURED, VOIDED = PaymentEventType.AUTHORIZED, PaymentEventType.CAPTURED, PaymentEventType.VOIDED
PLACE = """
mutation ($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    order { id status fulfillmentStatus awaitsPayment payBy onAccount fulfillmentOrders { id }
            lines { nodes { kind unsourced allocated inFulfillment shipped } } }
    userErrors { code field }
  }
}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await (await Shop.open(work)).gated()


async def units(shop: Shop, order: Any) -> list[tuple[int, int, int, int]]:
    """Return where the units of each line are: unsourced, allocated, in fulfillment, shipped."""
    lines = await shop.lines(order)
    return [(each.unsourced, each.allocated, each.in_fulfillment, each.shipped) for each in lines]


async def test_an_order_waits_for_its_authorization_and_is_released_with_it(shop: Shop, work: UnitOfWork) -> None:
    sku, ask = await shop.stocked(9), Ask(work, SYSTEM)
    given = {
        "idempotencyKey": new_uuid().hex, "channelId": text_id(IdKind.CHANNEL, shop.channel.id),
        "lines": [
            {"sku": sku.code, "quantity": 2, "unitPrice": {"amount": "9.99"}},
            {"kind": "SERVICE", "name": "Wrapping", "quantity": 1, "unitPrice": {"amount": "9.99"}},
        ],
    }  # fmt: skip
    placed = (await ask(PLACE, input=given))["orderPlace"]["order"]
    assert (placed["awaitsPayment"], placed["fulfillmentOrders"], placed["fulfillmentStatus"]) == (True, [], "ALLOCATED")
    assert [tuple(each.values()) for each in placed["lines"]["nodes"]] == [("GOODS", 0, 2, 0, 0), ("SERVICE", 1, 0, 0, 0)]
    assert await shop.stock(sku) == (7, 2)
    waits = "query ($where: OrderFilterInput) { orders(where: $where) { nodes { id } } }"
    where = {"awaitsPayment": True, "channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    assert (await ask(waits, where=where))["orders"]["nodes"] == [{"id": placed["id"]}]
    key = parse_id(OrderId, placed["id"])
    await shop.pay(key, "20.00", AUTHORIZED)
    assert (await shop.order(key)).awaits_payment is True
    await shop.pay(key, "9.97", AUTHORIZED)
    order = await shop.order(key)
    assert (order.awaits_payment, order.status) == (False, OrderStatus.OPEN)
    assert await units(shop, key) == [(0, 0, 2, 0), (0, 0, 0, 1)]
    (todo,) = await shop.works(key)
    (told,) = await staged(work, "ORDER_RELEASED", key)
    assert (told.changes or {})["awaitsPayment"] == [True, False]
    assert todo.location_id in told.location_ids
    assert await findings(work) == []
    await shop.ship(todo.id)
    assert await shop.stock(sku) == (7, 0)
    assert await findings(work) == []


async def test_each_gate_opens_with_what_it_asks_for(work: UnitOfWork) -> None:
    for when, steps in (
        (ReleaseWhen.AUTHORIZED, [("9.98", AUTHORIZED, True), ("9.98", VOIDED, True), ("9.99", CAPTURED, False)]),
        (ReleaseWhen.PAID, [("9.99", AUTHORIZED, True), ("9.98", CAPTURED, True), ("0.01", CAPTURED, False)]),
        (ReleaseWhen.PLACED, [("1.00", AUTHORIZED, False)]),
    ):
        shop = await (await Shop.open(work)).gated(when)
        order = await shop.place(line(await shop.stocked(1)))
        assert order.awaits_payment is (when is not ReleaseWhen.PLACED)
        for amount, kind, waits in steps:
            await shop.pay(order.id, amount, kind, transaction_reference=f"pi {order.number}")
            assert (await shop.order(order.id)).awaits_payment is waits
        assert [each[2] for each in await units(shop, order.id)] == [1]
    assert await findings(work) == []


async def test_what_costs_nothing_and_what_is_on_account_does_not_wait(shop: Shop) -> None:
    sku = await shop.stocked(9)
    nothing = Amount(value=Decimal(0))
    free = await shop.place(line(sku, unit_price=nothing), replace(fee(LineKind.SERVICE), unit_price=nothing))
    owed = await shop.place(line(sku), fee(LineKind.SERVICE), on_account=True)
    for order in (free, owed):
        assert (order.awaits_payment, await units(shop, order.id)) == (False, [(0, 0, 1, 0), (0, 0, 0, 1)])
    assert (owed.on_account, free.on_account) == (True, False)


async def test_what_does_not_ship_is_handed_over_when_the_gate_opens_and_can_be_declined(shop: Shop) -> None:
    given = Given(shop.work)
    guide = await given.sku(kind=SkuKind.DIGITAL)
    paid, declined = await shop.place(line(guide)), await shop.place(line(guide), fee())
    assert (paid.status, declined.status) == (OrderStatus.OPEN, OrderStatus.OPEN)
    await shop.pay(paid.id, kind=AUTHORIZED)
    assert (await shop.order(paid.id)).status is OrderStatus.COMPLETED
    await shop.pay(declined.id, "5.00", CAPTURED)
    await shop.cancel(declined.id, reason=CancelReason.DECLINED)
    now = await shop.order(declined.id)
    assert (now.status, now.awaits_payment, now.cancel_reason) == (OrderStatus.CANCELED, False, CancelReason.DECLINED)
    assert (await shop.refund(declined.id)).value.amount_minor == 500
    assert await findings(shop.work) == []


async def test_less_due_or_another_policy_opens_the_gate_by_a_sweep(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    less, other, held = [await shop.place(line(sku, 2)) for _ in range(3)]
    (only,) = await shop.lines(less.id)
    await shop.pay(less.id, "9.99", AUTHORIZED)
    await shop.cancel(less.id, (only.id, 1))
    await hold(work, held.id)
    await sweep(work, "open_gates")
    assert [(await shop.order(each.id)).awaits_payment for each in (less, other, held)] == [False, True, True]
    await shop.gated(ReleaseWhen.PLACED)
    await sweep(work, "open_gates")
    assert [(await shop.order(each.id)).awaits_payment for each in (less, other, held)] == [False] * 3
    assert (await shop.order(held.id)).on_hold is True
    assert await units(shop, less.id) == [(0, 0, 1, 0)]
    assert await findings(work) == []


async def test_what_is_not_paid_in_time_is_canceled_where_the_channel_says_so(work: UnitOfWork) -> None:
    now = system_clock()
    shop = await (await Shop.open(work)).gated(pay_within_minutes=30, cancel_unpaid=True)
    sku = await shop.stocked(9)
    late, paid, part = [await shop.place(line(sku)) for _ in range(3)]
    assert late.pay_by is not None
    assert abs(late.pay_by - now - timedelta(minutes=30)) < timedelta(minutes=5)
    await shop.pay(paid.id, kind=AUTHORIZED)
    await shop.pay(part.id, "5.00", CAPTURED)
    await sweep(work, "cancel_unpaid")
    assert (await shop.order(late.id)).status is OrderStatus.OPEN
    after = UnitOfWork(work.pool, clock=lambda: now + timedelta(minutes=40))
    await sweep(after, "cancel_unpaid")
    ends = [await shop.order(each.id) for each in (late, paid, part)]
    assert [(each.status, each.cancel_reason) for each in ends] == [
        (OrderStatus.CANCELED, CancelReason.DECLINED), (OrderStatus.OPEN, None), (OrderStatus.CANCELED, CancelReason.DECLINED),
    ]  # fmt: skip
    assert await shop.stock(sku) == (8, 1)
    assert await findings(work) == []


async def test_units_sourced_while_the_gate_is_closed_are_kept_back(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(1)
    command = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=sku.id), policy=Oversell.BACKORDER)
    await work.execute(SYSTEM, set_oversell, command)
    order = await shop.place(line(sku, 3))
    assert order.fulfillment_status is FulfillmentStatus.PARTIALLY_ALLOCATED
    await Given(work).adjust(sku.id, shop.locations[0].id, 2)
    await work.execute(SYSTEM, source_order, SourceOrder(order_id=order.id, backordered=True))
    assert await units(shop, order.id) == [(0, 3, 0, 0)]
    assert await shop.works(order.id) == []
    await shop.pay(order.id, kind=CAPTURED)
    assert await units(shop, order.id) == [(0, 0, 3, 0)]
    assert len(await shop.works(order.id)) == 1
    assert await findings(work) == []


async def test_a_preorder_is_released_to_its_day(shop: Shop, work: UnitOfWork) -> None:
    later, now = await shop.stocked(5), await shop.stocked(5)
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    command = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=later.id), policy=Oversell.PREORDER, ships_on=day)
    await work.execute(SYSTEM, set_oversell, command)
    order = await shop.place(line(later), line(now))
    await shop.pay(order.id, kind=AUTHORIZED)
    works = await shop.works(order.id)
    assert sorted((each.status.value, each.opens_on or date.min) for each in works) == [("OPEN", date.min), ("SCHEDULED", day)]
    assert await findings(work) == []


REPORT = """
mutation ($input: PaymentEventReportInput!) {
  paymentEventReport(input: $input) {
    paymentEvent { captureBefore transaction { captureBefore } } userErrors { code field }
  }
}
"""
ALERTS = """
query ($where: PaymentAlertFilterInput) {
  paymentAlerts(where: $where) { nodes { captureBefore amount { amount } order { id } transaction { reference } } }
}
"""


async def test_authorizations_that_lapse_are_listed_while_they_can_be_captured(shop: Shop, work: UnitOfWork) -> None:
    sku, ask, now = await shop.stocked(9), Ask(work, SYSTEM), system_clock().replace(microsecond=0)
    orders = [await shop.place(line(sku)) for _ in range(4)]
    soon, later, kept, gone = [text_id(IdKind.ORDER, each.id) for each in orders]

    async def report(order: str, hours: int, amount: str = "9.99", kind: str = "AUTHORIZED") -> dict[str, Any]:
        given = {
            "idempotencyKey": new_uuid().hex, "orderId": order, "gateway": "card", "eventReference": new_uuid().hex,
            "type": kind, "amount": {"amount": amount}, "transactionReference": f"pi {order}",
            "captureBefore": (now + timedelta(hours=hours)).isoformat(),
        }  # fmt: skip
        return dict((await ask(REPORT, input=given))["paymentEventReport"])

    for order, hours in ((soon, 24), (later, 100), (kept, 5), (gone, -1)):
        assert (await report(order, hours))["userErrors"] == []
    assert refusals(await report(soon, 1, kind="CAPTURED")) == [("NOT_AN_AUTHORIZATION", ["captureBefore"])]
    (again,) = [(await report(soon, 48, "1.00"))["paymentEvent"]]
    assert datetime.fromisoformat(again["transaction"]["captureBefore"]) == now + timedelta(hours=48)
    await shop.pay(orders[2].id, "9.99", CAPTURED, transaction_reference=f"pi {kept}", gateway="card")
    where = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}

    async def listed(**more: Any) -> list[tuple[str, str]]:
        found = (await ask(ALERTS, where={**where, **more}))["paymentAlerts"]["nodes"]
        return [(each["order"]["id"], each["amount"]["amount"]) for each in found]

    assert await listed() == [(gone, "9.99"), (soon, "10.99")]
    assert await listed(withinHours=None) == [(gone, "9.99"), (soon, "10.99"), (later, "9.99")]
    assert await listed(withinHours=-(2**31)) == [(gone, "9.99")]
    await shop.cancel(orders[3].id)
    assert await listed() == [(soon, "10.99")]


GATE = """
mutation ($input: ChannelUpdateInput!) {
  channelUpdate(input: $input) { channel { releaseWhen payWithinMinutes cancelUnpaid } userErrors { code field } }
}
"""


async def test_a_channel_says_when_it_releases_and_until_when_it_waits(shop: Shop, work: UnitOfWork) -> None:
    ask, key = Ask(work, SYSTEM), text_id(IdKind.CHANNEL, shop.channel.id)
    given = {"id": key, "releaseWhen": "PAID", "payWithinMinutes": 60, "cancelUnpaid": True}
    changed = (await ask(GATE, input=given))["channelUpdate"]
    assert changed["channel"] == {"releaseWhen": "PAID", "payWithinMinutes": 60, "cancelUnpaid": True}
    wrong = {"id": key, "releaseWhen": None, "payWithinMinutes": 0, "cancelUnpaid": None}
    assert sorted(refusals((await ask(GATE, input=wrong))["channelUpdate"])) == [
        ("INVALID_VALUE", ["cancelUnpaid"]), ("INVALID_VALUE", ["payWithinMinutes"]), ("INVALID_VALUE", ["releaseWhen"]),
    ]  # fmt: skip
    forever = await ask(GATE, input={"id": key, "payWithinMinutes": None})
    assert forever["channelUpdate"]["channel"]["payWithinMinutes"] is None


async def test_the_gate_closes_again_while_nothing_was_begun(work: UnitOfWork) -> None:
    shop = await (await Shop.open(work)).gated(pay_within_minutes=30)
    sku = await shop.stocked(9)

    async def paid(*lines: Any) -> OrderId:
        key = (await shop.place(*(lines or (line(sku, 2),)))).id
        await shop.pay(key, kind=AUTHORIZED, transaction_reference=text_id(IdKind.ORDER, key))
        return key

    async def voided(key: OrderId) -> bool:
        await shop.pay(key, kind=VOIDED, transaction_reference=text_id(IdKind.ORDER, key))
        return (await shop.order(key)).awaits_payment

    key = await paid(line(sku, 2), fee())
    assert await units(shop, key) == [(0, 0, 2, 0), (0, 0, 0, 1)]
    assert await voided(key) is True
    assert await units(shop, key) == [(0, 2, 0, 0), (1, 0, 0, 0)]
    assert [each.status.value for each in await shop.works(key)] == ["CLOSED"]
    (told,) = await staged(work, "ORDER_WITHHELD", key)
    assert (told.changes or {})["awaitsPayment"] == [False, True]
    order = await shop.order(key)
    assert order.pay_by is not None
    assert order.pay_by > system_clock() + timedelta(minutes=25)
    assert (await shop.stock(sku), await findings(work)) == ((7, 2), [])
    await shop.cancel(key, ((await shop.lines(key))[0].id, 1))
    await shop.pay(key, kind=AUTHORIZED)
    assert await units(shop, key) == [(0, 0, 1, 0), (0, 0, 0, 1)]
    (closed, todo) = sorted(await shop.works(key), key=lambda each: each.status.value)
    assert (closed.status.value, todo.status.value) == ("CLOSED", "OPEN")
    await shop.ship(todo.id)
    assert await findings(work) == []
    begun = await paid()
    await shop.start((await shop.works(begun))[0].id)
    assert await voided(begun) is False
    assert [each[2] for each in await units(shop, begun)] == [2]
    assert await findings(work) == []


@pytest.mark.parametrize("minutes", [30, None])
async def test_an_order_that_waits_again_has_the_whole_time_from_when_that_is_known(
    work: UnitOfWork, minutes: int | None
) -> None:
    shop = await (await Shop.open(work)).gated(pay_within_minutes=30)
    before, since = system_clock() - timedelta(hours=5), system_clock()
    key = (await shop.place(line(await shop.stocked(9)), at=before)).id
    await shop.pay(key, kind=AUTHORIZED, transaction_reference="late", amount="9.99", occurred_at=before)
    await shop.gated(pay_within_minutes=minutes)
    await shop.pay(key, kind=VOIDED, transaction_reference="late", occurred_at=before + timedelta(hours=1))
    order = await shop.order(key)
    assert order.awaits_payment
    assert order.pay_by is None if minutes is None else order.pay_by and order.pay_by >= since + timedelta(minutes=30)


async def test_a_dearer_edit_closes_the_gate_and_a_cheaper_one_does_not(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(9), await shop.stocked(9)
    order = await shop.place(line(sku, 2))
    await shop.pay(order.id, kind=AUTHORIZED)
    (only,) = await shop.lines(order.id)
    await shop.edit(order.id, SetQuantity(line_id=only.id, quantity=1))
    assert await units(shop, order.id) == [(0, 0, 1, 0)]
    await shop.edit(order.id, AddLine(line=line(other)), AddLine(line=line(other)))
    assert (await shop.order(order.id)).awaits_payment is True
    assert await units(shop, order.id) == [(0, 1, 0, 0)] * 3
    assert await findings(work) == []
    await shop.pay(order.id, "9.99", CAPTURED)
    assert await units(shop, order.id) == [(0, 0, 1, 0)] * 3
    assert await findings(work) == []
