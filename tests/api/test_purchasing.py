"""Suppliers and purchase orders over GraphQL."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import Given
from tests.factories.purchasing import Buyer, line

ERRORS = """replayed userErrors { __typename code message field
    ... on OverReceiptError { most accepted } ... on BelowMinimumError { minimum } ... on NotWholePacksError { packSize } }"""
SUPPLIER = (
    "id code name status currencyCode leadTimeMeanDays leadTimeDeviationDays version contact { name } address { country }"
)
SUPPLIER_SKU = """id code status minimumQuantity packSize overReceiptPercent leadTimeMeanDays leadTimeDeviationDays version
    preferred cost { amount currencyCode } sku { code } supplier { code }"""
ORDER = """id number externalRef supplierRef status currencyCode note closeNote version actor createdAt orderedAt confirmedAt
    receivedAt closedAt total { amount currencyCode } supplier { code } location { code }
    lines(first: 20) { nodes { id supplierCode quantity confirmed accepted rejected calledOff open expectedAt overReceiptPercent
        unitCost { amount } total { amount currencyCode } sku { code } } }
    receipts(first: 10) { nodes { id reference note occurredAt purchaseOrder { id } lines(first: 10) { nodes {
        accepted rejected rejectReason to note line { accepted } inventoryLevel { onHand incoming } } } } }
    availableActions { action allowed blockedBy { code field } }"""
VERBS = ("Create", "Update", "Submit", "Confirm", "Receive", "Close", "Cancel")
UPSERT = f"mutation ($input: SupplierUpsertInput!) {{ supplierUpsert(input: $input) {{ {ERRORS} supplier {{ {SUPPLIER} }} }} }}"
UPSERT_SKU = f"""mutation ($input: SupplierSkuUpsertInput!) {{
    supplierSkuUpsert(input: $input) {{ {ERRORS} supplierSku {{ {SUPPLIER_SKU} }} }} }}"""
LIST = f"""query ($where: PurchaseOrderFilterInput, $first: Int, $by: PurchaseOrderOrder! = CREATED_AT_DESC) {{
    purchaseOrders(where: $where, first: $first, orderBy: $by) {{ nodes {{ {ORDER} }} }} }}"""
ONE = "query ($by: PurchaseOrderByInput!) { purchaseOrder(by: $by) { id } }"


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


@pytest.fixture
async def buyer(work: UnitOfWork) -> Buyer:
    return await Buyer.open(work)


async def act(ask: Ask, verb: str, **given: Any) -> dict[str, Any]:
    document = f"""mutation ($input: PurchaseOrder{verb}Input!) {{
        purchaseOrder{verb}(input: $input) {{ {ERRORS} purchaseOrder {{ {ORDER} }} }} }}"""
    return dict((await ask(document, input={"idempotencyKey": uuid4().hex, **given}))[f"purchaseOrder{verb}"])


async def upsert(ask: Ask, **given: Any) -> dict[str, Any]:
    return dict((await ask(UPSERT, input={"idempotencyKey": uuid4().hex, **given}))["supplierUpsert"])


async def upsert_sku(ask: Ask, **given: Any) -> dict[str, Any]:
    return dict((await ask(UPSERT_SKU, input={"idempotencyKey": uuid4().hex, **given}))["supplierSkuUpsert"])


async def written(ask: Ask, buyer: Buyer, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {
        "supplierId": supplier_id(buyer),
        "locationId": text_id(IdKind.LOCATION, buyer.location.id),
        "lines": lines,
        **more,
    }
    return await act(ask, "Create", **given)


def supplier_id(buyer: Buyer) -> str:
    return text_id(IdKind.SUPPLIER, buyer.supplier.id)


async def test_a_supplier_is_made_changed_and_found(ask: Ask) -> None:
    code = Given.code("SUP")
    said = {"name": "Cups & Co", "currencyCode": "EUR", "contact": {"name": "Ada"}, "address": {"country": "DE"}}
    made = await upsert(ask, code=code, leadTimeMeanDays="14", leadTimeDeviationDays="2.5", idempotencyKey="s1", **said)
    assert made["userErrors"] == []
    supplier = made["supplier"]
    assert (supplier["version"], supplier["leadTimeMeanDays"], supplier["contact"]) == (1, "14.00", {"name": "Ada"})
    again = await upsert(ask, code=code, leadTimeMeanDays="14", leadTimeDeviationDays="2.5", idempotencyKey="s1", **said)
    assert (again["replayed"], again["supplier"]) == (True, supplier)
    changed = (await upsert(ask, code=code, status="INACTIVE", contact=None, expectedVersion=1))["supplier"]
    assert (changed["status"], changed["contact"], changed["name"], changed["version"]) == ("INACTIVE", None, "Cups & Co", 2)
    stale = await upsert(ask, code=code, name="x", expectedVersion=1)
    assert refusals(stale) == [("VERSION_CONFLICT", ["expectedVersion"])]
    wrong = await upsert(ask, code=Given.code("SUP"), leadTimeMeanDays="-1")
    assert refusals(wrong) == [("INVALID_VALUE", ["leadTimeMeanDays"])]
    assert refusals(await upsert(ask, code=Given.code("SUP"))) == [
        ("INVALID_VALUE", ["name"]),
        ("INVALID_VALUE", ["currencyCode"]),
    ]
    assert refusals(await upsert(ask, code=" x", **said)) == [("INVALID_VALUE", ["code"])]
    bad = {**said, "address": {"country": "XX"}}
    assert refusals(await upsert(ask, code=Given.code("SUP"), **bad)) == [("INVALID_VALUE", ["address", "country"])]
    found = await ask(
        """query ($id: ID!, $code: String!, $where: SupplierFilterInput) {
            a: supplier(by: {id: $id}) { code } b: supplier(by: {code: $code}) { code } node(id: $id) { id }
            suppliers(where: $where) { nodes { code } } none: supplier(by: {code: "none"}) { code } }""",
        id=supplier["id"],
        code=code,
        where={"code": {"eq": code}, "status": {"in": ["INACTIVE"]}},
    )
    assert found["a"] == found["b"] == {"code": code}
    assert found["suppliers"]["nodes"] == [{"code": code}]
    assert (found["node"], found["none"]) == ({"id": supplier["id"]}, None)


async def test_what_a_supplier_supplies_is_said_and_listed_both_ways(ask: Ask, buyer: Buyer, work: UnitOfWork) -> None:
    sku = await Given(work).sku()
    here = {"supplierId": supplier_id(buyer), "sku": {"code": sku.code}}
    made = await upsert_sku(ask, **here, code="C-1", cost={"amount": "0.123456"}, minimumQuantity=12, packSize=6)
    assert made["userErrors"] == []
    supplied = made["supplierSku"]
    assert supplied["cost"] == {"amount": "0.123456", "currencyCode": "GBP"}
    assert (supplied["minimumQuantity"], supplied["packSize"], supplied["overReceiptPercent"]) == (12, 6, "0.00")
    assert supplied["preferred"] is False
    cost = {"amount": "1.2", "currencyCode": "USD"}
    changed = await upsert_sku(ask, **here, overReceiptPercent="5", cost=cost, code=None, preferred=True)
    assert changed["supplierSku"]["preferred"] is True
    assert changed["supplierSku"]["id"] == supplied["id"]
    assert changed["supplierSku"]["cost"] == {"amount": "1.20", "currencyCode": "USD"}
    assert (changed["supplierSku"]["code"], changed["supplierSku"]["version"]) == (None, 2)
    for given, wrong in (
        ({"supplierId": text_id(IdKind.SUPPLIER, new_uuid())}, ("NOT_FOUND", ["supplierId"])),
        ({"supplierId": text_id(IdKind.SKU, new_uuid())}, ("INVALID_ID", ["supplierId"])),
        ({"sku": {"code": "none"}}, ("UNKNOWN_SKU", ["sku", "code"])),
        ({"packSize": 0}, ("INVALID_QUANTITY", ["packSize"])),
        ({"minimumQuantity": None}, ("INVALID_VALUE", ["minimumQuantity"])),
        ({"cost": {"amount": "-1"}}, ("INVALID_VALUE", ["cost", "amount"])),
        ({"preferred": None}, ("INVALID_VALUE", ["preferred"])),
        ({"overReceiptPercent": "101"}, ("INVALID_VALUE", ["overReceiptPercent"])),
        ({"expectedVersion": 1}, ("VERSION_CONFLICT", ["expectedVersion"])),
    ):
        assert refusals(await upsert_sku(ask, **{**here, **given})) == [wrong]
    found = await ask(
        """query ($id: ID!, $supplier: ID!, $sku: ID!) { node(id: $id) { ... on SupplierSku { version } }
            supplierSkus(where: {supplierId: {eq: $supplier}, skuId: {eq: $sku}, status: {eq: ACTIVE}}) { nodes { id } }
            supplier(by: {id: $supplier}) { skus { nodes { id supplier { code } sku { code } } } } }""",
        id=supplied["id"],
        supplier=supplier_id(buyer),
        sku=text_id(IdKind.SKU, sku.id),
    )
    assert (found["node"], found["supplierSkus"]["nodes"]) == ({"version": 2}, [{"id": supplied["id"]}])
    assert found["supplier"]["skus"]["nodes"] == [
        {"id": supplied["id"], "supplier": {"code": buyer.supplier.code}, "sku": {"code": sku.code}}
    ]


async def test_a_purchase_order_is_taken_through_its_life(ask: Ask, buyer: Buyer) -> None:
    cup, plate = await buyer.supplied(code="C-1"), await buyer.supplied()
    reference = Given.code("PO")
    made = await written(
        ask, buyer, {"sku": {"code": cup.code}, "quantity": 10},
        {"sku": {"id": text_id(IdKind.SKU, plate.id)}, "quantity": 4, "unitCost": {"amount": "0.333333"}},
        externalRef=reference, note="soon",
    )  # fmt: skip
    assert made["userErrors"] == []
    order = made["purchaseOrder"]
    key = {"purchaseOrderId": order["id"]}
    assert (order["status"], order["actor"]) == ("DRAFT", ask.principal.name)
    assert order["total"] == {"amount": "26.33", "currencyCode": "GBP"}
    assert [node["unitCost"]["amount"] for node in order["lines"]["nodes"]] == ["2.50", "0.333333"]
    allowed = {action["action"]: action["allowed"] for action in order["availableActions"]}
    assert allowed == {f"{verb.upper()}_PURCHASE_ORDER": verb in {"Update", "Submit", "Cancel"} for verb in VERBS[1:]}
    lines = [{"sku": {"code": cup.code}, "quantity": 12}]
    order = (await act(ask, "Update", **key, lines=lines, note=None, expectedVersion=1))["purchaseOrder"]
    assert (order["version"], order["note"], order["externalRef"], order["total"]["amount"]) == (2, None, reference, "30.00")
    order = (await act(ask, "Submit", **key))["purchaseOrder"]
    (only,) = order["lines"]["nodes"]
    assert (order["status"], only["expectedAt"], only["supplierCode"]) == ("ORDERED", None, "C-1")
    said = {"purchaseOrderLineId": only["id"], "quantity": 11, "expectedAt": "2030-01-02T03:04:05Z"}
    order = (await act(ask, "Confirm", **key, lines=[said], supplierRef="SO-9"))["purchaseOrder"]
    (only,) = order["lines"]["nodes"]
    assert (order["status"], order["supplierRef"], only["confirmed"], only["open"]) == ("CONFIRMED", "SO-9", 11, 11)
    assert only["expectedAt"] == "2030-01-02T03:04:05Z"
    came = {"purchaseOrderLineId": only["id"], "accepted": 5, "rejected": 1, "rejectReason": "DAMAGED", "note": "wet"}
    given = {**key, "lines": [came], "to": "QUALITY_CONTROL", "reference": "DN-1", "idempotencyKey": uuid4().hex}
    took = await act(ask, "Receive", **given)
    order = took["purchaseOrder"]
    (receipt,) = order["receipts"]["nodes"]
    assert (order["status"], receipt["reference"], receipt["purchaseOrder"]["id"]) == (
        "PARTIALLY_RECEIVED",
        "DN-1",
        order["id"],
    )
    assert receipt["lines"]["nodes"] == [
        {"accepted": 5, "rejected": 1, "rejectReason": "DAMAGED", "to": "QUALITY_CONTROL", "note": "wet",
         "line": {"accepted": 5}, "inventoryLevel": {"onHand": 5, "incoming": 5}}
    ]  # fmt: skip
    again = await act(ask, "Receive", **given)
    assert (again["replayed"], again["purchaseOrder"]) == (True, order)
    over = await act(ask, "Receive", **key, lines=[{"purchaseOrderLineId": only["id"], "accepted": 8}])
    assert refusals(over) == [("OVER_RECEIPT", ["lines", "0", "accepted"])]
    assert (over["userErrors"][0]["most"], over["userErrors"][0]["accepted"]) == (12, 5)
    order = (await act(ask, "Close", **key, note="enough"))["purchaseOrder"]
    (only,) = order["lines"]["nodes"]
    assert (order["status"], order["closeNote"], only["calledOff"], only["open"]) == ("CLOSED", "enough", 5, 0)
    assert {a["blockedBy"]["code"] for a in order["availableActions"]} == {"ILLEGAL_MOVE", "NOT_A_DRAFT"}
    by = {"supplierId": supplier_id(buyer), "ref": reference}
    for wanted in ({"id": order["id"]}, {"number": order["number"]}, {"externalRef": by}):
        assert (await ask(ONE, by=wanted))["purchaseOrder"] == {"id": order["id"]}
    assert (await ask(ONE, by={"number": 1}))["purchaseOrder"] is None
    node = "query ($a: ID!, $b: ID!) { nodes(ids: [$a, $b]) { id } }"
    assert (await ask(node, a=order["id"], b=receipt["id"]))["nodes"] == [{"id": order["id"]}, {"id": receipt["id"]}]


async def test_mistakes_have_their_code_place_and_numbers(ask: Ask, buyer: Buyer) -> None:
    cup = await buyer.supplied(minimum_quantity=20, pack_size=6)
    refused = await written(ask, buyer, {"sku": {"code": cup.code}, "quantity": 7})
    assert refusals(refused) == [("BELOW_MINIMUM", ["lines", "0", "quantity"]), ("NOT_WHOLE_PACKS", ["lines", "0", "quantity"])]
    assert [error.get("minimum") or error.get("packSize") for error in refused["userErrors"]] == [20, 6]
    assert refused["purchaseOrder"] is None
    wrong_id = text_id(IdKind.ORDER, new_uuid())
    bad = [{"sku": {"id": wrong_id}, "quantity": 1}, {"sku": {"code": cup.code}, "quantity": 24}] * 2
    assert refusals(await written(ask, buyer, *bad)) == [
        ("INVALID_ID", ["lines", "0", "sku", "id"]),
        ("INVALID_ID", ["lines", "2", "sku", "id"]),
    ]
    assert refusals(await written(ask, buyer)) == [("EMPTY_PURCHASE_ORDER", ["lines"])]
    missing = text_id(IdKind.PURCHASE_ORDER, new_uuid())
    for verb in VERBS[1:]:
        assert refusals(await act(ask, verb, purchaseOrderId=missing)) == [("NOT_FOUND", ["purchaseOrderId"])]
        assert refusals(await act(ask, verb, purchaseOrderId=wrong_id)) == [("INVALID_ID", ["purchaseOrderId"])]
    draft = (await written(ask, buyer, {"sku": {"code": cup.code}, "quantity": 24}))["purchaseOrder"]
    for verb in ("Confirm", "Receive", "Close"):
        assert refusals(await act(ask, verb, purchaseOrderId=draft["id"])) == [("ILLEGAL_MOVE", ["purchaseOrderId"])]
    for verb in ("Confirm", "Receive"):
        rows = [{"purchaseOrderLineId": wrong_id}]
        refused = await act(ask, verb, purchaseOrderId=draft["id"], lines=rows)
        assert refusals(refused) == [("INVALID_ID", ["lines", "0", "purchaseOrderLineId"])]
    await act(ask, "Submit", purchaseOrderId=draft["id"])
    for verb in ("Confirm", "Receive"):
        assert refusals(await act(ask, verb, purchaseOrderId=draft["id"], lines=[])) == [("INVALID_VALUE", ["lines"])]


async def test_limits_hide_what_lies_outside_them(buyer: Buyer, work: UnitOfWork, principal: Principal) -> None:
    other = await Buyer.open(work)
    mine, theirs = [await each.order(line(await each.supplied())) for each in (buyer, other)]
    for limits in ({"suppliers": frozenset({buyer.supplier.id})}, {"locations": frozenset({buyer.location.id})}):
        limited = Ask(work, replace(principal, **limits))
        nodes = (await limited(LIST))["purchaseOrders"]["nodes"]
        assert [node["id"] for node in nodes] == [text_id(IdKind.PURCHASE_ORDER, mine.id)]
        foreign = text_id(IdKind.PURCHASE_ORDER, theirs.id)
        assert (await limited(ONE, by={"id": foreign}))["purchaseOrder"] is None
        assert (await limited(ONE, by={"number": theirs.number}))["purchaseOrder"] is None
        assert refusals(await act(limited, "Receive", purchaseOrderId=foreign)) == [("NOT_FOUND", ["purchaseOrderId"])]
    limited = Ask(work, replace(principal, suppliers=frozenset({buyer.supplier.id})))
    found = await limited("{ suppliers { nodes { code } } supplierSkus { nodes { supplier { code } } } }")
    assert found["suppliers"]["nodes"] == [{"code": buyer.supplier.code}]
    assert [node["supplier"]["code"] for node in found["supplierSkus"]["nodes"]] == [buyer.supplier.code]
    said = {"name": "New", "currencyCode": "GBP"}
    for code in (other.supplier.code, Given.code("SUP")):
        assert refusals(await upsert(limited, code=code, **said)) == [("LIMITED_KEY", None)]


async def test_scopes_are_needed_and_costs_have_their_own(buyer: Buyer, work: UnitOfWork, principal: Principal) -> None:
    order = await buyer.order(line(await buyer.supplied()))
    node = text_id(IdKind.PURCHASE_ORDER, order.id)
    nobody = Ask(work, replace(principal, scopes=frozenset({Scope.INVENTORY_READ, Scope.PURCHASING_READ})))
    for document in (
        "{ purchaseOrders { nodes { total { amount } } } }",
        "{ purchaseOrders { nodes { lines { nodes { unitCost { amount } } } } } }",
        "{ purchaseOrders { nodes { lines { nodes { total { amount } } } } } }",
        "{ supplierSkus { nodes { cost { amount } } } }",
    ):
        (error,) = await nobody.errors(document)
        assert (error["extensions"]["code"], "costs:read" in error["message"]) == ("MISSING_SCOPE", True)
    seen = await nobody(
        "query ($id: ID!) { node(id: $id) { ... on PurchaseOrder { status lines { nodes { open } } } } }", id=node
    )
    assert seen["node"] == {"status": "ORDERED", "lines": {"nodes": [{"open": 10}]}}
    document = "mutation ($input: PurchaseOrderCancelInput!) { purchaseOrderCancel(input: $input) { replayed } }"
    (error,) = await nobody.errors(document, input={"idempotencyKey": "x", "purchaseOrderId": node})
    assert "purchasing:write" in error["message"]
    stock_only = Ask(work, replace(principal, scopes=frozenset({Scope.INVENTORY_READ})))
    for document in (
        "{ purchaseOrders { nodes { id } } }",
        "{ suppliers { nodes { id } } }",
        "{ supplierSkus { nodes { id } } }",
    ):
        (error,) = await stock_only.errors(document)
        assert "purchasing:read" in error["message"]
    assert (await buyer.now(order.id)).status == "ORDERED"


async def test_lists_are_filtered_and_ordered(ask: Ask, buyer: Buyer, work: UnitOfWork) -> None:
    cup, plate = await buyer.supplied(), await buyer.supplied()
    first = await written(ask, buyer, {"sku": {"code": cup.code}, "quantity": 1, "expectedAt": "2030-01-01T00:00:00Z"})
    second = await written(ask, buyer, {"sku": {"code": plate.code}, "quantity": 1, "expectedAt": "2031-01-01T00:00:00Z"})
    ids = [made["purchaseOrder"]["id"] for made in (first, second)]
    mine = {"supplierId": {"eq": supplier_id(buyer)}}
    await act(ask, "Submit", purchaseOrderId=ids[1])

    async def found(**where: Any) -> list[str]:
        nodes = (await ask(LIST, where={**mine, **where}, by="CREATED_AT_ASC"))["purchaseOrders"]["nodes"]
        return [node["id"] for node in nodes]

    assert await found() == ids
    assert [node["id"] for node in (await ask(LIST, where=mine))["purchaseOrders"]["nodes"]] == ids[::-1]
    assert await found(status={"in": ["ORDERED"]}) == ids[1:]
    assert await found(skuId={"eq": text_id(IdKind.SKU, cup.id)}) == ids[:1]
    assert await found(expectedAt={"lt": "2030-06-01T00:00:00Z"}) == ids[:1]
    assert await found(expectedAt={"gte": "2030-06-01T00:00:00Z"}) == ids[1:]
    assert await found(locationId={"eq": text_id(IdKind.LOCATION, buyer.location.id)}) == ids
    assert await found(createdAt={"lt": "2020-01-01T00:00:00Z"}) == []
    elsewhere = text_id(IdKind.LOCATION, (await Given(work).location()).id)
    assert await found(locationId={"eq": elsewhere}) == []


async def test_statements_do_not_grow_with_rows(ask: Ask, buyer: Buyer) -> None:
    skus = [await buyer.supplied() for _ in range(6)]
    for count in range(6):
        order = await buyer.order(*map(line, skus[: count + 1]))
        await buyer.receive(order.id)
        await buyer.order(line(skus[count], 3))
    where = {"supplierId": {"eq": supplier_id(buyer)}}
    counts = []
    for first in (2, 12):
        with counted_statements() as sent:
            nodes = (await ask(LIST, where=where, first=first))["purchaseOrders"]["nodes"]
        assert len(nodes) == first
        counts.append(len(sent))
    assert counts[0] == counts[1]
    document = """query ($where: InventoryLevelFilterInput, $first: Int) {
        inventoryLevels(where: $where, first: $first) { nodes { incoming } } }"""
    here = {"locationId": {"eq": text_id(IdKind.LOCATION, buyer.location.id)}}
    counts = []
    for first in (1, 6):
        with counted_statements() as sent:
            levels = (await ask(document, where=here, first=first))["inventoryLevels"]["nodes"]
        assert [level["incoming"] for level in levels] == [3] * first
        counts.append(len(sent))
    assert counts == [2, 2]
