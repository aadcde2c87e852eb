"""Orders and fulfillment orders on hold, as clients see them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Scope
from oms_api.kernel.clock import system_clock
from oms_api.kernel.ids import ChannelId, HoldId, IdKind, IntegrationId, new_uuid, parse_id, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM
from tests.factories.holding import CLERK, hold, hold_work, sweep
from tests.factories.keeping import staged
from tests.factories.trading import Shop, findings, line

HOLD = """
mutation ($input: OrderHoldInput!) {
  orderHold(input: $input) {
    hold { id status reason handle note approval placedBy order { id onHold version } fulfillmentOrder { id } }
    userErrors { code message field } replayed
  }
}
"""
RELEASE = """
mutation ($input: OrderHoldReleaseInput!) {
  orderHoldRelease(input: $input) {
    order { id onHold version holds { id status releasedBy releaseNote } } userErrors { code message field } replayed
  }
}
"""
HOLD_WORK = """
mutation ($input: FulfillmentOrderHoldInput!) {
  fulfillmentOrderHold(input: $input) {
    hold { id fulfillmentOrder { id onHold holds { reason } } order { onHold } } userErrors { code message field }
  }
}
"""
RELEASE_WORK = """
mutation ($input: FulfillmentOrderHoldReleaseInput!) {
  fulfillmentOrderHoldRelease(input: $input) {
    fulfillmentOrder { onHold holds { status } } userErrors { code message field }
  }
}
"""
BATCH = """
mutation ($input: OrdersHoldInput!) {
  ordersHold(input: $input) {
    results { index replayed hold { id order { id onHold } } userErrors { code field } } userErrors { code field }
  }
}
"""
RELEASES = """
mutation ($input: OrdersHoldReleaseInput!) {
  ordersHoldRelease(input: $input) {
    results { index replayed order { id onHold } userErrors { code field } } userErrors { code field }
  }
}
"""
ACTIONS = """
query ($by: OrderByInput!) {
  order(by: $by) {
    onHold availableActions { action allowed blockedBy { code } }
    fulfillmentOrders { onHold availableActions { action allowed blockedBy { code } } }
  }
}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def done(ask: Ask, document: str, **given: Any) -> dict[str, Any]:
    (answer,) = (await ask(document, input={"idempotencyKey": new_uuid().hex, **given})).values()
    return dict(answer)


def actions(record: dict[str, Any]) -> dict[str, str | None]:
    """Return what stands in the way of each action."""
    return {each["action"]: each["blockedBy"] and each["blockedBy"]["code"] for each in record["availableActions"]}


async def test_nothing_of_an_order_on_hold_is_picked_or_shipped_until_every_hold_is_released(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 3))
    order_id, (todo,) = text_id(IdKind.ORDER, order.id), await shop.works(order.id)
    first = await done(ask, HOLD, orderId=order_id, reason="FRAUD_REVIEW", handle="check", note="big", expectedVersion=1)
    assert first["userErrors"] == []
    assert (first["hold"]["order"], first["hold"]["status"]) == ({"id": order_id, "onHold": True, "version": 2}, "ACTIVE")
    second = await done(ask, HOLD, orderId=order_id, reason="ADDRESS")
    found = (await ask(ACTIONS, by={"id": order_id}))["order"]
    assert (actions(found)["HOLD_ORDER"], actions(found)["RELEASE_ORDER_HOLD"]) == (None, None)
    blocked = actions(found["fulfillmentOrders"][0])
    assert (blocked["START_FULFILLMENT"], blocked["CREATE_SHIPMENT"]) == ("ORDER_ON_HOLD", "ORDER_ON_HOLD")
    for attempt in (shop.start(todo.id), shop.ship(todo.id)):
        with pytest.raises(Exception, match="on hold"):
            await attempt
    assert await shop.stock(sku) == (6, 3)
    one = await done(ask, RELEASE, orderId=order_id, handle="check", note="it is fine")
    assert (one["order"]["onHold"], [each["status"] for each in one["order"]["holds"]]) == (True, ["RELEASED", "ACTIVE"])
    both = await done(ask, RELEASE, orderId=order_id, idempotencyKey="rest")
    assert (both["order"]["onHold"], both["order"]["version"]) == (False, 5)
    again = await done(ask, RELEASE, orderId=order_id, idempotencyKey="rest")
    assert (again["replayed"], again["order"]) == (True, both["order"])
    await shop.start(todo.id)
    await shop.ship(todo.id)
    told = await staged(shop.work, "ORDER_HELD", order.id)
    assert told[0].changes == {
        "onHold": [False, True],
        f"holds.{first['hold']['id']}.reason": [None, "FRAUD_REVIEW"],
        f"holds.{first['hold']['id']}.status": [None, "ACTIVE"],
    }
    assert told[1].cause_id == parse_id(HoldId, second["hold"]["id"])
    assert [(each.changes or {}).get("onHold") for each in await staged(shop.work, "ORDER_HOLD_RELEASED", order.id)] == [
        None, [True, False],
    ]  # fmt: skip
    assert await findings(shop.work) == []


async def test_a_fulfillment_order_is_held_by_itself(work: UnitOfWork, ask: Ask) -> None:
    shop = await Shop.open(work, locations=2)
    order = await shop.place(line(await shop.stocked(2, 2), 4))
    here, there = await shop.works(order.id)
    work_id = text_id(IdKind.FULFILLMENT_ORDER, here.id)
    held = await done(ask, HOLD_WORK, fulfillmentOrderId=work_id, reason="OTHER", handle="mine")
    assert held["hold"]["fulfillmentOrder"] == {"id": work_id, "onHold": True, "holds": [{"reason": "OTHER"}]}
    assert held["hold"]["order"]["onHold"] is False
    with pytest.raises(Exception, match="fulfillment order is on hold"):
        await shop.ship(here.id)
    await shop.ship(there.id)
    listed = "query ($held: Boolean!) { fulfillmentOrders(where: {held: $held, orderId: {eq: %s}}) { nodes { id } } }"
    document = listed % f'"{text_id(IdKind.ORDER, order.id)}"'
    assert (await ask(document, held=True))["fulfillmentOrders"]["nodes"] == [{"id": work_id}]
    assert (await ask(document, held=False))["fulfillmentOrders"]["nodes"] == [
        {"id": text_id(IdKind.FULFILLMENT_ORDER, there.id)}
    ]
    freed = await done(ask, RELEASE_WORK, fulfillmentOrderId=work_id)
    assert freed["fulfillmentOrder"] == {"onHold": False, "holds": [{"status": "RELEASED"}]}
    await hold_work(work, here.id)
    await shop.cancel(order.id, *[(each.id, 2) for each in await shop.lines(order.id)])
    (closed, _) = await shop.works(order.id)
    assert (closed.status, closed.on_hold) == ("CLOSED", False)
    late = await done(ask, HOLD_WORK, fulfillmentOrderId=work_id, reason="OTHER")
    assert refusals(late) == [("NOT_HOLDABLE", ["fulfillmentOrderId"])]
    assert await findings(work) == []


async def test_anothers_hold_needs_force_and_a_note_and_an_approval_its_scope(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(line(await shop.stocked(9)))
    order_id, owner = text_id(IdKind.ORDER, order.id), replace(SYSTEM, client_id=CLERK.client_id, name="fraud tool")
    other = replace(owner, client_id=IntegrationId(new_uuid()), name="shop")
    await hold(work, order.id, by=owner, handle="score")
    ask = Ask(work, other)
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({}, [("HOLD_OF_ANOTHER", ["force"])]),
        ({"force": True}, [("INVALID_VALUE", ["note"])]),
        ({"force": True, "note": "  "}, [("INVALID_VALUE", ["note"])]),
        ({"handle": "scor"}, [("HOLD_NOT_FOUND", ["handle"])]),
        ({"holdId": text_id(IdKind.HOLD, new_uuid())}, [("HOLD_NOT_FOUND", ["holdId"])]),
        ({"expectedVersion": 9}, [("VERSION_CONFLICT", ["expectedVersion"])]),
        ({"orderId": text_id(IdKind.ORDER, new_uuid())}, [("NOT_FOUND", ["orderId"])]),
    ]
    for given, expected in cases:
        assert refusals(await done(ask, RELEASE, **{"orderId": order_id, **given})) == expected
    freed = await done(ask, RELEASE, orderId=order_id, force=True, note="she called")
    assert [(each["releasedBy"], each["releaseNote"]) for each in freed["order"]["holds"]] == [("shop", "she called")]
    await hold(work, order.id, by=owner, approval=True, reason="APPROVAL")
    clerk = Ask(work, CLERK)
    refused = await done(clerk, RELEASE, orderId=order_id, force=True, note="please")
    assert refusals(refused) == [("MISSING_SCOPE", ["orderId"])]
    assert (await done(ask, RELEASE, orderId=order_id))["order"]["onHold"] is False
    assert refusals(await done(ask, RELEASE, orderId=order_id)) == [("NOT_ON_HOLD", ["orderId"])]
    blind = Ask(work, replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    assert refusals(await done(blind, HOLD, orderId=order_id, reason="OTHER")) == [("NOT_FOUND", ["orderId"])]


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(9)))
    order_id = text_id(IdKind.ORDER, order.id)
    await done(ask, HOLD, orderId=order_id, reason="OTHER", handle="one")
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"reason": "NONSENSE"}, [("UNKNOWN_ORDER_REASON", ["reason"])]),
        ({"handle": "one"}, [("HANDLE_TAKEN", ["handle"])]),
        (
            {"reason": "\0", "handle": " x", "note": "n" * 10_001, "releaseAt": "2020-01-01T00:00:00Z"},
            [
                ("UNKNOWN_ORDER_REASON", ["reason"]), ("INVALID_VALUE", ["handle"]), ("INVALID_VALUE", ["note"]),
                ("INVALID_VALUE", ["releaseAt"]),
            ],
        ),
        ({"expectedVersion": 1}, [("VERSION_CONFLICT", ["expectedVersion"])]),
        ({"approval": True, "releaseAt": "2999-01-01T00:00:00Z"}, [("INVALID_VALUE", ["releaseAt"])]),
    ]  # fmt: skip
    before = await shop.order(order.id)
    for given, expected in cases:
        assert refusals(await done(ask, HOLD, **{"orderId": order_id, "reason": "OTHER", **given})) == expected
    assert await shop.order(order.id) == before
    await shop.cancel(order.id)
    assert (await shop.order(order.id)).on_hold is False
    assert refusals(await done(ask, HOLD, orderId=order_id, reason="OTHER")) == [("NOT_HOLDABLE", ["orderId"])]
    ended = await ask("query ($by: OrderByInput!) { order(by: $by) { holds { status } } }", by={"id": order_id})
    assert ended["order"]["holds"] == [{"status": "ENDED"}]


async def test_a_batch_holds_and_releases_row_by_row(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(99)
    orders = [await shop.place(line(sku)) for _ in range(3)]
    ids = [text_id(IdKind.ORDER, order.id) for order in orders]
    await shop.cancel(orders[2].id)
    stranger = text_id(IdKind.ORDER, new_uuid())
    rows = [
        {"idempotencyKey": f"row-{at}-{ids[0]}", "orderId": each, "reason": reason}
        for at, (each, reason) in enumerate(
            [(ids[0], "OTHER"), (ids[1], "ADDRESS"), (ids[2], "OTHER"), (stranger, "OTHER"), (ids[0], "OTHER"), (ids[1], "X"),
             ("nonsense", "OTHER")]
        )
    ]  # fmt: skip
    first = (await ask(BATCH, input={"holds": rows}))["ordersHold"]
    assert first["userErrors"] == []
    assert [refusals(each) for each in first["results"]] == [
        [], [], [("NOT_HOLDABLE", ["holds", "2", "orderId"])], [("NOT_FOUND", ["holds", "3", "orderId"])],
        [("DUPLICATE_IN_BATCH", ["holds", "4", "orderId"])], [("UNKNOWN_ORDER_REASON", ["holds", "5", "reason"])],
        [("INVALID_ID", ["holds", "6", "orderId"])],
    ]  # fmt: skip
    again = (await ask(BATCH, input={"holds": rows[:2]}))["ordersHold"]["results"]
    assert [each["replayed"] for each in again] == [True, True]
    assert [each["hold"] for each in again] == [each["hold"] for each in first["results"][:2]]
    where = {"holdReason": {"eq": "ADDRESS"}, "channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    found = await ask("query ($where: OrderFilterInput) { orders(where: $where) { nodes { id } } }", where=where)
    assert found["orders"]["nodes"] == [{"id": ids[1]}]
    freed = [{"idempotencyKey": new_uuid().hex, "orderId": each, "note": "n"} for each in ids]
    results = (await ask(RELEASES, input={"releases": freed}))["ordersHoldRelease"]["results"]
    assert [(each["order"] or {}).get("onHold") for each in results] == [False, False, None]
    assert refusals(results[2]) == [("NOT_ON_HOLD", ["releases", "2", "orderId"])]
    many = (await ask(BATCH, input={"holds": rows[:1] * 251}))["ordersHold"]
    assert refusals(many) == [("TOO_MANY_ITEMS", ["holds"])]
    assert await findings(shop.work) == []


async def test_holds_are_released_at_their_time(shop: Shop, work: UnitOfWork) -> None:
    order = await shop.place(line(await shop.stocked(9)))
    (todo,) = await shop.works(order.id)
    now = system_clock()
    await hold(work, order.id, release_at=now + timedelta(hours=1))
    await hold(work, order.id, release_at=now + timedelta(hours=2))
    await hold_work(work, todo.id, release_at=now + timedelta(hours=1))
    assert await sweep(work, "holds_to_release") == 0
    later = UnitOfWork(work.pool, clock=lambda: now + timedelta(minutes=61))
    assert await sweep(later, "holds_to_release") == 1
    assert ((await shop.order(order.id)).on_hold, (await shop.works(order.id))[0].on_hold) == (True, False)
    assert await sweep(UnitOfWork(work.pool, clock=lambda: now + timedelta(hours=3)), "holds_to_release") == 1
    assert (await shop.order(order.id)).on_hold is False
    (first, second) = await staged(work, "ORDER_HOLD_RELEASED", order.id)
    assert (first.actor, (second.changes or {})["onHold"]) == ("sweep holds_to_release", [True, False])
    assert await findings(work) == []


REASON = """
mutation ($input: OrderReasonUpsertInput!) {
  orderReasonUpsert(input: $input) {
    orderReason { use code name cancelReason stock active } userErrors { code field }
  }
}
"""
CANCEL = """
mutation ($input: OrderCancelInput!) {
  orderCancel(input: $input) { order { cancelReason cancellations { reason reasonCode stock } } userErrors { code field } }
}
"""


async def test_reasons_are_data_and_say_what_a_cancellation_counts_as(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    made = await done(ask, REASON, use="CANCEL", code="RECALL", name="Recalled", cancelReason="INVENTORY", stock="DAMAGED")
    assert made["orderReason"] == {
        "use": "CANCEL", "code": "RECALL", "name": "Recalled", "cancelReason": "INVENTORY", "stock": "DAMAGED", "active": True,
    }  # fmt: skip
    order = await shop.place(line(sku, 2))
    order_id = text_id(IdKind.ORDER, order.id)
    for given in ({}, {"reason": "STAFF", "reasonCode": "RECALL"}):
        assert refusals(await done(ask, CANCEL, orderId=order_id, **given)) == [("INVALID_VALUE", ["reason"])]
    unknown = await done(ask, CANCEL, orderId=order_id, reasonCode="OTHER")
    assert refusals(unknown) == [("UNKNOWN_ORDER_REASON", ["reasonCode"])]
    canceled = await done(ask, CANCEL, orderId=order_id, reasonCode="RECALL")
    assert canceled["order"] == {
        "cancelReason": "INVENTORY", "cancellations": [{"reason": "INVENTORY", "reasonCode": "RECALL", "stock": "DAMAGED"}],
    }  # fmt: skip
    renamed = await done(ask, REASON, use="CANCEL", code="RECALL", active=False)
    assert (renamed["orderReason"]["active"], renamed["orderReason"]["name"]) == (False, "Recalled")
    gone = await shop.place(line(sku))
    answer = await done(ask, CANCEL, orderId=text_id(IdKind.ORDER, gone.id), reasonCode="RECALL")
    assert refusals(answer) == [("UNKNOWN_ORDER_REASON", ["reasonCode"])]
    assert refusals(await done(ask, REASON, use="HOLD", code="Z", name="Z", stock="RELEASE")) == [("INVALID_VALUE", ["stock"])]
    assert refusals(await done(ask, REASON, use="HOLD", code="Z")) == [("INVALID_VALUE", ["name"])]
    codes = (await ask("{ orderReasons(use: HOLD) { code } }"))["orderReasons"]
    assert [each["code"] for each in codes] == sorted(
        ["FRAUD_REVIEW", "ADDRESS", "PAYMENT", "CUSTOMER_REQUEST", "APPROVAL", "RULE_FAILED", "OTHER"]
    )


async def test_holding_needs_its_scope(work: UnitOfWork) -> None:
    reader = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_WRITE}))
    given = {"idempotencyKey": "k", "reason": "OTHER", "orderId": text_id(IdKind.ORDER, new_uuid())}
    (error,) = await reader.errors(HOLD, input=given)
    assert error["extensions"]["code"] == "MISSING_SCOPE"
