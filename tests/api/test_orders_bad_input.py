"""What is wrong with an order is told with its own code and the path of the field, and nothing has changed."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import update

from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.domain.catalog.tables import SkuComponentRow, SkuRow
from oms_api.domain.channels.states import Activity
from oms_api.domain.channels.tables import ChannelRow, LocationRow
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.database import Database
from tests.factories.raw import raw
from tests.factories.shop import PLACE, PLACE_BRIEFLY, Shop, line, location_id, opened, told

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with opened(database) as running:
        yield running


@pytest.fixture(scope="module")
async def shirt(shop: Shop) -> SkuRow:
    return await shop.goods(first=10, second=10)


def at(*path: str | int, value: Any) -> Change:
    """Return what sets one part of an order."""

    def change(order: dict[str, Any]) -> None:
        inner: Any = order
        for step in path[:-1]:
            inner = inner[step] if isinstance(step, int) else inner.setdefault(step, {})
        inner[path[-1]] = value

    return change


def amount(text: str, currency: str | None = None) -> dict[str, Any]:
    return {"amount": text, **({"currencyCode": currency} if currency else {})}


def discount(text: str, **more: Any) -> list[dict[str, Any]]:
    return [{"amount": amount(text), "label": "Off", **more}]


def tax(text: str, **more: Any) -> list[dict[str, Any]]:
    return [{"title": "VAT", "amount": amount(text), **more}]


FIRST = ("lines", 0)
LONG = "x" * 256

REFUSED: dict[str, tuple[Change, list[tuple[str, str]]]] = {
    "unknown sku": (at(*FIRST, "sku", value="nothing"), [("UNKNOWN_SKU", "lines.0.sku")]),
    "empty sku": (at(*FIRST, "sku", value=""), [("UNKNOWN_SKU", "lines.0.sku")]),
    "long sku": (at(*FIRST, "sku", value="x" * 100_000), [("UNKNOWN_SKU", "lines.0.sku")]),
    "sku of another case": (at(*FIRST, "sku", value="SHIRT "), [("UNKNOWN_SKU", "lines.0.sku")]),
    "unknown listing": (
        lambda order: order["lines"][0].update(sku=None, listing="nothing"),
        [("UNKNOWN_LISTING", "lines.0.listing")],
    ),
    "sku and listing": (at(*FIRST, "listing", value="x"), [("LINE_WITHOUT_ITEM", "lines.0.sku")]),
    "neither sku nor listing": (at(*FIRST, "sku", value=None), [("LINE_WITHOUT_ITEM", "lines.0.sku")]),
    "goods without sku": (
        lambda order: order["lines"][0].update(sku=None, kind="GOODS", name="Thing"),
        [("LINE_WITHOUT_ITEM", "lines.0.sku")],
    ),
    "fee without name": (lambda order: order["lines"][0].update(sku=None, kind="FEE"), [("LINE_WITHOUT_ITEM", "lines.0.sku")]),
    "wrong kind": (at(*FIRST, "kind", value="FEE"), [("INVALID_VALUE", "lines.0.kind")]),
    "no lines": (at("lines", value=[]), [("EMPTY_ORDER", "lines")]),
    "5,001 lines": (lambda order: order.update(lines=order["lines"] * 5_001), [("TOO_MANY_ITEMS", "lines")]),
    "quantity 0": (at(*FIRST, "quantity", value=0), [("INVALID_QUANTITY", "lines.0.quantity")]),
    "quantity -1": (at(*FIRST, "quantity", value=-1), [("INVALID_QUANTITY", "lines.0.quantity")]),
    "price with 7 decimals": (
        at(*FIRST, "unitPrice", value=amount("1.0000001")),
        [("TOO_MANY_DECIMALS", "lines.0.unitPrice.amount")],
    ),
    "negative price": (at(*FIRST, "unitPrice", value=amount("-0.01")), [("NEGATIVE_AMOUNT", "lines.0.unitPrice.amount")]),
    "huge price": (at(*FIRST, "unitPrice", value=amount("9" * 18)), [("INVALID_VALUE", "lines.0.unitPrice.amount")]),
    "huge price times quantity": (
        lambda order: order["lines"][0].update(quantity=2_147_483_647, unitPrice=amount("1000000000000")),
        [("INVALID_VALUE", "lines.0.unitPrice.amount")],
    ),
    "no price": (at(*FIRST, "unitPrice", value=None), [("INVALID_VALUE", "lines.0.unitPrice")]),
    "total that does not add up": (at("total", value=amount("10.01")), [("TOTAL_MISMATCH", "total")]),
    "total with too many decimals": (at("total", value=amount("10.001")), [("TOO_MANY_DECIMALS", "total.amount")]),
    "line total that does not add up": (at(*FIRST, "total", value=amount("10.02")), [("TOTAL_MISMATCH", "lines.0.total")]),
    "currency of a price": (
        at(*FIRST, "unitPrice", value=amount("10", "EUR")),
        [("MIXED_CURRENCIES", "lines.0.unitPrice.currencyCode")],
    ),
    "currency of the order": (at("currencyCode", value="EUR"), [("MIXED_CURRENCIES", "currencyCode")]),
    "unknown currency": (at("currencyCode", value="XXZ"), [("MIXED_CURRENCIES", "currencyCode")]),
    "currency of the total": (at("total", value=amount("10", "EUR")), [("MIXED_CURRENCIES", "total.currencyCode")]),
    "currency of a discount": (
        at("discounts", value=[{"amount": amount("1", "USD"), "label": "Off"}]),
        [("MIXED_CURRENCIES", "discounts.0.amount.currencyCode")],
    ),
    "negative discount": (
        at(*FIRST, "discounts", value=discount("-1")),
        [("NEGATIVE_AMOUNT", "lines.0.discounts.0.amount.amount")],
    ),
    "discount beyond the line": (
        at(*FIRST, "discounts", value=discount("10.01")),
        [("DISCOUNT_TOO_LARGE", "lines.0.discounts")],
    ),
    "discount beyond the order": (at("discounts", value=discount("10.01")), [("DISCOUNT_TOO_LARGE", "discounts")]),
    "negative tax": (at(*FIRST, "taxes", value=tax("-1")), [("NEGATIVE_AMOUNT", "lines.0.taxes.0.amount.amount")]),
    "taxes beyond what is kept": (at(*FIRST, "taxes", value=tax("90000000000000") * 2), [("AMOUNT_TOO_LARGE", "lines")]),
    "taxes beyond what a column holds": (
        at(*FIRST, "taxes", value=tax("90071992547409.91") * 100 + tax("1")),
        [("TOO_MANY_ITEMS", "lines.0.taxes")],
    ),
    "rate of a million": (at(*FIRST, "taxes", value=tax("1", rate="1000000")), [("INVALID_VALUE", "lines.0.taxes.0.rate")]),
    "negative rate": (at(*FIRST, "taxes", value=tax("1", rate="-0.2")), [("INVALID_VALUE", "lines.0.taxes.0.rate")]),
    "rate with 7 decimals": (
        at(*FIRST, "taxes", value=tax("1", rate="0.0000001")),
        [("INVALID_VALUE", "lines.0.taxes.0.rate")],
    ),
    "rate of a shipping tax": (
        at("shipping", value=[{"title": "Post", "price": amount("1"), "taxes": tax("1", rate="5000")}]),
        [("INVALID_VALUE", "shipping.0.taxes.0.rate")],
    ),
    "negative shipping": (
        at("shipping", value=[{"title": "Post", "price": amount("-1")}]),
        [("NEGATIVE_AMOUNT", "shipping.0.price.amount")],
    ),
    "unknown country": (at("shippingAddress", "country", value="XX"), [("INVALID_VALUE", "shippingAddress.country")]),
    "lower-case country": (at("billingAddress", "country", value="gb"), [("INVALID_VALUE", "billingAddress.country")]),
    "unknown location": (
        at(*FIRST, "locationId", value=text_id(IdKind.LOCATION, new_uuid())),
        [("LOCATION_NOT_IN_CHANNEL", "lines.0.locationId")],
    ),
    "id of another type for a location": (
        at(*FIRST, "locationId", value=text_id(IdKind.CHANNEL, new_uuid())),
        [("INVALID_ID", "lines.0.locationId")],
    ),
    "id of another type for the channel": (
        at("channelId", value=text_id(IdKind.ORDER, new_uuid())),
        [("INVALID_ID", "channelId")],
    ),
    "no id at all": (at("channelId", value="1; DROP TABLE orders"), [("INVALID_ID", "channelId")]),
    "unknown channel": (at("channelId", value=text_id(IdKind.CHANNEL, new_uuid())), [("NOT_FOUND", "channelId")]),
    "unknown customer": (at("customerId", value=text_id(IdKind.CUSTOMER, new_uuid())), [("NOT_FOUND", "customerId")]),
    "empty key": (at("idempotencyKey", value=""), [("INVALID_VALUE", "idempotencyKey")]),
    "long key": (at("idempotencyKey", value="k" * 256), [("INVALID_VALUE", "idempotencyKey")]),
    "empty reference": (at("externalRef", value=""), [("INVALID_VALUE", "externalRef")]),
    "long reference": (at("externalRef", value=LONG), [("INVALID_VALUE", "externalRef")]),
    "long note": (at("note", value="x" * 10_001), [("INVALID_VALUE", "note")]),
    "long tag": (at("tags", value=["a", LONG]), [("INVALID_VALUE", "tags.1")]),
    "many tags": (at("tags", value=["a"] * 101), [("TOO_MANY_ITEMS", "tags")]),
    "long name": (at(*FIRST, "name", value="x" * 1_001), [("INVALID_VALUE", "lines.0.name")]),
    "long label": (at("discounts", value=discount("1", label=LONG)), [("INVALID_VALUE", "discounts.0.label")]),
    "long postal code": (
        at("shippingAddress", value={"country": "GB", "postalCode": LONG}),
        [("INVALID_VALUE", "shippingAddress.postalCode")],
    ),
    "no e-mail": (at("contact", "email", value="ada@example"), [("INVALID_VALUE", "contact.email")]),
    "long e-mail": (at("contact", "email", value=LONG), [("INVALID_VALUE", "contact.email")]),
    "several things": (
        lambda order: order.update(
            currencyCode="EUR", externalRef="", lines=[{**order["lines"][0], "quantity": 0}, {**order["lines"][0], "sku": "no"}]
        ),
        [
            ("MIXED_CURRENCIES", "currencyCode"),
            ("INVALID_VALUE", "externalRef"),
            ("INVALID_QUANTITY", "lines.0.quantity"),
            ("UNKNOWN_SKU", "lines.1.sku"),
        ],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_bad_input_is_refused_with_code_and_path_and_changes_nothing(shop: Shop, shirt: SkuRow, case: str) -> None:
    change, expected = REFUSED[case]
    order = shop.order(line(shirt))
    change(order)
    before = shop.everything()
    payload = await shop.payload(order)
    assert told(payload) == expected
    assert (payload["order"], payload["replayed"]) == (None, False)
    assert all(error["message"] for error in payload["userErrors"])
    assert shop.everything() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (at("note", value="x" * 10_001), "A note has at most 10,000 characters, none of them NUL."),
        (at(*FIRST, "name", value="x" * 1_001), "A line's name has at most 1,000 characters, none of them NUL."),
        (at("tags", value=[LONG]), "This has at most 255 characters, none of them NUL."),
        (lambda order: order.update(lines=order["lines"] * 5_001), "At most 5,000 are allowed here, 5,001 were given."),
    ],
)
async def test_what_is_too_long_is_told_how_long_it_may_be(shop: Shop, shirt: SkuRow, change: Change, said: str) -> None:
    order = shop.order(line(shirt))
    change(order)
    assert [error["message"] for error in (await shop.payload(order))["userErrors"]] == [said]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("lines", 0, "quantity"), 2_147_483_648),
        (("lines", 0, "quantity"), 1.5),
        (("lines", 0, "quantity"), "1"),
        (("lines", 0, "quantity"), None),
        (("lines", 0, "quantity"), True),
        (("lines", 0, "unitPrice", "amount"), 10.5),
        (("lines", 0, "unitPrice", "amount"), "1e3"),
        (("lines", 0, "unitPrice", "amount"), "1" * 19),
        (("lines", 0, "unitPrice", "amount"), "١٢"),
        (("lines", 0, "unitPrice", "amount"), "NaN"),
        (("lines", 0, "unitPrice", "currencyCode"), 1),
        (("lines", 0, "kind"), "goods"),
        (("lines", 0, "nosuchfield"), 1),
        (("lines", 0), None),
        (("occurredAt",), "2010-12-01T08:26:00"),
        (("occurredAt",), "2010-13-01T08:26:00Z"),
        (("occurredAt",), "0001-01-01T00:00:00+14:00"),
        (("tags",), [None]),
        (("note",), 5),
        (("channelId",), None),
        (("idempotencyKey",), None),
    ],
)
async def test_wrong_scalars_name_the_variable_and_the_path(
    shop: Shop, shirt: SkuRow, path: tuple[str | int, ...], value: Any
) -> None:
    order = shop.order(line(shirt))
    at(*path, value=value)(order)
    before = shop.everything()
    answer = await shop.answer(PLACE, input=order)
    assert "data" not in answer
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "$input" in error["message"] or "'input" in error["message"]
    for step in path:
        assert str(step) in error["message"]
    assert shop.everything() == before


@pytest.mark.parametrize(
    "body",
    [
        b'"note": "a\\u0000b"',
        b'"note": "\\ud800"',
        b'"note": "\xff"',
        b'"note": NaN',
        b'"tags": ["\\udc00"]',
    ],
)
async def test_what_is_no_text_is_a_bad_request(shop: Shop, shirt: SkuRow, body: bytes) -> None:
    order = orjson.dumps(shop.order(line(shirt)))[:-1] + b", " + body + b"}"
    sent = b'{"query": ' + json.dumps(PLACE).encode() + b', "variables": {"input": ' + order + b"}}"
    before = shop.everything()
    answer = await shop.client.post("/graphql", content=sent, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert shop.everything() == before


async def test_an_unknown_key_and_a_missing_scope_are_refused_before_anything_runs(shop: Shop, shirt: SkuRow) -> None:
    order, before = shop.order(line(shirt)), shop.everything()
    answer = await shop.client.post(
        "/graphql", json={"query": PLACE, "variables": {"input": order}}, headers={"authorization": "Bearer oms_nothing"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    async with shop.keyed(scopes=frozenset({Scope.ORDERS_READ})) as reader:
        answer = (await reader.post("/graphql", json={"query": PLACE_BRIEFLY, "variables": {"input": order}})).json()
    assert "data" not in answer
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["scope"]) == ("MISSING_SCOPE", "orders:write")
    assert shop.everything() == before


async def test_a_location_of_another_channel_is_refused(shop: Shop, shirt: SkuRow) -> None:
    other = await shop.given.location()
    await shop.given.channel(locations=(other,))
    await shop.given.adjust(shirt.id, other.id, 5)
    before = shop.everything()
    refused = await shop.payload(shop.order(line(shirt, locationId=location_id(other))))
    assert told(refused) == [("LOCATION_NOT_IN_CHANNEL", "lines.0.locationId")]
    assert shop.everything() == before


async def test_a_channel_outside_the_keys_limits_answers_like_a_missing_one(shop: Shop, shirt: SkuRow) -> None:
    other = await shop.given.channel(locations=(shop.first,))
    async with shop.keyed(channels={other.id}) as limited:
        refused = await shop.payload(shop.order(line(shirt)), client=limited)
    assert told(refused) == [("NOT_FOUND", "channelId")]


async def test_what_is_inactive_takes_no_orders(shop: Shop) -> None:
    async def end(table: type[Any], key: Any, status: object) -> None:
        async def command(tx: Any, _: None) -> None:
            await tx.ask(raw(update(table).where(table.id == key).values(status=status)))

        await shop.work.execute(shop.given.principal, command, None)

    place = await shop.given.location()
    channel, sku, part = (
        await shop.given.channel(locations=(place, shop.first)),
        await shop.goods(first=5),
        await shop.goods(first=5),
    )
    bundle = await shop.given.sku(kind=SkuKind.BUNDLE, components={part.code: 1})
    await shop.given.adjust(sku.id, place.id, 5)
    channel_id = text_id(IdKind.CHANNEL, channel.id)
    await end(LocationRow, place.id, Activity.INACTIVE)
    wished = await shop.payload(shop.order(line(sku, locationId=location_id(place)), channelId=channel_id))
    assert told(wished) == [("LOCATION_NOT_IN_CHANNEL", "lines.0.locationId")]
    short = await shop.payload(shop.order(line(sku, 6), channelId=channel_id))
    assert short["userErrors"][0]["shortages"][0]["available"] == 5
    await end(SkuRow, part.id, SkuStatus.INACTIVE)
    assert told(await shop.payload(shop.order(line(bundle)))) == [("SKU_INACTIVE", "lines.0.sku")]
    await end(SkuRow, sku.id, SkuStatus.INACTIVE)
    assert told(await shop.payload(shop.order(line(sku), channelId=channel_id))) == [("SKU_INACTIVE", "lines.0.sku")]
    await end(ChannelRow, channel.id, Activity.INACTIVE)
    assert told(await shop.payload(shop.order(line(sku), channelId=channel_id))) == [("CHANNEL_INACTIVE", "channelId")]


async def test_lines_of_one_sku_are_short_together(shop: Shop) -> None:
    sku = await shop.goods(first=3, second=2)
    before = shop.everything()
    refused = await shop.payload(shop.order(line(sku, 3), line(sku, 3)))
    assert told(refused) == [("INSUFFICIENT_STOCK", "lines")]
    assert refused["userErrors"][0]["shortages"] == [{"sku": sku.code, "requested": 6, "available": 5, "nextAvailableAt": None}]
    assert shop.everything() == before


async def test_a_demand_beyond_32_bits_is_told_as_a_shortage(shop: Shop, shirt: SkuRow) -> None:
    most = 2_147_483_647
    refused = await shop.payload(shop.order(line(shirt, most, "0"), line(shirt, most, "0")))
    assert refused["userErrors"][0]["shortages"][0]["requested"] == 2 * most


async def test_a_bundle_of_too_many_units_or_of_nothing_is_refused(shop: Shop) -> None:
    part = await shop.goods(first=1)
    bundle = await shop.given.sku(kind=SkuKind.BUNDLE, components={part.code: 2})
    refused = await shop.payload(shop.order(line(bundle, 1_073_741_824, "0")))
    assert told(refused) == [("INVALID_QUANTITY", "lines.0.quantity")]

    async def unlink(tx: Any, _: None) -> None:
        await tx.ask(raw(SkuComponentRow.__table__.delete().where(SkuComponentRow.bundle_id == bundle.id)))  # type: ignore[attr-defined]

    await shop.work.execute(shop.given.principal, unlink, None)
    assert told(await shop.payload(shop.order(line(bundle)))) == [("INVALID_VALUE", "lines.0.sku")]


async def test_money_out_of_bounds_is_refused_however_it_is_made_up(shop: Shop, shirt: SkuRow) -> None:
    dear = "90071992547409.91"
    taxes = [{"title": "VAT", "amount": amount(dear)}] * 100
    lines = [{"kind": "FEE", "name": "Fee", "quantity": 1, "unitPrice": amount("1"), "taxes": taxes} for _ in range(100)]
    assert told(await shop.payload(shop.order(*lines))) == [("AMOUNT_TOO_LARGE", "lines")]
    free = {
        "kind": "FEE",
        "name": "Fee",
        "quantity": 90,
        "unitPrice": amount("1000000000000"),
        "discounts": discount("90000000000000"),
    }
    assert told(await shop.payload(shop.order(*[free] * 3))) == [("AMOUNT_TOO_LARGE", "lines")]
    charges = [{"title": "Post", "price": amount(dear)}] * 100
    assert told(await shop.payload(shop.order(line(shirt), shipping=charges))) == [("AMOUNT_TOO_LARGE", "lines")]


async def test_amounts_of_other_currencies_have_their_own_decimals(shop: Shop) -> None:
    sku = await shop.goods(first=5)
    yen = await shop.given.channel(locations=(shop.first,), currency="JPY")
    dinar = await shop.given.channel(locations=(shop.first,), currency="KWD")
    ids = {"channelId": text_id(IdKind.CHANNEL, yen.id)}
    assert (await shop.placed(line(sku, 2, "1.5"), **ids))["total"]["amount"] == "3"
    refused = await shop.payload(shop.order(line(sku), **ids, discounts=discount("0.5")))
    assert told(refused) == [("TOO_MANY_DECIMALS", "discounts.0.amount.amount")]
    ids = {"channelId": text_id(IdKind.CHANNEL, dinar.id)}
    assert (await shop.placed(line(sku, 1, "1.2345"), **ids))["total"]["amount"] == "1.235"


async def test_a_thousand_lines_are_taken(shop: Shop) -> None:
    sku = await shop.goods(first=1_000)
    order = await shop.placed(*[line(sku, 1, "1")] * 1_000, externalRef=uuid4().hex)
    assert order["total"]["amount"] == "1000.00"
    assert await shop.level(sku, shop.first) == (0, 1_000)
