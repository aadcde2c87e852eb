"""Asking for orders: filters, orders, pages in both directions, and what a key may see."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_api.domain.channels.tables import ChannelRow
from oms_api.graphql.orders.queries import OrderFilterInput
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements
from tests.factories.database import Database
from tests.factories.loop_turns import LoopTurns
from tests.factories.shop import Shop, line, opened

LIST = """query ($where: OrderFilterInput, $by: OrderOrder! = PLACED_AT_DESC, $first: Int, $after: Cursor, $last: Int,
    $before: Cursor) {
    orders(where: $where, orderBy: $by, first: $first, after: $after, last: $last, before: $before) {
        nodes { externalRef } edges { cursor node { externalRef } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
COUNT = "query ($where: OrderFilterInput, $limit: Int! = 10000) { ordersCount(where: $where, limit: $limit) { count atLeast } }"
EVERYTHING = """query ($first: Int!) { orders(first: $first) { nodes {
    id total { amount } contact { name } shippingAddress { country } discounts { label } shippingCharges { title }
    shippingTaxes { title } availableActions { action }
    lines(first: 50) { nodes { skuCode total { amount } discounts { label } taxes { title } } } } } }"""
ORDERS = 23
FEE = {"kind": "FEE", "name": "Fee", "quantity": 1, "unitPrice": {"amount": "0"}}


class Books:
    """A shop with a known list of orders: r00 is the oldest; r20 to r22 have one time and differ in their ids."""

    def __init__(self, shop: Shop, other: ChannelRow, customer_id: str, sku: str) -> None:
        self.shop, self.other, self.customer_id, self.sku = shop, other, customer_id, sku
        self.ids: dict[str, str] = {}
        self.numbers: dict[str, str] = {}

    async def listed(self, **variables: Any) -> list[str]:
        return [node["externalRef"] for node in (await self.shop.ask(LIST, **variables))["orders"]["nodes"]]

    async def matching(self, where: dict[str, Any]) -> set[str]:
        """Return the references of the orders that match, and check that they are counted the same."""
        found = await self.listed(where=where)
        assert (await self.shop.ask(COUNT, where=where))["ordersCount"] == {"count": len(found), "atLeast": False}
        return set(found)

    async def codes(self, document: str, **variables: Any) -> list[str]:
        return [error["extensions"]["code"] for error in (await self.shop.answer(document, **variables))["errors"]]


@pytest.fixture(scope="module")
async def books(database: Database) -> AsyncIterator[Books]:
    async with opened(database) as shop:
        other, customer = await shop.given.channel(locations=(shop.first,)), await shop.given.customer()
        sku = await shop.goods(first=100)
        found = Books(shop, other, text_id(IdKind.CUSTOMER, customer.id), sku.code)
        for number in range(ORDERS):
            order = await shop.placed(
                line(sku) if number % 2 else FEE,
                externalRef=f"r{number:02}",
                occurredAt=f"2020-01-{min(number, 20) + 1:02}T00:00:00Z",
                channelId=text_id(IdKind.CHANNEL, other.id) if number % 5 == 0 else shop.channel_id,
                customerId=found.customer_id if number < 3 else None,
                contact={"name": "Ada"},
                shippingAddress={"country": "GB"},
            )
            found.ids[order["externalRef"]], found.numbers[order["externalRef"]] = order["id"], order["number"]
        yield found


def refs(*numbers: int) -> set[str]:
    return {f"r{number:02}" for number in numbers}


ODD = refs(*range(1, ORDERS, 2))
EVEN = refs(*range(0, ORDERS, 2))
OTHER = refs(*range(0, ORDERS, 5))


async def test_each_filter_finds_its_orders(books: Books) -> None:
    other = {"channelId": {"eq": text_id(IdKind.CHANNEL, books.other.id)}}
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({}, ODD | EVEN),
        (other, OTHER),
        ({"id": {"in": [books.ids["r03"], books.ids["r04"]]}}, refs(3, 4)),
        ({"id": {"in": []}}, set()),
        ({"id": {"eq": books.ids["r03"], "in": [books.ids["r04"]]}}, set()),
        ({"number": {"eq": books.numbers["r07"]}}, refs(7)),
        ({"customerId": {"eq": books.customer_id}}, refs(0, 1, 2)),
        ({"externalRef": {"in": ["r01", "nothing"]}}, refs(1)),
        ({"sku": {"eq": books.sku}}, ODD),
        ({"sku": {"eq": books.sku.lower()}}, set()),
        ({"status": {"eq": "OPEN"}}, ODD),
        ({"status": {"in": ["CANCELED", "COMPLETED"]}}, EVEN),
        ({"fulfillmentStatus": {"eq": "ALLOCATED"}}, ODD),
        ({"paymentStatus": {"eq": "PENDING"}}, ODD),
        ({"paymentStatus": {"eq": "NOT_REQUIRED"}}, EVEN),
        ({"returnStatus": {"eq": "NONE"}, "onHold": False}, ODD | EVEN),
        ({"onHold": True}, set()),
        ({"placedAt": {"gte": "2020-01-03T00:00:00Z", "lt": "2020-01-06T00:00:00Z"}}, refs(2, 3, 4)),
        ({"AND": [other, {"sku": {"eq": books.sku}}]}, OTHER & ODD),
        ({"OR": [other, {"sku": {"eq": books.sku}}]}, OTHER | ODD),
        ({"NOT": [other, {"sku": {"eq": books.sku}}]}, EVEN - OTHER),
        ({"NOT": [{"customerId": {"eq": books.customer_id}}]}, (ODD | EVEN) - refs(0, 1, 2)),
        ({"NOT": [{"OR": [other]}], "OR": [{"AND": [{"sku": {"eq": books.sku}}]}]}, ODD - OTHER),
        ({"OR": []}, ODD | EVEN),
    ]
    for where, expected in cases:
        assert await books.matching(where) == expected, where


async def test_filters_that_make_no_sense_are_refused(books: Books) -> None:
    deep: dict[str, Any] = {}
    for _ in range(6):
        deep = {"AND": [deep]}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"channelId": {"eq": books.ids["r01"]}}, "INVALID_ID"),
        ({"externalRef": {"in": ["x"] * 251}}, "TOO_MANY_ITEMS"),
        ({"OR": [{}] * 100}, "TOO_MANY_CONDITIONS"),
        ({"AND": [{"onHold": True, "status": {"eq": "OPEN"}}] * 51}, "TOO_MANY_CONDITIONS"),
        (deep, "INVALID_VALUE"),
    ]
    for where, code in cases:
        assert await books.codes(LIST, where=where) == [code]
    for _ in range(400):
        deep = {"AND": [deep]}
    assert (await books.codes(LIST, where=deep))[0] != "INTERNAL"


async def test_lists_with_many_conditions_leave_turns_to_others(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    turns, checked = LoopTurns(), OrderFilterInput.checked

    def noted(self: OrderFilterInput, *path: str, depth: int = 0, **more: Any) -> OrderFilterInput:
        if depth == 0:
            turns.note()
        return checked(self, *path, depth=depth, **more)

    monkeypatch.setattr(OrderFilterInput, "checked", noted)
    lists = " ".join(f"l{at}: orders(first: 1, where: $where) {{ nodes {{ id }} }}" for at in range(5))
    counts = "ordersCount(where: $where) { count } ordersFacets(where: $where) { status { count } }"
    counting = asyncio.create_task(turns.until(7))
    await books.shop.ask(f"query ($where: OrderFilterInput!) {{ {lists} {counts} }}", where={"AND": [{"onHold": False}] * 20})
    await counting
    assert turns.different == 7


async def test_the_order_of_a_list(books: Books) -> None:
    oldest = await books.listed(by="PLACED_AT_ASC")
    assert oldest == sorted(oldest)
    assert await books.listed() == oldest[::-1]


@given(size=st.integers(1, ORDERS + 2), by=st.sampled_from(["PLACED_AT_DESC", "PLACED_AT_ASC"]), backwards=st.booleans())
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_paging_gives_each_order_once_in_both_directions(books: Books, size: int, by: str, *, backwards: bool) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(ORDERS + 1):
        page: dict[str, Any] = {"last": size, "before": cursor} if backwards else {"first": size, "after": cursor}
        found = (await books.shop.ask(LIST, by=by, **page))["orders"]
        nodes = [node["externalRef"] for node in found["nodes"]]
        assert [edge["node"]["externalRef"] for edge in found["edges"]] == nodes
        seen = [*nodes, *seen] if backwards else [*seen, *nodes]
        info = found["pageInfo"]
        assert (info["startCursor"], info["endCursor"]) == (found["edges"][0]["cursor"], found["edges"][-1]["cursor"])
        assert info["hasNextPage" if backwards else "hasPreviousPage"] is (cursor is not None)
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            break
        cursor = info["startCursor" if backwards else "endCursor"]
    assert seen == sorted(seen, reverse=by == "PLACED_AT_DESC")
    assert len(seen) == ORDERS


async def test_pages_have_their_bounds(books: Books) -> None:
    empty = (await books.shop.ask(LIST, first=0))["orders"]
    assert (empty["nodes"], empty["pageInfo"]["endCursor"]) == ([], None)
    for page, code in (
        ({"first": -1}, "INVALID_VALUE"),
        ({"last": -1}, "INVALID_VALUE"),
        ({"first": 251}, "TOO_MANY_ITEMS"),
        ({"last": 251}, "TOO_MANY_ITEMS"),
        ({"first": 1, "last": 1}, "INVALID_VALUE"),
        ({"first": 1, "before": "x"}, "INVALID_VALUE"),
    ):
        assert await books.codes(LIST, **page) == [code]


async def test_a_cursor_belongs_to_its_list_and_order(books: Books) -> None:
    cursor = (await books.shop.ask(LIST, first=1))["orders"]["pageInfo"]["endCursor"]
    lines = "query { orders(first: 1) { nodes { lines(first: 1) { pageInfo { endCursor } } } } }"
    of_lines = (await books.shop.ask(lines))["orders"]["nodes"][0]["lines"]["pageInfo"]["endCursor"]
    assert await books.codes(LIST, after=cursor, by="PLACED_AT_ASC") == ["INVALID_CURSOR"]
    for damaged in (of_lines, cursor[:-2], cursor + "A", "", "é", "W10", "x" * 10_000):
        assert await books.codes(LIST, after=damaged) == ["INVALID_CURSOR"]


async def test_counting_stops_at_its_limit(books: Books) -> None:
    for limit, expected in ((5, {"count": 5, "atLeast": True}), (ORDERS, {"count": ORDERS, "atLeast": False})):
        assert (await books.shop.ask(COUNT, limit=limit))["ordersCount"] == expected
    for limit in (0, -1, 10_001):
        assert await books.codes(COUNT, limit=limit) == ["INVALID_VALUE"]


async def test_an_order_is_found_by_id_number_and_reference(books: Books) -> None:
    document = "query ($by: OrderByInput!) { order(by: $by) { externalRef } }"
    of = {"channelId": books.shop.channel_id, "ref": "r03"}
    by: dict[str, Any]
    for by in ({"id": books.ids["r03"]}, {"number": books.numbers["r03"]}, {"externalRef": of}):
        assert (await books.shop.ask(document, by=by))["order"] == {"externalRef": "r03"}
    missing = ({"id": text_id(IdKind.ORDER, new_uuid())}, {"number": 0}, {"externalRef": {**of, "ref": "r05"}})
    for by in missing:
        assert (await books.shop.ask(document, by=by))["order"] is None
    for by in ({"id": ""}, {"id": books.shop.channel_id}, {"externalRef": {**of, "channelId": books.ids["r03"]}}):
        assert await books.codes(document, by=by) == ["INVALID_ID"]
    for by in ({}, {"id": None}, {"id": books.ids["r03"], "number": 1}):
        assert await books.codes(document, by=by) == ["BAD_USER_INPUT"]


async def test_node_and_nodes_give_orders_in_order(books: Books) -> None:
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Order { externalRef } } }"
    ids = [books.ids["r03"], text_id(IdKind.ORDER, new_uuid()), books.ids["r01"]]
    found = (await books.shop.ask(document, ids=ids))["nodes"]
    assert found == [{"id": ids[0], "externalRef": "r03"}, None, {"id": ids[2], "externalRef": "r01"}]
    assert await books.codes(document, ids=["nothing"]) == ["INVALID_ID"]
    assert await books.codes(document, ids=[ids[0]] * 251) == ["TOO_MANY_ITEMS"]


async def test_a_limited_key_sees_its_channels_only(books: Books) -> None:
    async with books.shop.keyed(channels={books.other.id}) as limited:
        found = await books.shop.ask(LIST, client=limited)
        assert {node["externalRef"] for node in found["orders"]["nodes"]} == OTHER
        assert (await books.shop.ask(COUNT, client=limited))["ordersCount"]["count"] == len(OTHER)
        foreign = books.ids["r03"]
        document = "query ($id: ID!) { order(by: {id: $id}) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }"
        assert await books.shop.ask(document, client=limited, id=foreign) == {"order": None, "node": None, "nodes": [None]}
        for by in ({"number": books.numbers["r03"]}, {"externalRef": {"channelId": books.shop.channel_id, "ref": "r03"}}):
            found = await books.shop.ask("query ($by: OrderByInput!) { order(by: $by) { id } }", client=limited, by=by)
            assert found == {"order": None}
    async with books.shop.keyed(channels=set()) as blind:
        assert (await books.shop.ask(LIST, client=blind))["orders"]["nodes"] == []


async def test_personal_fields_need_their_scope(books: Books) -> None:
    async with books.shop.keyed(scopes=frozenset({Scope.ORDERS_READ})) as reader:
        assert (await books.shop.ask(LIST, client=reader))["orders"]["nodes"]
        for personal in ("contact { name }", "shippingAddress { city }", "billingAddress { city }"):
            for document in (
                f"{{ orders {{ nodes {{ {personal} }} }} }}",
                f"{{ orders {{ edges {{ node {{ ... on Order {{ {personal} }} }} }} }} }}",
                f"query {{ orders {{ nodes {{ ...P }} }} }} fragment P on Order {{ {personal} }}",
                f'{{ node(id: "{books.ids["r01"]}") {{ ... on Order {{ {personal} }} }} }}',
            ):
                answer = await books.shop.answer(document, client=reader)
                assert [e["extensions"]["code"] for e in answer["errors"]] == ["MISSING_SCOPE"]
                assert "data" not in answer


async def test_the_number_of_statements_does_not_grow_with_the_rows(books: Books) -> None:
    shop = books.shop
    sku = await shop.goods(first=1_000)
    taxes = [{"title": "VAT", "amount": {"amount": "1"}}]
    discounts = [{"amount": {"amount": "1"}, "label": "Off"}]
    full = [line(sku, 1, taxes=taxes, discounts=discounts) for _ in range(5)]
    shipping = [{"title": "Post", "price": {"amount": "1"}, "taxes": taxes}]
    orders = [shop.order(*full, contact={"name": "A"}, discounts=discounts, shipping=shipping) for _ in range(50)]
    assert (await shop.many(*orders))["userErrors"] == []
    ask = Ask(shop.work, shop.given.principal)
    counts = []
    for first in (5, 50):
        with counted_statements() as sent:
            found = await ask(EVERYTHING, first=first)
        assert len(found["orders"]["nodes"]) == first
        assert all(len(order["lines"]["nodes"]) == 5 for order in found["orders"]["nodes"][:5])
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12


async def test_a_filter_of_250_references_and_a_thousand_tags_are_plain_data(books: Books) -> None:
    hostile = ["'; DROP TABLE orders; --", "%", "_", "\\", '"', "{}", "\t\n", "😀", "ﷺ" * 50, uuid4().hex]
    for text in hostile:
        order = await books.shop.placed(FEE, externalRef=text, note=text, tags=[text, text])
        assert (order["externalRef"], order["note"], order["tags"]) == (text, text, [text, text])
        assert await books.matching({"externalRef": {"eq": text}}) == {text}
