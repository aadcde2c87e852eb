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
        ({"note": "x" * 2_001}, [("INVALID_VALUE", ["note"])]),
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
