"""A day in the warehouse over the API: what must leave, picked in a batch, packed, shipped, corrected and undone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from oms_api.domain.fulfillment.departures import date_departures
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM
from tests.factories.shop import Shop, line, location_id, opened, told

ERRORS = "userErrors { code field message }"
BINS = f"""mutation ($input: BinsSetInput!) {{ binsSet(input: $input) {{ location {{ id }} {ERRORS} }} }}"""
BATCH = """id number status lines { nodes {
    id slot bin quantity picked short reason sku { code } fulfillmentOrder { id status } } }"""
PICK = f"""mutation ($input: PickBatchCreateInput!) {{ pickBatchCreate(input: $input) {{
    pickBatch {{ {BATCH} }} {ERRORS} replayed }} }}"""
CONFIRM = (
    f"mutation ($input: PickBatchConfirmInput!) {{ pickBatchConfirm(input: $input) {{ pickBatch {{ {BATCH} }} {ERRORS} }} }}"
)
CANCEL_BATCH = (
    f"mutation ($input: PickBatchCancelInput!) {{ pickBatchCancel(input: $input) {{ pickBatch {{ {BATCH} }} {ERRORS} }} }}"
)
BATCHES = "query ($where: PickBatchFilterInput) { pickBatches(where: $where) { nodes { number status } } }"
DEADLINES = """query ($location: ID, $where: FulfillmentOrderFilterInput, $first: Int) {
    deadlines(locationId: $location, where: $where, first: $first) {
        late { location { id } count } fulfillmentOrders { nodes { id leaveBy } pageInfo { hasNextPage } } } }"""
PACK = f"""mutation ($input: FulfillmentOrderPackInput!) {{ fulfillmentOrderPack(input: $input) {{
    fulfillmentOrder {{ packages {{ id status }} }} {ERRORS} }} }}"""
SHIPMENT = "id status method packages { id status trackingNumber } availableActions { action allowed blockedBy { code } }"
SHIP = f"mutation ($input: ShipmentCreateInput!) {{ shipmentCreate(input: $input) {{ shipment {{ {SHIPMENT} }} {ERRORS} }} }}"
UPDATE = f"mutation ($input: ShipmentUpdateInput!) {{ shipmentUpdate(input: $input) {{ shipment {{ {SHIPMENT} }} {ERRORS} }} }}"
CANCEL = f"mutation ($input: ShipmentCancelInput!) {{ shipmentCancel(input: $input) {{ shipment {{ {SHIPMENT} }} {ERRORS} }} }}"
ADD = f"""mutation ($input: PackageAddInput!) {{ packageAdd(input: $input) {{
    package {{ id status lines {{ quantity }} }} {ERRORS} }} }}"""
FOUND = (
    f"mutation ($input: PackageMarkFoundInput!) {{ packageMarkFound(input: $input) {{ shipment {{ {SHIPMENT} }} {ERRORS} }} }}"
)
LOST = f"mutation ($input: PackageMarkLostInput!) {{ packageMarkLost(input: $input) {{ shipment {{ {SHIPMENT} }} {ERRORS} }} }}"
RESCHEDULE = f"""mutation ($input: FulfillmentOrderRescheduleInput!) {{ fulfillmentOrderReschedule(input: $input) {{
    fulfillmentOrder {{ status opensOn }} {ERRORS} }} }}"""
TIMELINE = "query ($id: ID!) { order(by: { id: $id }) { timeline { nodes { text } } fulfillmentOrders { id status } } }"
LEVEL = "query ($sku: String!) { sku(by: { code: $sku }) { inventoryLevels { nodes { bin } } } }"


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with opened(database) as running:
        yield running


async def send(shop: Shop, document: str, **given: Any) -> Any:
    (payload,) = (await shop.ask(document, input={"idempotencyKey": uuid4().hex, **given})).values()
    return payload


async def works(shop: Shop, order: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await shop.ask(TIMELINE, id=order["id"]))["order"]["fulfillmentOrders"]
    return found


async def texts(shop: Shop, order: dict[str, Any]) -> list[str]:
    await relay_all(shop.database.app_url)
    found = (await shop.ask(TIMELINE, id=order["id"]))["order"]["timeline"]["nodes"]
    return [each["text"] for each in found]


async def test_orders_are_picked_by_bin_with_a_short_pick(shop: Shop) -> None:
    place = location_id(shop.first)
    tea, pot = await shop.goods(first=20), await shop.goods(first=20)
    bins = [{"sku": {"code": tea.code}, "bin": "B-10"}, {"sku": {"code": pot.code}, "bin": "B-9"}]
    assert (await send(shop, BINS, locationId=place, bins=bins))["userErrors"] == []
    (level,) = (await shop.ask(LEVEL, sku=tea.code))["sku"]["inventoryLevels"]["nodes"]
    assert level["bin"] == "B-10"
    orders = [await shop.placed(line(tea, 2), line(pot, 1)) for _ in range(3)]
    key = uuid4().hex
    where = {"sku": {"eq": tea.code}}
    batch = await send(shop, PICK, locationId=place, where=where, most=2, idempotencyKey=key)
    assert batch["userErrors"] == []
    lines = batch["pickBatch"]["lines"]["nodes"]
    assert [(each["bin"], each["slot"], each["quantity"]) for each in lines] == [
        ("B-9", 1, 1), ("B-9", 2, 1), ("B-10", 1, 2), ("B-10", 2, 2),
    ]  # fmt: skip
    again = await send(shop, PICK, locationId=place, where=where, most=2, idempotencyKey=key)
    assert (again["replayed"], again["pickBatch"]["id"]) == (True, batch["pickBatch"]["id"])
    found = [{"lineId": each["id"], "picked": each["quantity"]} for each in lines]
    short = [*found[:3], {"lineId": lines[3]["id"], "picked": 1}]
    missing = await send(shop, CONFIRM, pickBatchId=batch["pickBatch"]["id"], lines=short)
    assert told(missing) == [("SHORT_REASON_MISSING", "lines.3.shortReasonCode")]
    short[3]["shortReasonCode"] = "NOT_FOUND"
    short[0]["picked"] = 2
    assert told(await send(shop, CONFIRM, pickBatchId=batch["pickBatch"]["id"], lines=short)) == [
        ("EXCEEDS_WANTED", "lines.0.picked")
    ]
    short[0]["picked"] = 1
    done = (await send(shop, CONFIRM, pickBatchId=batch["pickBatch"]["id"], lines=short))["pickBatch"]
    assert (done["status"], [each["short"] for each in done["lines"]["nodes"]]) == ("PICKED", [0, 0, 0, 1])
    said = await texts(shop, orders[1])
    assert f"Picked in batch {done['number']}." in said
    assert any("rejected" in each and tea.code in each for each in said)
    rest = await send(shop, PICK, locationId=place, where=where)
    assert len(rest["pickBatch"]["lines"]["nodes"]) == 2
    assert told(await send(shop, PICK, locationId=place, where=where)) == [("NOTHING_TO_PICK", "where")]
    given_up = (await send(shop, CANCEL_BATCH, pickBatchId=rest["pickBatch"]["id"]))["pickBatch"]
    assert given_up["lines"]["nodes"][0]["fulfillmentOrder"]["status"] == "OPEN"
    listed = await shop.ask(BATCHES, where={"locationId": {"eq": place}, "status": {"eq": "CANCELED"}})
    assert [each["number"] for each in listed["pickBatches"]["nodes"]] == [rest["pickBatch"]["number"]]
    assert told(await send(shop, PICK, locationId=place, most=0)) == [("INVALID_VALUE", "most")]


async def test_what_left_is_corrected_found_and_undone(shop: Shop) -> None:
    order = await shop.placed(line(await shop.goods(first=9), 3))
    (work,) = await works(shop, order)
    (package,) = (await send(shop, PACK, fulfillmentOrderId=work["id"]))["fulfillmentOrder"]["packages"]
    shipment = (await send(shop, SHIP, packageIds=[package["id"]], trackingNumber="1"))["shipment"]
    changed = (await send(shop, UPDATE, shipmentId=shipment["id"], trackingNumber="2", method="Express"))["shipment"]
    assert (changed["method"], changed["packages"][0]["trackingNumber"]) == ("Express", "2")
    assert (await send(shop, LOST, packageId=package["id"]))["shipment"]["status"] == "LOST"
    refused = await send(shop, CANCEL, shipmentId=shipment["id"])
    assert told(refused) == [("ILLEGAL_MOVE", "shipmentId")]
    found = (await send(shop, FOUND, packageId=package["id"]))["shipment"]
    actions = {each["action"]: each["allowed"] for each in found["availableActions"]}
    assert actions == {"UPDATE_SHIPMENT": True, "ADD_PACKAGE": True, "CANCEL_SHIPMENT": True, "MARK_DELIVERED": True}
    units = [{"lineId": order["lines"]["nodes"][0]["id"], "quantity": 1}]
    added = (await send(shop, ADD, shipmentId=shipment["id"], lines=units))["package"]
    assert (added["status"], added["lines"]) == ("SHIPPED", [{"quantity": 1}])
    undone = (await send(shop, CANCEL, shipmentId=shipment["id"]))["shipment"]
    assert (undone["status"], {each["status"] for each in undone["packages"]}) == ("CANCELED", {"CANCELED"})
    assert [each["status"] for each in await works(shop, order)] == ["OPEN"]
    assert told(await send(shop, UPDATE, shipmentId=shipment["id"], carrier="x")) == [("ILLEGAL_MOVE", "shipmentId")]
    assert told(await send(shop, CANCEL, shipmentId=text_id(IdKind.SHIPMENT, uuid4()))) == [("NOT_FOUND", "shipmentId")]
    assert any(each.startswith("The shipment was canceled: 3 ") for each in await texts(shop, order))


async def test_what_must_leave_comes_first_and_what_is_late_is_counted(shop: Shop) -> None:
    place, sku = location_id(shop.second), await shop.goods(second=9)
    old = datetime.now(UTC) - timedelta(days=30)
    late = await shop.placed(line(sku, 1), occurredAt=old.isoformat())
    fresh = await shop.placed(line(sku, 1))
    while await shop.work.execute(SYSTEM, date_departures, 500):
        pass
    (first,), (second,) = await works(shop, late), await works(shop, fresh)
    asked: dict[str, Any] = {"location": place, "where": {"sku": {"eq": sku.code}}}
    found = (await shop.ask(DEADLINES, **asked))["deadlines"]
    assert [each["id"] for each in found["fulfillmentOrders"]["nodes"]] == [first["id"], second["id"]]
    assert found["late"] == [{"location": {"id": place}, "count": 1}]
    page = (await shop.ask(DEADLINES, **asked, first=1))["deadlines"]["fulfillmentOrders"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (1, True)
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    put_off = (await send(shop, RESCHEDULE, fulfillmentOrderId=first["id"], opensOn=day))["fulfillmentOrder"]
    assert put_off == {"status": "SCHEDULED", "opensOn": day}
    assert (await shop.ask(DEADLINES, **asked))["deadlines"]["late"] == []
    wrong = await send(shop, RESCHEDULE, fulfillmentOrderId=first["id"], opensOn="2001-01-01")
    assert told(wrong) == [("INVALID_VALUE", "opensOn")]


async def test_work_is_picked_by_several_conditions_at_once(shop: Shop) -> None:
    tea = await shop.goods(first=20)
    orders = [await shop.placed(line(tea)) for _ in range(2)]
    where = {
        "sku": {"eq": tea.code}, "channelId": {"eq": shop.channel_id}, "createdAt": {"gte": "2020-01-01T00:00:00Z"},
        "OR": [{"status": {"eq": "OPEN"}}, {"priority": {"eq": 7}}], "NOT": [{"priority": {"eq": 8}}],
    }  # fmt: skip
    batch = await send(shop, PICK, locationId=location_id(shop.first), where=where)
    assert (batch["userErrors"], len(batch["pickBatch"]["lines"]["nodes"])) == ([], len(orders))
