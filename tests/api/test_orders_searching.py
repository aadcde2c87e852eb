"""Looking for orders: by what people know of them, in each order, within what a key may see."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.declared import gauging
from oms_api.graphql.declared.facets import Facets
from oms_api.graphql.declared.lists import known_of
from oms_api.graphql.declared.operators import operators
from oms_api.graphql.orders.queries import ORDERS, OrderFilterInput
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as ordered
from tests.factories.shop import Shop, line, opened

LIST = """query ($where: OrderFilterInput, $by: OrderOrder! = NUMBER_ASC, $first: Int, $after: Cursor) {
    orders(where: $where, orderBy: $by, first: $first, after: $after) {
        nodes { externalRef number updatedAt } pageInfo { endCursor hasNextPage } } }"""
WORKS = "query ($id: ID!) { fulfillmentOrders(where: {orderId: {eq: $id}}) { nodes { id } } }"
SHIP = "mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) { shipment { id } userErrors { code } } }"
FEE = {"kind": "FEE", "name": "Fee", "quantity": 1, "unitPrice": {"amount": "0"}}
ADA = {"name": "Ada Lovelace", "email": "Ada@Example.com", "phone": "+44 20 7946 0000"}


class Desk:
    """Three orders that people look for: ada, grace and guest."""

    def __init__(self, shop: Shop, ask: Ask, sku: str, numbers: dict[str, str]) -> None:
        self.shop, self.ask, self.sku, self.numbers = shop, ask, sku, numbers

    async def found(self, *, ask: Ask | None = None, by: str = "NUMBER_ASC", **where: Any) -> list[str]:
        nodes = (await (ask or self.ask)(LIST, where=where, by=by))["orders"]["nodes"]
        return [node["externalRef"].split("-")[-1] for node in nodes]

    def only(self, *scopes: Scope, **limits: Any) -> Ask:
        return Ask(self.ask.work, replace(SYSTEM, scopes=frozenset(scopes), **limits))


@pytest.fixture(scope="module")
async def desk(database: Database, work: UnitOfWork) -> AsyncIterator[Desk]:
    async with opened(database) as shop:
        sku, ask = await shop.goods(first=100), Ask(work, SYSTEM)
        ada = await shop.placed(
            line(sku, unitPrice={"amount": "20"}),
            externalRef="W%1-ada",
            contact=ADA,
            shippingAddress={"name": "Somebody Else", "country": "GB"},
            shipping=[{"title": "Express", "code": "EXPRESS", "price": {"amount": "3"}}],
            tags=["vip", "gift"],
            priority=5,
        )
        address = {"name": "Grace Hopper", "country": "US"}
        grace = await shop.placed(line(sku, unitPrice={"amount": "30"}), externalRef="W%2-grace", shippingAddress=address)
        await shop.placed(FEE, externalRef="X_1-guest", contact={"email": "guest@example.org"})
        (todo,) = (await ask(WORKS, id=ada["id"]))["fulfillmentOrders"]["nodes"]
        given = {"idempotencyKey": new_uuid().hex, "trackingNumber": "RM-77", "fulfillmentOrderId": todo["id"]}
        assert (await ask(SHIP, input=given))["shipmentCreate"]["userErrors"] == []
        yield Desk(shop, ask, sku.code, {"ada": str(ada["number"]), "grace": str(grace["number"])})


@pytest.mark.parametrize("few", [gauging.FEW, 0])
async def test_orders_are_found_by_what_they_have(desk: Desk, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(gauging, "FEW", few)  # none are few: the list is walked
    place = text_id(IdKind.LOCATION, desk.shop.first.id)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"externalRef": {"startsWith": "W%"}}, ["ada", "grace"]),
        ({"externalRef": {"eq": "X_1-guest"}}, ["guest"]),
        ({"externalRef": {"startsWith": "w%"}}, []),
        ({"externalRef": {"ne": "X_1-guest"}}, ["ada", "grace"]),
        ({"freedExternalRef": {"startsWith": "W"}}, []),
        ({"email": {"eq": "ada@example.COM"}}, ["ada"]),
        ({"email": {"startsWith": "g"}}, ["guest"]),
        ({"email": {"isNull": True}}, ["grace"]),
        ({"name": {"startsWith": "ADA l"}}, ["ada"]),
        ({"name": {"eq": "grace hopper"}}, ["grace"]),
        ({"phone": {"startsWith": "+44"}}, ["ada"]),
        ({"name": {"startsWith": "ada"}, "phone": {"eq": "+44 20 7946 0000"}}, ["ada"]),
        ({"tag": "vip"}, ["ada"]),
        ({"tag": "vip'"}, []),
        ({"NOT": [{"tag": "vip"}]}, ["grace", "guest"]),
        ({"priority": {"gte": 1}}, ["ada"]),
        ({"country": {"eq": "US"}}, ["grace"]),
        ({"currencyCode": {"eq": "GBP"}}, ["ada", "grace", "guest"]),
        ({"total": {"currencyCode": "GBP", "gt": "23"}}, ["grace"]),
        ({"total": {"currencyCode": "GBP", "gte": "23", "lt": "30"}}, ["ada"]),
        ({"total": {"currencyCode": "GBP", "lte": "0.001"}}, ["guest"]),
        ({"total": {"currencyCode": "GBP", "gte": "9999999999999"}}, []),
        ({"total": {"currencyCode": "JPY", "gte": "0"}}, []),
        ({"sku": {"eq": desk.sku}}, ["ada", "grace"]),
        ({"sku": {"in": [desk.sku, "nothing"]}}, ["ada", "grace"]),
        ({"sku": {"isNull": True}}, ["guest"]),
        ({"locationId": {"eq": place}}, ["ada", "grace"]),
        ({"shippingCode": {"eq": "EXPRESS"}}, ["ada"]),
        ({"trackingNumber": {"startsWith": "RM"}}, ["ada"]),
        ({"trackingNumber": {"eq": "RM-77"}}, ["ada"]),
        ({"updatedAt": {"gte": "2020-01-01T00:00:00Z"}}, ["ada", "grace", "guest"]),
        ({"updatedAt": {"gte": "2020-01-01T00:00:00Z", "lt": "2090-01-01T00:00:00Z"}}, ["ada", "grace", "guest"]),
        ({"placedAt": {"lt": "2020-01-01T00:00:00Z"}}, []),
        ({"number": {"gte": int(desk.numbers["grace"])}}, ["grace", "guest"]),
        ({"number": {"in": [int(desk.numbers[name]) for name in ("ada", "grace", "ada")]}}, ["ada", "grace"]),
        ({"status": {"ne": "CANCELED"}}, ["ada", "grace", "guest"]),
        ({"status": {"notIn": ["OPEN", "COMPLETED"]}}, []),
        ({"status": {"notIn": ["OPEN"], "in": ["OPEN", "COMPLETED"]}}, ["guest"]),
        ({"fulfillmentStatus": {"ne": "SHIPPED"}}, ["grace", "guest"]),
        ({"customerId": {"isNull": True}}, ["ada", "grace", "guest"]),
        ({"customerId": {"isNull": False}}, []),
        ({"country": {"ne": "GB"}}, ["grace", "guest"]),
        ({"country": {"in": ["GB", "US"]}, "NOT": [{"country": {"eq": "US"}}]}, ["ada"]),
        ({"OR": [{"tag": "vip"}, {"country": {"eq": "US"}}]}, ["ada", "grace"]),
        ({"currencyCode": {"in": ["JPY", "EUR"]}}, []),
        ({"channelId": {"eq": desk.shop.channel_id}, "currencyCode": {"ne": "JPY"}}, ["ada", "grace", "guest"]),
    ]
    for where, refs in cases:
        assert await desk.found(**where) == refs, where


async def test_one_box_finds_orders_by_all_that_they_go_by(desk: Desk) -> None:
    cases = [
        (desk.numbers["grace"], ["grace"]),
        (f" #{desk.numbers['grace']} ", ["grace"]),
        ("W%", ["ada", "grace"]),
        ("X_1", ["guest"]),
        ("XA1", []),
        ("RM-7", ["ada"]),
        (desk.sku, ["ada", "grace"]),
        ("lovel", ["ada"]),
        ("ADA LOVE", ["ada"]),
        ("guest@EXAMPLE", ["guest"]),
        ("hopper", ["grace"]),
        ("9" * 30, []),
        ("\u0660\u0661\u0662", []),
        ("%_", []),
        ("\\\\", []),
        ("x" * 100, []),
    ]
    for text, refs in cases:
        assert await desk.found(text=text) == refs, text
        assert await desk.found(OR=[{"text": text}]) == refs, text
    assert await desk.found(text="w%", country={"eq": "US"}) == []
    assert await desk.found(text="W%", country={"eq": "US"}) == ["grace"]
    for text, code in (("", "SEARCH_TOO_SHORT"), (" a ", "SEARCH_TOO_SHORT"), ("a" * 10_000, "SEARCH_TOO_LONG")):
        (error,) = await desk.ask.errors(LIST, where={"text": text})
        assert (error["extensions"]["code"], error["extensions"]["field"]) == (code, ["where", "text"])


async def test_people_and_parcels_are_found_only_by_who_may_see_them(desk: Desk) -> None:
    clerk = desk.only(Scope.ORDERS_READ)
    assert await desk.found(ask=clerk, text="lovel") == []
    assert await desk.found(ask=clerk, text="W%1") == ["ada"]
    for where in ({"email": {"eq": "x"}}, {"OR": [{"name": {"eq": "x"}}]}, {"NOT": [{"phone": {"isNull": True}}]}):
        (error,) = await clerk.errors(LIST, where=where)
        assert error["extensions"]["code"] == "MISSING_SCOPE", where
    elsewhere = desk.only(*Scope, locations=frozenset({desk.shop.second.id}))
    assert await desk.found(ask=elsewhere, text="RM-7") == []
    assert await desk.found(ask=elsewhere, trackingNumber={"startsWith": "RM"}) == []
    assert await desk.found(ask=elsewhere, locationId={"eq": text_id(IdKind.LOCATION, desk.shop.first.id)}) == []
    assert await desk.found(ask=desk.only(*Scope, channels=frozenset()), text="W%") == []


@pytest.mark.parametrize(
    ("by", "refs"),
    [
        ("NUMBER_DESC", ["guest", "grace", "ada"]),
        ("TOTAL_DESC", ["grace", "ada", "guest"]),
        ("TOTAL_ASC", ["guest", "ada", "grace"]),
        ("PRIORITY_DESC", ["ada", "guest", "grace"]),
        ("UPDATED_AT_ASC", ["grace", "guest", "ada"]),
        ("UPDATED_AT_DESC", ["ada", "guest", "grace"]),
    ],
)
async def test_orders_are_sorted_and_paged(desk: Desk, by: str, refs: list[str]) -> None:
    assert await desk.found(by=by) == refs
    after, seen = None, []
    for _ in refs:
        page = (await desk.ask(LIST, by=by, first=1, after=after))["orders"]
        seen += [node["externalRef"].split("-")[-1] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert (seen, page["pageInfo"]["hasNextPage"]) == (refs, False)


FACETS = """query ($where: OrderFilterInput, $limit: Int! = 1000) { ordersFacets(where: $where, limit: $limit) {
    status { ...C } fulfillmentStatus { ...C } paymentStatus { ...C } returnStatus { ...C } } }
    fragment C on ValueCount { value count atLeast }"""


def some(counts: list[dict[str, Any]]) -> dict[str, int]:
    return {each["value"]: each["count"] for each in counts if each["count"]}


async def test_facets_count_what_matches_by_status(desk: Desk) -> None:
    every: tuple[Any, ...] = (None, {"currencyCode": {"eq": "GBP"}}, {"OR": [{"text": "W%"}, {"text": "X_"}]})
    for where in every:
        told = (await desk.ask(FACETS, where=where))["ordersFacets"]
        assert some(told["status"]) == {"OPEN": 2, "COMPLETED": 1}
        assert some(told["fulfillmentStatus"]) == {"SHIPPED": 1, "ALLOCATED": 1, "NOT_REQUIRED": 1}
        assert some(told["returnStatus"]) == {"NONE": 3}
        assert len(told["status"]) > 2
        assert not any(each["atLeast"] for counts in told.values() for each in counts)
    for where in ({"text": "W%"}, {"country": {"in": ["GB", "US"]}}):
        assert some((await desk.ask(FACETS, where=where))["ordersFacets"]["status"]) == {"OPEN": 2}
    few = (await desk.ask(FACETS, limit=1))["ordersFacets"]["status"]
    assert {"value": "OPEN", "count": 1, "atLeast": True} in few
    assert {"value": "COMPLETED", "count": 1, "atLeast": False} in few
    nobody = desk.only(*Scope, channels=frozenset())
    assert some((await nobody(FACETS))["ordersFacets"]["status"]) == {}
    (error,) = await desk.ask.errors(FACETS, limit=10_001)
    assert error["extensions"]["code"] == "INVALID_VALUE"


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_facets_count_the_same_of_more_than_is_looked_up_at_once(desk: Desk, limit: int) -> None:
    columns = OrderRow.status, OrderRow.fulfillment_status, OrderRow.payment_status, OrderRow.return_status
    async with desk.ask.work.reads(SYSTEM) as read:
        for given in ({"currency_code": ["GBP"]}, {"country": ["GB", "US"]}):
            asked = {name: operators(str)(in_=values) for name, values in given.items()}
            where = await known_of(ORDERS, read, OrderFilterInput(**asked))
            at_once, in_turn = [
                [list(told) for told in facets.shown(await read.all(facets.counts(where, read.sight, limit + 1)), limit)]
                for facets in (Facets(ORDERS, columns), Facets(ORDERS, columns, most=1))
            ]
            assert at_once == in_turn
            assert "count=1" in str(at_once)


async def test_counts_that_take_too_long_do_not_lose_the_answer(desk: Desk, database: Database) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("LOCK TABLE orders")
        found = await desk.ask(FACETS.replace("{ ordersFacets", "{ ordersCount { count atLeast } ordersFacets", 1))
    assert found["ordersCount"] == {"count": 0, "atLeast": True}
    told = found["ordersFacets"]
    assert all(each == {"value": each["value"], "count": 0, "atLeast": True} for counts in told.values() for each in counts)


@pytest.mark.parametrize("few", [gauging.FEW, 0])
async def test_work_is_found_by_what_its_order_has(desk: Desk, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(gauging, "FEW", few)
    document = """query ($where: FulfillmentOrderFilterInput) {
        fulfillmentOrders(where: $where) { nodes { updatedAt order { externalRef } } } }"""
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"sku": {"eq": desk.sku}}, ["ada", "grace"]),
        ({"sku": {"eq": "nothing"}}, []),
        ({"paymentStatus": {"eq": "PENDING"}, "status": {"eq": "OPEN"}}, ["grace"]),
        ({"paymentStatus": {"eq": "PAID"}}, []),
        ({"country": {"eq": "GB"}}, ["ada"]),
        ({"priority": {"gte": 5}}, ["ada"]),
        ({"tag": "vip"}, ["ada"]),
        ({"tag": "vip'"}, []),
        ({"channelId": {"eq": desk.shop.channel_id}, "held": False}, ["ada", "grace"]),
        ({"held": True}, []),
        ({"shippingCode": {"in": ["EXPRESS", "POST"]}}, ["ada"]),
        ({"createdAt": {"lt": "2020-01-01T00:00:00Z"}}, []),
    ]
    for where, refs in cases:
        nodes = (await desk.ask(document, where=where))["fulfillmentOrders"]["nodes"]
        assert [node["order"]["externalRef"].split("-")[-1] for node in nodes] == refs, where
    packer = desk.only(Scope.SHIPPING_READ)
    (error,) = await packer.errors('{ fulfillmentOrders(where: {country: {eq: "GB"}}) { nodes { id } } }')
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_stock_is_sorted_within_a_location(desk: Desk) -> None:
    document = """query ($where: InventoryLevelFilterInput, $by: InventoryLevelOrder! = AVAILABLE_ASC, $after: Cursor) {
        inventoryLevels(where: $where, orderBy: $by, first: 2, after: $after) {
            nodes { available } pageInfo { endCursor } } }"""
    units = [7, 3, 5, 3]
    skus = [await desk.shop.goods(second=each) for each in units]
    here = {"locationId": {"eq": text_id(IdKind.LOCATION, desk.shop.second.id)}}

    async def walked(**asked: Any) -> list[int]:
        after, seen = None, []
        while (page := (await desk.ask(document, after=after, **asked))["inventoryLevels"])["nodes"]:
            seen += [node["available"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
        return seen

    assert await walked(where=here) == [3, 3, 5, 7]
    assert await walked(where=here, by="ON_HAND_DESC") == [7, 5, 3, 3]
    assert await walked(where={**here, "available": {"lt": 5}}) == [3, 3]
    assert await walked(where={**here, "onHand": {"gte": 5}}, by="CREATED") == [7, 5]
    assert await walked(where={"skus": [{"code": skus[0].code}], "available": {"gt": 0}}) == [7]
    assert await walked(where={"skuText": skus[2].code.lower()}) == [5]
    for asked, path in (
        ({}, ["orderBy"]),
        ({"by": "CREATED", "where": {"available": {"lt": 5}}}, ["where", "available"]),
        ({"by": "CREATED", "where": {"OR": [{"onHand": {"lt": 5}}, here]}}, ["where", "onHand"]),
        ({"by": "INCOMING_DESC"}, ["orderBy"]),
        ({"by": "CREATED", "where": {"incoming": {"gt": 0}}}, ["where", "incoming"]),
    ):
        (error,) = await desk.ask.errors(document, **asked)
        assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID_VALUE", path)


async def test_stock_is_filtered_and_sorted_by_what_comes(desk: Desk) -> None:
    document = """query ($where: InventoryLevelFilterInput, $by: InventoryLevelOrder! = CREATED, $after: Cursor) {
        inventoryLevels(where: $where, orderBy: $by, first: 2, after: $after) {
            nodes { incoming onHand } pageInfo { endCursor } } }"""
    road = await Road.build(desk.shop.work)
    buyer = Buyer(desk.shop.work, (await Buyer.open(desk.shop.work)).supplier, road.destination)
    skus = await road.goods(9, 9, 9, 9)
    for sku, units in zip(skus, (1, 2, 3, 4), strict=True):
        await desk.shop.given.adjust(sku.id, road.destination.id, units)
    bought, moved, both, none = skus
    await buyer.order(ordered(await buyer.supplied(bought), 5), ordered(await buyer.supplied(both), 2))
    await buyer.write(ordered(await buyer.supplied(none), 7))
    await road.plan((moved, 4), (both, 6))
    await road.plan((none, 5), ready=False)
    here = {"locationId": {"eq": text_id(IdKind.LOCATION, road.destination.id)}}

    async def walked(**asked: Any) -> list[tuple[int, int]]:
        after, seen = None, []
        while (page := (await desk.ask(document, after=after, **asked))["inventoryLevels"])["nodes"]:
            seen += [(node["onHand"], node["incoming"]) for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
        return seen

    assert await walked(where=here, by="INCOMING_DESC") == [(3, 8), (1, 5), (2, 4), (4, 0)]
    assert await walked(where=here, by="INCOMING_ASC") == [(4, 0), (2, 4), (1, 5), (3, 8)]
    assert await walked(where={**here, "incoming": {"gt": 0}}) == [(1, 5), (2, 4), (3, 8)]
    assert await walked(where={**here, "incoming": {"lt": 5}}) == [(2, 4), (4, 0)]
    of_one = {"skus": [{"code": both.code}], "incoming": {"eq": 8}}
    assert await walked(where=of_one, by="INCOMING_DESC") == [(3, 8)]


@pytest.mark.parametrize(
    "where",
    [
        'returns(where: {number: {eq: 1}, externalRef: {startsWith: "R"}, reason: {in: [DAMAGED]}})',
        'refunds(where: {providerReference: {startsWith: "re_"}, grantedAt: {gte: "2020-01-01T00:00:00Z"}})',
        'purchaseOrders(where: {number: {gte: 1}, externalRef: {eq: "P"}, supplierRef: {startsWith: "S"}})',
    ],
)
async def test_documents_are_found_by_what_others_call_them(desk: Desk, where: str) -> None:
    assert list((await desk.ask(f"{{ {where} {{ nodes {{ id }} }} }}")).values()) == [{"nodes": []}]
