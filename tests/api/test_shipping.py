from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, LocationId, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, line

SHIPMENT = """
fragment Whole on Shipment {
  id status shippedAt deliveredAt locationId
  location { code } order { id number status fulfillmentStatus }
  fulfillmentOrder { id status }
  packages { carrier trackingNumber trackingUrl status deliveredAt }
  lines { nodes { quantity packageId fulfillmentOrderLineId line { id skuCode shipped } } }
  availableActions { action allowed blockedBy { code message } }
}
"""
CREATE = (
    SHIPMENT
    + """
mutation ($input: ShipmentCreateInput!) {
  shipmentCreate(input: $input) { shipment { ...Whole } userErrors { code message field } replayed }
}
"""
)
DELIVER = (
    SHIPMENT
    + """
mutation ($input: ShipmentMarkDeliveredInput!) {
  shipmentMarkDelivered(input: $input) { shipment { ...Whole } userErrors { code message field } replayed }
}
"""
)
LIST = (
    SHIPMENT
    + """
query ($where: ShipmentFilterInput, $first: Int) { shipments(where: $where, first: $first) { nodes { ...Whole } } }
"""
)


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def create(ask: Ask, **given: Any) -> dict[str, Any]:
    return dict((await ask(CREATE, input={"idempotencyKey": new_uuid().hex, **given}))["shipmentCreate"])


async def deliver(ask: Ask, **given: Any) -> dict[str, Any]:
    return dict((await ask(DELIVER, input={"idempotencyKey": new_uuid().hex, **given}))["shipmentMarkDelivered"])


async def test_a_warehouse_ships_and_the_carrier_delivers(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 3))
    (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
    made = await create(
        ask,
        fulfillmentOrderId=text_id(IdKind.FULFILLMENT_ORDER, todo.id),
        lines=[{"lineId": text_id(IdKind.LINE, only.id), "quantity": 3}],
        carrier="Royal Mail",
        trackingNumber="RM1",
        trackingUrl="https://track.example/RM1",
        idempotencyKey="ship it",
    )
    shipment = made["shipment"]
    assert made["userErrors"] == []
    assert (shipment["status"], shipment["order"]["fulfillmentStatus"]) == ("SHIPPED", "SHIPPED")
    assert shipment["fulfillmentOrder"]["status"] == "CLOSED"
    assert shipment["packages"] == [
        {
            "carrier": "Royal Mail",
            "trackingNumber": "RM1",
            "trackingUrl": "https://track.example/RM1",
            "status": "SHIPPED",
            "deliveredAt": None,
        }
    ]
    ((sent,),) = [shipment["lines"]["nodes"]]
    assert (sent["quantity"], sent["line"]["skuCode"], sent["line"]["shipped"]) == (3, sku.code, 3)
    possible = ("UPDATE_SHIPMENT", "ADD_PACKAGE", "CANCEL_SHIPMENT", "MARK_DELIVERED")
    assert shipment["availableActions"] == [{"action": name, "allowed": True, "blockedBy": None} for name in possible]
    arrived = (await deliver(ask, shipmentId=shipment["id"], idempotencyKey="arrived"))["shipment"]
    assert (arrived["status"], arrived["order"]["status"]) == ("DELIVERED", "COMPLETED")
    assert arrived["availableActions"][-1]["blockedBy"]["code"] == "ALREADY_DELIVERED"
    again = await deliver(ask, shipmentId=shipment["id"], idempotencyKey="arrived")
    assert (again["replayed"], again["shipment"]) == (True, arrived)
    assert refusals(await deliver(ask, shipmentId=shipment["id"])) == [("ALREADY_DELIVERED", ["shipmentId"])]
    (found,) = (await ask(LIST, where={"trackingNumber": {"eq": "RM1"}, "status": {"in": ["DELIVERED"]}}))["shipments"]["nodes"]
    assert found == arrived
    one = await ask("query ($id: ID!) { shipment(by: {id: $id}) { id } node(id: $id) { id } }", id=shipment["id"])
    assert one == {"shipment": {"id": shipment["id"]}, "node": {"id": shipment["id"]}}


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    order, other = await shop.place(line(sku, 3)), await shop.place(line(sku, 1))
    (todo,), (only,), (foreign,) = await shop.works(order.id), await shop.lines(order.id), await shop.lines(other.id)
    (work_line,) = await shop.work_lines(todo.id)
    work_id, line_id = text_id(IdKind.FULFILLMENT_ORDER, todo.id), text_id(IdKind.LINE, only.id)
    both = {"lineId": line_id, "fulfillmentOrderLineId": text_id(IdKind.FULFILLMENT_ORDER_LINE, work_line.id)}
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"fulfillmentOrderId": text_id(IdKind.ORDER, order.id)}, [("INVALID_ID", ["fulfillmentOrderId"])]),
        (
            {"fulfillmentOrderId": text_id(IdKind.FULFILLMENT_ORDER, new_uuid())},
            [("NOT_FOUND", ["fulfillmentOrderId"])],
        ),
        ({"lines": []}, [("INVALID_VALUE", ["lines"])]),
        ({"lines": [{"quantity": 1}]}, [("LINE_UNNAMED", ["lines", "0"])]),
        ({"lines": [{**both, "quantity": 1}]}, [("LINE_UNNAMED", ["lines", "0"])]),
        ({"lines": [{"lineId": work_id, "quantity": 1}]}, [("INVALID_ID", ["lines", "0", "lineId"])]),
        (
            {"lines": [{"lineId": text_id(IdKind.LINE, foreign.id), "quantity": 1}]},
            [("NOT_FOUND", ["lines", "0", "lineId"])],
        ),
        ({"lines": [{"lineId": line_id, "quantity": 0}]}, [("INVALID_QUANTITY", ["lines", "0", "quantity"])]),
        ({"lines": [{"lineId": line_id, "quantity": -1}]}, [("INVALID_QUANTITY", ["lines", "0", "quantity"])]),
        ({"lines": [{"lineId": line_id, "quantity": 4}]}, [("EXCEEDS_REMAINING", ["lines", "0", "quantity"])]),
        ({"lines": [{"lineId": line_id, "quantity": 1}] * 2}, [("LINE_TWICE", ["lines", "1", "lineId"])]),
        (
            {"lines": [{"lineId": line_id, "quantity": 1}, {**both, "lineId": None, "quantity": 1}]},
            [("LINE_TWICE", ["lines", "1", "fulfillmentOrderLineId"])],
        ),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, [("INVALID_VALUE", ["occurredAt"])]),
        ({"occurredAt": "1999-01-01T00:00:00Z"}, [("OCCURRED_TOO_EARLY", ["occurredAt"])]),
        ({"trackingUrl": "ftp://x"}, [("INVALID_VALUE", ["trackingUrl"])]),
    ]
    for given, expected in cases:
        answer = await create(ask, **{"fulfillmentOrderId": work_id, **given})
        assert refusals(answer) == expected
        assert answer["shipment"] is None
    assert await shop.stock(sku) == (5, 4)
    await shop.ship(todo.id)
    assert refusals(await create(ask, fulfillmentOrderId=work_id)) == [("FULFILLMENT_ORDER_NOT_OPEN", ["fulfillmentOrderId"])]


async def test_delivering_what_is_not_there_is_refused(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 3))
    (todo,) = await shop.works(order.id)
    shipment = text_id(IdKind.SHIPMENT, (await shop.ship(todo.id)).value.id)
    unknown = text_id(IdKind.SHIPMENT, new_uuid())
    assert refusals(await deliver(ask, shipmentId=unknown)) == [("NOT_FOUND", ["shipmentId"])]
    assert refusals(await deliver(ask, shipmentId=text_id(IdKind.ORDER, order.id))) == [("INVALID_ID", ["shipmentId"])]
    elsewhere = Ask(work, replace(SYSTEM, locations=frozenset({LocationId(new_uuid())})))
    assert refusals(await deliver(elsewhere, shipmentId=shipment)) == [("NOT_FOUND", ["shipmentId"])]
    early = {"shipmentId": shipment, "occurredAt": "1999-01-01T00:00:00Z"}
    assert refusals(await deliver(ask, **early)) == [("OCCURRED_TOO_EARLY", ["occurredAt"])]
    answer = await elsewhere("query ($id: ID!) { shipment(by: {id: $id}) { id } shipments { nodes { id } } }", id=shipment)
    assert answer == {"shipment": None, "shipments": {"nodes": []}}


async def test_shipping_needs_its_scope(work: UnitOfWork) -> None:
    reader = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.SHIPPING_WRITE}))
    work_id = text_id(IdKind.FULFILLMENT_ORDER, new_uuid())
    (error,) = await reader.errors(CREATE, input={"idempotencyKey": "k", "fulfillmentOrderId": work_id})
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_list_takes_as_many_statements_for_many_shipments_as_for_one(shop: Shop, ask: Ask) -> None:
    skus = [await shop.stocked(50) for _ in range(3)]
    for _ in range(6):
        order = await shop.place(*(line(sku, 2) for sku in skus))
        (todo,) = await shop.works(order.id)
        await shop.ship(todo.id)
    where = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    counts = []
    for first in (1, 6):
        with counted_statements() as sent:
            answer = await ask(LIST, where=where, first=first)
        assert len(answer["shipments"]["nodes"]) == first
        counts.append(len(sent))
    assert counts[0] == counts[1]


LOSE = (
    SHIPMENT
    + """
mutation ($input: PackageMarkLostInput!) {
  packageMarkLost(input: $input) { shipment { ...Whole packages { id lostAt } } userErrors { code message field } replayed }
}
"""
)
RETURN = (
    SHIPMENT
    + """
mutation ($input: PackageMarkReturnedInput!) {
  packageMarkReturned(input: $input) {
    shipment { ...Whole packages { returnedAt availableActions { action allowed blockedBy { code } } } }
    userErrors { code message field } replayed
  }
}
"""
)


async def test_a_parcel_is_lost_and_comes_back_after_all(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3), delivered=False)
    (parcel,) = await shop.packages(order.id)
    package = text_id(IdKind.PACKAGE, parcel.id)
    lost = (await ask(LOSE, input={"idempotencyKey": "lost", "packageId": package}))["packageMarkLost"]
    shipment = lost["shipment"]
    assert (lost["userErrors"], shipment["status"], shipment["packages"][0]["status"]) == ([], "LOST", "LOST")
    assert (shipment["order"]["status"], shipment["order"]["fulfillmentStatus"]) == ("COMPLETED", "UNDELIVERED")
    assert shipment["packages"][0]["lostAt"] is not None
    given = {"idempotencyKey": "back", "packageId": package, "disposition": "INSPECT"}
    for replayed in (False, True):
        back = (await ask(RETURN, input=given))["packageMarkReturned"]
        assert (back["replayed"], back["shipment"]["status"]) == (replayed, "RETURNED_TO_SENDER")
    left = [("UPDATE_PACKAGE", "PACKAGE_NOT_WAITING"), ("VOID_PACKAGE", "PACKAGE_NOT_WAITING")]
    left += [("SHIP_PACKAGE", "PACKAGE_NOT_WAITING"), ("MARK_LOST", "ILLEGAL_MOVE")]
    left += [("MARK_FOUND", "ILLEGAL_MOVE"), ("MARK_RETURNED", "ILLEGAL_MOVE")]
    actions = [{"action": name, "allowed": False, "blockedBy": {"code": code}} for name, code in left]
    assert back["shipment"]["packages"][0]["availableActions"] == actions
    again = await ask(RETURN, input={**given, "idempotencyKey": "once more"})
    assert refusals(again["packageMarkReturned"]) == [("ILLEGAL_MOVE", ["packageId"])]
    assert await shop.stock(sku) == (6, 0)
