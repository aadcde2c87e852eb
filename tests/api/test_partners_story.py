"""One order through many hands: a supplier who rejects a line, a parcel that is lost and sent again, goods fetched in a store.

The customer follows it by the link, without a key, and is told the truth at every step.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import VISITOR, Principal, Scope
from oms_api.kernel.ids import IntegrationId, LocationId, SupplierId, new_uuid, parse_id
from oms_api.workflows.seed_demo import seed
from tests.factories.attended import Attended
from tests.factories.database import Database
from tests.factories.given import SYSTEM

SUPPLIER = """mutation ($input: SupplierUpsertInput!) {
  supplierUpsert(input: $input) { supplier { id } userErrors { code message } } }"""
COST = "mutation ($input: SupplierSkuUpsertInput!) { supplierSkuUpsert(input: $input) { userErrors { code message } } }"
LOCATION = """mutation ($input: LocationCreateInput!) {
  locationCreate(input: $input) { location { id } userErrors { code message } } }"""
STORE = "mutation ($id: ID!) { locationUpdate(input: {id: $id, pickupDays: 5}) { userErrors { code message } } }"
SERVE = "mutation ($id: ID!, $at: [ID!]!) { channelUpdate(input: {id: $id, locationIds: $at}) { userErrors { code message } } }"
STOCK = """mutation ($input: SupplierStockReportInput!) {
  supplierStockReport(input: $input) { applied userErrors { code message } } }"""
PLACE = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order {
  id trackingLink { token } fulfillmentOrders { id location { code } lines { nodes { id quantity line { skuCode } } } }
} userErrors { code message } } }"""
REQUESTS = """{ fulfillmentRequests(where: {status: {eq: SUBMITTED}}) { nodes {
  id shipTo { name city } lines { nodes { id skuCode quantity } } } } }"""
ACCEPT = """mutation ($input: FulfillmentRequestAcceptInput!) { fulfillmentRequestAccept(input: $input) {
  fulfillmentRequest { status purchaseOrderNumber lines { nodes { skuCode rejected remaining } } }
  userErrors { code message } } }"""
SEND = """mutation ($input: FulfillmentRequestShipInput!) { fulfillmentRequestShip(input: $input) {
  package { id status } userErrors { code message } } }"""
TRACK = """mutation ($input: FulfillmentRequestTrackInput!) { fulfillmentRequestTrack(input: $input) {
  fulfillmentRequest { status } userErrors { code message } } }"""
SHIP = """mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) {
  shipment { packages { id } } userErrors { code message } } }"""
SCANS = """mutation ($input: TrackingEventReportInput!) { trackingEventReport(input: $input) {
  package { status trackingStatus } userErrors { code message } } }"""
EDIT = "mutation ($input: OrderEditInput!) { orderEdit(input: $input) { userErrors { code message } } }"
READY = """mutation ($input: PickupReadyInput!) { pickupReady(input: $input) {
  pickup { id code } userErrors { code message } } }"""
FETCH = """mutation ($input: PickupHandOverInput!) { pickupHandOver(input: $input) {
  pickup { status } userErrors { code message } } }"""
ORDER = """query ($id: ID!) { order(by: {id: $id}) { status fulfillmentStatus
  lines { nodes { id skuCode ordered delivered lost } }
  fulfillmentOrders { id status location { code } request { status purchaseOrder { status } } }
} }"""
FOLLOWED = """query ($token: String!) { orderTracking(token: $token) { status expectedOn
  packages { carrier trackingNumber status events { status place } } pickups { status location { name } } } }"""
HOME = {"name": "Ada Lovelace", "line1": "12 High Street", "city": "London", "postalCode": "SW1Y 4JH", "country": "GB"}


def supplier_key(location: str, supplier: str) -> Principal:
    return Principal(
        client_id=IntegrationId(new_uuid()),
        name="the pottery",
        scopes=frozenset({Scope.REQUESTS_READ, Scope.REQUESTS_ANSWER}),
        locations=frozenset({parse_id(LocationId, location)}),
        suppliers=frozenset({parse_id(SupplierId, supplier)}),
    )


class Followed:
    """The order as its customer follows it, and as the shop sees it."""

    def __init__(self, shop: Attended, order: dict[str, Any]) -> None:
        self.shop, self.visitor, self.id = shop, shop.as_(VISITOR), order["id"]
        self.token = order["trackingLink"]["token"]

    async def told(self) -> dict[str, Any]:
        return dict((await self.visitor.ask(FOLLOWED, token=self.token))["orderTracking"])

    async def steps(self) -> tuple[str, list[str], list[str]]:
        """Return what the customer is told: how far the order is, and where which parcels and pickups are."""
        told = await self.told()
        packages = [package["status"] for package in told["packages"]]
        return told["status"], packages, [pickup["status"] for pickup in told["pickups"]]

    async def seen(self) -> dict[str, Any]:
        return dict((await self.shop.ask(ORDER, id=self.id))["order"])

    async def work_at(self, code: str, *statuses: str) -> str:
        (found,) = [
            work["id"]
            for work in (await self.seen())["fulfillmentOrders"]
            if work["location"]["code"] == code and work["status"] in statuses
        ]
        return str(found)


def scan(status: str, minutes: int = 0, **more: str) -> dict[str, str]:
    return {"status": status, "occurredAt": (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(), **more}


async def opened(shop: Attended) -> tuple[dict[str, str], Attended]:
    """Let a pottery supply mugs and teapots from its kiln, and York keep goods for customers; return places and its key."""
    places = await shop.places()
    supplier = (await shop.do(SUPPLIER, code="POTTERY", name="The Pottery", currencyCode="GBP"))["supplier"]["id"]
    for sku, cost in (("MUG-BLUE", "3.10"), ("TEAPOT", "11.00")):
        await shop.do(COST, supplierId=supplier, sku={"code": sku}, code=f"P-{sku}", cost={"amount": cost})
    address = {"line1": "3 Kiln Lane", "city": "Stoke-on-Trent", "postalCode": "ST6 3EJ", "country": "GB"}
    kiln = {"code": "KILN", "name": "Kiln", "kind": "SUPPLIER", "timeZone": "Europe/London", "address": address}
    places["KILN"] = (await shop.do(LOCATION, **kiln, supplierId=supplier, answerWithinMinutes=60))["location"]["id"]
    await shop.ask(STORE, id=places["YORK"])
    await shop.ask(SERVE, id=places["web-uk"], at=[places[code] for code in ("KILN", "LEEDS", "YORK")])
    pottery = shop.as_(supplier_key(places["KILN"], supplier))
    rows = [{"supplierSku": "P-MUG-BLUE", "quantity": 10}, {"supplierSku": "P-TEAPOT", "quantity": 10}]
    told = await pottery.do(STOCK, locationId=places["KILN"], asOf=datetime.now(UTC).isoformat(), rows=rows)
    assert told["applied"] == 2
    return places, pottery


async def test_an_order_through_many_hands(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    assert await seed(fresh_work, SYSTEM) is not None
    shop = Attended(fresh_work, fresh_database, "fill_waiting", "ask_suppliers", "departures", "arrivals", "package_watch")
    places, pottery = await opened(shop)
    placed = await shop.do(
        PLACE,
        channelId=places["web-uk"],
        externalRef="STORY-1",
        onAccount=True,
        contact={"name": "Ada Lovelace", "email": "ada@example.com"},
        shippingAddress=HOME,
        lines=[
            {"listing": "mug-blue", "quantity": 2},
            {"listing": "teapot", "quantity": 1},
            {"listing": "candle", "quantity": 1, "locationId": places["YORK"]},
        ],
    )
    order = Followed(shop, placed["order"])
    assert sorted(work["location"]["code"] for work in placed["order"]["fulfillmentOrders"]) == ["KILN", "YORK"]
    assert await order.steps() == ("PLACED", [], [])

    (request,) = (await pottery.ask(REQUESTS))["fulfillmentRequests"]["nodes"]
    assert request["shipTo"] == {"name": "Ada Lovelace", "city": "London"}
    lines = {line["skuCode"]: line["id"] for line in request["lines"]["nodes"]}
    none_left = {"lineId": lines["TEAPOT"], "quantity": 1, "reasonCode": "NO_CAPACITY"}
    accepted = await pottery.do(ACCEPT, fulfillmentRequestId=request["id"], rejected=[none_left])
    assert accepted["fulfillmentRequest"]["purchaseOrderNumber"] is not None
    assert {line["skuCode"]: line["remaining"] for line in accepted["fulfillmentRequest"]["lines"]["nodes"]} == {
        "MUG-BLUE": 2,
        "TEAPOT": 0,
    }
    again = {"fulfillmentRequestId": request["id"], "idempotencyKey": "again"}
    assert await pottery.refused(ACCEPT, **again) == ["REQUEST_NOT_SUBMITTED"]
    teapot = await order.work_at("LEEDS", "OPEN")  # sourced again, by itself

    sent = await pottery.do(SEND, fulfillmentRequestId=request["id"], carrier="parcels", trackingNumber="PP1")
    mugs = sent["package"]["id"]
    (pot,) = (await shop.do(SHIP, fulfillmentOrderId=teapot, carrier="post", trackingNumber="RM1"))["shipment"]["packages"]
    assert await order.steps() == ("PARTIALLY_SHIPPED", ["IN_TRANSIT", "IN_TRANSIT"], [])
    await pottery.do(TRACK, packageId=mugs, events=[scan("IN_TRANSIT", place="Stoke-on-Trent"), scan("OUT_FOR_DELIVERY", 1)])
    lost = await shop.do(SCANS, packageId=pot["id"], events=[scan("IN_TRANSIT"), scan("LOST", 1)])
    assert lost["package"] == {"status": "LOST", "trackingStatus": "LOST"}
    assert (await order.steps())[1] == ["OUT_FOR_DELIVERY", "LOST"]

    (gone,) = [line["id"] for line in (await order.seen())["lines"]["nodes"] if line["lost"]]
    replacement = {"sendAgain": {"lineId": gone, "quantity": 1, "locationId": places["LEEDS"]}}
    await shop.do(EDIT, orderId=order.id, reason="sent again for a lost one", changes=[replacement])
    teapot = await order.work_at("LEEDS", "OPEN")
    (pot,) = (await shop.do(SHIP, fulfillmentOrderId=teapot, carrier="post", trackingNumber="RM2"))["shipment"]["packages"]
    delivered = [scan("DELIVERED", 3), scan("IN_TRANSIT", 1)]  # told in the wrong order
    await shop.do(SCANS, packageId=pot["id"], events=delivered)
    assert (await order.steps())[:2] == ("PARTIALLY_DELIVERED", ["OUT_FOR_DELIVERY", "LOST", "DELIVERED"])

    pickup = (await shop.do(READY, fulfillmentOrderId=await order.work_at("YORK", "OPEN")))["pickup"]
    assert await order.steps() == ("PARTIALLY_DELIVERED", ["OUT_FOR_DELIVERY", "LOST", "DELIVERED"], ["READY"])
    assert await shop.refused(FETCH, pickupId=pickup["id"], code="AAAA-AAAA") == ["PICKUP_CODE_WRONG"]
    await shop.do(FETCH, pickupId=pickup["id"], code=pickup["code"])
    await pottery.do(TRACK, packageId=mugs, events=[scan("DELIVERED", 4)])
    await pottery.do(TRACK, packageId=mugs, events=[scan("FAILURE", 2)])  # late, and it undelivers nothing

    parcels = ["DELIVERED", "LOST", "DELIVERED"]
    assert await order.steps() == ("DELIVERED", parcels, ["HANDED_OVER"])
    seen = await order.seen()
    assert (seen["status"], seen["fulfillmentStatus"]) == ("COMPLETED", "DELIVERED")
    assert [(line["skuCode"], line["delivered"], line["lost"]) for line in seen["lines"]["nodes"]] == [
        ("MUG-BLUE", 2, 0),
        ("TEAPOT", 0, 1),
        ("CANDLE", 1, 0),
        ("TEAPOT", 1, 0),
    ]
    (bought,) = [work["request"] for work in seen["fulfillmentOrders"] if work["request"]]
    assert bought == {"status": "CLOSED", "purchaseOrder": {"status": "RECEIVED"}}
    assert "Ada" not in str(await order.told())
    assert await shop.wrong() == []
