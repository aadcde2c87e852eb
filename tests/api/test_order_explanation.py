"""Why orders stand where they stand, as clients read it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.payments.states import PaymentEventType
from oms_api.kernel.access import Scope
from oms_api.kernel.clock import system_clock
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from oms_api.kernel.sentences import day_text
from tests.factories.asking import Ask
from tests.factories.given import SYSTEM
from tests.factories.holding import hold
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as bought
from tests.factories.trading import Shop, line

EXPLAIN = """
query ($id: ID!) {
  orderStatusExplanation(orderId: $id) {
    summary causes { code text since until untilDay lineIds records { __typename id } }
  }
}
"""
LISTED = "query ($first: Int!) { orders(first: $first) { nodes { statusExplanation { summary causes { code } } } } }"


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def explained(ask: Ask, order: Any) -> dict[str, Any]:
    return dict((await ask(EXPLAIN, id=text_id(IdKind.ORDER, order.id)))["orderStatusExplanation"])


async def test_an_order_is_explained_at_every_step(shop: Shop, ask: Ask) -> None:
    cup, place = await shop.stocked(9), shop.locations[0]
    order = await shop.place(line(cup, 3))
    (only,) = await shop.lines(order.id)
    (todo,) = await shop.works(order.id)
    waiting = await explained(ask, order)
    assert waiting["summary"].startswith(f"3 of {cup.code} wait to be picked in {place.code} since ")
    (cause,) = waiting["causes"]
    assert (cause["code"], cause["lineIds"]) == ("AWAITS_PICKING", [text_id(IdKind.LINE, only.id)])
    assert cause["records"] == [{"__typename": "FulfillmentOrder", "id": text_id(IdKind.FULFILLMENT_ORDER, todo.id)}]
    held = await hold(shop.work, order.id, reason="FRAUD_REVIEW", approval=True)
    first = (await explained(ask, order))["causes"][0]
    assert (first["code"], first["records"]) == (
        "ON_HOLD", [{"__typename": "Hold", "id": text_id(IdKind.HOLD, held.id)}]
    )  # fmt: skip
    assert first["text"].endswith("by tests, needs orders:approve to be released.")
    await shop.cancel(order.id)
    assert (await explained(ask, order))["summary"].endswith(": the customer changed their mind.")
    sent = await shop.sent(line(cup, 2), delivered=False)
    assert [each["code"] for each in (await explained(ask, sent))["causes"]] == ["ON_ITS_WAY"]
    (parcel,) = await shop.packages(sent.id)
    await shop.deliver(parcel.shipment_id)
    assert (await explained(ask, sent))["summary"].endswith(f": 2 of {cup.code} delivered.")


async def test_a_change_that_was_asked_for_waits_for_a_decision(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(9), 3))
    (only,) = await shop.lines(order.id)
    asked = {"removeLine": {"lineId": text_id(IdKind.LINE, only.id)}}
    more = {"addLine": {"kind": "FEE", "name": "Fee", "quantity": 1, "unitPrice": {"amount": "1"}}}
    given = {"idempotencyKey": new_uuid().hex, "orderId": text_id(IdKind.ORDER, order.id), "changes": [more, asked]}
    request = (
        "mutation ($i: OrderChangeRequestInput!) { orderChangeRequest(input: $i) { change { id } userErrors { code field } } }"
    )
    change = (await ask(request, i={**given, "reason": "a fee instead"}))["orderChangeRequest"]["change"]["id"]
    first = (await explained(ask, order))["causes"][0]
    assert (first["code"], first["records"]) == ("CHANGE_REQUESTED", [{"__typename": "OrderChange", "id": change}])
    assert first["text"].startswith("tests asked for a change (a fee instead) at ")
    decline = "mutation ($i: OrderChangeDeclineInput!) { orderChangeDecline(input: $i) { userErrors { code } } }"
    await ask(decline, i={"idempotencyKey": new_uuid().hex, "orderChangeId": change, "note": "no"})
    assert [cause["code"] for cause in (await explained(ask, order))["causes"]] == ["AWAITS_PICKING"]


async def test_an_order_waits_for_its_payment(work: UnitOfWork, ask: Ask) -> None:
    shop = await (await Shop.open(work)).gated()
    order = await shop.place(line(await shop.stocked(9), 2))
    (cause,) = (await explained(ask, order))["causes"]
    assert (cause["code"], cause["text"]) == ("AWAITS_PAYMENT", "Waits for payment: 19.98 GBP is to be authorized.")
    assert len(cause["lineIds"]) == 1
    await shop.pay(order.id, "5.00", PaymentEventType.AUTHORIZED)
    assert (await explained(ask, order))["summary"] == "Waits for payment: 14.98 GBP is to be authorized."
    await shop.pay(order.id, "14.98", PaymentEventType.AUTHORIZED)
    assert [each["code"] for each in (await explained(ask, order))["causes"]] == ["AWAITS_PICKING"]


async def test_units_wait_for_the_purchase_order_that_brings_them(work: UnitOfWork, ask: Ask) -> None:
    buyer = await Buyer.open(work)
    shop = await Shop.open(work)
    cup = await buyer.supplied()
    buyer = replace(buyer, location=shop.locations[0])
    rule = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=cup.id), policy=Oversell.BACKORDER)
    await work.execute(SYSTEM, set_oversell, rule)
    day = (system_clock() + timedelta(5)).replace(hour=12)
    bought_order = (await buyer.write(bought(cup, 3, expected_at=day))).value
    await buyer.submit(bought_order.id)
    order = await shop.place(line(cup, 2))
    (cause,) = (await explained(ask, order))["causes"]
    expected = day_text(day.date(), system_clock().date())
    assert cause["code"] == "BACKORDERED"
    assert cause["text"].startswith(f"2 of {cup.code} wait for purchase order {bought_order.number}, expected {expected}")
    assert cause["records"] == [{"__typename": "PurchaseOrder", "id": text_id(IdKind.PURCHASE_ORDER, bought_order.id)}]
    poor = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.PURCHASING_READ}))
    (hidden,) = (await explained(poor, order))["causes"]
    assert hidden["text"].startswith(f"2 of {cup.code} wait for a delivery, expected {expected}")
    assert hidden["records"] == []


async def test_a_list_is_explained_by_as_many_statements_as_one_order(shop: Shop, ask: Ask) -> None:
    cup = await shop.stocked(20)
    for _ in range(6):
        await shop.place(line(cup, 1))
    few, many = [await ask.counted(LISTED, first=size) for size in (1, 6)]
    assert few[1].statements == many[1].statements
    assert all(node["statusExplanation"]["summary"] for node in many[0]["orders"]["nodes"])


async def test_what_is_not_seen_is_not_named(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(9), 3))
    elsewhere = Ask(ask.work, replace(SYSTEM, locations=frozenset()))
    (cause,) = (await explained(elsewhere, order))["causes"]
    assert " in a location since " in cause["text"]
    assert cause["records"] == []
    foreign = Ask(ask.work, replace(SYSTEM, channels=frozenset()))
    for who, key in ((foreign, order.id), (ask, new_uuid())):
        assert (await who(EXPLAIN, id=text_id(IdKind.ORDER, key)))["orderStatusExplanation"] is None
    (error,) = await ask.errors(EXPLAIN, id=text_id(IdKind.CHANNEL, shop.channel.id))
    assert (error["extensions"]["code"], error["extensions"].get("field")) == ("INVALID_ID", ["orderId"])
