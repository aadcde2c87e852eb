"""Changing what was agreed of an order, as a customer-service frontend does it."""

from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, OrderId, new_uuid, text_id
from tests.factories.asking import Ask
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, findings, line

EDIT = """
mutation ($input: OrderEditInput!) {
  orderEdit(input: $input) {
    order { version total { amount } due { amount } paymentStatus lines { nodes { id ordered canceled replacesLineId } } }
    change { kind status actor reason note differences { path before after } personalDifferences { path after } }
    refund { amount { amount } reason }
    userErrors { code message field }
    replayed
  }
}
"""
PREVIEW = """
query ($orderId: ID!, $changes: [OrderChangeInput!]!) {
  orderEditPreview(orderId: $orderId, changes: $changes) {
    total { amount } due { amount } outstanding { amount } overpaid { amount }
    lines { lineId sku ordered canceled promised waiting shipsOn arrivesOn }
  }
}
"""
ADDRESS = "query ($id: ID!) { order(by: {id: $id}) { country shippingAddress { city } deliveryPoint { code } } }"


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def edit(ask: Ask, *changes: dict[str, Any], **given: Any) -> dict[str, Any]:
    answer = await ask(EDIT, input={"idempotencyKey": new_uuid().hex, "changes": list(changes), **given})
    return dict(answer["orderEdit"])


async def test_a_size_is_swapped_with_a_refund_of_the_difference(shop: Shop, ask: Ask) -> None:
    small, large = await shop.stocked(3), await shop.stocked(3)
    order = await shop.place(line(small, 1))
    await shop.pay(order.id)
    order_id = text_id(IdKind.ORDER, order.id)
    (mug,) = await shop.lines(order.id)
    swap = {"swapSku": {"lineId": text_id(IdKind.LINE, mug.id), "sku": large.code, "unitPrice": {"amount": "7.99"}}}
    preview = (await ask(PREVIEW, orderId=order_id, changes=[swap]))["orderEditPreview"]
    assert (preview["due"], preview["overpaid"]) == ({"amount": "7.99"}, {"amount": "2.00"})
    assert [(each["lineId"] is None, each["sku"], each["promised"]) for each in preview["lines"]] == [
        (False, small.code, 0),
        (True, large.code, 1),
    ]
    key = new_uuid().hex
    done = await edit(ask, swap, orderId=order_id, reason="size", refund={}, expectedVersion=2, idempotencyKey=key)
    assert done["userErrors"] == []
    assert (done["order"]["due"], done["order"]["total"]) == ({"amount": "7.99"}, {"amount": "17.98"})
    assert done["refund"] == {"amount": {"amount": "2.00"}, "reason": "CANCELLATION"}
    assert (done["change"]["kind"], done["change"]["status"], done["change"]["reason"]) == ("EDIT", "APPLIED", "size")
    assert {"path": "total", "before": "9.99", "after": "17.98"} in done["change"]["differences"]
    again = await edit(ask, swap, orderId=order_id, reason="size", refund={}, expectedVersion=2, idempotencyKey=key)
    assert (again["replayed"], again["change"], again["refund"]) == (True, done["change"], done["refund"])
    assert (await shop.stock(small), await shop.stock(large)) == ((3, 0), (2, 1))


async def test_an_address_is_kept_with_those_who_may_see_it(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(3)))
    address = {"setShippingAddress": {"address": {"country": "GB", "city": "Leeds", "line1": "1 High Street"}}}
    point = {"setDeliveryPoint": {"deliveryPoint": {"code": "L-12", "carrier": "dhl"}}}
    done = await edit(ask, address, point, orderId=text_id(IdKind.ORDER, order.id))
    assert done["userErrors"] == []
    assert done["change"]["differences"] == []
    assert [each["path"] for each in done["change"]["personalDifferences"]] == ["shippingAddress", "deliveryPoint"]
    told = await ask(ADDRESS, id=text_id(IdKind.ORDER, order.id))
    assert told["order"] == {"country": "GB", "shippingAddress": {"city": "Leeds"}, "deliveryPoint": {"code": "L-12"}}
    done = await edit(ask, {"setShippingAddress": {"address": None}}, orderId=text_id(IdKind.ORDER, order.id))
    assert done["userErrors"] == []
    told = await ask(ADDRESS, id=text_id(IdKind.ORDER, order.id))
    assert told["order"] == {"country": None, "shippingAddress": None, "deliveryPoint": {"code": "L-12"}}


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(3)
    order = await shop.place(line(sku, 2))
    (mug,) = await shop.lines(order.id)
    line_id, order_id = text_id(IdKind.LINE, mug.id), text_id(IdKind.ORDER, order.id)
    wrong = await edit(
        ask,
        {"setPrice": {"lineId": line_id, "unitPrice": {"amount": "1.999999999"}}},
        {"setQuantity": {"lineId": text_id(IdKind.LINE, new_uuid()), "quantity": 1}},
        {"addLine": {"sku": sku.code, "quantity": 1, "locationId": "location_1"}},
        orderId=order_id,
    )
    assert [(each["code"], ".".join(each["field"])) for each in wrong["userErrors"]] == [
        ("INVALID_ID", "changes.2.addLine.locationId"),
    ]
    wrong = await edit(
        ask,
        {"setPrice": {"lineId": line_id, "unitPrice": {"amount": "1.999999999"}}},
        {"setQuantity": {"lineId": text_id(IdKind.LINE, new_uuid()), "quantity": 1}},
        orderId=order_id,
    )
    assert [(each["code"], ".".join(each["field"])) for each in wrong["userErrors"]] == [
        ("NOT_FOUND", "changes.1.setQuantity.lineId"),
    ]
    wrong = await edit(ask, {"setPrice": {"lineId": line_id, "unitPrice": {"amount": "1.999999999"}}}, orderId=order_id)
    assert [(each["code"], ".".join(each["field"])) for each in wrong["userErrors"]] == [
        ("TOO_MANY_DECIMALS", "changes.0.setPrice.unitPrice.amount"),
    ]
    stale = await edit(ask, {"removeLine": {"lineId": line_id}}, orderId=order_id, expectedVersion=7)
    assert [each["code"] for each in stale["userErrors"]] == ["VERSION_CONFLICT"]
    assert (await shop.order(order.id)).version == 1


REQUEST = """
mutation ($input: OrderChangeRequestInput!) {
  orderChangeRequest(input: $input) {
    change { id status differences { path before after } availableActions { action allowed } }
    userErrors { code field }
  }
}
"""
APPLY = """
mutation ($input: OrderChangeApplyInput!) {
  orderChangeApply(input: $input) { order { due { amount } } change { status decidedBy } userErrors { code field } }
}
"""
DECLINE = """
mutation ($input: OrderChangeDeclineInput!) {
  orderChangeDecline(input: $input) { change { status decisionNote } userErrors { code field } }
}
"""


async def request(ask: Ask, order: OrderId, *changes: dict[str, Any]) -> dict[str, Any]:
    given = {"idempotencyKey": new_uuid().hex, "orderId": text_id(IdKind.ORDER, order), "changes": list(changes)}
    return dict((await ask(REQUEST, input=given))["orderChangeRequest"])


async def decide(ask: Ask, mutation: str, change: str, **more: Any) -> dict[str, Any]:
    (answer,) = (await ask(mutation, input={"idempotencyKey": new_uuid().hex, "orderChangeId": change, **more})).values()
    return dict(answer)


async def test_a_proposed_change_waits_for_staff(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 2))
    (mug,) = await shop.lines(order.id)
    agent = Ask(work, replace(SYSTEM, scopes=frozenset({Scope.ORDERS_REQUEST, Scope.ORDERS_READ})))
    fewer = {"setQuantity": {"lineId": text_id(IdKind.LINE, mug.id), "quantity": 1}}
    wrap = {"addLine": {"kind": "FEE", "name": "Gift wrapping", "quantity": 1, "unitPrice": {"amount": "2.00"}}}
    proposed = (await request(agent, order.id, fewer, wrap))["change"]
    assert proposed["status"] == "REQUESTED"
    assert (await shop.order(order.id)).version == 1
    waiting = await ask("{ orderChanges(where: {status: {eq: REQUESTED}}) { nodes { id order { number } } } }")
    assert [each["id"] for each in waiting["orderChanges"]["nodes"]] == [proposed["id"]]
    done = await decide(ask, APPLY, proposed["id"], note="fine")
    assert done["userErrors"] == []
    assert (done["order"]["due"], done["change"]["status"]) == ({"amount": "11.99"}, "APPLIED")
    again = await decide(ask, APPLY, proposed["id"])
    assert again["userErrors"] == [{"code": "CHANGE_DECIDED", "field": ["orderChangeId"]}]
    assert await findings(work) == []


async def test_a_change_is_declined_or_outdated_when_the_order_moved_on(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 3))
    (mug,) = await shop.lines(order.id)
    line_id = text_id(IdKind.LINE, mug.id)
    declined = (await request(ask, order.id, {"setPrice": {"lineId": line_id, "unitPrice": {"amount": "1.00"}}}))["change"]
    assert (await decide(ask, DECLINE, declined["id"], note="too cheap"))["change"]["decisionNote"] == "too cheap"
    proposed = (await request(ask, order.id, {"setQuantity": {"lineId": line_id, "quantity": 1}}))["change"]
    await shop.cancel(order.id, (mug.id, 1))
    assert (await decide(ask, APPLY, proposed["id"]))["userErrors"] == [{"code": "CHANGE_OUTDATED", "field": ["orderChangeId"]}]
    assert (await shop.order(order.id)).due_minor == 1998
