"""Boxes, packing and packages over the API."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from oms_api.kernel.ids import IdKind, text_id
from tests.factories.database import Database
from tests.factories.shop import Shop, line, location_id, opened, told

ERRORS = "userErrors { code field message }"
BOX = f"mutation ($input: BoxUpsertInput!) {{ boxUpsert(input: $input) {{ box {{ id code tareG version }} {ERRORS} }} }}"
BOXES = """query ($where: BoxFilterInput) { boxes(where: $where) { nodes {
    code name innerLengthMm maxWeightG status location { id } } } }"""
SUGGEST = """query ($id: ID!) { packingSuggestion(fulfillmentOrderId: $id) {
    box { code } lines { sku quantity } weightG fillPercent reasons } }"""
PACKAGE = "id status version weightG lengthMm box { code } lines { quantity line { skuCode } } shipment { id } order { id }"
PACK = f"""mutation ($input: FulfillmentOrderPackInput!) {{ fulfillmentOrderPack(input: $input) {{ replayed {ERRORS}
    fulfillmentOrder {{ status packed lines {{ nodes {{ id packed remaining }} }} packages {{ {PACKAGE} }} }} }} }}"""
UPDATE = f"mutation ($input: PackageUpdateInput!) {{ packageUpdate(input: $input) {{ package {{ {PACKAGE} }} {ERRORS} }} }}"
VOID = f"mutation ($input: PackageVoidInput!) {{ packageVoid(input: $input) {{ package {{ {PACKAGE} }} {ERRORS} }} }}"
SHIP = f"""mutation ($input: ShipmentCreateInput!) {{ shipmentCreate(input: $input) {{ {ERRORS}
    shipment {{ id packages {{ id status }} lines {{ nodes {{ quantity packageId }} }} }} }} }}"""
PACKAGES = "query ($where: PackageFilterInput) { packages(where: $where) { nodes { id status fulfillmentOrder { id } } } }"
NODE = """query ($id: ID!) { node(id: $id) { ... on Package { status availableActions { action allowed blockedBy { code } } } }
    package(by: { id: $id }) { id } }"""


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with opened(database) as running:
        yield running


async def send(shop: Shop, document: str, **given: Any) -> Any:
    (payload,) = (await shop.ask(document, input={"idempotencyKey": uuid4().hex, **given})).values()
    return payload


async def to_pack(shop: Shop, units: int) -> tuple[str, str, str]:
    """Return the ids of a fulfillment order and its line, and the code of its SKU."""
    sku = await shop.goods(first=50, weight_g=300, length_mm=100, width_mm=90, height_mm=90)
    order = await shop.placed(line(sku, units))
    found = await shop.ask(
        "query ($id: ID!) { order(by: { id: $id }) { fulfillmentOrders { id lines { nodes { id } } } } }", id=order["id"]
    )
    (work,) = found["order"]["fulfillmentOrders"]
    return work["id"], work["lines"]["nodes"][0]["id"], sku.code


async def test_a_fulfillment_order_is_packed_into_suggested_boxes_and_leaves(shop: Shop) -> None:
    there = location_id(shop.first)
    sides = {"innerLengthMm": 200, "innerWidthMm": 150, "innerHeightMm": 100, "tareG": 50, "maxWeightG": 2000}
    made = await send(shop, BOX, locationId=there, code="S", **sides)
    assert (made["userErrors"], made["box"]["version"]) == ([], 1)
    work, part, code = await to_pack(shop, 3)
    suggested = (await shop.ask(SUGGEST, id=work))["packingSuggestion"]
    assert suggested[0] == {
        "box": {"code": "S"}, "lines": [{"sku": code, "quantity": 2}], "weightG": 650, "fillPercent": 54,
        "reasons": ["fits: 54 % full, longest side 100 of 200 mm"],
    }  # fmt: skip
    packed = (await send(shop, PACK, fulfillmentOrderId=work))["fulfillmentOrder"]
    assert (packed["status"], packed["packed"], len(packed["packages"])) == ("IN_PROGRESS", 3, 2)
    assert [each["weightG"] for each in packed["packages"]] == [650, 350]
    first, second = (each["id"] for each in packed["packages"])
    changed = await send(shop, UPDATE, packageId=first, weightG=660)
    assert (changed["package"]["weightG"], changed["package"]["lengthMm"]) == (660, 200)
    assert (await send(shop, VOID, packageId=second))["package"]["status"] == "VOIDED"
    again = await send(
        shop, PACK, fulfillmentOrderId=work, packages=[{"lines": [{"fulfillmentOrderLineId": part, "quantity": 2}]}]
    )
    assert told(again) == [("EXCEEDS_UNPACKED", "packages.0.lines.0.quantity")]
    assert again["userErrors"][0]["message"].startswith("Only 1 units of the line are left to pack here, not 2")
    shipped = (await send(shop, SHIP, packageIds=[first]))["shipment"]
    assert shipped["packages"] == [{"id": first, "status": "SHIPPED"}]
    assert shipped["lines"]["nodes"] == [{"quantity": 2, "packageId": first}]
    found = (await shop.ask(PACKAGES, where={"locationId": {"eq": there}, "status": {"eq": "SHIPPED"}}))["packages"]["nodes"]
    assert {"id": first, "status": "SHIPPED", "fulfillmentOrder": {"id": work}} in found
    shown = await shop.ask(NODE, id=first)
    actions = {each["action"]: each["blockedBy"] for each in shown["node"]["availableActions"]}
    assert (actions["VOID_PACKAGE"], actions["MARK_LOST"]) == ({"code": "PACKAGE_NOT_WAITING"}, None)


async def test_what_is_wrong_with_packing_is_told_with_its_path(shop: Shop) -> None:
    work, part, _ = await to_pack(shop, 2)
    units = {"lines": [{"fulfillmentOrderLineId": part, "quantity": 1}]}
    elsewhere = await send(
        shop, BOX, locationId=location_id(shop.second), code="X", innerLengthMm=1, innerWidthMm=1, innerHeightMm=1
    )
    nowhere = text_id(IdKind.BOX, uuid4())
    for wrong, expected in (
        ({**units, "weightG": 0}, ("INVALID_VALUE", "packages.0.weightG")),
        ({**units, "heightMm": -1}, ("INVALID_VALUE", "packages.0.heightMm")),
        ({**units, "boxId": nowhere}, ("NOT_FOUND", "packages.0.boxId")),
        ({**units, "boxId": elsewhere["box"]["id"]}, ("BOX_ELSEWHERE", "packages.0.boxId")),
        ({"lines": []}, ("INVALID_VALUE", "packages.0.lines")),
    ):
        assert told(await send(shop, PACK, fulfillmentOrderId=work, packages=[wrong])) == [expected]
    assert told(await send(shop, PACK, fulfillmentOrderId=work, packages=[])) == [("INVALID_VALUE", "packages")]
    assert told(await send(shop, SHIP)) == [("INVALID_VALUE", "fulfillmentOrderId")]
    assert told(await send(shop, SHIP, packageIds=[text_id(IdKind.PACKAGE, uuid4())])) == [("NOT_FOUND", "packageIds.0")]
    side = {"innerLengthMm": 0, "innerWidthMm": 1, "innerHeightMm": 1}
    assert told(await send(shop, BOX, locationId=location_id(shop.first), code="N", **side)) == [
        ("INVALID_VALUE", "innerLengthMm")
    ]
    assert (await shop.ask(BOXES, where={"code": {"eq": "N"}}))["boxes"]["nodes"] == []
