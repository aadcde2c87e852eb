"""A customer follows one order by a link, without an API key, and sees nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from oms_api.domain.tracking.links import token_of
from oms_api.graphql.permissions import open_without_key
from oms_api.graphql.schema import build_schema
from oms_api.http.reading import PUBLIC_FIELDS
from oms_api.http.refusals import HttpRefusal
from oms_api.http.shares import Shares
from oms_api.http.tracking import DOCUMENT
from oms_api.kernel.access import VISITOR, Scope
from oms_api.kernel.ids import OrderId, parse_id
from oms_api.kernel.links import signature
from oms_api.kernel.text import encode_base64
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.served import served, settings_for
from tests.factories.shop import Shop, line, opened

LINK = """
query ($id: ID!, $days: Int! = 90) { node(id: $id) { ... on Order { trackingLink(days: $days) { token path expiresAt } } } }
"""
SHORT = "query($token: String!) { orderTracking(token: $token) { orderNumber } }"


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with opened(database) as running:
        yield running


@pytest.fixture
async def visitor(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=shop.served.address, timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
async def token(shop: Shop) -> str:
    sku = await shop.goods(5)
    order = await shop.placed(line(sku))
    return str((await shop.ask(LINK, id=order["id"]))["node"]["trackingLink"]["token"])


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


async def test_a_link_shows_its_order_to_whoever_has_it(shop: Shop, visitor: httpx.AsyncClient, token: str) -> None:
    asked = await visitor.post("/graphql", json={"query": DOCUMENT, "variables": {"token": token}})
    tracking = asked.json()["data"]["orderTracking"]
    assert (tracking["status"], tracking["packages"], tracking["pickups"]) == ("PLACED", [], [])
    by_get = await visitor.get("/graphql", params={"query": DOCUMENT, "variables": json.dumps({"token": token})})
    assert by_get.json()["data"]["orderTracking"] == tracking
    plainly = await visitor.get(f"/track/{token}")
    assert (plainly.status_code, plainly.json()) == (200, tracking)
    assert (plainly.headers["cache-control"], plainly.headers["content-type"]) == (
        "no-store",
        "application/json; charset=utf-8",
    )
    assert (await shop.ask(SHORT, token=token))["orderTracking"]["orderNumber"] == tracking["orderNumber"]


async def test_the_token_is_not_logged(visitor: httpx.AsyncClient, token: str) -> None:
    with capture_logs() as logs:
        await visitor.get(f"/track/{token}")
        await visitor.post("/graphql", json={"query": SHORT, "variables": {"token": token}})
    assert [(each["path"], each["client"]) for each in logs if each["event"] == "request"] == [
        ("/track/{token}", "visitors"), ("/graphql", "visitors"),
    ]  # fmt: skip
    assert token not in str(logs)


async def test_what_is_asked_for_all_of_it_is_all_there_is() -> None:
    """The answer of /track is that of GraphQL, whole: a new field of an order's tracking is asked for there too."""
    schema = build_schema()._schema
    asked = DOCUMENT.split()
    for name in ("OrderTracking", "TrackedPackage", "TrackedEvent", "TrackedPickup", "TrackedPlace"):
        assert [field for field in schema.type_map[name].fields if field not in asked] == [], name  # type: ignore[attr-defined]


def test_the_door_and_the_schema_agree_on_what_is_public() -> None:
    schema = build_schema()._schema
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root is not None]
    assert {name for root in roots for name, field in root.fields.items() if open_without_key(field)} == PUBLIC_FIELDS


T = 'orderTracking(token: "T") { orderNumber }'
REFUSED = {
    "another root field": "{ orders { nodes { id } } }",
    "another one beside it": f"{{ {T} orders {{ nodes {{ id }} }} }}",
    "another one under its name": "{ orderTracking: orders { nodes { id } } }",
    "another one in a fragment": f"{{ {T} ...F }} fragment F on Query {{ orders {{ nodes {{ id }} }} }}",
    "another one in an inline fragment": f"{{ {T} ... on Query {{ orders {{ nodes {{ id }} }} }} }}",
    "another one in a bare fragment": f'{{ {T} ... {{ node(id: "x") {{ id }} }} }}',
    "itself in a fragment": f"{{ ...F }} fragment F on Query {{ {T} }}",
    "another operation": f"query A {{ {T} }} query B {{ orders {{ nodes {{ id }} }} }}",
    "a mutation beside it": f"query A {{ {T} }} mutation B {{ jobCancel(input: {{}}) {{ userErrors {{ code }} }} }}",
    "a mutation of its name": f"mutation {{ {T} }}",
    "a subscription beside it": f"query A {{ {T} }} subscription B {{ events {{ type }} }}",
    "a subscription of its name": f"subscription {{ {T} }}",
    "the schema": "{ __schema { types { name } } }",
    "the schema beside it": f"{{ {T} __schema {{ types {{ name }} }} }}",
    "a type beside it": f'{{ {T} __type(name: "Order") {{ name }} }}',
    "nothing but the typename": "{ __typename }",
    "any record": '{ node(id: "order_x") { id } }',
    "any records": f'{{ {T} nodes(ids: ["order_x"]) {{ id }} }}',
    "what cannot be parsed": f"{{ {T} ",
    "no operation": "fragment F on OrderTracking { orderNumber }",
    "too many tokens": "{" + "orderTracking " * 4_001 + "}",
    "a long document": f"{{ {T} }} # {'x' * 2_000}",
}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("name", [None, "A"])
async def test_nothing_else_is_asked_without_a_key(
    visitor: httpx.AsyncClient, token: str, document: str, name: str | None
) -> None:
    text = document.replace('"T"', f'"{token}"')
    given: dict[str, Any] = {"query": text} if name is None else {"query": text, "operationName": name}
    for answer in (await visitor.post("/graphql", json=given), await visitor.get("/graphql", params=given)):
        assert code(answer) == (401, "UNAUTHENTICATED")
        assert "data" not in answer.json()
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'[{"query": "{ __typename }"}]', b"{}", b"null"])
async def test_what_is_no_request_needs_a_key_too(visitor: httpx.AsyncClient, body: bytes) -> None:
    sent = await visitor.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert code(sent) == (401, "UNAUTHENTICATED")


async def test_a_body_without_a_key_is_short(visitor: httpx.AsyncClient, token: str) -> None:
    asked = {"query": SHORT, "variables": {"token": token}, "extensions": {"more": "x" * 16_000}}
    assert (await visitor.post("/graphql", json=asked)).status_code == 200
    asked["extensions"] = {"more": "x" * 17_000}
    assert code(await visitor.post("/graphql", json=asked)) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic dTpw"])
async def test_a_wrong_key_is_no_missing_key(visitor: httpx.AsyncClient, token: str, authorization: str) -> None:
    given = {"query": SHORT, "variables": {"token": token}}
    sent = await visitor.post("/graphql", json=given, headers={"authorization": authorization})
    assert code(sent) == (401, "UNAUTHENTICATED")


async def test_what_a_key_prepared_still_needs_one(shop: Shop, visitor: httpx.AsyncClient, token: str) -> None:
    for document in ("{ __schema { queryType { name } } }", f"query A {{ orders {{ nodes {{ id }} }} }} query B {{ {T} }}"):
        for name in ("A", "B") if "query A" in document else (None,):
            given = {"query": document.replace('"T"', f'"{token}"'), "operationName": name}
            assert (await shop.client.post("/graphql", json=given)).status_code == 200
            assert code(await visitor.post("/graphql", json=given)) == (401, "UNAUTHENTICATED")


async def test_streams_and_sockets_are_for_keys(shop: Shop, visitor: httpx.AsyncClient, token: str) -> None:
    given = {"query": SHORT, "variables": {"token": token}}
    events = await visitor.post("/graphql", json=given, headers={"accept": "text/event-stream"})
    assert code(events) == (401, "UNAUTHENTICATED")
    async with connect(shop.served.socket_address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
    async with connect(shop.served.socket_address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": given}))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


ALLOWED = {"itself in a fragment", "another operation", "a mutation beside it", "a subscription beside it", "a long document"}
"""What a visitor may run once let in: the door is narrower, and refuses what it would have to look at twice."""


@pytest.mark.parametrize(
    "what", sorted(REFUSED.keys() - ALLOWED - {"no operation", "what cannot be parsed", "too many tokens"})
)
async def test_a_visitor_past_the_door_is_refused_by_the_schema(shop: Shop, token: str, what: str) -> None:
    oms, text = shop.served.oms, REFUSED[what].replace('"T"', f'"{token}"')
    for _ in range(2):
        result: Any = await oms.schema.execute(text, context_value=oms.context(VISITOR, "r"))
        assert [error.extensions["code"] for error in result.errors] == ["UNAUTHENTICATED"]
        assert result.data is None


async def test_a_link_that_is_none_is_refused(shop: Shop, visitor: httpx.AsyncClient, token: str) -> None:
    secrets, now = shop.served.oms.secrets, shop.work.clock()
    order = OrderId(uuid4())
    wrong = {
        "": "LINK_CHANGED",
        "x": "LINK_CHANGED",
        "é": "LINK_CHANGED",
        token[:-1]: "LINK_CHANGED",
        ("A" if token[0] != "A" else "B") + token[1:]: "LINK_CHANGED",
        token[:30] + ("A" if token[30] != "A" else "B") + token[31:]: "LINK_CHANGED",
        token_of(secrets, order, now + timedelta(days=1)): "LINK_CHANGED",  # of an order that is not there
        token_of(secrets, order, now - timedelta(seconds=2)): "LINK_EXPIRED",
    }
    statuses = {"LINK_CHANGED": 403, "LINK_EXPIRED": 410}
    for given, expected in wrong.items():
        asked = await visitor.post("/graphql", json={"query": SHORT, "variables": {"token": given}})
        assert [error["extensions"]["code"] for error in asked.json()["errors"]] == [expected], given
        assert asked.json()["data"] is None
        if given:
            assert code(await visitor.get(f"/track/{given}")) == (statuses[expected], expected)
    assert code(await visitor.post(f"/track/{token}")) == (405, "METHOD_NOT_ALLOWED")


REVOKE = """
mutation ($input: TrackingLinkRevokeInput!) { trackingLinkRevoke(input: $input) {
  order { trackingLink { token } } userErrors { code field } replayed } }
"""


async def test_links_that_are_revoked_open_nothing_and_new_ones_do(shop: Shop, visitor: httpx.AsyncClient) -> None:
    order = (await shop.placed(line(await shop.goods(5))))["id"]
    first = (await shop.ask(LINK, id=order))["node"]["trackingLink"]["token"]
    tokens = [first]
    for _ in range(2):
        given = {"idempotencyKey": uuid4().hex, "orderId": order}
        revoked = (await shop.ask(REVOKE, input=given))["trackingLinkRevoke"]
        assert (revoked["userErrors"], (await shop.ask(REVOKE, input=given))["trackingLinkRevoke"]["replayed"]) == ([], True)
        tokens.append(revoked["order"]["trackingLink"]["token"])
    *gone, works = tokens
    for token in gone:
        assert code(await visitor.get(f"/track/{token}")) == (410, "LINK_REVOKED")
    assert (await visitor.get(f"/track/{works}")).status_code == 200
    forged = works[:-1] + ("A" if works[-1] != "A" else "Q")
    assert code(await visitor.get(f"/track/{forged}")) == (403, "LINK_CHANGED")


async def test_what_opens_a_file_opens_no_order(shop: Shop, visitor: httpx.AsyncClient) -> None:
    sku = await shop.goods(5)
    order = parse_id(OrderId, (await shop.placed(line(sku)))["id"])
    secrets, expires = shop.served.oms.secrets, int((shop.work.clock() + timedelta(days=1)).timestamp())
    forged = order.bytes + expires.to_bytes(8, "big") + signature(secrets, "file", order, expires)
    assert code(await visitor.get(f"/track/{encode_base64(forged)}")) == (403, "LINK_CHANGED")
    ours = order.bytes + expires.to_bytes(8, "big") + signature(secrets, "tracking", order, expires)
    assert (await visitor.get(f"/track/{encode_base64(ours)}")).status_code == 200


async def test_a_link_of_another_order_shows_that_order_only(shop: Shop, visitor: httpx.AsyncClient) -> None:
    sku = await shop.goods(5)
    orders = [await shop.placed(line(sku)) for _ in range(2)]
    links = [(await shop.ask(LINK, id=each["id"]))["node"]["trackingLink"] for each in orders]
    for order, link in zip(orders, links, strict=True):
        assert (await visitor.get(link["path"])).json()["orderNumber"] == order["number"]
    first, second = (str(link["token"]) for link in links)
    for cut in range(1, len(first)):
        mixed = first[:cut] + second[cut:]
        if mixed not in {first, second}:
            told = await visitor.post("/graphql", json={"query": SHORT, "variables": {"token": mixed}})
            assert told.json()["errors"][0]["extensions"]["code"] == "LINK_CHANGED", cut


async def test_a_link_works_as_long_as_was_asked_for(shop: Shop) -> None:
    sku = await shop.goods(5)
    order = await shop.placed(line(sku))
    assert parse_id(OrderId, order["id"])
    for days in (0, -1, 366):
        told = await shop.answer(LINK, id=order["id"], days=days)
        assert [(each["extensions"]["code"], each["extensions"].get("field")) for each in told["errors"]] == [
            ("INVALID_VALUE", ["days"])
        ]
    async with shop.keyed(scopes=frozenset({Scope.CATALOG_READ})) as other:
        assert (await shop.answer(LINK, client=other, id=order["id"]))["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_one_document_of_a_visitor_asks_for_little(visitor: httpx.AsyncClient, token: str) -> None:
    def many(number: int) -> str:
        return "{" + " ".join(f'a{at}: orderTracking(token: "{token}") {{ orderNumber }}' for at in range(number)) + "}"

    assert "errors" not in (await visitor.post("/graphql", json={"query": many(3)})).json()
    told = await visitor.post("/graphql", json={"query": many(4)})
    assert told.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_TOO_COSTLY"


def test_visitors_together_have_one_share() -> None:
    shares = Shares(most_sockets=1, most_operations=1, most_visits=2)
    with shares.request(VISITOR), shares.request(VISITOR):
        with shares.request(SYSTEM):
            pass
        with pytest.raises(HttpRefusal, match="come again"), shares.request(VISITOR):
            pass
    with shares.request(VISITOR):
        pass


async def test_a_visitor_too_many_is_told_to_come_again(database: Database, token: str) -> None:
    settings = settings_for(database, most_visits=1)
    async with served(settings, schema=None) as running, httpx.AsyncClient(base_url=running.address, timeout=20) as visitor:
        answers = await asyncio.gather(*(visitor.get(f"/track/{token}") for _ in range(40)))
        refused = [code(answer) for answer in answers if answer.status_code != 200]
        assert set(refused) == {(429, "TOO_MANY_VISITORS")}
        assert len(refused) < 40
        assert (await visitor.get(f"/track/{token}")).status_code == 200


SHIP = """
mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) { shipment { packages { id } } userErrors { code } } }
"""
WORK = "query ($id: ID!) { node(id: $id) { ... on Order { fulfillmentOrders { id } } } }"
REPORT = """
mutation ($input: TrackingEventReportInput!) { trackingEventReport(input: $input) { userErrors { code message } } }
"""
CANARY = "canary"


def person(which: str) -> dict[str, Any]:
    """Return all that an order says of its people, each text with a canary."""
    address = {name: f"{CANARY}-{which}-{name}" for name in ("name", "company", "line1", "city", "postalCode", "phone")}
    return {
        "contact": {
            "name": f"{CANARY}-{which}-contact",
            "email": f"{CANARY}-{which}@shop.example",
            "phone": "+44 20 7946 0999",
        },
        "shippingAddress": {**address, "country": "GB"},
        "billingAddress": {**address, "line1": f"{CANARY}-{which}-billing", "country": "GB"},
        "note": f"{CANARY}-{which}-note",
        "tags": [f"{CANARY}-{which}-tag"],
        "externalRef": f"{CANARY}-{which}-ref",
    }


async def sent_order(shop: Shop, which: str) -> tuple[Any, Any]:
    """Place an order of which every text is a canary, ship it and let its carrier tell of it; return it and its link."""
    sku = await shop.goods(5, code=f"{CANARY}-{which}-{uuid4().hex}")
    order = await shop.placed(line(sku, price="7713.37"), **person(which))
    (work,) = (await shop.ask(WORK, id=order["id"]))["node"]["fulfillmentOrders"]
    number = f"NR-{which}-{order['number']}"
    leaves = {"fulfillmentOrderId": work["id"], "carrier": "Royal Mail", "trackingNumber": number}
    made = (await shop.ask(SHIP, input={"idempotencyKey": uuid4().hex, **leaves}))["shipmentCreate"]
    ((package,), told) = made["shipment"]["packages"], {"message": f"Handed to {CANARY}-{which}", "code": f"{CANARY}-{which}"}
    now = shop.work.clock().isoformat()
    events = [{"status": "OUT_FOR_DELIVERY", "occurredAt": now, "place": "Leeds, GB", "scanRef": f"{CANARY}-{which}", **told}]
    given = {"idempotencyKey": uuid4().hex, "packageId": package["id"], "events": events}
    assert (await shop.ask(REPORT, input=given))["trackingEventReport"]["userErrors"] == []
    return order, (await shop.ask(LINK, id=order["id"]))["node"]["trackingLink"]


async def test_a_walk_through_all_that_a_link_shows_finds_nothing_of_anybody(shop: Shop, visitor: httpx.AsyncClient) -> None:
    order, link = await sent_order(shop, "own")
    other, _ = await sent_order(shop, "other")
    ways = {"query": DOCUMENT, "variables": {"token": link["token"]}}
    for answer in (await visitor.get(link["path"]), await visitor.post("/graphql", json=ways)):
        text = answer.text
        assert answer.status_code == 200
        assert f"NR-own-{order['number']}" in text
        for secret in (CANARY, "7713", "shop.example", "79460999", "GBP", f"NR-other-{other['number']}", str(other["number"])):
            assert secret not in text, secret
        for prefix in ("order_", "package_", "shipment_", "fo_", "line_", "customer_", "location_", "channel_"):
            assert prefix not in text.replace("order_number", ""), prefix
    (parcel,) = (await visitor.get(link["path"])).json()["packages"]
    assert (parcel["status"], parcel["carrier"], [each["place"] for each in parcel["events"]]) == (
        "OUT_FOR_DELIVERY", "Royal Mail", ["Leeds, GB"],
    )  # fmt: skip
