from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.payments.states import PaymentEventType
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM
from tests.factories.raw import raw
from tests.factories.trading import Shop, fee, line

MONEY = "{ amount currencyCode }"
STANDING = """
fragment Standing on Order {
  id status paymentStatus
  authorized { amount } captured { amount } refunded { amount } due { amount } outstanding { amount } refundable { amount }
  disputed { amount }
}
"""
REPORT = f"""
mutation ($input: PaymentEventReportInput!) {{
  paymentEventReport(input: $input) {{
    paymentEvent {{
      id type amount {MONEY} gateway eventReference note actor occurredAt recordedAt
      transaction {{
        id gateway reference authorized {MONEY} captured {MONEY} voided {MONEY} refunded {MONEY} chargedBack {MONEY}
        openAuthorization {MONEY} events {{ id type }} order {{ id }}
      }}
      refund {{ id status }}
      order {{ ...Standing }}
    }}
    userErrors {{ code message field }} replayed
  }}
}}
{STANDING}
"""
DISCREPANCIES = """
query ($where: PaymentDiscrepancyFilterInput, $first: Int, $after: Cursor) {
  paymentDiscrepancies(where: $where, first: $first, after: $after) {
    nodes { kind amount { amount currencyCode } transaction { reference gateway } order { id number } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ORDERS = (
    STANDING
    + """
query ($where: OrderFilterInput, $first: Int) {
  orders(where: $where, first: $first) {
    nodes {
      ...Standing
      payments { id gateway reference captured { amount } events { id type refund { id } } }
      refunds { id status amount { amount } events { id transaction { reference } } return { id } }
      availableActions { action allowed blockedBy { code } }
    }
  }
}
"""
)


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def report(ask: Ask, **given: Any) -> dict[str, Any]:
    whole = {
        "idempotencyKey": new_uuid().hex,
        "gateway": "stripe",
        "eventReference": new_uuid().hex,
        "type": "CAPTURED",
        **given,
    }
    return dict((await ask(REPORT, input=whole))["paymentEventReport"])


def amounts(order: dict[str, Any]) -> tuple[str, ...]:
    names = ("authorized", "captured", "refunded", "due", "outstanding", "refundable", "disputed")
    return tuple(order[name]["amount"] for name in names)


async def test_a_shop_reports_and_a_frontend_sees_how_the_money_stands(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(3), 2))
    order_id = text_id(IdKind.ORDER, order.id)
    given: dict[str, Any] = {
        "orderId": order_id, "amount": {"amount": "19.98", "currencyCode": "GBP"}, "transactionReference": "pi_1",
        "note": "by webhook", "occurredAt": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    first = await report(ask, **given, type="AUTHORIZED", eventReference="evt_1", idempotencyKey="one")
    event = first["paymentEvent"]
    assert (first["userErrors"], first["replayed"], event["type"]) == ([], False, "AUTHORIZED")
    assert (event["amount"], event["note"], event["occurredAt"]) == (
        {"amount": "19.98", "currencyCode": "GBP"}, "by webhook", "2026-01-01T00:00:00Z",
    )  # fmt: skip
    assert (event["order"]["paymentStatus"], amounts(event["order"])) == (
        "AUTHORIZED", ("19.98", "0.00", "0.00", "19.98", "19.98", "0.00", "0.00"),
    )  # fmt: skip
    assert event["transaction"]["openAuthorization"]["amount"] == "19.98"
    captured = (await report(ask, **given, eventReference="evt_2"))["paymentEvent"]
    assert captured["order"]["paymentStatus"] == "PAID"
    assert amounts(captured["order"]) == ("0.00", "19.98", "0.00", "19.98", "0.00", "19.98", "0.00")
    transaction = captured["transaction"]
    assert transaction["id"] == event["transaction"]["id"]
    assert [each["type"] for each in transaction["events"]] == ["AUTHORIZED", "CAPTURED"]
    assert (transaction["authorized"]["amount"], transaction["openAuthorization"]["amount"]) == ("19.98", "0.00")
    for key in ("one", "another"):
        again = await report(ask, **given, type="AUTHORIZED", eventReference="evt_1", idempotencyKey=key)
        assert (again["replayed"], again["paymentEvent"]["id"]) == (True, event["id"])
        assert again["paymentEvent"]["order"]["paymentStatus"] == "PAID"
    for node in (event["id"], transaction["id"]):
        assert await ask("query ($id: ID!) { node(id: $id) { id } }", id=node) == {"node": {"id": node}}


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    order, other = await shop.place(fee()), await shop.place(fee())
    order_id, five = text_id(IdKind.ORDER, order.id), {"amount": "5.00"}
    await shop.pay(other.id)
    foreign = text_id(IdKind.REFUND, (await shop.refund(other.id, "1.00")).value.id)
    await report(ask, orderId=order_id, amount=five, eventReference="evt", transactionReference="tx")
    again = {"eventReference": "evt", "transactionReference": "tx"}
    conflict = [("PAYMENT_EVENT_CONFLICT", ["eventReference"])]
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"orderId": foreign}, [("INVALID_ID", ["orderId"])]),
        ({"orderId": text_id(IdKind.ORDER, new_uuid())}, [("NOT_FOUND", ["orderId"])]),
        ({"amount": {"amount": "5.00", "currencyCode": "EUR"}}, [("MIXED_CURRENCIES", ["amount", "currencyCode"])]),
        ({"amount": {"amount": "0"}}, [("INVALID_AMOUNT", ["amount", "amount"])]),
        ({"amount": {"amount": "-5.00"}}, [("INVALID_AMOUNT", ["amount", "amount"])]),
        ({"amount": {"amount": "5.001"}}, [("TOO_MANY_DECIMALS", ["amount", "amount"])]),
        ({"gateway": ""}, [("INVALID_VALUE", ["gateway"])]),
        ({"gateway": " stripe"}, [("INVALID_VALUE", ["gateway"])]),
        ({"eventReference": "x" * 256}, [("INVALID_VALUE", ["eventReference"])]),
        ({"transactionReference": ""}, [("INVALID_VALUE", ["transactionReference"])]),
        ({"note": "x" * 10_001}, [("INVALID_VALUE", ["note"])]),
        ({"idempotencyKey": ""}, [("INVALID_VALUE", ["idempotencyKey"])]),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, [("INVALID_VALUE", ["occurredAt"])]),
        ({"refundId": order_id}, [("INVALID_ID", ["refundId"])]),
        ({"type": "REFUNDED", "refundId": text_id(IdKind.REFUND, new_uuid())}, [("NOT_FOUND", ["refundId"])]),
        ({"type": "REFUNDED", "refundId": foreign}, [("REFUND_NOT_OF_ORDER", ["refundId"])]),
        ({"orderId": text_id(IdKind.ORDER, other.id), "refundId": foreign}, [("NOT_ABOUT_REFUNDS", ["refundId"])]),
        ({**again, "amount": {"amount": "5.01"}}, conflict),
        ({**again, "transactionReference": "other"}, conflict),
        ({**again, "orderId": text_id(IdKind.ORDER, other.id)}, conflict),
    ]
    for given, expected in cases:
        answer = await report(ask, **{"orderId": order_id, "amount": five, **given})
        assert (given, refusals(answer)) == (given, expected)
        assert answer["paymentEvent"] is None
    elsewhere = Ask(work, replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    assert refusals(await report(elsewhere, orderId=order_id, amount=five)) == [("NOT_FOUND", ["orderId"])]
    (standing,) = (await ask(ORDERS, where={"id": {"eq": order_id}}))["orders"]["nodes"]
    assert amounts(standing)[1] == "5.00"
    assert [len(each["events"]) for each in standing["payments"]] == [1]


async def test_what_goes_beyond_is_listed_until_it_is_explained(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    orders = [await shop.place(fee()) for _ in range(3)]
    for order in orders:
        order_id = text_id(IdKind.ORDER, order.id)
        of_one = {"orderId": order_id, "transactionReference": "pi"}
        assert (await report(ask, **of_one, amount={"amount": "1.00"}, type="AUTHORIZED"))["userErrors"] == []
        assert (await report(ask, **of_one, amount={"amount": "9.99"}))["userErrors"] == []
    here = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    page = (await ask(DISCREPANCIES, where=here, first=2))["paymentDiscrepancies"]
    assert [node["order"]["id"] for node in page["nodes"]] == [text_id(IdKind.ORDER, each.id) for each in orders[:0:-1]]
    assert page["nodes"][0] == {
        "kind": "CAPTURED_BEYOND_AUTHORIZED", "amount": {"amount": "8.99", "currencyCode": "GBP"},
        "transaction": {"reference": "pi", "gateway": "stripe"},
        "order": {"id": text_id(IdKind.ORDER, orders[2].id), "number": orders[2].number},
    }  # fmt: skip
    after = page["pageInfo"]["endCursor"]
    page = (await ask(DISCREPANCIES, where=here, first=2, after=after))["paymentDiscrepancies"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (1, False)
    late = {"orderId": text_id(IdKind.ORDER, orders[0].id), "amount": {"amount": "9.99"}, "transactionReference": "pi"}
    await report(ask, **late, type="AUTHORIZED")
    await report(ask, **{**late, "amount": {"amount": "10.00"}}, type="REFUNDED")
    first = {"orderId": {"eq": text_id(IdKind.ORDER, orders[0].id)}}
    nodes = (await ask(DISCREPANCIES, where=first))["paymentDiscrepancies"]["nodes"]
    assert [(each["kind"], each["amount"]["amount"], each["transaction"]) for each in nodes] == [
        ("REFUNDED_BEYOND_GRANTED", "10.00", None),
        ("REFUNDED_BEYOND_CAPTURED", "0.01", None),
    ]
    only = {**first, "kind": {"in": ["REFUNDED_BEYOND_CAPTURED"]}, "gateway": {"eq": "stripe"}}
    assert len((await ask(DISCREPANCIES, where=only))["paymentDiscrepancies"]["nodes"]) == 1
    elsewhere = Ask(work, replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    assert (await elsewhere(DISCREPANCIES, where=here))["paymentDiscrepancies"]["nodes"] == []
    (error,) = await ask.errors(DISCREPANCIES, where=here, after="nonsense")
    assert error["extensions"]["code"] == "INVALID_CURSOR"


async def test_payments_need_their_scopes(shop: Shop, work: UnitOfWork) -> None:
    order_id = text_id(IdKind.ORDER, (await shop.place(fee())).id)
    nobody = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.PAYMENTS_WRITE, Scope.PAYMENTS_READ}))
    given = {"idempotencyKey": "k", "orderId": order_id, "gateway": "g", "eventReference": "e", "type": "CAPTURED"}
    documents: list[tuple[str, dict[str, Any]]] = [
        (REPORT, {"input": {**given, "amount": {"amount": "1.00"}}}),
        (DISCREPANCIES, {}),
        ("query ($id: ID!) { order(by: {id: $id}) { payments { id } } }", {"id": order_id}),
        ("query ($id: ID!) { order(by: {id: $id}) { refunds { id } } }", {"id": order_id}),
        ("{ refunds { nodes { id } } }", {}),
        ("query ($id: ID!) { refundPreview(orderId: $id) { due { amount } } }", {"id": order_id}),
    ]
    for document, variables in documents:
        (error, *_) = await nobody.errors(document, **variables)
        assert error["extensions"]["code"] == "MISSING_SCOPE"
    told = await nobody("query ($id: ID!) { order(by: {id: $id}) { due { amount } captured { amount } } }", id=order_id)
    assert told == {"order": {"due": {"amount": "9.99"}, "captured": {"amount": "0.00"}}}


async def test_facts_of_payments_lead_to_their_records(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    order = await shop.place(fee())
    await shop.pay(order.id, "50.00")
    refund = (await shop.refund(order.id, "5.00")).value
    await shop.pay(order.id, "5.00", PaymentEventType.REFUNDED, refund_id=refund.id)
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(StagedEvent).where(StagedEvent.order_id == order.id).order_by(StagedEvent.stage)))
    facts = [(row.type, text_id(IdKind(row.subject_kind), row.subject_id)) for row in rows if row.subject_kind != "order"]
    assert [kind for kind, _ in facts] == ["PAYMENT_REPORTED", "REFUND_GRANTED", "PAYMENT_REPORTED", "REFUND_SUCCEEDED"]
    nodes = (await ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=[key for _, key in facts]))["nodes"]
    assert [node["__typename"] for node in nodes] == ["PaymentEvent", "Refund", "PaymentEvent", "Refund"]


async def test_a_list_takes_as_many_statements_for_many_orders_as_for_one(shop: Shop, ask: Ask) -> None:
    for number in range(5):
        order = await shop.place(fee())
        for turn in range(number + 1):
            await shop.pay(order.id, "1.00", PaymentEventType.AUTHORIZED, transaction_reference=f"pi {turn}")
            await shop.pay(order.id, "20.00", transaction_reference=f"pi {turn}")
            refund = (await shop.refund(order.id, "1.00")).value
            await shop.pay(order.id, "1.00", PaymentEventType.REFUNDED, refund_id=refund.id)
    where = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    for document, root in ((ORDERS, "orders"), (DISCREPANCIES, "paymentDiscrepancies")):
        counts = []
        for first in (1, 5):
            with counted_statements() as sent:
                answer = await ask(document, where=where, first=first)
            assert len(answer[root]["nodes"]) == first
            counts.append(len(sent))
        assert counts[0] == counts[1]
