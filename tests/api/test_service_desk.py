"""A day at the service desk: one order corrected, held, paid, edited, shipped and explained, through the API alone."""

from typing import Any

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, findings

PLACE = """mutation ($input: OrderPlaceInput!) {
  orderPlace(input: $input) { order { id lines { nodes { id } } } userErrors { code } } }"""
HOLD = """mutation ($input: OrderHoldInput!) {
  orderHold(input: $input) { hold { id } userErrors { code } } }"""
RELEASE = (
    """mutation ($input: OrderHoldReleaseInput!) { orderHoldRelease(input: $input) { order { onHold } userErrors { code } } }"""
)
EDIT = """mutation ($input: OrderEditInput!) {
  orderEdit(input: $input) { order { due { amount } } refund { amount { amount } } userErrors { code field } } }"""
UPDATE = """mutation ($input: OrderUpdateInput!) {
  orderUpdate(input: $input) { order { contact { email } } userErrors { code } } }"""
PAY = """mutation ($input: PaymentEventReportInput!) { paymentEventReport(input: $input) { userErrors { code field } } }"""
START = """mutation ($input: FulfillmentOrderStartInput!) {
  fulfillmentOrderStart(input: $input) { fulfillmentOrder { status } userErrors { code } } }"""
SHIP = """mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) { shipment { id } userErrors { code } } }"""
DELIVER = """mutation ($input: ShipmentMarkDeliveredInput!) {
  shipmentMarkDelivered(input: $input) { shipment { status } userErrors { code } } }"""
LOOK = """query ($id: ID!) { order(by: {id: $id}) {
  status onHold awaitsPayment fulfillmentOrders { id status } statusExplanation { summary causes { code } }
  timeline(first: 50) { nodes { text reason note actor } }
  changes(first: 10) { nodes { kind differences { path } personalDifferences { path before after } } }
} }"""


class Desk:
    """Somebody who works on one order."""

    def __init__(self, ask: Ask, database: Database) -> None:
        self.ask, self.database = ask, database
        self.order = ""

    async def do(self, mutation: str, **given: Any) -> dict[str, Any]:
        """Carry a mutation out, which is not refused, and return its answer."""
        (answer,) = (await self.ask(mutation, input={"idempotencyKey": new_uuid().hex, **given})).values()
        assert answer["userErrors"] == [], answer
        return dict(answer)

    async def look(self) -> dict[str, Any]:
        """Return the order as the desk sees it."""
        await relay_all(self.database.app_url)
        return dict((await self.ask(LOOK, id=self.order))["order"])

    async def causes(self) -> list[str]:
        """Return why the order stands where it stands."""
        return [cause["code"] for cause in (await self.look())["statusExplanation"]["causes"]]


async def test_a_day_at_the_service_desk(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    shop = await (await Shop.open(fresh_work)).gated()
    small, large = await shop.stocked(5), await shop.stocked(5)
    desk = Desk(Ask(fresh_work, SYSTEM), fresh_database)
    placed = await desk.do(
        PLACE,
        channelId=text_id(IdKind.CHANNEL, shop.channel.id),
        lines=[{"sku": small.code, "quantity": 1, "unitPrice": {"amount": "9.99"}}],
        contact={"name": "Ada", "email": "ada@exmaple.com"},
        shippingAddress={"country": "GB", "line1": "1 High Street", "city": "Leds", "postalCode": "LS1 1AA"},
    )
    desk.order, line = placed["order"]["id"], placed["order"]["lines"]["nodes"][0]["id"]
    assert await desk.causes() == ["AWAITS_PAYMENT"]

    await desk.do(HOLD, orderId=desk.order, reason="ADDRESS", handle="address", note="no such town")
    assert (await desk.causes())[0] == "ON_HOLD"
    address = {"country": "GB", "line1": "1 High Street", "city": "Leeds", "postalCode": "LS1 1AA"}
    await desk.do(EDIT, orderId=desk.order, reason="typo", changes=[{"setShippingAddress": {"address": address}}])
    await desk.do(RELEASE, orderId=desk.order, handle="address", note="mended")
    assert await desk.causes() == ["AWAITS_PAYMENT"]

    payment = {"gateway": "bank", "eventReference": "1", "transactionReference": "t1"}
    await desk.do(PAY, orderId=desk.order, type="CAPTURED", amount={"amount": "9.99"}, **payment)
    paid = await desk.look()
    assert (paid["awaitsPayment"], [each["status"] for each in paid["fulfillmentOrders"]]) == (False, ["OPEN"])
    assert await desk.causes() == ["AWAITS_PICKING"]

    swap = {"swapSku": {"lineId": line, "sku": large.code, "unitPrice": {"amount": "7.99"}}}
    edited = await desk.do(EDIT, orderId=desk.order, reason="size", changes=[swap], refund={})
    assert (edited["order"]["due"], edited["refund"]) == ({"amount": "7.99"}, {"amount": {"amount": "2.00"}})
    assert (await shop.stock(small), await shop.stock(large)) == ((5, 0), (4, 1))

    (todo,) = [each["id"] for each in (await desk.look())["fulfillmentOrders"] if each["status"] == "OPEN"]
    await desk.do(START, fulfillmentOrderId=todo)
    assert (await desk.causes())[0] == "BEING_PICKED"
    shipment = (await desk.do(SHIP, fulfillmentOrderId=todo, carrier="dhl", trackingNumber="T-1"))["shipment"]["id"]
    assert (await desk.causes())[0] == "ON_ITS_WAY"

    await desk.do(UPDATE, orderId=desk.order, email="ada@example.com", reason="typo")
    await desk.do(DELIVER, shipmentId=shipment)
    seen = await desk.look()
    assert seen["statusExplanation"]["causes"][0]["code"] == "REFUND_OPEN"
    assert [(each["kind"], [part["path"] for part in each["personalDifferences"]]) for each in seen["changes"]["nodes"]] == [
        ("EDIT", ["shippingAddress"]),
        ("EDIT", []),
        ("UPDATE", ["contact.email"]),
    ]
    told = [entry["text"] for entry in seen["timeline"]["nodes"]]
    assert [text.split(" ", 1)[1] for text in told if "total" in text or "contact" in text or "released" in text] == [
        "hold for ADDRESS was released: work goes on.",
        "order no longer waits for its payment: it was released.",
        "order was edited: its total is 17.98 instead of 9.99.",
        "contact was changed.",
    ]
    assert told[0].endswith("was placed.")
    assert told[-1].startswith(f"1 of {large.code} was delivered")
    assert all(entry["actor"] for entry in seen["timeline"]["nodes"])
    assert {("ADDRESS", "no such town"), ("typo", None), ("size", None)} <= {
        (entry["reason"], entry["note"]) for entry in seen["timeline"]["nodes"]
    }
    assert await findings(fresh_work) == []
