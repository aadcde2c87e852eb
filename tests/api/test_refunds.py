from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.given import Amount, TaxGiven
from oms_api.domain.payments.states import PaymentEventType
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, fee, line

REFUND = """
fragment Whole on Refund {
  id status reason amount { amount currencyCode } refunded { amount } owed { amount } note cancelNote gateway providerReference
  actor grantedAt requestedAt succeededAt failedAt canceledAt recordedAt
  order { id paymentStatus refundable { amount } } return { id }
  events { id type amount { amount } } availableActions { action allowed blockedBy { code } }
}
"""
PAYLOAD = "{ refund { ...Whole } userErrors { code message field } replayed }"
CREATE = f"mutation ($input: RefundCreateInput!) {{ refundCreate(input: $input) {PAYLOAD} }} {REFUND}"
REQUEST = f"mutation ($input: RefundRequestInput!) {{ refundRequest(input: $input) {PAYLOAD} }} {REFUND}"
CANCEL = f"mutation ($input: RefundCancelInput!) {{ refundCancel(input: $input) {PAYLOAD} }} {REFUND}"
LIST = f"""
query ($where: RefundFilterInput, $first: Int, $by: RefundOrder = GRANTED_AT_DESC) {{
  refunds(where: $where, first: $first, orderBy: $by) {{ nodes {{ ...Whole }} }}
}} {REFUND}
"""
PREVIEW = """
query ($order: ID!, $return: ID) {
  refundPreview(orderId: $order, returnId: $return) {
    due { amount } captured { amount } refunded { amount } granted { amount } refundable { amount } suggested { amount }
  }
}
"""
ORDER_CANCEL = f"""
mutation ($input: OrderCancelInput!) {{
  orderCancel(input: $input) {{
    order {{ id status paymentStatus refundable {{ amount }} }} refund {{ ...Whole }}
    userErrors {{ code message field }} replayed
  }}
}} {REFUND}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def send(ask: Ask, document: str, **given: Any) -> dict[str, Any]:
    data = await ask(document, input={"idempotencyKey": new_uuid().hex, **given})
    (payload,) = data.values()
    return dict(payload)


async def grant(ask: Ask, **given: Any) -> dict[str, Any]:
    return await send(ask, CREATE, **{"reason": "OTHER", **given})


async def test_a_frontend_previews_grants_requests_and_sees_a_refund_paid(shop: Shop, ask: Ask) -> None:
    order = await shop.place(fee())
    await shop.pay(order.id, "15.00")
    order_id = text_id(IdKind.ORDER, order.id)
    preview = (await ask(PREVIEW, order=order_id))["refundPreview"]
    assert {name: money["amount"] for name, money in preview.items()} == {
        "due": "9.99", "captured": "15.00", "refunded": "0.00", "granted": "0.00", "refundable": "15.00", "suggested": "5.01",
    }  # fmt: skip
    made = await grant(ask, orderId=order_id, reason="OVERPAYMENT", note="paid twice", idempotencyKey="grant it")
    refund = made["refund"]
    assert (made["userErrors"], refund["amount"], refund["status"]) == (
        [],
        {"amount": "5.01", "currencyCode": "GBP"},
        "GRANTED",
    )
    assert (refund["reason"], refund["note"], refund["owed"]["amount"], refund["return"]) == (
        "OVERPAYMENT",
        "paid twice",
        "5.01",
        None,
    )
    assert refund["order"] == {"id": order_id, "paymentStatus": "OVERPAID", "refundable": {"amount": "9.99"}}
    assert [(each["action"], each["allowed"]) for each in refund["availableActions"]] == [
        ("REQUEST_REFUND", True), ("CANCEL_REFUND", True),
    ]  # fmt: skip
    again = await grant(ask, orderId=order_id, reason="OVERPAYMENT", note="paid twice", idempotencyKey="grant it")
    assert (again["replayed"], again["refund"]) == (True, refund)
    asked = (await send(ask, REQUEST, refundId=refund["id"], gateway="till", providerReference="re_1"))["refund"]
    assert (asked["status"], asked["gateway"], asked["providerReference"]) == ("REQUESTED", "till", "re_1")
    assert [each["blockedBy"]["code"] for each in asked["availableActions"]] == ["ILLEGAL_MOVE", "ILLEGAL_MOVE"]
    await shop.pay(order.id, "5.01", PaymentEventType.REFUNDED, ref="re_1")
    paid = (await ask(f"query ($id: ID!) {{ refund(id: $id) {{ ...Whole }} }} {REFUND}", id=refund["id"]))["refund"]
    assert (paid["status"], paid["refunded"]["amount"], paid["owed"]["amount"]) == ("SUCCEEDED", "5.01", "0.00")
    assert [(each["type"], each["amount"]["amount"]) for each in paid["events"]] == [("REFUNDED", "5.01")]
    assert paid["order"]["paymentStatus"] == "PARTIALLY_REFUNDED"
    assert (await ask("query ($id: ID!) { node(id: $id) { id } }", id=refund["id"]))["node"] == {"id": refund["id"]}


async def test_a_refund_for_a_return_is_what_came_back(shop: Shop, ask: Ask) -> None:
    order = await shop.sent(line(await shop.stocked(5), 3))
    await shop.pay(order.id)
    (shirts,) = await shop.lines(order.id)
    back = (await shop.return_(order.id, (shirts.id, 1))).value
    await shop.take_back(back.id)
    order_id, return_id = text_id(IdKind.ORDER, order.id), text_id(IdKind.RETURN, back.id)
    assert (await ask(PREVIEW, order=order_id, **{"return": return_id}))["refundPreview"]["suggested"]["amount"] == "9.99"
    refund = (await grant(ask, orderId=order_id, returnId=return_id, reason="RETURN"))["refund"]
    assert (refund["amount"]["amount"], refund["return"]) == ("9.99", {"id": return_id})
    found = await ask("query ($id: ID!) { return(by: {id: $id}) { refunds { id status } } }", id=return_id)
    assert found == {"return": {"refunds": [{"id": refund["id"], "status": "GRANTED"}]}}
    here, elsewhere = (text_id(IdKind.LOCATION, each) for each in (shop.locations[0].id, new_uuid()))
    at_both = [(await ask(LIST, where={"locationId": {"eq": at}}))["refunds"]["nodes"] for at in (here, elsewhere)]
    assert [[each["id"] for each in nodes] for nodes in at_both] == [[refund["id"]], []]


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    order = await shop.place(fee())
    await shop.pay(order.id)
    order_id = text_id(IdKind.ORDER, order.id)
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"orderId": "nonsense"}, [("INVALID_ID", ["orderId"])]),
        ({"orderId": text_id(IdKind.ORDER, new_uuid())}, [("NOT_FOUND", ["orderId"])]),
        ({"returnId": order_id}, [("INVALID_ID", ["returnId"])]),
        ({"returnId": text_id(IdKind.RETURN, new_uuid())}, [("NOT_FOUND", ["returnId"])]),
        ({}, [("NOTHING_OVERPAID", ["amount"])]),
        ({"amount": {"amount": "10.00"}}, [("EXCEEDS_REFUNDABLE", ["amount", "amount"])]),
        ({"amount": {"amount": "0"}}, [("INVALID_AMOUNT", ["amount", "amount"])]),
        ({"amount": {"amount": "-1"}}, [("INVALID_AMOUNT", ["amount", "amount"])]),
        ({"amount": {"amount": "1.001"}}, [("TOO_MANY_DECIMALS", ["amount", "amount"])]),
        ({"amount": {"amount": "1", "currencyCode": "JPY"}}, [("MIXED_CURRENCIES", ["amount", "currencyCode"])]),
        ({"note": "x" * 10_001}, [("INVALID_VALUE", ["note"])]),
        ({"occurredAt": "1999-01-01T00:00:00Z"}, [("OCCURRED_TOO_EARLY", ["occurredAt"])]),
    ]
    for given, expected in cases:
        answer = await grant(ask, **{"orderId": order_id, **given})
        assert (given, refusals(answer)) == (given, expected)
        assert answer["refund"] is None
    refund_id = (await grant(ask, orderId=order_id, amount={"amount": "1.00"}))["refund"]["id"]
    unknown = text_id(IdKind.REFUND, new_uuid())
    assert refusals(await send(ask, REQUEST, refundId=unknown, gateway="g")) == [("NOT_FOUND", ["refundId"])]
    assert refusals(await send(ask, REQUEST, refundId=order_id, gateway="g")) == [("INVALID_ID", ["refundId"])]
    assert refusals(await send(ask, REQUEST, refundId=refund_id, gateway="")) == [("INVALID_VALUE", ["gateway"])]
    assert refusals(await send(ask, CANCEL, refundId=unknown)) == [("NOT_FOUND", ["refundId"])]
    elsewhere = Ask(work, replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    assert refusals(await grant(elsewhere, orderId=order_id)) == [("NOT_FOUND", ["orderId"])]
    for document in (CANCEL, REQUEST):
        named = {"refundId": refund_id, **({"gateway": "g"} if document == REQUEST else {})}
        assert refusals(await send(elsewhere, document, **named)) == [("NOT_FOUND", ["refundId"])]
    assert (await elsewhere("query ($id: ID!) { refund(id: $id) { id } node(id: $id) { id } }", id=refund_id)) == {
        "refund": None, "node": None,
    }  # fmt: skip
    (error,) = await elsewhere.errors(PREVIEW, order=order_id)
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("NOT_FOUND", ["orderId"])
    assert (await send(ask, CANCEL, refundId=refund_id, note="no"))["refund"]["cancelNote"] == "no"
    assert refusals(await send(ask, CANCEL, refundId=refund_id)) == [("ILLEGAL_MOVE", ["refundId"])]


async def test_refunds_are_listed_by_what_they_are(shop: Shop, ask: Ask) -> None:
    orders = [await shop.place(fee()) for _ in range(2)]
    for order in orders:
        await shop.pay(order.id, "50.00")
        for reason in ("GOODWILL", "LOST"):
            refund = (await grant(ask, orderId=text_id(IdKind.ORDER, order.id), amount={"amount": "1.00"}, reason=reason))[
                "refund"
            ]
    await send(ask, CANCEL, refundId=refund["id"])
    here = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}

    async def found(**where: Any) -> list[tuple[str, str]]:
        nodes = (await ask(LIST, where={**here, **where}))["refunds"]["nodes"]
        return [(node["reason"], node["status"]) for node in nodes]

    newest = [("LOST", "CANCELED"), ("GOODWILL", "GRANTED"), ("LOST", "GRANTED"), ("GOODWILL", "GRANTED")]
    assert await found() == newest
    assert await found(status={"eq": "CANCELED"}) == newest[:1]
    assert await found(reason={"in": ["LOST"]}) == [newest[0], newest[2]]
    assert await found(orderId={"eq": text_id(IdKind.ORDER, orders[0].id)}) == newest[2:]
    assert await found(returnId={"eq": text_id(IdKind.RETURN, new_uuid())}) == []
    assert await found(grantedAt={"lt": "2000-01-01T00:00:00Z"}) == []
    oldest = (await ask(LIST, where=here, by="GRANTED_AT_ASC"))["refunds"]["nodes"]
    assert [node["reason"] for node in oldest] == ["GOODWILL", "LOST", "GOODWILL", "LOST"]


async def test_an_order_is_canceled_with_its_refund(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    order = await shop.place(line(await shop.stocked(5), 2))
    await shop.pay(order.id)
    order_id = text_id(IdKind.ORDER, order.id)
    given: dict[str, Any] = {"orderId": order_id, "reason": "CUSTOMER", "refund": {"note": "changed her mind"}}
    poor = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.PAYMENTS_WRITE}))
    assert refusals(await send(poor, ORDER_CANCEL, **given)) == [("MISSING_SCOPE", ["refund"])]
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"amount": {"amount": "19.99"}}, [("EXCEEDS_REFUNDABLE", ["refund", "amount", "amount"])]),
        ({"amount": {"amount": "0.00"}}, [("INVALID_AMOUNT", ["refund", "amount", "amount"])]),
        ({"amount": {"amount": "1.00", "currencyCode": "EUR"}}, [("MIXED_CURRENCIES", ["refund", "amount", "currencyCode"])]),
        ({"note": "x" * 10_001}, [("INVALID_VALUE", ["refund", "note"])]),
    ]
    for refund, expected in cases:
        answer = await send(ask, ORDER_CANCEL, **{**given, "refund": refund})
        assert (refusals(answer), answer["order"], answer["refund"]) == (expected, None, None)
    assert (await shop.order(order.id)).version == 2
    done = await send(ask, ORDER_CANCEL, **given, idempotencyKey="cancel it")
    assert (done["order"]["status"], done["order"]["paymentStatus"]) == ("CANCELED", "OVERPAID")
    refund = done["refund"]
    assert (refund["amount"]["amount"], refund["reason"], refund["note"]) == ("19.98", "CANCELLATION", "changed her mind")
    again = await send(ask, ORDER_CANCEL, **given, idempotencyKey="cancel it")
    assert (again["replayed"], again["order"], again["refund"]) == (True, done["order"], refund)
    changed = await send(ask, ORDER_CANCEL, **{**given, "refund": None}, idempotencyKey="cancel it")
    assert refusals(changed) == [("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])]


async def test_a_list_takes_as_many_statements_for_many_refunds_as_for_one(shop: Shop, ask: Ask) -> None:
    for _ in range(5):
        order = await shop.sent(line(await shop.stocked(2)))
        await shop.pay(order.id)
        (only,) = await shop.lines(order.id)
        back = (await shop.return_(order.id, (only.id, 1))).value
        refund = (await shop.refund(order.id, "1.00", return_id=back.id)).value
        await shop.pay(order.id, "1.00", PaymentEventType.REFUNDED, refund_id=refund.id)
    where = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    counts = []
    for first in (1, 5):
        with counted_statements() as sent:
            answer = await ask(LIST, where=where, first=first)
        assert len(answer["refunds"]["nodes"]) == first
        counts.append(len(sent))
    assert counts[0] == counts[1]


CHARGE = """
mutation ($input: FeeChargeInput!) {
  feeCharge(input: $input) {
    fee { id kind amount { amount } tax { amount } note order { due { amount } fees { kind } } return { id } }
    userErrors { code field }
  }
}
"""
WAIVE = """
mutation ($input: FeeWaiveInput!) {
  feeWaive(input: $input) {
    fee { waivedAt waiveNote order { due { amount } overpaid { amount } } } userErrors { code field } replayed
  }
}
"""
PARTS = """
mutation ($input: RefundCreateInput!) {
  refundCreate(input: $input) {
    refund {
      amount { amount } tax { amount }
      parts { kind concedes amount { amount } shipping { amount } tax { amount } line { name } }
      order { due { amount } outstanding { amount } paymentStatus }
    }
    userErrors { code field }
  }
}
"""


async def test_a_fee_is_kept_and_waived(shop: Shop, ask: Ask) -> None:
    order = await shop.sent(line(await shop.stocked(5), 2))
    await shop.pay(order.id)
    (shirts,) = await shop.lines(order.id)
    back = (await shop.return_(order.id, (shirts.id, 2))).value
    await shop.take_back(back.id)
    order_id, return_id = text_id(IdKind.ORDER, order.id), text_id(IdKind.RETURN, back.id)
    given = {"orderId": order_id, "kind": "RESTOCKING", "amount": {"amount": "3.00"}, "tax": {"amount": "0.50"}}
    charge = {**given, "idempotencyKey": new_uuid().hex, "returnId": return_id, "note": "opened"}
    fee = (await ask(CHARGE, input=charge))["feeCharge"]["fee"]
    assert (fee["kind"], fee["amount"], fee["tax"], fee["note"]) == (
        "RESTOCKING", {"amount": "3.00"}, {"amount": "0.50"}, "opened",
    )  # fmt: skip
    assert (fee["order"], fee["return"]) == ({"due": {"amount": "3.00"}, "fees": [{"kind": "RESTOCKING"}]}, {"id": return_id})
    preview = (await ask(PREVIEW, order=order_id, **{"return": return_id}))["refundPreview"]
    assert (preview["due"]["amount"], preview["suggested"]["amount"]) == ("3.00", "16.98")
    waive = {"idempotencyKey": "waive it", "feeId": fee["id"], "note": "sorry"}
    waived = (await ask(WAIVE, input=waive))["feeWaive"]
    assert waived["fee"]["waivedAt"] is not None
    assert (waived["fee"]["waiveNote"], waived["fee"]["order"]) == (
        "sorry", {"due": {"amount": "0.00"}, "overpaid": {"amount": "19.98"}},
    )  # fmt: skip
    assert (await ask(WAIVE, input=waive))["feeWaive"]["replayed"]


async def test_a_refund_by_parts_shows_what_it_is_of(shop: Shop, ask: Ask) -> None:
    vat = (TaxGiven(title="VAT", amount=Amount(value=Decimal("3.33"))),)
    order = await shop.sent(line(await shop.stocked(5), 2, taxes=vat))
    await shop.pay(order.id)
    (shirts,) = await shop.lines(order.id)
    part = {"kind": "LINE", "amount": {"amount": "6.00"}, "lineId": text_id(IdKind.LINE, shirts.id)}
    given = {"orderId": text_id(IdKind.ORDER, order.id), "reason": "DAMAGED", "parts": [part]}
    made = (await ask(PARTS, input={**given, "idempotencyKey": new_uuid().hex}))["refundCreate"]
    assert made["userErrors"] == []
    assert made["refund"]["parts"] == [{
        "kind": "LINE", "concedes": True, "amount": {"amount": "6.00"}, "shipping": {"amount": "0.00"},
        "tax": {"amount": "1.00"}, "line": {"name": shirts.name},
    }]  # fmt: skip
    assert (made["refund"]["amount"], made["refund"]["tax"]) == ({"amount": "6.00"}, {"amount": "1.00"})
    assert made["refund"]["order"]["due"] == {"amount": "13.98"}
    assert made["refund"]["order"]["outstanding"] == {"amount": "0.00"}
    part["amount"] = {"amount": "14.00"}
    refusal = (await ask(PARTS, input={**given, "idempotencyKey": new_uuid().hex}))["refundCreate"]["userErrors"]
    assert refusal == [{"code": "EXCEEDS_PART", "field": ["parts", "0", "amount", "amount"]}]
