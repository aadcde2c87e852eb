from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, IdKind, ReturnId, SkuId, new_uuid, parse_id, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.trading import Shop, fee, line

RETURN = """
fragment Whole on Return {
  id number externalRef status note closeNote version createdAt receivedAt closedAt
  order { id status returnStatus }
  lines { nodes { id reason note quantity received calledOff expected line { id skuCode inReturn returned }
    receipts { disposition quantity receipt { location { code } } value { total { amount } } } } }
  receipts { id locationId note actor location { code } lines { nodes {
    id quantity disposition line { skuCode } returnLine { id }
    value { goods { amount } discount { amount } shipping { amount } tax { amount } total { amount currencyCode } } } } }
  availableActions { action allowed blockedBy { code message field } }
}
"""


def mutation(name: str) -> str:
    kind = name[0].upper() + name[1:]
    return (
        RETURN
        + f"""mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ return {{ ...Whole }} replayed
            userErrors {{ code message field ... on DuplicateReturnRefError {{ return {{ id }} }} }} }} }}"""
    )


LIST = (
    RETURN
    + """
query ($where: ReturnFilterInput, $orderBy: ReturnOrder, $first: Int, $after: Cursor) {
  returns(where: $where, orderBy: $orderBy, first: $first, after: $after) {
    nodes { ...Whole } pageInfo { hasNextPage endCursor } } }
"""
)
PREVIEW = """
query ($input: ReturnPreviewInput!) { returnPreview(input: $input) {
  goods { amount } discount { amount } shipping { amount } tax { amount } total { amount currencyCode }
  lines { lineId quantity value { total { amount } } } } }
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def do(ask: Ask, name: str, **given: Any) -> dict[str, Any]:
    return dict((await ask(mutation(name), input={"idempotencyKey": new_uuid().hex, **given}))[name])


def order_id(order: OrderRow) -> str:
    return text_id(IdKind.ORDER, order.id)


def line_id(row: Any) -> str:
    return text_id(IdKind.LINE, row.id)


def allowed(record: dict[str, Any]) -> dict[str, bool]:
    return {each["action"]: each["allowed"] for each in record["availableActions"]}


def create_return(record: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in record["availableActions"] if each["action"] == "CREATE_RETURN")


def returning(row: Any, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"lineId": line_id(row), "quantity": quantity, "reason": "UNWANTED", **more}


async def test_a_customer_sends_goods_back_and_the_warehouse_takes_them_in(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 3))
    (shirts,) = await shop.lines(order.id)
    made = await do(
        ask,
        "returnCreate",
        orderId=order_id(order),
        lines=[returning(shirts, 2, reason="SIZE_OR_FIT", note="too small")],
        externalRef="RMA 1",
        note="by post",
        idempotencyKey="back",
    )
    back = made["return"]
    assert made["userErrors"] == []
    assert (back["status"], back["note"], back["externalRef"], back["version"]) == ("APPROVED", "by post", "RMA 1", 1)
    assert back["order"] == {"id": order_id(order), "status": "OPEN", "returnStatus": "IN_PROGRESS"}
    ((announced,),) = [back["lines"]["nodes"]]
    assert (announced["reason"], announced["note"], announced["expected"]) == ("SIZE_OR_FIT", "too small", 2)
    assert announced["line"] == {"id": line_id(shirts), "skuCode": sku.code, "inReturn": 2, "returned": 0}
    assert allowed(back) == {"RECEIVE_RETURN": True, "CLOSE_RETURN": True, "CANCEL_RETURN": True}
    received = await do(
        ask,
        "returnReceive",
        returnId=back["id"],
        locationId=text_id(IdKind.LOCATION, shop.locations[1].id),
        lines=[
            {"returnLineId": announced["id"], "quantity": 1},
            {"lineId": line_id(shirts), "quantity": 1, "disposition": "SCRAP"},
        ],
        note="one was worn",
    )
    back = received["return"]
    assert received["userErrors"] == []
    assert (back["status"], back["receivedAt"] is not None, back["order"]["status"]) == ("RECEIVED", True, "COMPLETED")
    (receipt,) = back["receipts"]
    assert (receipt["location"]["code"], receipt["note"], receipt["actor"]) == (shop.locations[1].code, "one was worn", "tests")
    assert [(each["quantity"], each["disposition"]) for each in receipt["lines"]["nodes"]] == [(1, "RESTOCK"), (1, "SCRAP")]
    assert {each["returnLine"]["id"] for each in receipt["lines"]["nodes"]} == {announced["id"]}
    assert receipt["lines"]["nodes"][0]["value"] == {
        "goods": {"amount": "9.99"}, "discount": {"amount": "0.00"}, "shipping": {"amount": "0.00"}, "tax": {"amount": "0.00"},
        "total": {"amount": "9.99", "currencyCode": "GBP"},
    }  # fmt: skip
    assert [each["disposition"] for each in back["lines"]["nodes"][0]["receipts"]] == ["RESTOCK", "SCRAP"]
    assert allowed(back) == {"RECEIVE_RETURN": False, "CLOSE_RETURN": True, "CANCEL_RETURN": False}
    closed = (await do(ask, "returnClose", returnId=back["id"], note="refund it"))["return"]
    assert (closed["status"], closed["closeNote"], closed["closedAt"] is not None) == ("CLOSED", "refund it", True)
    assert set(allowed(closed).values()) == {False}
    again = await do(
        ask,
        "returnCreate",
        orderId=order_id(order),
        lines=[returning(shirts, 2, reason="SIZE_OR_FIT", note="too small")],
        externalRef="RMA 1",
        note="by post",
        idempotencyKey="back",
    )
    assert (again["replayed"], again["return"]) == (True, closed)
    moved = await ask(
        """query ($sku: String!, $at: ID!) { inventoryLevel(by: {skuAt: {sku: {code: $sku}, locationId: $at}}) {
            onHand available movements { nodes { kind from to quantity cause { kind id } } } } }""",
        sku=sku.code,
        at=text_id(IdKind.LOCATION, shop.locations[1].id),
    )
    level = moved["inventoryLevel"]
    assert (level["onHand"], level["available"]) == (1, 1)
    assert [(each["kind"], each["from"], each["to"]) for each in level["movements"]["nodes"]] == [
        ("SCRAP", "DAMAGED", "ADJUSTMENT"), ("TAKE_BACK", "CUSTOMER", "DAMAGED"), ("TAKE_BACK", "CUSTOMER", "FREE"),
    ]  # fmt: skip
    causes = {each["cause"]["id"] for each in level["movements"]["nodes"]}
    assert causes == {each["id"] for each in receipt["lines"]["nodes"]}


async def test_everything_expected_is_received_with_one_word(shop: Shop, ask: Ask) -> None:
    order = await shop.sent(line(await shop.stocked(9), 3), line(await shop.stocked(9), 2), fee())
    lines = await shop.lines(order.id)
    given = [returning(each, each.ordered) for each in lines]
    back = (await do(ask, "returnCreate", orderId=order_id(order), lines=given))["return"]
    here = text_id(IdKind.LOCATION, shop.locations[0].id)
    back = (await do(ask, "returnReceive", returnId=back["id"], locationId=here, disposition="INSPECT"))["return"]
    assert back["status"] == "RECEIVED"
    assert [each["disposition"] for each in back["receipts"][0]["lines"]["nodes"]] == ["INSPECT"] * 3
    assert back["order"] == {"id": order_id(order), "status": "COMPLETED", "returnStatus": "RETURNED"}
    level = await Given(shop.work).level(lines[0].sku_id or SkuId(new_uuid()), shop.locations[0].id)
    assert (level.free, level.quality_control) == (6, 3)


async def test_an_order_tells_its_returns_and_whether_more_can_come_back(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(9), 2))
    (only,) = await shop.lines(order.id)
    look = """query ($id: ID!) { order(by: {id: $id}) { returns { id status } availableActions {
        action allowed blockedBy { code } } } }"""
    before = (await ask(look, id=order_id(order)))["order"]
    assert before["returns"] == []
    assert create_return(before) == {"action": "CREATE_RETURN", "allowed": False, "blockedBy": {"code": "NOTHING_TO_RETURN"}}
    (todo,) = await shop.works(order.id)
    await shop.ship(todo.id)
    ids = [(await do(ask, "returnCreate", orderId=order_id(order), lines=[returning(only)]))["return"]["id"]]
    between = (await ask(look, id=order_id(order)))["order"]
    assert create_return(between) == {"action": "CREATE_RETURN", "allowed": True, "blockedBy": None}
    ids.append((await do(ask, "returnCreate", orderId=order_id(order), lines=[returning(only)]))["return"]["id"])
    after = (await ask(look, id=order_id(order)))["order"]
    assert [each["id"] for each in after["returns"]] == ids
    assert not allowed(after)["CREATE_RETURN"]


async def test_each_mistake_of_an_announcement_has_its_code_and_its_place(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order, other = await shop.sent(line(sku, 3)), await shop.sent(line(sku, 1))
    (shirts,), (foreign,) = await shop.lines(order.id), await shop.lines(other.id)
    taken = (await do(ask, "returnCreate", orderId=order_id(other), lines=[returning(foreign)], externalRef="R"))["return"]
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"orderId": line_id(shirts)}, [("INVALID_ID", ["orderId"])]),
        ({"orderId": text_id(IdKind.ORDER, new_uuid())}, [("NOT_FOUND", ["orderId"])]),
        ({"lines": []}, [("INVALID_VALUE", ["lines"])]),
        ({"lines": [returning(shirts, lineId="x")]}, [("INVALID_ID", ["lines", "0", "lineId"])]),
        ({"lines": [returning(foreign)]}, [("NOT_FOUND", ["lines", "0", "lineId"])]),
        ({"lines": [returning(shirts)] * 2}, [("LINE_TWICE", ["lines", "1", "lineId"])]),
        ({"lines": [returning(shirts, 0)]}, [("INVALID_QUANTITY", ["lines", "0", "quantity"])]),
        ({"lines": [returning(shirts, -1)]}, [("INVALID_QUANTITY", ["lines", "0", "quantity"])]),
        ({"lines": [returning(shirts, 4)]}, [("NOT_RETURNABLE", ["lines", "0", "quantity"])]),
        ({"lines": [returning(shirts, note="x" * 10_001)]}, [("INVALID_VALUE", ["lines", "0", "note"])]),
        ({"externalRef": ""}, [("INVALID_VALUE", ["externalRef"])]),
        ({"externalRef": "R", "lines": [returning(shirts, 4)]},
         [("DUPLICATE_RETURN_REF", ["externalRef"]), ("NOT_RETURNABLE", ["lines", "0", "quantity"])]),
        ({"expectedVersion": 9}, [("VERSION_CONFLICT", ["expectedVersion"])]),
        ({"idempotencyKey": ""}, [("INVALID_VALUE", ["idempotencyKey"])]),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, [("INVALID_VALUE", ["occurredAt"])]),
        ({"occurredAt": "1999-01-01T00:00:00Z"}, [("OCCURRED_TOO_EARLY", ["occurredAt"])]),
    ]  # fmt: skip
    for given, expected in cases:
        answer = await do(ask, "returnCreate", **{"orderId": order_id(order), "lines": [returning(shirts)], **given})
        assert refusals(answer) == expected
        assert answer["return"] is None
        if expected[0][0] == "DUPLICATE_RETURN_REF":
            assert answer["userErrors"][0]["return"] == {"id": taken["id"]}
    stranger = Ask(work, replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    answer = await do(stranger, "returnCreate", orderId=order_id(order), lines=[returning(shirts)])
    assert refusals(answer) == [("NOT_FOUND", ["orderId"])]
    (now,) = await shop.lines(order.id)
    assert (now.in_return, await shop.order(order.id)) == (0, order)


async def test_each_mistake_of_a_receipt_has_its_code_and_its_place(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order, other = await shop.sent(line(sku, 3)), await shop.sent(line(sku, 3))
    (shirts,), (foreign,) = await shop.lines(order.id), await shop.lines(other.id)
    back = (await do(ask, "returnCreate", orderId=order_id(order), lines=[returning(shirts, 2)]))["return"]
    theirs = (await do(ask, "returnCreate", orderId=order_id(other), lines=[returning(foreign, 2)]))["return"]
    here = text_id(IdKind.LOCATION, shop.locations[0].id)
    mine, their_line = back["lines"]["nodes"][0]["id"], theirs["lines"]["nodes"][0]["id"]
    one = {"returnLineId": mine, "quantity": 1}
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"returnId": here}, [("INVALID_ID", ["returnId"])]),
        ({"returnId": text_id(IdKind.RETURN, new_uuid())}, [("NOT_FOUND", ["returnId"])]),
        ({"locationId": back["id"]}, [("INVALID_ID", ["locationId"])]),
        ({"locationId": text_id(IdKind.LOCATION, new_uuid())}, [("NOT_FOUND", ["locationId"])]),
        ({"lines": []}, [("INVALID_VALUE", ["lines"])]),
        ({"lines": [{"quantity": 1}]}, [("RETURN_LINE_UNNAMED", ["lines", "0"])]),
        ({"lines": [{**one, "lineId": line_id(shirts)}]}, [("RETURN_LINE_UNNAMED", ["lines", "0"])]),
        ({"lines": [{**one, "returnLineId": here}]}, [("INVALID_ID", ["lines", "0", "returnLineId"])]),
        ({"lines": [{**one, "returnLineId": their_line}]}, [("NOT_FOUND", ["lines", "0", "returnLineId"])]),
        ({"lines": [{"lineId": line_id(foreign), "quantity": 1}]}, [("NOT_FOUND", ["lines", "0", "lineId"])]),
        ({"lines": [one, {"lineId": line_id(shirts), "quantity": 1}]}, [("LINE_TWICE", ["lines", "1", "lineId"])]),
        ({"lines": [{**one, "quantity": 0}]}, [("INVALID_QUANTITY", ["lines", "0", "quantity"])]),
        ({"lines": [{**one, "quantity": 3}]}, [("NOT_ANNOUNCED", ["lines", "0", "quantity"])]),
        ({"lines": [{**one, "quantity": 2}, {**one, "disposition": "SCRAP"}]}, [("NOT_ANNOUNCED", ["lines", "1", "quantity"])]),
        ({"note": "x" * 10_001}, [("INVALID_VALUE", ["note"])]),
        ({"expectedVersion": 2}, [("VERSION_CONFLICT", ["expectedVersion"])]),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, [("INVALID_VALUE", ["occurredAt"])]),
        ({"occurredAt": "1999-01-01T00:00:00Z"}, [("OCCURRED_TOO_EARLY", ["occurredAt"])]),
    ]
    for given, expected in cases:
        answer = await do(ask, "returnReceive", **{"returnId": back["id"], "locationId": here, **given})
        assert refusals(answer) == expected
        assert answer["return"] is None
    for limits, path in (({"channels": frozenset({new_uuid()})}, "returnId"), ({"locations": frozenset()}, "locationId")):
        stranger = Ask(work, replace(SYSTEM, **limits))
        answer = await do(stranger, "returnReceive", returnId=back["id"], locationId=here)
        assert refusals(answer) == [("NOT_FOUND", [path])]
    assert await shop.stock(sku) == (3, 0)
    await do(ask, "returnCancel", returnId=back["id"])
    assert refusals(await do(ask, "returnReceive", returnId=back["id"], locationId=here)) == [("ILLEGAL_MOVE", ["returnId"])]
    for name in ("returnClose", "returnCancel"):
        assert refusals(await do(ask, name, returnId=back["id"])) == [("ILLEGAL_MOVE", ["returnId"])]
        assert refusals(await do(ask, name, returnId=here)) == [("INVALID_ID", ["returnId"])]
        assert refusals(await do(ask, name, returnId=theirs["id"], expectedVersion=4)) == [
            ("VERSION_CONFLICT", ["expectedVersion"])
        ]


async def test_returns_are_found_by_what_is_known_of_them(shop: Shop, ask: Ask) -> None:
    order = await shop.sent(line(await shop.stocked(9), 3))
    (shirts,) = await shop.lines(order.id)
    made = [
        (await do(ask, "returnCreate", orderId=order_id(order), lines=[returning(shirts)], externalRef=f"RMA {n}"))["return"]
        for n in range(3)
    ]
    canceled = (await do(ask, "returnCancel", returnId=made[1]["id"]))["return"]
    channel = text_id(IdKind.CHANNEL, shop.channel.id)
    of_shop = {"channelId": {"eq": channel}}

    async def ids(**given: Any) -> list[str]:
        return [each["id"] for each in (await ask(LIST, **given))["returns"]["nodes"]]

    first, second, third = (each["id"] for each in made)
    assert await ids(where=of_shop) == [third, second, first]
    assert await ids(where=of_shop, orderBy="CREATED_AT_ASC") == [first, second, third]
    assert await ids(where={**of_shop, "status": {"in": ["CANCELED"]}}) == [second]
    assert await ids(where={**of_shop, "externalRef": {"eq": "RMA 0"}}) == [first]
    assert await ids(where={"orderId": {"eq": order_id(order)}, "createdAt": {"lt": made[1]["createdAt"]}}) == [first]
    page = (await ask(LIST, where=of_shop, first=2))["returns"]["pageInfo"]
    assert page["hasNextPage"]
    assert await ids(where=of_shop, first=2, after=page["endCursor"]) == [first]
    one = RETURN + "query ($by: ReturnByInput!) { return(by: $by) { ...Whole } }"
    for by in (
        {"id": second},
        {"number": canceled["number"]},
        {"externalRef": {"channelId": channel, "ref": "RMA 1"}},
    ):
        assert (await ask(one, by=by))["return"] == canceled
    node = await ask("query ($id: ID!) { node(id: $id) { id ... on Return { number } } }", id=second)
    assert node["node"] == {"id": second, "number": canceled["number"]}
    for nothing in ({"number": 0}, {"id": text_id(IdKind.RETURN, new_uuid())}):
        assert (await ask(one, by=nothing))["return"] is None
    (error,) = await ask.errors(one, by={"id": channel})
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID_ID", ["by", "id"])


async def test_a_caller_sees_only_its_channels_and_what_came_to_its_locations(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    order = await shop.sent(line(await shop.stocked(9), 3))
    (shirts,) = await shop.lines(order.id)
    back = (await do(ask, "returnCreate", orderId=order_id(order), lines=[returning(shirts, 2)]))["return"]
    for location in shop.locations:
        here = text_id(IdKind.LOCATION, location.id)
        given = {"returnId": back["id"], "locationId": here, "lines": [{"lineId": line_id(shirts), "quantity": 1}]}
        back = (await do(ask, "returnReceive", **given))["return"]
    assert [each["location"]["code"] for each in back["receipts"]] == [location.code for location in shop.locations]
    one = RETURN + "query ($id: ID!) { return(by: {id: $id}) { ...Whole } node(id: $id) { id } }"
    store = Ask(work, replace(SYSTEM, locations=frozenset({shop.locations[1].id})))
    seen = (await store(one, id=back["id"]))["return"]
    assert [each["location"]["code"] for each in seen["receipts"]] == [shop.locations[1].code]
    assert [each["receipt"]["location"]["code"] for each in seen["lines"]["nodes"][0]["receipts"]] == [shop.locations[1].code]
    stranger = Ask(work, replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    assert await stranger(one, id=back["id"]) == {"return": None, "node": None}
    number = "query ($n: Int64!) { return(by: {number: $n}) { id } }"
    assert (await stranger(number, n=back["number"]))["return"] is None
    assert (await stranger(LIST, where={"orderId": {"eq": order_id(order)}}))["returns"]["nodes"] == []
    for name in ("returnClose", "returnCancel"):
        assert refusals(await do(stranger, name, returnId=back["id"])) == [("NOT_FOUND", ["returnId"])]


async def test_returns_need_their_scopes(work: UnitOfWork) -> None:
    reader = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.RETURNS_WRITE}))
    given = {"idempotencyKey": "k", "returnId": text_id(IdKind.RETURN, new_uuid())}
    (error,) = await reader.errors(mutation("returnClose"), input=given)
    assert error["extensions"]["code"] == "MISSING_SCOPE"
    writer = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.RETURNS_READ}))
    for document in (LIST, '{ node(id: "' + given["returnId"] + '") { id } }'):
        (error,) = await writer.errors(document)
        assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_preview_tells_what_a_receipt_will_take_off(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    cup, spoon = await shop.stocked(10), await shop.stocked(20)
    bundle = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    order = await shop.sent(line(cup, 3), line(bundle, 2))
    cups, sets, *_ = await shop.lines(order.id)
    wanted = [{"lineId": line_id(cups), "quantity": 1}, {"lineId": line_id(sets), "quantity": 1}]
    before = await shop.order(order.id)
    value = (await ask(PREVIEW, input={"orderId": order_id(order), "lines": wanted}))["returnPreview"]
    assert (value["total"], value["goods"]) == ({"amount": "19.98", "currencyCode": "GBP"}, {"amount": "19.98"})
    assert [(each["quantity"], each["value"]["total"]["amount"]) for each in value["lines"]] == [(1, "9.99"), (1, "9.99")]
    assert await shop.order(order.id) == before
    given = [{**each, "reason": "OTHER"} for each in wanted]
    back = (await do(ask, "returnCreate", orderId=order_id(order), lines=given))["return"]
    await shop.take_back(parse_id(ReturnId, back["id"]))
    assert before.due_minor - (await shop.order(order.id)).due_minor == 1998


async def test_a_preview_refuses_what_an_announcement_would(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    order = await shop.sent(line(await shop.stocked(10), 3))
    (cups,) = await shop.lines(order.id)

    async def refused(caller: Ask, **given: Any) -> tuple[str, list[str]]:
        lines = [{"lineId": line_id(cups), "quantity": 1}]
        (error,) = await caller.errors(PREVIEW, input={"orderId": order_id(order), "lines": lines, **given})
        return error["extensions"]["code"], error["extensions"]["field"]

    too_many = [{"lineId": line_id(cups), "quantity": 4}]
    assert await refused(ask, lines=too_many) == ("NOT_RETURNABLE", ["input", "lines", "0", "quantity"])
    assert await refused(ask, lines=[]) == ("INVALID_VALUE", ["input", "lines"])
    assert await refused(ask, lines=[{"lineId": order_id(order), "quantity": 1}]) == (
        "INVALID_ID", ["input", "lines", "0", "lineId"],
    )  # fmt: skip
    assert await refused(ask, orderId=line_id(cups)) == ("INVALID_ID", ["input", "orderId"])
    stranger = Ask(work, replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    assert await refused(stranger) == ("NOT_FOUND", ["input", "orderId"])


async def test_a_list_takes_as_many_statements_for_many_returns_as_for_one(shop: Shop, ask: Ask) -> None:
    skus = [await shop.stocked(50) for _ in range(3)]
    for _ in range(6):
        order = await shop.sent(*(line(sku, 2) for sku in skus))
        back = (await shop.return_(order.id, *((each.id, 2) for each in await shop.lines(order.id)))).value
        for location in (0, 1):
            parts = [(each.id, 1, Disposition.RESTOCK) for each in await shop.lines(order.id)]
            await shop.take_back(back.id, *parts, location=location)
    where = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    orders = """query ($where: OrderFilterInput, $first: Int) { orders(where: $where, first: $first) {
        nodes { returns { ...Whole } } } }"""
    for document, name in ((LIST, "returns"), (RETURN + orders, "orders")):
        counts = []
        for first in (1, 6):
            with counted_statements() as sent:
                answer = await ask(document, where=where, first=first)
            assert len(answer[name]["nodes"]) == first
            counts.append(len(sent))
        assert counts[0] == counts[1]
