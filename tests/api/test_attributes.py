"""Attributes that merchants define: typed, checked, shown, and found by an index."""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.attributes.commands.upsert_definition import UpsertDefinition, upsert_definition
from oms_api.domain.attributes.given import AttributeGiven
from oms_api.domain.attributes.states import AttributeOwner, AttributeType
from oms_api.domain.fulfillment.commands.update_order import update_order
from oms_api.domain.orders.changes.wanted import AddLine
from oms_api.domain.orders.given import Amount, LineGiven
from oms_api.domain.orders.updates import UpdateOrder
from oms_api.kernel.ids import ChannelId, IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM
from tests.factories.keeping import staged
from tests.factories.racing import Attempt, race
from tests.factories.trading import Shop, line

DEFINE = """mutation ($input: AttributeDefinitionUpsertInput!) { attributeDefinitionUpsert(input: $input) {
  attributeDefinition { id owner code name type choices version } userErrors { code message field }
} }"""
PLACE = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id attributes { code name type value } lines { nodes { attributes { code value } } } } userErrors { code field }
} }"""
UPDATE = """mutation ($input: OrderUpdateInput!) { orderUpdate(input: $input) {
  order { version attributes { code value } changes { nodes { differences { path before after } } } }
  userErrors { code message field }
} }"""
ERRORS = "userErrors { code field }"
TYPES = {"TEXT": "engraving", "NUMBER": "weight", "BOOLEAN": "gift", "DATE": "wanted-on", "CHOICE": "color"}


class Desk:
    """A shop whose records of one kind have an attribute of each type, with codes of their own."""

    def __init__(self, shop: Shop, ask: Ask) -> None:
        self.shop, self.ask, self.suffix = shop, ask, new_uuid().hex[-8:]

    def code(self, type_: str) -> str:
        return f"{TYPES[type_]}-{self.suffix}"

    async def define(self, **given: Any) -> dict[str, Any]:
        answer = await self.ask(DEFINE, input={"idempotencyKey": new_uuid().hex, **given})
        return dict(answer["attributeDefinitionUpsert"])

    async def define_all(self, owner: str) -> None:
        for type_, name in TYPES.items():
            choices = {"choices": ["red", "blue"]} if type_ == "CHOICE" else {}
            said = {"owner": owner, "code": self.code(type_), "name": name, "type": type_, **choices}
            assert (await self.define(**said))["userErrors"] == []

    def given(self, **values: str | None) -> list[dict[str, Any]]:
        return [{"code": self.code(type_), "value": value} for type_, value in values.items()]

    async def update(self, order: Any, **given: Any) -> dict[str, Any]:
        said = {
            "idempotencyKey": new_uuid().hex,
            "orderId": order if isinstance(order, str) else text_id(IdKind.ORDER, order.id),
        }
        return dict((await self.ask(UPDATE, input={**said, **given}))["orderUpdate"])


@pytest.fixture
async def desk(work: UnitOfWork) -> Desk:
    return Desk(await Shop.open(work), Ask(work, SYSTEM))


FULL = {"TEXT": "For Ada", "NUMBER": "2.50", "BOOLEAN": "true", "DATE": "2026-12-24", "CHOICE": "red"}


async def test_a_line_that_an_edit_adds_keeps_its_attributes(desk: Desk) -> None:
    await desk.define_all("LINE")
    sku = await desk.shop.stocked(9)
    order = await desk.shop.place(line(sku))
    added = LineGiven(
        sku=sku.code,
        quantity=1,
        unit_price=Amount(value=Decimal(1)),
        attributes=(AttributeGiven(desk.code("TEXT"), "A. L."),),
    )
    await desk.shop.edit(order.id, AddLine(line=added))
    look = "query ($id: ID!) { order(by: {id: $id}) { lines { nodes { attributes { code value } } } } }"
    lines = (await desk.ask(look, id=text_id(IdKind.ORDER, order.id)))["order"]["lines"]["nodes"]
    assert [each["attributes"] for each in lines] == [[], [{"code": desk.code("TEXT"), "value": "A. L."}]]


async def test_an_order_is_placed_with_attributes_and_changed_later(desk: Desk) -> None:
    await desk.define_all("ORDER")
    await desk.define_all("LINE")
    sku = await desk.shop.stocked(9)
    lines = [{"sku": sku.code, "quantity": 1, "unitPrice": {"amount": "1"}, "attributes": desk.given(TEXT="A. L.")}]
    channel = text_id(IdKind.CHANNEL, desk.shop.channel.id)
    said = {"idempotencyKey": new_uuid().hex, "channelId": channel, "lines": lines, "attributes": desk.given(**FULL)}
    order = (await desk.ask(PLACE, input=said))["orderPlace"]["order"]
    told = {each["code"]: (each["type"], each["value"]) for each in order["attributes"]}
    assert told == {desk.code(type_): (type_, {"2.50": "2.5"}.get(value, value)) for type_, value in FULL.items()}
    assert order["lines"]["nodes"] == [{"attributes": [{"code": desk.code("TEXT"), "value": "A. L."}]}]
    changed = await desk.update(order["id"], attributes=desk.given(NUMBER="3", TEXT=None, CHOICE="red"))
    assert changed["order"]["version"] == 2
    assert {each["code"]: each["value"] for each in changed["order"]["attributes"]} == {
        desk.code("NUMBER"): "3", desk.code("BOOLEAN"): "true", desk.code("DATE"): "2026-12-24", desk.code("CHOICE"): "red",
    }  # fmt: skip
    (change,) = changed["order"]["changes"]["nodes"]
    assert change["differences"] == [
        {"path": f"attributes.{desk.code('NUMBER')}", "before": "2.5", "after": "3"},
        {"path": f"attributes.{desk.code('TEXT')}", "before": "For Ada", "after": None},
    ]
    again = await desk.update(order["id"], attributes=desk.given(NUMBER="3.0", TEXT=None))
    assert again["order"]["version"] == 2


async def test_skus_customers_and_locations_have_attributes(desk: Desk) -> None:
    for owner in ("SKU", "CUSTOMER", "LOCATION"):
        await desk.define_all(owner)
    values = desk.given(CHOICE="blue", BOOLEAN="false")
    shown = "{ version attributes { code value } }"
    upsert = f"mutation ($input: SkuUpsertInput!) {{ skuUpsert(input: $input) {{ sku {shown} {ERRORS} }} }}"
    code = desk.code("TEXT")

    async def sku(**given: Any) -> dict[str, Any]:
        return dict((await desk.ask(upsert, input={"idempotencyKey": new_uuid().hex, "code": code, **given}))["skuUpsert"])

    made = await sku(kind="GOODS", name="Mug", attributes=values)
    assert {each["code"]: each["value"] for each in made["sku"]["attributes"]} == {
        each["code"]: each["value"] for each in values
    }
    assert (await sku(attributes=values))["sku"]["version"] == 1
    assert (await sku(attributes=desk.given(CHOICE="red")))["sku"]["version"] == 2
    assert refusals(await sku(attributes=desk.given(CHOICE="green"))) == [("INVALID_VALUE", ["attributes", "0", "value"])]
    upsert = f"mutation ($input: CustomerUpsertInput!) {{ customerUpsert(input: $input) {{ customer {shown} }} }}"
    said = {"externalRef": code, "attributes": values}
    for version in (1, 1):
        answer = await desk.ask(upsert, input={"idempotencyKey": new_uuid().hex, **said})
        assert (answer["customerUpsert"]["customer"]["version"], len(answer["customerUpsert"]["customer"]["attributes"])) == (
            version,
            2,
        )
    update = f"mutation ($input: LocationUpdateInput!) {{ locationUpdate(input: $input) {{ location {shown} }} }}"
    place = text_id(IdKind.LOCATION, desk.shop.locations[0].id)
    answer = await desk.ask(update, input={"id": place, "attributes": values})
    location = answer["locationUpdate"]["location"]
    assert (location["version"], len(location["attributes"])) == (2, 2)
    event = (await staged(desk.shop.work, "LOCATION_CHANGED", desk.shop.locations[0].id))[-1]
    assert event.changes == {"attributes": [None, None]}
    for listed, owner in (("skus", "Sku"), ("customers", "Customer"), ("locations", "Location")):
        document = f"query ($where: {owner}FilterInput!) {{ {listed}(where: $where) {{ nodes {{ id }} }} }}"
        where = {"attribute": [{"code": desk.code("BOOLEAN"), "eq": "false"}]}
        assert len((await desk.ask(document, where=where))[listed]["nodes"]) == 1


async def test_orders_are_found_by_their_attributes(desk: Desk) -> None:
    await desk.define_all("ORDER")
    sku = await desk.shop.stocked(9)
    orders = {}
    for name, values in (
        ("a", {"NUMBER": "1", "DATE": "2026-01-01", "TEXT": "x", "BOOLEAN": "true"}),
        ("b", {"NUMBER": "2.5", "DATE": "2026-02-01", "CHOICE": "red", "BOOLEAN": "false"}),
        ("c", {"NUMBER": "10", "CHOICE": "red"}),
    ):
        order = await desk.shop.place(line(sku))
        orders[text_id(IdKind.ORDER, order.id)] = name
        assert (await desk.update(order, attributes=desk.given(**values)))["userErrors"] == []
    document = "query ($where: OrderFilterInput!) { orders(where: $where) { nodes { id } } }"
    cases: list[tuple[list[tuple[str, dict[str, str]]], str]] = [
        ([("NUMBER", {"gte": "2.5"})], "bc"),
        ([("NUMBER", {"gte": "2", "lte": "9"})], "b"),
        ([("NUMBER", {"eq": "10.0"})], "c"),
        ([("DATE", {"lte": "2026-01-31"})], "a"),
        ([("TEXT", {"eq": "x"})], "a"),
        ([("BOOLEAN", {"eq": "false"})], "b"),
        ([("CHOICE", {"eq": "red"})], "bc"),
        ([("CHOICE", {"eq": "red"}), ("NUMBER", {"lte": "3"})], "b"),
        ([("DATE", {})], "ab"),
    ]
    for asked, expected in cases:
        where = {"attribute": [{"code": desk.code(type_), **by} for type_, by in asked]}
        nodes = (await desk.ask(document, where=where))["orders"]["nodes"]
        assert "".join(sorted(orders[node["id"]] for node in nodes)) == expected, asked
    wrong: list[tuple[dict[str, str], str, list[str]]] = [
        ({"code": "none"}, "UNKNOWN_ATTRIBUTE", ["where", "attribute", "0", "code"]),
        ({"code": desk.code("NUMBER"), "eq": "x"}, "INVALID_VALUE", ["where", "attribute", "0", "eq"]),
        ({"code": desk.code("TEXT"), "gte": "x"}, "INVALID_VALUE", ["where", "attribute", "0", "gte"]),
    ]
    for by, code, field in wrong:
        (error,) = await desk.ask.errors(document, where={"attribute": [by]})
        assert (error["extensions"]["code"], error["extensions"]["field"]) == (code, field)


async def test_each_wrong_value_has_its_code_and_its_place(desk: Desk) -> None:
    await desk.define_all("ORDER")
    await desk.define(owner="SKU", code=f"only-{desk.suffix}", name="x", type="TEXT")
    order = await desk.shop.place(line(await desk.shop.stocked(1)))
    before = await desk.shop.order(order.id)
    value, code = ["attributes", "0", "value"], ["attributes", "0", "code"]
    cases: list[tuple[list[dict[str, Any]], list[tuple[str, list[str]]]]] = [
        (desk.given(NUMBER="two"), [("INVALID_VALUE", value)]),
        (desk.given(NUMBER="1e3"), [("INVALID_VALUE", value)]),
        (desk.given(NUMBER="NaN"), [("INVALID_VALUE", value)]),
        (desk.given(NUMBER="1234567890123"), [("INVALID_VALUE", value)]),
        (desk.given(BOOLEAN="yes"), [("INVALID_VALUE", value)]),
        (desk.given(DATE="2026-02-30"), [("INVALID_VALUE", value)]),
        (desk.given(DATE="20260201"), [("INVALID_VALUE", value)]),
        (desk.given(CHOICE="green"), [("INVALID_VALUE", value)]),
        (desk.given(TEXT=""), [("INVALID_VALUE", value)]),
        (desk.given(TEXT="x" * 256), [("INVALID_VALUE", value)]),
        (desk.given(TEXT="a\0"), [("INVALID_VALUE", value)]),
        ([{"code": "a\0", "value": "x"}], [("UNKNOWN_ATTRIBUTE", code)]),
        ([{"code": f"only-{desk.suffix}", "value": "x"}], [("UNKNOWN_ATTRIBUTE", code)]),
        (desk.given(TEXT="x") * 2, [("INVALID_VALUE", ["attributes", "1", "code"])]),
        (desk.given(TEXT="x") * 101, [("TOO_MANY_ITEMS", ["attributes"])]),
    ]
    for given, expected in cases:
        assert refusals(await desk.update(order, attributes=given)) == expected, given
    assert await desk.shop.order(order.id) == before
    lines = [{"sku": "none", "quantity": 1, "attributes": [{"code": "none", "value": "x"}]}]
    channel = text_id(IdKind.CHANNEL, desk.shop.channel.id)
    said = {"idempotencyKey": new_uuid().hex, "channelId": channel, "lines": lines, "attributes": desk.given(NUMBER="x")}
    payload = (await desk.ask(PLACE, input=said))["orderPlace"]
    assert ("INVALID_VALUE", ["attributes", "0", "value"]) in refusals(payload)


async def test_a_definition_stays_what_stored_values_need(desk: Desk) -> None:
    await desk.define_all("ORDER")
    order = await desk.shop.place(line(await desk.shop.stocked(1)))
    number, color = ({"owner": "ORDER", "code": desk.code(each)} for each in ("NUMBER", "CHOICE"))
    assert (await desk.define(**number, type="TEXT"))["attributeDefinition"]["type"] == "TEXT"
    assert (await desk.define(**number, type="NUMBER", expectedVersion=2))["attributeDefinition"]["version"] == 3
    await desk.update(order, attributes=desk.given(NUMBER="1", CHOICE="red"))
    assert refusals(await desk.define(**number, type="TEXT")) == [("DEFINITION_IN_USE", ["type"])]
    assert refusals(await desk.define(**color, choices=["blue"])) == [("DEFINITION_IN_USE", ["choices"])]
    more = (await desk.define(**color, choices=["green", "red"], name="Color"))["attributeDefinition"]
    assert (more["choices"], more["name"]) == (["green", "red"], "Color")
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({**number, "choices": ["a"]}, [("INVALID_VALUE", ["choices"])]),
        ({**number, "expectedVersion": 1}, [("VERSION_CONFLICT", ["expectedVersion"])]),
        ({**color, "choices": ["a", "a"]}, [("INVALID_VALUE", ["choices", "1"])]),
        ({"owner": "SKU", "code": f"new-{desk.suffix}"}, [("INVALID_VALUE", ["name"]), ("INVALID_VALUE", ["type"])]),
        ({"owner": "SKU", "code": " x ", "name": "x", "type": "TEXT"}, [("INVALID_VALUE", ["code"])]),
        ({"owner": "SKU", "code": f"new-{desk.suffix}", "name": "x", "type": "CHOICE"}, [("INVALID_VALUE", ["choices"])]),
    ]
    for given, expected in cases:
        assert refusals(await desk.define(**given)) == expected, given
    limited = Desk(desk.shop, Ask(desk.shop.work, replace(SYSTEM, channels=frozenset({ChannelId(UUID(int=1))}))))
    assert [code for code, _ in refusals(await limited.define(**number, name="x"))] == ["LIMITED_KEY"]
    listed = await desk.ask("{ attributeDefinitions(owner: ORDER) { code choices } }")
    assert {"code": desk.code("CHOICE"), "choices": ["green", "red"]} in listed["attributeDefinitions"]


async def test_a_type_changes_or_a_value_is_written_never_both(desk: Desk) -> None:
    for turn in range(5):
        code = f"raced-{desk.suffix}-{turn}"
        await desk.define(owner="ORDER", code=code, name="x", type="NUMBER")
        order = await desk.shop.place(line(await desk.shop.stocked(1)))
        given = UpdateOrder(order_id=order.id, attributes=(AttributeGiven(code, "1"),))
        turned = UpsertDefinition(owner=AttributeOwner.ORDER, code=code, type=AttributeType.BOOLEAN)
        execute = desk.shop.work.execute
        both: list[Attempt] = [
            partial(execute, SYSTEM, update_order, given),
            partial(execute, SYSTEM, upsert_definition, turned),
        ]
        ended = await race(both)
        assert ended in ({"done": 1, "DEFINITION_IN_USE": 1}, {"done": 1, "INVALID_VALUE": 1})


async def test_placing_without_attributes_asks_nothing_about_them(desk: Desk) -> None:
    sku = await desk.shop.stocked(1)
    with counted_statements() as sent:
        await desk.shop.place(line(sku))
    assert not [text for text in sent if "attribute" in text]


async def test_a_definition_made_by_many_at_once_is_one(desk: Desk) -> None:
    made = UpsertDefinition(owner=AttributeOwner.SKU, code=f"many-{desk.suffix}", name="x", type=AttributeType.TEXT)
    assert await race([lambda: desk.shop.work.execute(SYSTEM, upsert_definition, made)] * 6) == {"done": 6}


async def test_attributes_of_lines_are_changed_and_found(desk: Desk) -> None:
    await desk.define_all("LINE")
    sku = await desk.shop.stocked(9)
    order, other = await desk.shop.place(line(sku), line(sku)), await desk.shop.place(line(sku))
    first, second = [text_id(IdKind.LINE, each.id) for each in await desk.shop.lines(order.id)]
    said = [{"lineId": first, "attributes": desk.given(TEXT="For Ada", NUMBER="2")}]
    changed = await desk.update(order, lines=said)
    assert changed["userErrors"] == []
    assert changed["order"]["changes"]["nodes"][0]["differences"] == [
        {"path": f"lines.{first}.attributes.{desk.code('TEXT')}", "before": None, "after": "For Ada"},
        {"path": f"lines.{first}.attributes.{desk.code('NUMBER')}", "before": None, "after": "2"},
    ]
    assert (await desk.update(order, lines=said))["order"]["version"] == changed["order"]["version"]
    await desk.update(order, lines=[{"lineId": second, "attributes": desk.given(CHOICE="red")}])
    await desk.update(other, lines=[])

    async def found(*asked: dict[str, Any]) -> list[str]:
        look = "query ($asked: [AttributeFilterInput!]) { orders(where: {lineAttribute: $asked}) { nodes { id } } }"
        return [each["id"] for each in (await desk.ask(look, asked=list(asked)))["orders"]["nodes"]]

    number, color = {"code": desk.code("NUMBER"), "gte": "2"}, {"code": desk.code("CHOICE"), "eq": "red"}
    assert await found({"code": desk.code("TEXT"), "eq": "For Ada"}, number) == [text_id(IdKind.ORDER, order.id)]
    assert await found(color) == [text_id(IdKind.ORDER, order.id)]
    assert await found(number, color) == []  # no line has both


async def test_each_mistake_with_attributes_of_lines_has_its_place(desk: Desk) -> None:
    await desk.define_all("LINE")
    sku = await desk.shop.stocked(9)
    order, other = await desk.shop.place(line(sku)), await desk.shop.place(line(sku))
    (mine,), (foreign,) = [
        [text_id(IdKind.LINE, each.id) for each in await desk.shop.lines(placed.id)] for placed in (order, other)
    ]
    right = desk.given(TEXT="x")
    said = [{"lineId": mine, "attributes": right}, {"lineId": foreign, "attributes": right}]
    assert refusals(await desk.update(order, lines=said)) == [("NOT_FOUND", ["lines", "1", "lineId"])]
    wrong = [{"lineId": mine, "attributes": [*right, *desk.given(NUMBER="heavy")]}]
    place = ["lines", "0", "attributes", "1", "value"]
    assert refusals(await desk.update(order, lines=wrong)) == [("INVALID_VALUE", place)]
    assert refusals(await desk.update(order, lines=[said[0], said[0]])) == [("INVALID_VALUE", ["lines", "1", "lineId"])]
    look = "query ($id: ID!) { order(by: {id: $id}) { version lines { nodes { attributes { code } } } } }"
    told = (await desk.ask(look, id=text_id(IdKind.ORDER, order.id)))["order"]
    assert told == {"version": 1, "lines": {"nodes": [{"attributes": []}]}}
