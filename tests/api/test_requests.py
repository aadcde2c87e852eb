"""Work that suppliers are asked for, by the documents that merchants and suppliers send."""

import asyncio
import csv
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import StringIO
from typing import Any
from uuid import uuid4

import httpx
import pytest

from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.database import Database
from tests.factories.holding import sweep
from tests.factories.rearranging import settle
from tests.factories.requesting import Desk
from tests.factories.shop import Shop, line, location_id, opened, told

PLACE = {
    "shippingAddress": {"company": "Analytical Ltd", "line1": "5 St James's Square", "city": "London", "country": "GB"},
    "contact": {"name": "=Ada Lovelace", "email": "ada@example.com", "phone": "+44 20 1"},
    "shipping": [{"title": "Express", "price": {"amount": "4.50"}}],
    "note": "Ring twice",
}
REQUEST = """id status orderNumber locationCode onHold shipTo { name company line1 phone } shippingMethod orderNote
    supplierRef note shipsBy answeredAt rejected purchaseOrderNumber
    lines { nodes { id skuCode supplierCode name quantity shipped canceled rejected remaining
                    unitCost { amount currencyCode } } }
    packages { id status carrier trackingNumber trackingStatus trackingEvents { status place }
               lines { fulfillmentOrderLineId quantity } }
    availableActions { action allowed }"""
LIST = f"query {{ fulfillmentRequests(where: {{ status: {{ in: [SUBMITTED, ACCEPTED] }} }}) {{ nodes {{ {REQUEST} }} }} }}"
EVENTS = """query Events($after: Cursor) { requestEvents(after: $after) {
    nodes { type changes { field before after } fulfillmentRequest { status } } endCursor } }"""


def mutation(name: str) -> str:
    """Return the document of a mutation of requests."""
    kind = name[0].upper() + name[1:]
    package = " package { id trackingNumber }" if name.endswith("Ship") else ""
    fields = f"userErrors {{ code message field }} replayed fulfillmentRequest {{ {REQUEST} }}{package}"
    return f"mutation Do($input: {kind}Input!) {{ {name}(input: $input) {{ {fields} }} }}"


@dataclass(frozen=True)
class Supply:
    """A shop with a supplier's shelf before its warehouse, and clients with keys of the supplier and of another one."""

    shop: Shop
    desk: Desk
    supplier: httpx.AsyncClient
    stranger: httpx.AsyncClient

    async def does(self, name: str, *, by: httpx.AsyncClient | None = None, **given: Any) -> Any:
        """Send a mutation with the supplier's key, and return its payload."""
        given = {"idempotencyKey": uuid4().hex, **given}
        return (await self.shop.ask(mutation(name), client=by or self.supplier, input=given))[name]

    async def asked(self, *lines: dict[str, Any], **changes: Any) -> tuple[Any, Any]:
        """Place an order, and return it with the request that the supplier finds."""
        order = await self.shop.placed(*lines, **{**PLACE, **changes})
        await sweep(self.shop.work, "ask_suppliers")
        found = (await self.shop.ask(LIST, client=self.supplier))["fulfillmentRequests"]["nodes"]
        return order, next(each for each in found if each["orderNumber"] == order["number"])


@pytest.fixture(scope="module")
async def supply(database: Database) -> AsyncIterator[Supply]:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(opened(database))
        desk, other = await Desk.open(shop.work), await Desk.open(shop.work)
        serving = [location_id(desk.location), location_id(shop.second)]
        change = "mutation Do($input: ChannelUpdateInput!) { channelUpdate(input: $input) { userErrors { code } } }"
        await shop.ask(change, input={"id": shop.channel_id, "locationIds": serving})
        keys = [
            await stack.enter_async_context(
                shop.keyed(
                    scopes=frozenset({Scope.REQUESTS_READ, Scope.REQUESTS_ANSWER}),
                    locations=frozenset({each.location.id}),
                    suppliers=frozenset({each.supplier.id}),
                )
            )
            for each in (desk, other)
        ]
        yield Supply(shop, desk, *keys)


async def stocked(supply: Supply, **how: Any) -> Any:
    """Return goods that the supplier sells, five on its shelf and five in the warehouse."""
    sku = await supply.shop.goods(second=5)
    await supply.shop.given.adjust(sku.id, supply.desk.location.id, 5)
    return await supply.desk.buyer.supplied(sku, **how)


async def test_a_supplier_does_its_part_of_an_order(supply: Supply, database: Database) -> None:
    shop = supply.shop
    cup, pot = await stocked(supply, code="S-CUP"), await stocked(supply)
    order, request = await supply.asked(line(cup, 2), line(pot, 3))
    assert request["status"] == "SUBMITTED"
    assert request["shipTo"] == {
        "name": "=Ada Lovelace", "company": "Analytical Ltd", "line1": "5 St James's Square", "phone": "+44 20 1",
    }  # fmt: skip
    assert (request["shippingMethod"], request["orderNote"]) == ("Express", "Ring twice")
    cups, pots = request["lines"]["nodes"]
    assert (cups["supplierCode"], cups["remaining"], cups["unitCost"]) == (
        "S-CUP",
        2,
        {"amount": "2.50", "currencyCode": "GBP"},
    )
    some = [{"lineId": pots["id"], "quantity": 1, "reasonCode": "NOT_FOUND"}]
    accepted = await supply.does(
        "fulfillmentRequestAccept",
        fulfillmentRequestId=request["id"], rejected=some, supplierRef="S-17", shipsBy="2026-12-24", note="One is broken",
    )  # fmt: skip
    assert accepted["userErrors"] == []
    now = accepted["fulfillmentRequest"]
    assert (now["status"], now["supplierRef"], now["shipsBy"], now["rejected"]) == ("ACCEPTED", "S-17", "2026-12-24", 1)
    assert [each["rejected"] for each in now["lines"]["nodes"]] == [0, 1]
    await settle(shop.work, database)
    shipped = await supply.does(
        "fulfillmentRequestShip", fulfillmentRequestId=request["id"], carrier="DHL", trackingNumber="JD 1"
    )
    assert shipped["fulfillmentRequest"]["status"] == "CLOSED"
    scan = {"status": "IN_TRANSIT", "occurredAt": "2026-11-29T10:00:00Z", "place": "Leeds"}
    package = shipped["package"]["id"]
    tracked = await supply.does("fulfillmentRequestTrack", packageId=package, events=[scan])
    (parcel,) = tracked["fulfillmentRequest"]["packages"]
    assert (parcel["trackingStatus"], parcel["trackingEvents"]) == ("IN_TRANSIT", [{"status": "IN_TRANSIT", "place": "Leeds"}])
    mine = """query Mine($id: ID!) { order(by: {id: $id}) { fulfillmentOrders { status location { code } request { status
        purchaseOrder { status total { amount } request { status } } } } timeline { nodes { text } } } }"""
    seen = (await shop.ask(mine, id=order["id"]))["order"]
    first, second = seen["fulfillmentOrders"]
    assert first["request"]["purchaseOrder"] == {
        "status": "RECEIVED",
        "total": {"amount": "10.00"},
        "request": {"status": "CLOSED"},
    }
    assert (second["status"], second["request"]) == ("OPEN", None)
    texts = [entry["text"] for entry in seen["timeline"]["nodes"]]
    assert f"The supplier of {supply.desk.location.code} accepted the work." in texts


async def test_a_supplier_hears_of_its_requests_alone(supply: Supply, database: Database) -> None:
    cup = await stocked(supply)
    await settle(supply.shop.work, database)
    after = (await supply.shop.ask(EVENTS, client=supply.supplier))["requestEvents"]["endCursor"]
    _, request = await supply.asked(line(cup, 1))
    await supply.does("fulfillmentRequestAccept", fulfillmentRequestId=request["id"])
    await settle(supply.shop.work, database)
    heard = (await supply.shop.ask(EVENTS, client=supply.supplier, after=after))["requestEvents"]["nodes"]
    assert [each["type"] for each in heard] == ["FULFILLMENT_REQUEST_SUBMITTED", "FULFILLMENT_REQUEST_ACCEPTED"]
    assert {change["field"] for each in heard for change in each["changes"]} == {"fulfillmentRequest.status"}
    assert (await supply.shop.ask(EVENTS, client=supply.stranger))["requestEvents"]["nodes"] == []
    refused = await supply.shop.answer("{ events { endCursor } }", client=supply.supplier)
    assert refused["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_supplier_finds_and_does_nothing_of_others(supply: Supply) -> None:
    cup = await stocked(supply)
    _, request = await supply.asked(line(cup, 2))
    before = supply.shop.everything()
    (part,) = request["lines"]["nodes"]
    for name, more in (
        ("fulfillmentRequestAccept", {}),
        ("fulfillmentRequestReject", {"reasonCode": "NO_CAPACITY"}),
        ("fulfillmentRequestShip", {"lines": [{"lineId": part["id"], "quantity": 1}]}),
        ("fulfillmentRequestCancellationAccept", {}),
        ("fulfillmentRequestCancellationReject", {}),
    ):
        payload = await supply.does(name, by=supply.stranger, fulfillmentRequestId=request["id"], **more)
        assert told(payload) == [("NOT_FOUND", "fulfillmentRequestId")], name
    look = "query Look($id: ID!) { node(id: $id) { id } fulfillmentRequest(by: {id: $id}) { id } }"
    assert await supply.shop.ask(look, client=supply.stranger, id=request["id"]) == {"node": None, "fulfillmentRequest": None}
    assert supply.shop.everything() == before


async def test_what_a_supplier_may_not_do_is_said_with_its_code_and_path(supply: Supply) -> None:
    cup = await stocked(supply)
    _, request = await supply.asked(line(cup, 2))
    key, (part,) = request["id"], request["lines"]["nodes"]
    foreign = text_id(IdKind.FULFILLMENT_ORDER_LINE, uuid4())
    before = supply.shop.everything()
    wrong: list[tuple[str, dict[str, Any], list[tuple[str, str | None]]]] = [
        ("Ship", {}, [("REQUEST_NOT_ACCEPTED", "fulfillmentRequestId")]),
        ("CancellationAccept", {}, [("CANCELLATION_NOT_REQUESTED", "fulfillmentRequestId")]),
        ("Reject", {"reasonCode": "?"}, [("UNKNOWN_ORDER_REASON", "reasonCode")]),
        ("Reject", {"reasonCode": "DAMAGED", "lines": []}, [("INVALID_VALUE", "lines")]),
        ("Accept", {"expectedVersion": 7}, [("VERSION_CONFLICT", "expectedVersion")]),
        ("Accept", {"shipsBy": "2999-01-01"}, [("INVALID_VALUE", "shipsBy")]),
        (
            "Accept",
            {"rejected": [{"lineId": part["id"], "quantity": 1, "reasonCode": "?"}]},
            [("UNKNOWN_ORDER_REASON", "rejected.0.reasonCode")],
        ),
        (
            "Accept",
            {"rejected": [{"lineId": part["id"], "quantity": n, "reasonCode": "DAMAGED"} for n in (3, 0)]},
            [("EXCEEDS_REMAINING", "rejected.0.quantity"), ("INVALID_QUANTITY", "rejected.1.quantity")],
        ),
        (
            "Accept",
            {"rejected": [{"lineId": part["id"], "quantity": 1, "reasonCode": "DAMAGED"}] * 2},
            [("LINE_TWICE", "rejected.1.lineId")],
        ),
        (
            "Accept",
            {"rejected": [{"lineId": foreign, "quantity": 1, "reasonCode": "DAMAGED"}]},
            [("NOT_FOUND", "rejected.0.lineId")],
        ),
    ]
    for name, given, expected in wrong:
        payload = await supply.does(f"fulfillmentRequest{name}", fulfillmentRequestId=key, **given)
        assert told(payload) == expected, (name, given)
    assert supply.shop.everything() == before
    await supply.does("fulfillmentRequestAccept", fulfillmentRequestId=key)
    again = await supply.does("fulfillmentRequestAccept", fulfillmentRequestId=key)
    assert told(again) == [("REQUEST_NOT_SUBMITTED", "fulfillmentRequestId")]
    much = await supply.does("fulfillmentRequestShip", fulfillmentRequestId=key, lines=[{"lineId": part["id"], "quantity": 3}])
    assert told(much) == [("EXCEEDS_REMAINING", "lines.0.quantity")]
    other = await supply.does("fulfillmentRequestShip", fulfillmentRequestId=key, lines=[{"lineId": foreign, "quantity": 1}])
    assert told(other) == [("NOT_FOUND", "lines.0.lineId")]
    await supply.does("fulfillmentRequestReject", fulfillmentRequestId=key, reasonCode="NO_CAPACITY")
    late = await supply.does("fulfillmentRequestShip", fulfillmentRequestId=key)
    assert told(late) == [("REQUEST_NOT_ACCEPTED", "fulfillmentRequestId")]


async def test_a_retry_answers_as_the_first_call_did(supply: Supply) -> None:
    cup = await stocked(supply)
    _, request = await supply.asked(line(cup, 2))
    for name, more in (("fulfillmentRequestAccept", {}), ("fulfillmentRequestShip", {"trackingNumber": "R1"})):
        given = {"idempotencyKey": uuid4().hex, "fulfillmentRequestId": request["id"], **more}
        first, second = await supply.does(name, **given), await supply.does(name, **given)
        assert (first["userErrors"], second["userErrors"]) == ([], [])
        assert (first["replayed"], second["replayed"]) == (False, True)
        assert first.get("package") == second.get("package")


async def test_the_address_goes_with_the_work(supply: Supply) -> None:
    cup = await stocked(supply)
    _, request = await supply.asked(line(cup, 2))
    payload = await supply.does("fulfillmentRequestReject", fulfillmentRequestId=request["id"], reasonCode="NO_CAPACITY")
    now = payload["fulfillmentRequest"]
    assert (now["status"], now["shipTo"], now["rejected"]) == ("REJECTED", None, 2)


async def test_who_stops_before_anything_left_has_no_address_any_more(supply: Supply) -> None:
    """Others send the goods then, maybe to another address."""
    cup = await stocked(supply)
    for sent in (0, 1):
        _, request = await supply.asked(line(cup, 2))
        key = {"fulfillmentRequestId": request["id"]}
        await supply.does("fulfillmentRequestAccept", **key)
        some = [{"lineId": each["id"], "quantity": sent} for each in request["lines"]["nodes"] if sent]
        if some:
            await supply.does("fulfillmentRequestShip", lines=some, **key)
        await supply.does("fulfillmentRequestCancellationRequest", by=supply.shop.client, sourceElsewhere=True, **key)
        now = (await supply.does("fulfillmentRequestCancellationAccept", **key))["fulfillmentRequest"]
        assert (now["status"], now["rejected"], now["shipTo"] is not None) == ("CLOSED", 0, bool(sent))


async def test_a_supplier_fetches_what_it_has_to_send_as_a_sheet(supply: Supply) -> None:
    cup = await stocked(supply, code="@CUP")
    order, request = await supply.asked(line(cup, 2))
    sent = await supply.supplier.get("/requests.csv")
    assert (sent.status_code, sent.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert (sent.headers["cache-control"], sent.headers["oms-more-rows"]) == ("no-store", "no")
    (row,) = [row for row in csv.DictReader(StringIO(sent.text)) if row["request_id"] == request["id"]]
    assert (row["order_number"], row["sku_code"], row["remaining"]) == (str(order["number"]), cup.code, "2")
    assert (row["name"], row["phone"], row["supplier_code"]) == ("'=Ada Lovelace", "'+44 20 1", "'@CUP")
    assert (row["unit_cost"], row["currency"], row["status"]) == ("2.500000", "GBP", "SUBMITTED")
    assert "ada@example.com" not in sent.text
    assert request["id"] not in (await supply.stranger.get("/requests.csv")).text
    async with supply.shop.keyed(scopes=frozenset({Scope.ORDERS_READ})) as reader:
        refused = await reader.get("/requests.csv")
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "MISSING_SCOPE")
    answers = await asyncio.gather(*(supply.supplier.get("/requests.csv") for _ in range(12)))
    told = {(each.status_code, "" if each.is_success else each.json()["errors"][0]["extensions"]["code"]) for each in answers}
    assert told == {(200, ""), (429, "TOO_MANY_SHEETS")}
    nobody = await supply.supplier.get("/requests.csv", headers={"authorization": "Bearer nothing"})
    assert (nobody.status_code, nobody.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_merchant_takes_work_back(supply: Supply) -> None:
    cup = await stocked(supply)
    _, request = await supply.asked(line(cup, 2))
    key = {"fulfillmentRequestId": request["id"]}
    denied = await supply.shop.answer(
        mutation("fulfillmentRequestCancellationRequest"), client=supply.supplier, input={"idempotencyKey": "x", **key}
    )
    assert denied["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"
    back = await supply.does("fulfillmentRequestCancellationRequest", by=supply.shop.client, **key)
    assert (back["userErrors"], back["fulfillmentRequest"]["status"]) == ([], "UNSUBMITTED")
    assert back["fulfillmentRequest"]["shipTo"] is None
    again = await supply.does("fulfillmentRequestSubmit", by=supply.shop.client, **key)
    assert again["fulfillmentRequest"]["status"] == "SUBMITTED"
    assert {each["action"] for each in again["fulfillmentRequest"]["availableActions"] if each["allowed"]} == {
        "ACCEPT_REQUEST", "REJECT_REQUEST", "ASK_TO_CANCEL_REQUEST",
    }  # fmt: skip
