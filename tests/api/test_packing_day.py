"""A day in the warehouse through the API alone: ten orders picked, packed, labeled, put on the manifest, one of them undone."""

import io
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import zxingcpp
from PIL import Image

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.workflows.seed_demo import seed
from tests.factories.attended import Attended
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.ports import PRINTER

BOX = "mutation ($input: BoxUpsertInput!) { boxUpsert(input: $input) { box { id } userErrors { code message } } }"
ACCOUNT = """mutation ($input: CarrierAccountUpsertInput!) {
  carrierAccountUpsert(input: $input) { carrierAccount { id } userErrors { code message } } }"""
RATES = "mutation ($input: CarrierRatesSetInput!) { carrierRatesSet(input: $input) { userErrors { code message } } }"
SERVICE = (
    "mutation ($input: ShippingServiceUpsertInput!) { shippingServiceUpsert(input: $input) { userErrors { code message } } }"
)
PLACE = """mutation ($input: OrderPlaceInput!) {
  orderPlace(input: $input) { order { id fulfillmentOrders { id location { code } } } userErrors { code message } } }"""
PICK = """mutation ($input: PickBatchCreateInput!) { pickBatchCreate(input: $input) {
  pickBatch { id lines(first: 50) { nodes { id slot quantity sku { code } fulfillmentOrder { id } order { externalRef } } } }
  userErrors { code message } } }"""
PICKED = """mutation ($input: PickBatchConfirmInput!) {
  pickBatchConfirm(input: $input) { pickBatch { status } userErrors { code message } } }"""
PACK = """mutation ($input: FulfillmentOrderPackInput!) { fulfillmentOrderPack(input: $input) {
  fulfillmentOrder { packages { id box { code } weightG } } userErrors { code message } } }"""
LABELS = """mutation ($input: LabelsPurchaseInput!) {
  labelsPurchase(input: $input) { labelBatch { id } userErrors { code message } } }"""
BOUGHT = """query ($id: ID!) { labelBatch(by: {id: $id}) { job { status } items(first: 50) { nodes {
  packageId status error { code } label { id status trackingNumber problem { what carrierCode field } } } } } }"""
ORDER = """query ($channel: ID!) { order(by: {externalRef: {channelId: $channel, ref: "DAY-4"}}) { id } }"""
MEND = "mutation ($input: OrderEditInput!) { orderEdit(input: $input) { userErrors { code message field } } }"
BUY = """mutation ($input: LabelPurchaseInput!) {
  labelPurchase(input: $input) { label { id status trackingNumber png { id } } userErrors { code message field } } }"""
PAPERS = """mutation ($input: DocumentsCreateInput!) {
  documentsCreate(input: $input) { job { id } userErrors { code message } } }"""
PRINTED = "query ($id: ID!) { job(id: $id) { status file { id mediaType } } }"
SHIP = (
    "mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) { shipment { id } userErrors { code message } } }"
)
CLOSE = """mutation ($input: ManifestCreateInput!) {
  manifestCreate(input: $input) { manifest { packages weightG } userErrors { code message } } }"""
UNDO = """mutation ($input: ShipmentCancelInput!) { shipmentCancel(input: $input) {
  shipment { packages { status } fulfillmentOrder { status } } userErrors { code message } } }"""
VOID = "mutation ($input: LabelVoidInput!) { labelVoid(input: $input) { label { status } userErrors { code message } } }"
SCANS = """mutation ($input: TrackingEventReportInput!) {
  trackingEventReport(input: $input) { package { trackingStatus } userErrors { code message } } }"""


def address(postal_code: str) -> dict[str, str]:
    return {"name": "Ada Lovelace", "line1": "12 High Street", "city": "London", "postalCode": postal_code, "country": "GB"}


async def carrier(house: Attended, leeds: str) -> str:
    """Make boxes and an account with rates and a service, and return the account."""
    for code, sides, most in (("S", (200, 150, 120), 2_000), ("L", (400, 300, 250), 15_000)):
        inner = dict(zip(("innerLengthMm", "innerWidthMm", "innerHeightMm"), sides, strict=True))
        await house.do(BOX, locationId=leeds, code=code, tareG=100, maxWeightG=most, **inner)
    account = (await house.do(ACCOUNT, code="VAN", carrier="builtin"))["carrierAccount"]["id"]
    rate = {"service": "ECO", "toCountry": "GB", "upToG": 15_000, "price": "2.75"}
    await house.do(RATES, accountId=account, currency="GBP", rates=[rate])
    await house.do(SERVICE, code="STANDARD", accountId=account, service="ECO")
    return str(account)


async def orders(house: Attended, channel: str) -> None:
    """Place ten orders, one of them to an address that no carrier takes."""
    for number in range(10):
        lines = [{"listing": "mug-blue", "quantity": 1}, {"listing": "teapot", "quantity": number % 2 + 1}][: 1 + number % 2]
        placed = await house.do(
            PLACE,
            channelId=channel,
            externalRef=f"DAY-{number}",
            onAccount=True,
            shippingAddress=address("NOWHERE" if number == 4 else "SW1Y 4JH"),
            shipping=[{"code": "STANDARD", "title": "Standard", "price": {"amount": "3.50"}}],
            lines=lines,
        )
        assert [work["location"]["code"] for work in placed["order"]["fulfillmentOrders"]] == ["LEEDS"]


async def packed(house: Attended, slots: dict[int, Any]) -> tuple[dict[int, str], Counter[str]]:
    """Pack each order as suggested, and return the packages by slot, and how many boxes of which kind."""
    packages: dict[int, str] = {}
    boxes: Counter[str] = Counter()
    for slot in sorted(slots):
        answer = await house.do(PACK, fulfillmentOrderId=slots[slot]["fulfillmentOrder"]["id"])
        (package,) = answer["fulfillmentOrder"]["packages"]
        packages[slot] = package["id"]
        boxes[package["box"]["code"]] += 1
    return packages, boxes


async def test_a_day_in_the_warehouse(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    assert await seed(fresh_work, SYSTEM) is not None
    house = Attended(fresh_work, fresh_database, "fill_waiting")
    places = await house.places()
    channel, leeds = places["web-uk"], places["LEEDS"]
    account = await carrier(house, leeds)
    await orders(house, channel)
    batch = (await house.do(PICK, locationId=leeds, most=20))["pickBatch"]
    lines = batch["lines"]["nodes"]
    assert [line["slot"] for line in lines if line["sku"]["code"] == "MUG-BLUE"] == list(range(1, 11))
    short = next(line for line in lines if line["sku"]["code"] == "TEAPOT")
    confirmed = [{"lineId": line["id"], "picked": line["quantity"]} for line in lines if line is not short]
    found = {"lineId": short["id"], "picked": 1, "shortReasonCode": "DAMAGED"}
    assert (await house.do(PICKED, pickBatchId=batch["id"], lines=[*confirmed, found]))["pickBatch"] == {"status": "PICKED"}

    slots = {line["slot"]: line for line in lines}
    packages, boxes = await packed(house, slots)
    assert boxes == {"S": 5, "L": 5}

    bought = (await house.do(LABELS, packageIds=list(packages.values())))["labelBatch"]["id"]
    seen = (await house.ask(BOUGHT, id=bought))["labelBatch"]
    refused = [item for item in seen["items"]["nodes"] if item["status"] != "PURCHASED"]
    assert (seen["job"]["status"], len(refused)) == ("COMPLETED_WITH_ERRORS", 1)
    assert refused[0]["label"]["problem"]["field"] == ["recipient", "postalCode"]
    assert {line["order"]["externalRef"] for line in lines if packages[line["slot"]] == refused[0]["packageId"]} == {"DAY-4"}
    order_id = (await house.ask(ORDER, channel=channel))["order"]["id"]
    change = {"setShippingAddress": {"address": address("EC1A 1BB")}}
    await house.do(MEND, orderId=order_id, reason="postal code", changes=[change])
    mended = (await house.do(BUY, packageId=refused[0]["packageId"]))["label"]
    assert mended["status"] == "PURCHASED"
    numbers = {item["packageId"]: item["label"]["trackingNumber"] for item in seen["items"]["nodes"] if item["label"]}
    numbers[refused[0]["packageId"]] = mended["trackingNumber"]
    assert len(set(numbers.values())) == 10

    picture = Image.open(io.BytesIO(await house.file(mended["png"]["id"])))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [mended["trackingNumber"]]

    job = (await house.do(PAPERS, pickBatchId=batch["id"], kinds=["LABEL", "PACKING_SLIP"]))["job"]["id"]
    printed = (await house.ask(PRINTED, id=job))["job"]
    assert (printed["status"], printed["file"]["mediaType"]) == ("COMPLETED", "application/pdf")
    assert len(await PRINTER.pictures([await house.file(printed["file"]["id"])], ppi=10)) == 20

    shipments = {slot: (await house.do(SHIP, packageIds=[key]))["shipment"]["id"] for slot, key in packages.items()}
    undone = (await house.do(UNDO, shipmentId=shipments[2]))["shipment"]
    assert undone == {"packages": [{"status": "CANCELED"}], "fulfillmentOrder": {"status": "OPEN"}}
    manifest = (await house.do(CLOSE, locationId=leeds, accountId=account))["manifest"]
    assert manifest["packages"] == 9
    label = next(item["label"]["id"] for item in seen["items"]["nodes"] if item["packageId"] == packages[2])
    assert (await house.do(VOID, labelId=label))["label"]["status"] == "VOIDED"
    scans = [{"status": "IN_TRANSIT", "occurredAt": datetime.now(UTC).isoformat()}]
    assert (await house.do(SCANS, packageId=packages[1], events=scans))["package"]["trackingStatus"] == "IN_TRANSIT"
    late = await house.ask(UNDO, input={"idempotencyKey": "late", "shipmentId": shipments[1]})
    assert [error["code"] for error in late["shipmentCancel"]["userErrors"]] == ["SHIPMENT_SCANNED"]
    assert await house.wrong() == []
