from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, line

CREATE = """mutation ($input: ShipmentCreateInput!) {
  shipmentCreate(input: $input) { shipment { id } userErrors { code message field } }
}"""
LIST = "query ($where: ShipmentFilterInput) { shipments(where: $where) { nodes { id packages { trackingNumber } } } }"


async def test_operators(work: UnitOfWork) -> None:
    shop, ask = await Shop.open(work), Ask(work, SYSTEM)
    sku = await shop.stocked(9)
    ids = []
    for number in ("RM1", "RM2", "%X", None):
        order = await shop.place(line(sku, 1))
        (todo,) = await shop.works(order.id)
        given: dict[str, Any] = {
            "idempotencyKey": new_uuid().hex,
            "fulfillmentOrderId": text_id(IdKind.FULFILLMENT_ORDER, todo.id),
        }
        made = (await ask(CREATE, input={**given, "trackingNumber": number}))["shipmentCreate"]
        ids.append(made["shipment"]["id"])
    at = {"locationId": {"eq": text_id(IdKind.LOCATION, shop.locations[0].id)}}

    async def found(**where: Any) -> set[int]:
        return {ids.index(each["id"]) for each in (await ask(LIST, where={**at, **where}))["shipments"]["nodes"]}

    assert await found() == {0, 1, 2, 3}
    assert await found(trackingNumber={"startsWith": "RM"}) == {0, 1}
    assert await found(trackingNumber={"startsWith": "%"}) == {2}
    assert await found(trackingNumber={"startsWith": "rm"}) == set()
    assert await found(trackingNumber={"ne": "RM1"}) == {1, 2, 3}
    assert await found(trackingNumber={"notIn": ["RM1", "RM2"]}) == {2, 3}
    assert await found(trackingNumber={"isNull": True}) == {3}
    assert await found(trackingNumber={"isNull": False, "ne": "RM2"}) == {0, 2}
    assert await found(NOT=[{"trackingNumber": {"startsWith": "RM"}}]) == {2, 3}
    assert await found(OR=[{"trackingNumber": {"eq": "RM1"}}, {"trackingNumber": {"isNull": True}}]) == {0, 3}
    assert await found(status={"notIn": ["SHIPPED"]}) == set()
    assert await found(status={"ne": "DELIVERED"}, AND=[{"shippedAt": {"gte": "2020-01-01T00:00:00Z"}}]) == {0, 1, 2, 3}
    assert await found(shippedAt={"lt": "2020-01-01T00:00:00Z"}) == set()
    with pytest.raises(AssertionError, match=r"'field': .'where', 'OR', 'orderId', 'in'"):
        await found(OR=[{"orderId": {"in": ["line_1"]}}])
    with pytest.raises(AssertionError, match=r"'field': .'by', 'id'"):
        await ask('query { shipment(by: {id: "order_1"}) { id } }')


async def test_every_wrong_id_is_told_where_it_stands(work: UnitOfWork) -> None:
    ask = Ask(work, SYSTEM)
    lines = [{"lineId": "x", "quantity": 1}, {"fulfillmentOrderLineId": "y", "lineId": "z", "quantity": 1}]
    made = await ask(CREATE, input={"idempotencyKey": new_uuid().hex, "fulfillmentOrderId": "w", "lines": lines})
    assert refusals(made["shipmentCreate"]) == [
        ("INVALID_ID", ["fulfillmentOrderId"]),
        ("INVALID_ID", ["lines", "0", "lineId"]),
        ("INVALID_ID", ["lines", "1", "fulfillmentOrderLineId"]),
        ("INVALID_ID", ["lines", "1", "lineId"]),
    ]
