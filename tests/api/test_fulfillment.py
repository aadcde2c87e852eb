from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, findings, line

LIST = """
query ($where: FulfillmentOrderFilterInput, $first: Int, $after: Cursor, $orderBy: FulfillmentOrderOrder! = CREATED_AT_ASC) {
  fulfillmentOrders(where: $where, first: $first, after: $after, orderBy: $orderBy) {
    nodes {
      id status createdAt closedAt locationId
      location { code } order { id number }
      lines { nodes { id quantity shipped canceled remaining line { id skuCode } } pageInfo { hasNextPage } }
      availableActions { action allowed blockedBy { code message field } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def listed(ask: Ask, **variables: Any) -> list[dict[str, Any]]:
    return list((await ask(LIST, **variables))["fulfillmentOrders"]["nodes"])


async def test_a_warehouse_finds_its_work(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(3, 4)
    order = await shop.place(line(sku, 5))
    _, there = await shop.works(order.id)
    await shop.ship(there.id)
    where = {"orderId": {"eq": text_id(IdKind.ORDER, order.id)}}
    first, second = await listed(ask, where=where)
    assert (first["status"], second["status"]) == ("OPEN", "CLOSED")
    assert first["order"]["number"] == order.number
    ((todo,),) = [first["lines"]["nodes"]]
    assert (todo["quantity"], todo["shipped"], todo["canceled"], todo["remaining"]) == (3, 0, 0, 3)
    assert todo["line"]["skuCode"] == sku.code
    assert first["availableActions"] == [
        {"action": name, "allowed": blocked is None, "blockedBy": blocked}
        for name, blocked in (
            ("START_FULFILLMENT", None),
            ("PUT_BACK_FULFILLMENT", first["availableActions"][1]["blockedBy"]),
            ("PACK_FULFILLMENT", None),
            ("CREATE_SHIPMENT", None),
            ("READY_FOR_PICKUP", first["availableActions"][4]["blockedBy"]),
            ("MOVE_FULFILLMENT", None),
            ("SPLIT_FULFILLMENT", None),
            ("MERGE_FULFILLMENT", None),
            ("REJECT_FULFILLMENT", None),
            ("RESCHEDULE_FULFILLMENT", None),
            ("HOLD_FULFILLMENT", None),
            ("RELEASE_FULFILLMENT_HOLD", first["availableActions"][-1]["blockedBy"]),
        )
    ]
    assert first["availableActions"][1]["blockedBy"]["code"] == "ILLEGAL_MOVE"
    assert [action["blockedBy"]["code"] for action in second["availableActions"]] == [
        "ILLEGAL_MOVE",
        "ILLEGAL_MOVE",
        "FULFILLMENT_ORDER_NOT_OPEN",
        "FULFILLMENT_ORDER_NOT_OPEN",
        "FULFILLMENT_ORDER_NOT_OPEN",
        "FULFILLMENT_ORDER_BEGUN",
        "FULFILLMENT_ORDER_BEGUN",
        "FULFILLMENT_ORDER_BEGUN",
        "FULFILLMENT_ORDER_NOT_REJECTABLE",
        "FULFILLMENT_ORDER_BEGUN",
        "NOT_HOLDABLE",
        "NOT_ON_HOLD",
    ]
    location = text_id(IdKind.LOCATION, shop.locations[0].id)
    assert [each["id"] for each in await listed(ask, where={**where, "locationId": {"eq": location}})] == [first["id"]]
    assert [each["id"] for each in await listed(ask, where={**where, "status": {"eq": "CLOSED"}})] == [second["id"]]
    newest = await listed(ask, where=where, orderBy="CREATED_AT_DESC")
    assert [each["id"] for each in newest] == [second["id"], first["id"]]
    page = (await ask(LIST, where=where, first=1))["fulfillmentOrders"]
    assert page["pageInfo"]["hasNextPage"]
    assert [each["id"] for each in await listed(ask, where=where, after=page["pageInfo"]["endCursor"])] == [second["id"]]
    one = await ask("query ($id: ID!) { fulfillmentOrder(by: {id: $id}) { id } node(id: $id) { id } }", id=first["id"])
    assert one == {"fulfillmentOrder": {"id": first["id"]}, "node": {"id": first["id"]}}


async def test_a_pick_queue_goes_by_priority_and_then_by_age(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    orders = [await shop.place(line(sku), priority=priority) for priority in (0, 5, -1, 5)]
    expected = [orders[index].number for index in (1, 3, 0, 2)]
    queue: dict[str, Any] = {"locationId": {"eq": text_id(IdKind.LOCATION, shop.locations[0].id)}, "status": {"eq": "OPEN"}}
    assert [each["order"]["number"] for each in await listed(ask, where=queue, orderBy="PRIORITY_DESC")] == expected
    seen, after = [], None
    for _ in orders:
        page = (await ask(LIST, where=queue, orderBy="PRIORITY_DESC", first=1, after=after))["fulfillmentOrders"]
        seen += [each["order"]["number"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert (seen, page["pageInfo"]["hasNextPage"]) == (expected, False)
    for status in ({"in": ["OPEN", "CLOSED"]}, {"ne": "OPEN"}, None):
        (error,) = await ask.errors(LIST, where={**queue, "status": status}, orderBy="PRIORITY_DESC")
        assert error["extensions"]["code"] == "INVALID_VALUE"
        assert error["message"] == "This order needs one of `status` of SCHEDULED, OPEN, IN_PROGRESS in `where`."
    packer = Ask(work, replace(SYSTEM, scopes=frozenset({Scope.SHIPPING_READ})))
    (error,) = await packer.errors("{ fulfillmentOrders(orderBy: PRIORITY_DESC) { nodes { id } } }")
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_caller_sees_only_its_channels_and_locations(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(3, 4)
    order = await shop.place(line(sku, 5))
    here, there = (text_id(IdKind.FULFILLMENT_ORDER, each.id) for each in await shop.works(order.id))
    where = {"orderId": {"eq": text_id(IdKind.ORDER, order.id)}}
    store = Ask(work, replace(SYSTEM, locations=frozenset({shop.locations[1].id})))
    assert [each["id"] for each in await listed(store, where=where)] == [there]
    assert (await store("query ($id: ID!) { fulfillmentOrder(by: {id: $id}) { id } }", id=here))["fulfillmentOrder"] is None
    stranger = Ask(work, replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    assert await listed(stranger, where=where) == []


async def test_wrong_ids_and_missing_scopes_have_their_codes(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    channel = text_id(IdKind.CHANNEL, shop.channel.id)
    (error,) = await ask.errors(LIST, where={"orderId": {"eq": channel}})
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID_ID", ["where", "orderId", "eq"])
    (error,) = await ask.errors("query ($id: ID!) { fulfillmentOrder(by: {id: $id}) { id } }", id=channel)
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID_ID", ["by", "id"])
    blind = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.SHIPPING_READ}))
    (error,) = await blind.errors(LIST)
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_list_takes_as_many_statements_for_many_as_for_one(shop: Shop, ask: Ask) -> None:
    skus = [await shop.stocked(50) for _ in range(3)]
    for _ in range(6):
        await shop.place(*(line(sku, 2) for sku in skus))
    where = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    counts = []
    for first in (1, 6):
        with counted_statements() as sent:
            assert len(await listed(ask, where=where, first=first)) == first
        counts.append(len(sent))
    assert counts[0] == counts[1]


START = """mutation ($input: FulfillmentOrderStartInput!) {
  fulfillmentOrderStart(input: $input) {
    fulfillmentOrder { id status order { fulfillmentStatus } } replayed userErrors { code field }
  }
}"""
PUT_BACK = START.replace("OrderStart", "OrderPutBack")
SET = """mutation ($input: InventorySetInput!) { inventorySet(input: $input) { userErrors { code field message } } }"""
CANCEL = """mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { userErrors { code field } } }"""


async def test_what_is_being_picked_is_in_somebodys_hands(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(3)
    order = await shop.place(line(sku, 2))
    (work,) = await shop.works(order.id)
    begun = {"idempotencyKey": new_uuid().hex, "fulfillmentOrderId": text_id(IdKind.FULFILLMENT_ORDER, work.id)}
    first = (await ask(START, input=begun))["fulfillmentOrderStart"]
    again = (await ask(START, input=begun))["fulfillmentOrderStart"]
    other = (await ask(START, input=begun | {"idempotencyKey": new_uuid().hex}))["fulfillmentOrderStart"]
    assert first["fulfillmentOrder"] == {
        "id": begun["fulfillmentOrderId"],
        "status": "IN_PROGRESS",
        "order": {"fulfillmentStatus": "IN_PROGRESS"},
    }
    assert (again["replayed"], again["fulfillmentOrder"]) == (True, first["fulfillmentOrder"])
    assert other["userErrors"] == [{"code": "ILLEGAL_MOVE", "field": ["fulfillmentOrderId"]}]
    there = {"sku": {"code": sku.code}, "locationId": text_id(IdKind.LOCATION, shop.locations[0].id)}
    told = {
        "idempotencyKey": new_uuid().hex,
        "reason": "COUNT_CORRECTION",
        "onShortfall": "DEALLOCATE",
        "sets": [{**there, "quantity": 1, "changeFromQuantity": 3}],
    }
    (refused,) = (await ask(SET, input=told))["inventorySet"]["userErrors"]
    assert (refused["code"], refused["field"]) == ("BELOW_PICKED", ["sets", "0", "quantity"])
    canceled = {"idempotencyKey": new_uuid().hex, "orderId": text_id(IdKind.ORDER, order.id), "reason": "CUSTOMER"}
    assert (await ask(CANCEL, input=canceled))["orderCancel"]["userErrors"][0]["code"] == "PICKING_BEGAN"
    back = (await ask(PUT_BACK, input=begun | {"idempotencyKey": new_uuid().hex}))["fulfillmentOrderPutBack"]
    assert back["fulfillmentOrder"] == {
        "id": begun["fulfillmentOrderId"],
        "status": "OPEN",
        "order": {"fulfillmentStatus": "ALLOCATED"},
    }
    again = (await ask(PUT_BACK, input=begun | {"idempotencyKey": new_uuid().hex}))["fulfillmentOrderPutBack"]
    assert again["userErrors"] == [{"code": "ILLEGAL_MOVE", "field": ["fulfillmentOrderId"]}]
    canceled["idempotencyKey"] = new_uuid().hex
    assert (await ask(CANCEL, input=canceled))["orderCancel"]["userErrors"] == []
    assert await findings(ask.work) == []


async def test_work_that_nobody_may_see_is_not_begun(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(3)
    order = await shop.place(line(sku, 2))
    (work,) = await shop.works(order.id)
    elsewhere = Ask(ask.work, replace(SYSTEM, locations=frozenset({shop.locations[1].id})))
    begun = {"idempotencyKey": new_uuid().hex, "fulfillmentOrderId": text_id(IdKind.FULFILLMENT_ORDER, work.id)}
    refused = (await elsewhere(START, input=begun))["fulfillmentOrderStart"]
    assert refused["userErrors"] == [{"code": "NOT_FOUND", "field": ["fulfillmentOrderId"]}]
