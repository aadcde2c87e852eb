from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, fee, line

CANCEL = """
mutation ($input: OrderCancelInput!) {
  orderCancel(input: $input) {
    order {
      id status fulfillmentStatus version canceledAt cancelReason
      lines { nodes { id ordered canceled inFulfillment shipped } }
    }
    userErrors { code message field ... on VersionConflictError { currentVersion } }
    replayed
  }
}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def cancel(ask: Ask, **given: Any) -> dict[str, Any]:
    answer = await ask(CANCEL, input={"idempotencyKey": new_uuid().hex, "reason": "CUSTOMER", **given})
    return dict(answer["orderCancel"])


async def test_a_frontend_cancels_a_line_and_then_the_order(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 3), fee())
    order_id = text_id(IdKind.ORDER, order.id)
    (first, _) = await shop.lines(order.id)
    lines = [{"lineId": text_id(IdKind.LINE, first.id), "quantity": 1}]
    part = await cancel(ask, orderId=order_id, lines=lines, expectedVersion=1, note="changed her mind")
    assert part["userErrors"] == []
    assert (part["order"]["status"], part["order"]["version"]) == ("OPEN", 2)
    assert [(each["canceled"], each["inFulfillment"]) for each in part["order"]["lines"]["nodes"]] == [(1, 2), (0, 0)]
    whole = await cancel(ask, orderId=order_id, idempotencyKey="whole")
    assert (whole["order"]["status"], whole["order"]["cancelReason"]) == ("CANCELED", "CUSTOMER")
    again = await cancel(ask, orderId=order_id, idempotencyKey="whole")
    assert (again["replayed"], again["order"]) == (True, whole["order"])
    assert await shop.stock(sku) == (9, 0)


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 3))
    order_id, channel_id = text_id(IdKind.ORDER, order.id), text_id(IdKind.CHANNEL, order.channel_id)
    (only,) = await shop.lines(order.id)
    line_id, foreign = text_id(IdKind.LINE, only.id), text_id(IdKind.LINE, new_uuid())
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"orderId": channel_id}, [("INVALID_ID", ["orderId"])]),
        ({"orderId": "nonsense"}, [("INVALID_ID", ["orderId"])]),
        ({"orderId": text_id(IdKind.ORDER, new_uuid())}, [("NOT_FOUND", ["orderId"])]),
        ({"expectedVersion": 9}, [("VERSION_CONFLICT", ["expectedVersion"])]),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, [("INVALID_VALUE", ["occurredAt"])]),
        ({"occurredAt": "1999-01-01T00:00:00Z"}, [("OCCURRED_TOO_EARLY", ["occurredAt"])]),
        ({"idempotencyKey": ""}, [("INVALID_VALUE", ["idempotencyKey"])]),
        ({"note": "x" * 10_001}, [("INVALID_VALUE", ["note"])]),
        ({"lines": []}, [("INVALID_VALUE", ["lines"])]),
        ({"lines": [{"lineId": order_id, "quantity": 1}]}, [("INVALID_ID", ["lines", "0", "lineId"])]),
        ({"lines": [{"lineId": foreign, "quantity": 1}]}, [("NOT_FOUND", ["lines", "0", "lineId"])]),
        ({"lines": [{"lineId": line_id, "quantity": 0}]}, [("INVALID_QUANTITY", ["lines", "0", "quantity"])]),
        ({"lines": [{"lineId": line_id, "quantity": -1}]}, [("INVALID_QUANTITY", ["lines", "0", "quantity"])]),
        ({"lines": [{"lineId": line_id, "quantity": 4}]}, [("NOT_CANCELABLE", ["lines", "0", "quantity"])]),
        ({"lines": [{"lineId": line_id, "quantity": 1}] * 2}, [("LINE_TWICE", ["lines", "1", "lineId"])]),
    ]
    before = await shop.order(order.id)
    for given, expected in cases:
        answer = await cancel(ask, **{"orderId": order_id, **given})
        assert refusals(answer) == expected
        assert answer["order"] is None
    assert await shop.order(order.id) == before
    assert await shop.stock(sku) == (6, 3)


async def test_a_quantity_that_is_no_whole_number_of_32_bits_names_its_path(ask: Ask) -> None:
    order_id, line_id = text_id(IdKind.ORDER, new_uuid()), text_id(IdKind.LINE, new_uuid())
    for quantity in (1.5, 2**31, "1"):
        given = {"idempotencyKey": "k", "reason": "CUSTOMER", "orderId": order_id}
        lines = [{"lineId": line_id, "quantity": quantity}]
        (error,) = await ask.errors(CANCEL, input={**given, "lines": lines})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert ".lines[0].quantity" in error["message"]


async def test_canceling_needs_its_scope(work: UnitOfWork) -> None:
    reader = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_WRITE}))
    given = {"idempotencyKey": "k", "reason": "CUSTOMER", "orderId": text_id(IdKind.ORDER, new_uuid())}
    (error,) = await reader.errors(CANCEL, input=given)
    assert error["extensions"]["code"] == "MISSING_SCOPE"


CANCELLATIONS = """
query ($by: OrderByInput!) {
  order(by: $by) {
    cancellations {
      reason note actor occurredAt refund { amount { amount } }
      lines { quantity line { id } value { total { amount } } }
    }
    availableActions { action allowed }
  }
}
"""
FREE = """
mutation ($input: OrderFreeExternalRefInput!) {
  orderFreeExternalRef(input: $input) {
    order { externalRef freedExternalRef status } userErrors { code field } replayed
  }
}
"""


async def test_what_was_canceled_can_be_read(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(9), 3))
    await shop.pay(order.id)
    order_id, (only,) = text_id(IdKind.ORDER, order.id), await shop.lines(order.id)
    line_id = text_id(IdKind.LINE, only.id)
    await cancel(ask, orderId=order_id, lines=[{"lineId": line_id, "quantity": 1}], note="one less", refund={})
    await cancel(ask, orderId=order_id, reason="STAFF")
    first, second = (await ask(CANCELLATIONS, by={"id": order_id}))["order"]["cancellations"]
    assert (first["reason"], first["note"], first["actor"], first["refund"]) == (
        "CUSTOMER", "one less", SYSTEM.name, {"amount": {"amount": "9.99"}},
    )  # fmt: skip
    assert first["lines"] == [{"quantity": 1, "line": {"id": line_id}, "value": {"total": {"amount": "9.99"}}}]
    assert (second["reason"], second["note"], second["refund"]) == ("STAFF", None, None)
    assert second["lines"] == [{"quantity": 2, "line": {"id": line_id}, "value": {"total": {"amount": "19.98"}}}]


async def test_a_canceled_order_gives_its_reference_up(shop: Shop) -> None:
    sku = await shop.stocked(9)
    first = await shop.place(line(sku), line(sku), external_ref="WEB-2")
    one, other = await shop.lines(first.id)
    await shop.cancel(first.id, (one.id, 1))
    assert (await shop.order(first.id)).external_ref == "WEB-2"
    await shop.cancel(first.id, (other.id, 1))
    gone = await shop.order(first.id)
    assert (gone.status, gone.external_ref, gone.freed_external_ref) == ("CANCELED", None, "WEB-2")
    again = await shop.place(line(sku), external_ref="WEB-2")
    whole = (await shop.cancel(again.id)).value
    assert (whole.external_ref, whole.freed_external_ref) == (None, "WEB-2")
    assert whole == await shop.order(again.id)
    await shop.place(line(sku), external_ref="WEB-2")


async def test_a_canceled_order_that_kept_its_reference_gives_it_up_on_request(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku), external_ref="WEB-1")
    order_id = text_id(IdKind.ORDER, order.id)

    async def free(**given: Any) -> dict[str, Any]:
        answer = await ask(FREE, input={"idempotencyKey": new_uuid().hex, "orderId": order_id, **given})
        return dict(answer["orderFreeExternalRef"])

    assert [each["code"] for each in (await free())["userErrors"]] == ["ORDER_NOT_CANCELED"]
    await cancel(ask, orderId=order_id, keepExternalRef=True)
    actions = (await ask(CANCELLATIONS, by={"id": order_id}))["order"]["availableActions"]
    shown = {each["action"]: each["allowed"] for each in actions}
    assert shown["FREE_EXTERNAL_REF"]
    freed = await free(idempotencyKey="free it")
    assert freed["order"] == {"externalRef": None, "freedExternalRef": "WEB-1", "status": "CANCELED"}
    assert (await free(idempotencyKey="free it"))["replayed"]
    assert [each["code"] for each in (await free())["userErrors"]] == ["NO_EXTERNAL_REF"]
    again = await shop.place(line(sku), external_ref="WEB-1")
    assert again.id != order.id
    wanted = {"channelId": text_id(IdKind.CHANNEL, order.channel_id), "ref": "WEB-1"}
    found = await ask("query ($by: OrderByInput!) { order(by: $by) { number } }", by={"externalRef": wanted})
    assert found["order"]["number"] == again.number
