"""Selling more than there is, as documents: rules, what waits, the days promised, and asking before ordering."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as purchased
from tests.factories.trading import Shop, line

SET = """mutation ($input: OversellPolicySetInput!) {
  oversellPolicySet(input: $input) {
    oversellRule { policy limit promiseDays shipsOn sku { code } } userErrors { code field message }
  }
}"""
PLACE = """mutation ($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    userErrors { code field ... on InsufficientStockError { shortages { requested available nextAvailableAt } } }
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
    assert (shortage["requested"], shortage["available"]) == (5, 2)
    assert datetime.fromisoformat(shortage["nextAvailableAt"]) == soon
    set_rule = await rule(ask, shop, limit=4, promiseDays=30)
    assert set_rule["oversellRule"] == {"policy": "BACKORDER", "limit": 4, "promiseDays": 30, "shipsOn": None, "sku": None}
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


async def test_the_number_of_statements_does_not_grow_with_what_waits(shop: Shop, ask: Ask) -> None:
    await rule(ask, shop)
    counts = []
    for number in (1, 6):
        skus = [await Given(shop.work).sku() for _ in range(number)]
        for sku in skus:
            await place(ask, shop, sku.code, 1)
        where = {"skuId": {"in": [text_id(IdKind.SKU, sku.id) for sku in skus]}}
        with counted_statements(shop.work) as statements:
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
