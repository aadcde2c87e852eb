"""Placing orders over HTTP: what is promised, what it costs, and the same call again."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.database import Database
from tests.factories.raw import raw
from tests.factories.shop import PLACE_BRIEFLY, PLACE_MANY, Shop, amounts, line, location_id, opened, told

CANCEL = "mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { userErrors { code field } } }"
WORK = """query ($order: ID!) { fulfillmentOrders(where: {orderId: {eq: $order}}) { nodes {
    id status locationId lines { nodes { quantity line { skuCode } } } } } }"""


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with opened(database) as running:
        yield running


def gbp(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "GBP"}


async def work_of(shop: Shop, order_id: str) -> dict[str, Any]:
    found = (await shop.ask(WORK, order=order_id))["fulfillmentOrders"]["nodes"]
    units: dict[str, Counter[str]] = {work["locationId"]: Counter() for work in found}
    for work in found:
        for node in work["lines"]["nodes"]:
            units[work["locationId"]][node["line"]["skuCode"]] += node["quantity"]
    return units


async def test_an_order_holds_every_kind_of_line(shop: Shop) -> None:
    shirt, mug = await shop.goods(first=10), await shop.goods(first=10)
    bundle = await shop.given.sku(kind=SkuKind.BUNDLE, components={shirt.code: 1, mug.code: 2})
    others = {
        kind: await shop.given.sku(kind=kind) for kind in (SkuKind.SERVICE, SkuKind.FEE, SkuKind.DIGITAL, SkuKind.GIFT_CARD)
    }
    order = await shop.placed(
        line(shirt, 2, "10.00"),
        line(bundle, 3, "9.99", name="The set"),
        *(line(sku, 1, "1.00", kind=kind.value) for kind, sku in others.items()),
        {"kind": "FEE", "name": "Gift wrap", "quantity": 1, "unitPrice": {"amount": "0.50"}},
    )
    lines = order["lines"]["nodes"]
    assert [one["kind"] for one in lines] == [
        *("GOODS", "BUNDLE", "GOODS", "GOODS", "SERVICE", "FEE", "DIGITAL", "GIFT_CARD", "FEE"),
    ]
    assert [one["position"] for one in lines] == list(range(9))
    set_line, parts = lines[1], lines[2:4]
    assert {part["parentLineId"] for part in parts} == {set_line["id"]}
    assert {part["skuCode"]: part["ordered"] for part in parts} == {shirt.code: 3, mug.code: 6}
    assert set_line["name"] == "The set"
    assert sum(round(float(total) * 100) for total in amounts(parts, "total")) == 2997
    assert set_line["total"] == gbp("29.97")
    assert order["total"] == gbp("54.47")
    for one in (lines[0], *parts):
        assert one["inFulfillment"] == one["ordered"]
    for one in lines[4:]:
        assert (one["shipped"], one["delivered"], one["inFulfillment"]) == (1, 1, 0)
    assert (lines[8]["skuCode"], lines[8]["name"]) == (None, "Gift wrap")
    assert (order["status"], order["fulfillmentStatus"], order["paymentStatus"]) == ("OPEN", "ALLOCATED", "PENDING")
    assert await shop.level(shirt, shop.first) == (5, 5)
    assert await shop.level(mug, shop.first) == (4, 6)
    assert await work_of(shop, order["id"]) == {location_id(shop.first): {shirt.code: 5, mug.code: 6}}


async def test_an_order_has_up_to_5000_lines_with_long_names_and_a_long_note(shop: Shop) -> None:
    skus = [await shop.goods(first=60_000) for _ in range(20)]
    lines = [line(skus[n % 20], 2, "1.25", name=f"{n} " + "x" * 995) for n in range(5_000)]  # more than 1 MiB
    order = await shop.placed(*lines, note="y" * 10_000)
    assert (order["total"], order["note"]) == (gbp("12500.00"), "y" * 10_000)
    assert [(one["ordered"], one["name"]) for one in order["lines"]["nodes"][:2]] == [(2, lines[n]["name"]) for n in range(2)]
    assert await shop.level(skus[7], shop.first) == (59_500, 500)


async def test_an_order_without_goods_needs_no_fulfillment(shop: Shop) -> None:
    order = await shop.placed({"kind": "SERVICE", "name": "Alteration", "quantity": 2, "unitPrice": {"amount": "7"}})
    assert (order["fulfillmentStatus"], order["total"]) == ("NOT_REQUIRED", gbp("14.00"))
    assert await work_of(shop, order["id"]) == {}


async def test_stock_comes_from_the_first_location_as_far_as_it_goes(shop: Shop) -> None:
    shirt, mug = await shop.goods(first=3, second=10), await shop.goods(second=2)
    order = await shop.placed(line(shirt, 5), line(mug, 2))
    assert await shop.level(shirt, shop.first) == (0, 3)
    assert await shop.level(shirt, shop.second) == (8, 2)
    assert await shop.level(mug, shop.second) == (0, 2)
    assert await work_of(shop, order["id"]) == {
        location_id(shop.first): {shirt.code: 3},
        location_id(shop.second): {shirt.code: 2, mug.code: 2},
    }


async def test_a_line_may_wish_for_its_location(shop: Shop) -> None:
    shirt = await shop.goods(first=5, second=5)
    order = await shop.placed(line(shirt, 4, locationId=location_id(shop.second)))
    assert await work_of(shop, order["id"]) == {location_id(shop.second): {shirt.code: 4}}
    refused = await shop.payload(shop.order(line(shirt, 2, locationId=location_id(shop.second))))
    assert told(refused) == [("INSUFFICIENT_STOCK", "lines")]


async def test_discounts_and_shipping_add_up_and_are_spread_over_the_lines(shop: Shop) -> None:
    shirt, mug = await shop.goods(first=10), await shop.goods(first=10)
    order = await shop.placed(
        line(
            shirt,
            3,
            "10.00",
            discounts=[{"amount": {"amount": "5"}, "label": "Spring", "code": "SPRING"}],
            taxes=[{"title": "VAT", "amount": {"amount": "4.17"}, "rate": "0.2"}],
        ),
        line(mug, 1, "5.00", total={"amount": "5.01"}),
        discounts=[{"amount": {"amount": "1.00", "currencyCode": "GBP"}, "label": "Voucher"}],
        shipping=[
            {
                "title": "Standard",
                "price": {"amount": "4.99"},
                "code": "STD",
                "taxes": [{"title": "VAT", "amount": {"amount": "0.83"}}],
            },
            {"title": "Saturday", "price": {"amount": "2.00"}},
        ],
        total={"amount": "36.00"},
    )
    assert order["pricesIncludeTax"] is True
    sums = [order[name]["amount"] for name in ("goods", "discount", "shipping", "tax", "total")]
    assert sums == ["35.01", "6.00", "6.99", "5.00", "36.00"]
    first, second = order["lines"]["nodes"]
    assert (first["goods"], first["discount"], first["total"]) == (gbp("30.00"), gbp("5.00"), gbp("25.00"))
    assert (second["goods"], second["rounding"], second["total"]) == (gbp("5.01"), gbp("0.01"), gbp("5.01"))
    assert amounts([first, second], "orderDiscountShare") == ["0.83", "0.17"]
    assert amounts([first, second], "shippingShare") == ["5.82", "1.17"]
    assert first["discounts"] == [{"amount": gbp("5.00"), "label": "Spring", "code": "SPRING"}]
    assert first["taxes"] == [{"title": "VAT", "rate": "0.200000", "amount": gbp("4.17")}]
    assert order["discounts"] == [{"amount": gbp("1.00"), "label": "Voucher", "code": None}]
    assert [(charge["title"], charge["code"], charge["price"]) for charge in order["shippingCharges"]] == [
        ("Standard", "STD", gbp("4.99")),
        ("Saturday", None, gbp("2.00")),
    ]
    assert order["shippingTaxes"] == [{"title": "VAT", "rate": None, "amount": gbp("0.83")}]


async def test_taxes_come_on_top_where_prices_do_not_include_them(shop: Shop) -> None:
    shirt = await shop.goods(first=5)
    taxed = line(shirt, 1, "10.00", taxes=[{"title": "VAT", "amount": {"amount": "2.00"}}])
    included = await shop.placed(taxed)
    on_top = await shop.placed(taxed, pricesIncludeTax=False)
    assert (included["total"], on_top["total"]) == (gbp("10.00"), gbp("12.00"))
    assert on_top["lines"]["nodes"][0]["total"] == gbp("12.00")


async def test_unit_prices_have_up_to_six_decimals_and_lines_round_half_up(shop: Shop) -> None:
    shirt = await shop.goods(first=9_999)
    order = await shop.placed(line(shirt, 3, "0.333333"), line(shirt, 1, "0.005"), line(shirt, 1, "7"))
    lines = order["lines"]["nodes"]
    assert amounts(lines, "goods") == ["1.00", "0.01", "7.00"]
    assert amounts(lines, "unitPrice") == ["0.333333", "0.005", "7.00"]


async def test_a_listing_gives_sku_and_price(shop: Shop) -> None:
    shirt = await shop.goods(first=5)
    listing = await shop.given.listing(shop.channel, shirt, price="12.34")
    bare = await shop.given.listing(shop.channel, shirt)
    by_listing = {"listing": listing.code, "quantity": 2}
    order = await shop.placed(by_listing, {**by_listing, "quantity": 1, "unitPrice": {"amount": "1"}})
    assert [one["skuCode"] for one in order["lines"]["nodes"]] == [shirt.code] * 2
    assert amounts(order["lines"]["nodes"], "goods") == ["24.68", "1.00"]
    refused = await shop.payload(shop.order({"listing": bare.code, "quantity": 1}))
    assert told(refused) == [("INVALID_VALUE", "lines.0.unitPrice")]


async def test_a_guest_and_a_customer_may_order(shop: Shop) -> None:
    shirt, customer = await shop.goods(first=5), await shop.given.customer()
    guest = await shop.placed(
        line(shirt),
        contact={"name": "Ada", "email": "ada@example.com"},
        shippingAddress={"name": "Ada", "line1": "1 High Street", "city": "York", "postalCode": "YO1 7HH", "country": "GB"},
        billingAddress={"country": "IE"},
        note="Ring twice",
        tags=["gift", "vip"],
    )
    assert guest["contact"] == {"name": "Ada", "email": "ada@example.com", "phone": None}
    assert guest["shippingAddress"]["postalCode"] == "YO1 7HH"
    assert (guest["billingAddress"], guest["country"], guest["note"], guest["tags"]) == (
        {"country": "IE"},
        "GB",
        "Ring twice",
        ["gift", "vip"],
    )
    known = await shop.placed(line(shirt), customerId=text_id(IdKind.CUSTOMER, customer.id))
    found = await shop.ask(
        "query ($id: ID!) { orders(where: {customerId: {eq: $id}}) { nodes { id contact { name } } } }",
        id=text_id(IdKind.CUSTOMER, customer.id),
    )
    assert found["orders"]["nodes"] == [{"id": known["id"], "contact": None}]


async def test_business_time_needs_its_scope_and_lies_in_the_past(shop: Shop) -> None:
    shirt = await shop.goods(first=5)
    then = "2010-12-01T08:26:00+01:00"
    order = await shop.placed(line(shirt), occurredAt=then)
    assert order["placedAt"] == "2010-12-01T07:26:00Z"
    assert order["recordedAt"] > "2026"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    refused = await shop.payload(shop.order(line(shirt), occurredAt=tomorrow))
    assert told(refused) == [("INVALID_VALUE", "occurredAt")]
    async with shop.keyed(scopes=frozenset({Scope.ORDERS_WRITE, Scope.ORDERS_READ})) as client:
        given = shop.order(line(shirt), occurredAt=then)
        refused = (await shop.ask(PLACE_BRIEFLY, client=client, input=given))["orderPlace"]
        assert told(refused) == [("MISSING_SCOPE", "occurredAt")]


# --- the same call again


async def test_the_same_key_gives_the_same_order_in_any_selection(shop: Shop) -> None:
    shirt = await shop.goods(first=5)
    given = shop.order(line(shirt, 2))
    first, again = await shop.payload(given), await shop.payload(given)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["order"] == first["order"]
    brief = (await shop.ask(PLACE_BRIEFLY, input=given))["orderPlace"]
    assert (brief["replayed"], brief["order"]) == (True, {"id": first["order"]["id"]})
    assert await shop.level(shirt, shop.first) == (3, 2)


async def test_a_rotated_key_replays_and_another_client_does_not(shop: Shop) -> None:
    shirt = await shop.goods(first=5)
    given = shop.order(line(shirt))
    first = await shop.payload(given)
    async with shop.keyed(client="tests") as rotated, shop.keyed(client="another") as another:
        assert (await shop.payload(given, client=rotated))["order"]["id"] == first["order"]["id"]
        assert (await shop.payload(given, client=another))["order"]["id"] != first["order"]["id"]


async def test_a_replay_of_what_the_key_may_not_see_is_told_as_an_error(shop: Shop) -> None:
    shirt = await shop.goods(first=5)
    given = shop.order(line(shirt))
    cancel = {"idempotencyKey": uuid4().hex, "orderId": (await shop.payload(given))["order"]["id"], "reason": "CUSTOMER"}
    await shop.ask(CANCEL, input=cancel)
    other = await shop.given.channel(locations=(shop.first,))
    before = shop.everything()
    async with shop.keyed(client="tests", channels={other.id}) as limited:
        assert told(await shop.payload(given, client=limited)) == [("REPLAY_HIDDEN", "idempotencyKey")]
        (batched,) = (await shop.ask(PLACE_MANY, client=limited, input={"orders": [given]}))["ordersPlace"]["results"]
        assert told(batched) == [("REPLAY_HIDDEN", "orders.0.idempotencyKey")]
        canceled = (await shop.ask(CANCEL, client=limited, input=cancel))["orderCancel"]
        assert told(canceled) == [("REPLAY_HIDDEN", "idempotencyKey")]
    assert shop.everything() == before


@pytest.mark.parametrize(
    "change",
    [{"note": "other"}, {"tags": ["a"]}, {"externalRef": "X"}, {"pricesIncludeTax": True}, {"total": {"amount": "10"}}],
)
async def test_the_same_key_with_other_arguments_is_refused(shop: Shop, change: dict[str, Any]) -> None:
    shirt = await shop.goods(first=5)
    given = shop.order(line(shirt))
    await shop.payload(given)
    before = shop.everything()
    assert told(await shop.payload({**given, **change})) == [("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")]
    assert shop.everything() == before


async def test_a_refused_call_stores_nothing_and_its_key_may_come_again(shop: Shop) -> None:
    shirt = await shop.goods(first=1)
    given = shop.order(line(shirt, 2))
    refused = await shop.payload(given)
    assert refused["userErrors"][0]["shortages"] == [
        {"sku": shirt.code, "requested": 2, "available": 1, "nextAvailableAt": None}
    ]
    assert refused["userErrors"][0]["__typename"] == "InsufficientStockError"
    corrected = await shop.payload({**given, "lines": [line(shirt, 1)]})
    assert (corrected["userErrors"], corrected["replayed"]) == ([], False)


async def test_the_same_key_at_once_places_one_order(shop: Shop) -> None:
    shirt = await shop.goods(first=50)
    given = shop.order(line(shirt))
    payloads = await asyncio.gather(*(shop.payload(given) for _ in range(8)))
    outcomes = Counter(told(p)[0][0] if p["userErrors"] else p["replayed"] for p in payloads)
    assert outcomes[False] == 1
    assert set(outcomes) <= {True, False, "IDEMPOTENCY_IN_PROGRESS"}
    assert await shop.level(shirt, shop.first) == (49, 1)


async def test_an_external_reference_is_taken_once(shop: Shop) -> None:
    shirt, reference = await shop.goods(first=50), f"web-{uuid4().hex}"
    order = await shop.placed(line(shirt), externalRef=reference)
    before = shop.everything()
    refused = await shop.payload(shop.order(line(shirt), externalRef=reference))
    assert told(refused) == [("DUPLICATE_EXTERNAL_REF", "externalRef")]
    assert refused["userErrors"][0]["order"] == {"id": order["id"], "externalRef": reference}
    assert shop.everything() == before
    other = await shop.given.channel(locations=(shop.first,))
    await shop.placed(line(shirt), externalRef=reference, channelId=text_id(IdKind.CHANNEL, other.id))


async def test_an_external_reference_is_taken_once_by_many_at_once(shop: Shop) -> None:
    for _ in range(3):
        shirt, reference = await shop.goods(first=50), f"web-{uuid4().hex}"
        payloads = await asyncio.gather(*(shop.payload(shop.order(line(shirt), externalRef=reference)) for _ in range(8)))
        outcomes = Counter(told(p)[0][0] if p["userErrors"] else "placed" for p in payloads)
        assert outcomes == {"placed": 1, "DUPLICATE_EXTERNAL_REF": 7}
        assert await shop.level(shirt, shop.first) == (49, 1)


async def test_the_last_units_are_sold_once_over_two_locations(shop: Shop) -> None:
    shirt = await shop.goods(first=3, second=4)
    payloads = await asyncio.gather(*(shop.payload(shop.order(line(shirt))) for _ in range(20)))
    assert Counter(bool(p["userErrors"]) for p in payloads) == {False: 7, True: 13}
    levels = [await shop.level(shirt, place) for place in (shop.first, shop.second)]
    assert levels == [(0, 3), (0, 4)]


async def test_safety_stock_is_kept_back_unless_the_channel_sells_it(shop: Shop) -> None:
    shirt = await shop.goods(first=5)
    await set_safety_stock(shop, shirt.id, shop.first, 3)
    refused = await shop.payload(shop.order(line(shirt, 3)))
    assert refused["userErrors"][0]["shortages"][0]["available"] == 2
    await shop.placed(line(shirt, 2))
    assert await shop.level(shirt, shop.first) == (3, 2)


async def set_safety_stock(shop: Shop, sku_id: Any, location: LocationRow, units: int) -> None:
    from sqlalchemy import update  # noqa: PLC0415

    async def command(tx: Any, units: int) -> None:
        where = (InventoryLevelRow.sku_id == sku_id, InventoryLevelRow.location_id == location.id)
        await tx.ask(raw(update(InventoryLevelRow).where(*where).values(safety_stock_target=units)))

    await shop.work.execute(shop.given.principal, command, units)
