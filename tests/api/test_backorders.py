"""Selling more than there is, as documents: rules, what waits, the days promised, and asking before ordering."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as purchased
from tests.factories.trading import Shop, line

SET = """mutation ($input: OversellPolicySetInput!) {
  oversellPolicySet(input: $input) {
    oversellRule { policy limit promiseDays shipsOn version sku { code } } userErrors { code field message }
  }
}"""
PLACE = """mutation ($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    userErrors { code field ... on InsufficientStockError { shortages { requested available nextAvailableAt mayWait } } }
    order { id fulfillmentStatus lines(first: 9) { nodes {
      backordered inFulfillment promisedShipOn promisedDeliveryOn
      backorders { id waiting supply supplyLineId promisedShipOn policy }
    } } }
  }
}"""
WAITING = """query ($where: BackorderFilterInput, $first: Int, $after: Cursor) {
  backorders(where: $where, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id quantity waiting priority policy promisedShipOn sku { code } channel { code } location { code } order { id } }
  }
}"""
CANCEL = "mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { userErrors { code field } } }"
PROMISE = """query ($channel: ID!, $lines: [AvailabilityLineInput!]!, $country: CountryCode) {
  availabilityPromise(channelId: $channel, lines: $lines, country: $country) {
    sku { code } quantity sellable reason shipOn deliveryOn missing
    parts { source quantity shipOn supplyLineId location { code } }
    components { sku { code } quantity sellable missing parts { source quantity } }
  }
}"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


def channel(shop: Shop) -> str:
    return text_id(IdKind.CHANNEL, shop.channel.id)


async def rule(ask: Ask, shop: Shop, policy: str = "BACKORDER", **more: Any) -> dict[str, Any]:
    return dict((await ask(SET, input={"channelId": channel(shop), "policy": policy, **more}))["oversellPolicySet"])


async def place(ask: Ask, shop: Shop, sku: str, quantity: int) -> dict[str, Any]:
    lines = [{"sku": sku, "quantity": quantity, "unitPrice": {"amount": "5.00"}}]
    given = {"idempotencyKey": new_uuid().hex, "channelId": channel(shop), "lines": lines}
    return dict((await ask(PLACE, input=given))["orderPlace"])


async def expected(shop: Shop, sku: Any, units: int, at: datetime) -> str:
    """Let *units* come with a purchase order, and return the id of its line."""
    buyer = await Buyer.open(shop.work)
    buyer.location = shop.locations[0]
    await buyer.supplied(sku)
    ordered = await buyer.order(purchased(sku, units, expected_at=at))
    (bought,) = await buyer.lines(ordered.id)
    return text_id(IdKind.PURCHASE_ORDER_LINE, bought.id)


def working_day(shop: Shop, at: datetime) -> str:
    """Return the first working day from *at* on, by the location's clock."""
    day = at.astimezone(ZoneInfo(shop.locations[0].time_zone)).date()
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day.isoformat()


async def test_an_order_that_waits_names_its_supply_and_its_day(shop: Shop, ask: Ask) -> None:
    sku, soon = await shop.stocked(2), datetime.now(UTC) + timedelta(days=10)
    supply = await expected(shop, sku, 9, soon)
    short = await place(ask, shop, sku.code, 5)
    (error,) = short["userErrors"]
    assert (error["code"], error["field"]) == ("INSUFFICIENT_STOCK", ["lines"])
    (shortage,) = error["shortages"]
    assert (shortage["requested"], shortage["available"], shortage["mayWait"]) == (5, 2, None)
    assert datetime.fromisoformat(shortage["nextAvailableAt"]) == soon
    set_rule = await rule(ask, shop, limit=4, promiseDays=30)
    said = {"policy": "BACKORDER", "limit": 4, "promiseDays": 30, "shipsOn": None, "sku": None}
    assert set_rule["oversellRule"] == {**said, "version": 1}
    placed = (await place(ask, shop, sku.code, 5))["order"]
    (only,) = placed["lines"]["nodes"]
    (waits,) = only["backorders"]
    assert (placed["fulfillmentStatus"], only["inFulfillment"], only["backordered"]) == ("PARTIALLY_ALLOCATED", 2, 3)
    assert (waits["supply"], waits["supplyLineId"], waits["policy"]) == ("PURCHASE_ORDER", supply, "BACKORDER")
    assert only["promisedShipOn"] == waits["promisedShipOn"] == working_day(shop, soon)
    assert refusals(await place(ask, shop, sku.code, 2)) == [("INSUFFICIENT_STOCK", ["lines"])]
    listed = (await ask(WAITING, where={"orderId": {"eq": placed["id"]}}))["backorders"]["nodes"]
    assert [(row["id"], row["quantity"], row["waiting"], row["sku"]["code"], row["order"]["id"]) for row in listed] == [
        (waits["id"], 3, 3, sku.code, placed["id"])
    ]
    node = await ask("query ($id: ID!) { node(id: $id) { __typename id } }", id=waits["id"])
    assert node["node"] == {"__typename": "Backorder", "id": waits["id"]}


SUPPLY = """supplyLineId supplyDocument {
  __typename id ... on Transfer { lines { nodes { id } } } ... on PurchaseOrder { lines { nodes { id } } } }"""
FOLLOWED = f"""query ($where: BackorderFilterInput, $channel: ID!, $lines: [AvailabilityLineInput!]!) {{
  backorders(where: $where) {{ nodes {{ supply {SUPPLY} }} }}
  availabilityPromise(channelId: $channel, lines: $lines) {{ parts {{ source {SUPPLY} }} }}
}}"""


async def test_what_is_waited_for_leads_to_the_document_that_brings_it(shop: Shop, ask: Ask) -> None:
    bought, moved = await Given(shop.work).sku(), await Given(shop.work).sku()
    soon = datetime.now(UTC) + timedelta(days=10)
    await expected(shop, bought, 9, soon)
    away = await Given(shop.work).location()
    await Given(shop.work).adjust(moved.id, away.id, 9)
    road = Road(shop.work, away, shop.locations[0])
    await road.ship((await road.plan((moved, 9), expected_at=soon)).id)
    await rule(ask, shop)
    for sku in (bought, moved):
        assert (await place(ask, shop, sku.code, 2))["userErrors"] == []
    where = {"skuId": {"in": [text_id(IdKind.SKU, sku.id) for sku in (bought, moved)]}}
    given = {"where": where, "channel": channel(shop), "lines": [{"sku": {"code": sku.code}} for sku in (bought, moved)]}
    found = await ask(FOLLOWED, **given)
    waits = found["backorders"]["nodes"]
    parts = [part for promise in found["availabilityPromise"] for part in promise["parts"]]
    for kinds, supplies in (([each["supply"] for each in waits], waits), ([each["source"] for each in parts], parts)):
        assert kinds == ["PURCHASE_ORDER", "TRANSFER"]
        assert [each["supplyDocument"]["__typename"] for each in supplies] == ["PurchaseOrder", "Transfer"]
        for each in supplies:
            assert [line["id"] for line in each["supplyDocument"]["lines"]["nodes"]] == [each["supplyLineId"]]
    scopes = SYSTEM.scopes - {Scope.PURCHASING_READ}
    seller = await Ask(shop.work, replace(SYSTEM, scopes=scopes))(FOLLOWED, **given)
    assert [each["supplyDocument"] is None for each in seller["backorders"]["nodes"]] == [True, False]


async def test_a_refusal_tells_how_many_more_may_wait(shop: Shop, ask: Ask) -> None:
    sku, other = await shop.stocked(1), await shop.stocked(1)
    await rule(ask, shop, limit=3)
    await place(ask, shop, sku.code, 3)
    (error,) = (await place(ask, shop, sku.code, 5))["userErrors"]
    assert [(short["available"], short["mayWait"]) for short in error["shortages"]] == [(0, 1)]
    await rule(ask, shop, sku={"code": other.code})
    await rule(ask, shop, "DENY", sku={"code": sku.code})
    lines = [{"sku": each.code, "quantity": 5, "unitPrice": {"amount": "5.00"}} for each in (sku, other)]
    given = {"idempotencyKey": new_uuid().hex, "channelId": channel(shop), "lines": lines}
    (error,) = (await ask(PLACE, input=given))["orderPlace"]["userErrors"]
    assert {(short["requested"], short["mayWait"]) for short in error["shortages"]} == {(5, None), (5, 4)}


async def test_a_bundle_shows_what_its_components_wait_for(shop: Shop, ask: Ask) -> None:
    cup, spoon = await shop.stocked(0), await shop.stocked(1)
    bundle = await Given(shop.work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    for each, days in ((cup, 5), (spoon, 40)):
        await rule(ask, shop, sku={"code": each.code}, promiseDays=days)
    counts = []
    for orders in (1, 3):
        for _ in range(orders):
            order = (await place(ask, shop, bundle.code, 1))["order"]
        sets, cups, spoons = order["lines"]["nodes"]
        assert cups["promisedShipOn"] < spoons["promisedShipOn"] == sets["promisedShipOn"]
        assert sets["backorders"] == [*cups["backorders"], *spoons["backorders"]]
        with counted_statements() as statements:
            await ask(
                "query ($first: Int) { orders(first: $first) { nodes { lines { nodes { promisedShipOn } } } } }", first=orders
            )
        counts.append(len(statements))
    assert counts[0] == counts[1]


RULES = """query ($id: ID!, $sku: ID!, $after: Cursor) {
  channel(by: {id: $id}) { oversellRule { policy limit } oversellRules(first: 1, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { policy shipsOn sku { code } channel { code } } } }
  sku(by: {id: $sku}) { oversellRules { nodes { policy channel { code } } } }
}"""
CLEAR = """mutation ($input: OversellPolicyClearInput!) {
  oversellPolicyClear(input: $input) { oversellRule { policy sku { code } } userErrors { code field } }
}"""


async def test_a_rule_is_changed_and_taken_away_from_the_version_that_was_read(shop: Shop, ask: Ask) -> None:
    async def clear(version: int) -> Any:
        return (await ask(CLEAR, input={"channelId": channel(shop), "expectedVersion": version}))["oversellPolicyClear"]

    stale = [("VERSION_CONFLICT", ["expectedVersion"])]
    assert refusals(await rule(ask, shop, limit=1, expectedVersion=1)) == stale
    assert (await rule(ask, shop, limit=1, expectedVersion=0))["oversellRule"]["version"] == 1
    assert (await rule(ask, shop, limit=2, expectedVersion=1))["oversellRule"]["version"] == 2
    assert refusals(await rule(ask, shop, limit=3, expectedVersion=1)) == stale
    assert refusals(await clear(1)) == stale
    assert (await rule(ask, shop, limit=2, expectedVersion=2))["oversellRule"]["limit"] == 2
    assert refusals(await clear(3)) == []
    assert refusals(await clear(3)) == stale
    assert refusals(await clear(0)) == []


async def test_rules_are_read_and_taken_away(shop: Shop, ask: Ask) -> None:
    sku, other = await shop.stocked(0), await shop.stocked(0)
    given, soon = {"id": channel(shop), "sku": text_id(IdKind.SKU, sku.id)}, str(datetime.now(UTC).date() + timedelta(days=9))
    assert (await ask(RULES, **given))["channel"] == {
        "oversellRule": None, "oversellRules": {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": []},
    }  # fmt: skip
    await rule(ask, shop, limit=7)
    await rule(ask, shop, "PREORDER", sku={"code": sku.code}, shipsOn=soon)
    await rule(ask, shop, "DENY", sku={"code": other.code})
    read = await ask(RULES, **given)
    assert read["channel"]["oversellRule"] == {"policy": "BACKORDER", "limit": 7}
    page, code = read["channel"]["oversellRules"], {"code": shop.channel.code}
    assert page["nodes"] == [{"policy": "PREORDER", "shipsOn": soon, "sku": {"code": sku.code}, "channel": code}]
    assert read["sku"]["oversellRules"]["nodes"] == [{"policy": "PREORDER", "channel": code}]
    rest = (await ask(RULES, **given, after=page["pageInfo"]["endCursor"]))["channel"]["oversellRules"]
    assert ([each["policy"] for each in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == (["DENY"], False)

    async def clear(**more: Any) -> Any:
        done = (await ask(CLEAR, input={"channelId": channel(shop), **more}))["oversellPolicyClear"]
        assert done["userErrors"] == []
        return done["oversellRule"]

    assert await clear(sku={"code": other.code}) == {"policy": "BACKORDER", "sku": None}
    assert (await place(ask, shop, other.code, 2))["userErrors"] == []
    assert await clear() is None
    assert refusals(await place(ask, shop, other.code, 1)) == [("INSUFFICIENT_STOCK", ["lines"])]
    assert await clear() is None
    limited = Ask(shop.work, replace(SYSTEM, channels=frozenset()))
    refused = (await limited(CLEAR, input={"channelId": channel(shop)}))["oversellPolicyClear"]
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("NOT_FOUND", ["channelId"])]
    assert (
        await limited("query ($sku: ID!) { sku(by: {id: $sku}) { oversellRules { nodes { policy } } } }", sku=given["sku"])
    ) == {"sku": {"oversellRules": {"nodes": []}}}


async def test_a_rule_that_would_be_ignored_is_refused(shop: Shop, ask: Ask) -> None:
    given = Given(shop.work)
    cup = await given.sku()
    bundle, service = await given.sku(kind=SkuKind.BUNDLE, components={cup.code: 1}), await given.sku(kind=SkuKind.SERVICE)
    yesterday = str(datetime.now(UTC).date() - timedelta(days=2))
    for wrong, code, field in (
        ({"sku": {"code": bundle.code}}, "NOT_GOODS", ["sku"]),
        ({"sku": {"code": service.code}}, "NOT_GOODS", ["sku"]),
        ({"policy": "DENY", "limit": 1}, "INVALID_VALUE", ["limit"]),
        ({"policy": "DENY", "promiseDays": 1}, "INVALID_VALUE", ["promiseDays"]),
        ({"policy": "PREORDER", "shipsOn": yesterday}, "INVALID_VALUE", ["shipsOn"]),
        ({"policy": "PREORDER", "shipsOn": "2099-01-01", "promiseDays": 1}, "INVALID_VALUE", ["promiseDays"]),
        ({"shipsOn": "2099-01-01"}, "INVALID_VALUE", ["shipsOn"]),
    ):
        assert refusals(await rule(ask, shop, **wrong)) == [(code, field)]


async def test_what_waits_is_paged_and_found_by_what_it_is(shop: Shop, ask: Ask) -> None:
    sku = await Given(shop.work).sku()
    await rule(ask, shop)
    for _ in range(3):
        await place(ask, shop, sku.code, 1)
    where: dict[str, Any] = {"skuId": {"eq": text_id(IdKind.SKU, sku.id)}}
    first = (await ask(WAITING, where=where, first=2))["backorders"]
    rest = (await ask(WAITING, where=where, first=2, after=first["pageInfo"]["endCursor"]))["backorders"]
    assert (len(first["nodes"]), first["pageInfo"]["hasNextPage"], len(rest["nodes"])) == (2, True, 1)
    assert (await ask(WAITING, where=where | {"promised": True}))["backorders"]["nodes"] == []
    assert len((await ask(WAITING, where=where | {"promised": False}))["backorders"]["nodes"]) == 3
    assert (await ask(WAITING, where=where | {"policy": {"eq": "PREORDER"}}))["backorders"]["nodes"] == []


async def test_only_what_still_waits_is_listed_unless_told(shop: Shop, ask: Ask) -> None:
    sku = await Given(shop.work).sku()
    await rule(ask, shop)
    waits, gone = [(await place(ask, shop, sku.code, 1))["order"]["id"] for _ in range(2)]
    given = {"idempotencyKey": new_uuid().hex, "orderId": gone, "reason": "CUSTOMER"}
    assert refusals((await ask(CANCEL, input=given))["orderCancel"]) == []

    async def orders(**where: Any) -> set[str]:
        found = (await ask(WAITING, **({"where": where} if where else {})))["backorders"]["nodes"]
        return {each["order"]["id"] for each in found} & {waits, gone}

    of_sku: dict[str, Any] = {"skuId": {"eq": text_id(IdKind.SKU, sku.id)}}
    assert await orders() == await orders(**of_sku) == await orders(**of_sku, waiting=True) == {waits}
    assert await orders(**of_sku, waiting=False) == await orders(**of_sku, waiting=None) == {waits, gone}
    assert await orders(**of_sku, waiting=False, NOT=[{"waiting": True}]) == {gone}


async def test_the_number_of_statements_does_not_grow_with_what_waits(shop: Shop, ask: Ask) -> None:
    await rule(ask, shop)
    counts = []
    for number in (1, 6):
        skus = [await Given(shop.work).sku() for _ in range(number)]
        for sku in skus:
            await place(ask, shop, sku.code, 1)
        where = {"skuId": {"in": [text_id(IdKind.SKU, sku.id) for sku in skus]}}
        with counted_statements() as statements:
            assert len((await ask(WAITING, where=where))["backorders"]["nodes"]) == number
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_asking_before_ordering_tells_what_an_order_gets(shop: Shop, ask: Ask) -> None:
    cup, box, soon = await shop.stocked(5), await shop.stocked(9), datetime.now(UTC) + timedelta(days=10)
    supply = await expected(shop, cup, 4, soon)
    gift = await Given(shop.work).sku(kind=SkuKind.BUNDLE, components={cup.code: 2, box.code: 1})

    async def asked(sku: Any, quantity: int) -> dict[str, Any]:
        lines = [{"sku": {"code": sku.code}, "quantity": quantity}]
        (told,) = (await ask(PROMISE, channel=channel(shop), lines=lines, country="GB"))["availabilityPromise"]
        return dict(told)

    assert (await asked(cup, 7))["sellable"] is False
    await rule(ask, shop)
    cups = await asked(cup, 7)
    assert (cups["sellable"], cups["missing"], cups["shipOn"], cups["deliveryOn"]) == (True, 0, working_day(shop, soon), None)
    assert [(part["source"], part["quantity"], part["supplyLineId"]) for part in cups["parts"]] == [
        ("STOCK", 5, None),
        ("PURCHASE_ORDER", 2, supply),
    ]
    sets = await asked(gift, 4)
    assert (sets["sku"]["code"], sets["quantity"], sets["missing"], sets["shipOn"]) == (
        gift.code,
        4,
        0,
        working_day(shop, soon),
    )
    assert sorted((part["sku"]["code"], part["quantity"], part["missing"]) for part in sets["components"]) == sorted(
        [(cup.code, 8, 0), (box.code, 4, 0)]
    )
    assert cups["components"] == []
    placed = await shop.place(line(gift, 4))
    assert (await asked(gift, 1))["missing"] == 1
    await shop.cancel(placed.id)
    assert (await asked(gift, 1))["missing"] == 0


async def test_a_preorder_in_stock_is_promised_for_its_day_and_its_work_is_scheduled(shop: Shop, ask: Ask) -> None:
    soon = datetime.now(UTC).replace(hour=12) + timedelta(days=30)
    saturday = soon + timedelta(days=(6 - soon.isoweekday()) % 7)
    cup, day, leaves = await shop.stocked(5), saturday.date().isoformat(), working_day(shop, saturday)
    box = await Given(shop.work).sku(kind=SkuKind.BUNDLE, components={cup.code: 2})
    await rule(ask, shop, "PREORDER", shipsOn=day, sku={"code": cup.code})
    for sku, lines in ((cup, 1), (box, 2)):
        placed = (await place(ask, shop, sku.code, 1))["order"]
        assert [line["promisedShipOn"] for line in placed["lines"]["nodes"]] == [leaves] * lines
        assert leaves > day
        assert [line["backorders"] for line in placed["lines"]["nodes"]] == [[]] * lines
        work = "query ($id: ID!) { order(by: {id: $id}) { fulfillmentOrders { status opensOn } } }"
        assert (await ask(work, id=placed["id"]))["order"]["fulfillmentOrders"] == [{"status": "SCHEDULED", "opensOn": day}]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"limit": 0}, ["limit"]),
        ({"promiseDays": -1}, ["promiseDays"]),
        ({"policy": "PREORDER"}, ["shipsOn"]),
        ({"policy": "DENY", "shipsOn": "2030-01-01"}, ["shipsOn"]),
        ({"sku": {"code": "nothing"}}, ["sku", "code"]),
        ({"sku": {"id": ""}}, ["sku", "id"]),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(shop: Shop, ask: Ask, given: dict[str, Any], field: list[str]) -> None:
    assert [path for _, path in refusals(await rule(ask, shop, **given))] == [field]


async def test_what_cannot_be_asked_is_refused_by_line(shop: Shop, ask: Ask) -> None:
    fee = await Given(shop.work).sku(kind=SkuKind.SERVICE)
    lines: list[dict[str, Any]] = [{"sku": {"code": fee.code}}, {"sku": {"code": "nothing"}}, {"sku": {"id": ""}}]
    errors = await ask.errors(PROMISE, channel=channel(shop), lines=lines)
    assert [error["extensions"]["code"] for error in errors] == ["INVALID_ID"]
    errors = await ask.errors(PROMISE, channel=channel(shop), lines=lines[:2])
    assert errors
    assert {error["extensions"]["code"] for error in errors} <= {"REFUSED", "NOT_STOCKED", "UNKNOWN_SKU"}


async def test_what_lines_wait_for_stands_beside_the_stock(shop: Shop, ask: Ask) -> None:
    sku, numbers = await shop.stocked(2), "incoming inTransit backordered"
    await rule(ask, shop)
    query = f"""query ($sku: ID!, $location: ID!) {{ sku(by: {{id: $sku}}) {{
        all: inventory {{ onHand {numbers} }} here: inventory(locationId: $location) {{ {numbers} }}
        inventoryLevels {{ nodes {{ {numbers} }} }} }} }}"""
    where = {"sku": text_id(IdKind.SKU, sku.id), "location": text_id(IdKind.LOCATION, shop.locations[0].id)}
    await place(ask, shop, sku.code, 5)
    waits = (await ask(query, **where))["sku"]
    assert waits["all"] == {"onHand": 2, "incoming": 0, "inTransit": 0, "backordered": 3}
    assert [waits["here"], *waits["inventoryLevels"]["nodes"]] == [{"incoming": 0, "inTransit": 0, "backordered": 3}] * 2
    await expected(shop, sku, 9, datetime.now(UTC) + timedelta(days=10))
    await place(ask, shop, sku.code, 4)
    comes = (await ask(query, **where))["sku"]
    assert comes["all"] == {"onHand": 2, "incoming": 9, "inTransit": 0, "backordered": 7}
    assert [comes["here"], *comes["inventoryLevels"]["nodes"]] == [{"incoming": 9, "inTransit": 0, "backordered": 7}] * 2
