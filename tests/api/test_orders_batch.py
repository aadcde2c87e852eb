"""Placing many orders at once: each row by itself, or all or none."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.database import Database
from tests.factories.shop import PLACE, Shop, line, opened, told

FEE = {"kind": "FEE", "name": "Fee", "quantity": 1, "unitPrice": {"amount": "1"}}


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with opened(database) as running:
        yield running


def outcomes(payload: dict[str, Any]) -> list[Any]:
    """Return what became of each row: placed, replayed, or code and path."""
    assert payload["userErrors"] == []
    assert [row["index"] for row in payload["results"]] == list(range(len(payload["results"])))
    return [told(row) or ("replayed" if row["replayed"] else "placed") for row in payload["results"]]


async def test_a_batch_is_placed_with_a_result_for_each_row(shop: Shop) -> None:
    sku = await shop.goods(first=10)
    payload = await shop.many(*(shop.order(line(sku, n), externalRef=uuid4().hex) for n in (1, 2, 3)))
    assert outcomes(payload) == ["placed"] * 3
    assert [row["order"]["lines"]["nodes"][0]["ordered"] for row in payload["results"]] == [1, 2, 3]
    assert await shop.level(sku, shop.first) == (4, 6)


async def test_each_wrong_row_is_told_with_its_path_and_the_others_are_placed(shop: Shop) -> None:
    sku = await shop.goods(first=10)
    orders = [
        shop.order(line(sku)),
        shop.order(line("nothing")),
        shop.order(line(sku), channelId=text_id(IdKind.ORDER, new_uuid())),
        shop.order(line(sku, 0), line("nothing")),
        shop.order(line(sku), shippingAddress={"country": "XX"}),
        shop.order(line(sku)),
    ]
    assert outcomes(await shop.many(*orders, onFailure="REJECT_FAILED")) == [
        "placed",
        [("UNKNOWN_SKU", "orders.1.lines.0.sku")],
        [("INVALID_ID", "orders.2.channelId")],
        [("INVALID_QUANTITY", "orders.3.lines.0.quantity"), ("UNKNOWN_SKU", "orders.3.lines.1.sku")],
        [("INVALID_VALUE", "orders.4.shippingAddress.country")],
        "placed",
    ]
    assert await shop.level(sku, shop.first) == (8, 2)


@pytest.mark.parametrize("wrong", [{"lines": [line("nothing")]}, {"channelId": "nothing"}])
async def test_all_or_none_is_the_default(shop: Shop, wrong: dict[str, Any]) -> None:
    sku = await shop.goods(first=10)
    before = shop.everything()
    found = outcomes(await shop.many(shop.order(line(sku)), {**shop.order(line(sku)), **wrong}, shop.order(line(sku))))
    assert found[0] == [("REJECTED_WITH_BATCH", "orders.0")]
    assert found[1][0][0] in {"UNKNOWN_SKU", "INVALID_ID"}
    assert found[2] == [("REJECTED_WITH_BATCH", "orders.2")]
    assert shop.everything() == before


async def test_the_demand_of_a_batch_is_one(shop: Shop) -> None:
    sku = await shop.goods(first=1, second=1)
    payload = await shop.many(*(shop.order(line(sku)) for _ in range(4)), onFailure="REJECT_FAILED")
    assert outcomes(payload) == [
        "placed",
        "placed",
        [("INSUFFICIENT_STOCK", "orders.2.lines")],
        [("INSUFFICIENT_STOCK", "orders.3.lines")],
    ]
    assert payload["results"][2]["userErrors"][0]["shortages"][0]["available"] == 0
    large_first = [shop.order(line(other := await shop.goods(first=2), 3)), shop.order(line(other, 2))]
    assert outcomes(await shop.many(*large_first, onFailure="REJECT_FAILED"))[1] == "placed"


async def test_a_batch_sent_again_replays_row_by_row(shop: Shop) -> None:
    sku = await shop.goods(first=10)
    orders = [shop.order(line(sku)) for _ in range(3)]
    first = await shop.many(*orders[:2])
    again = await shop.many(*orders)
    assert outcomes(again) == ["replayed", "replayed", "placed"]
    assert [row["order"] for row in again["results"][:2]] == [row["order"] for row in first["results"]]
    changed = [{**orders[0], "note": "other"}, orders[1]]
    assert outcomes(await shop.many(*changed, onFailure="REJECT_FAILED")) == [
        [("IDEMPOTENCY_KEY_REUSED", "orders.0.idempotencyKey")],
        "replayed",
    ]
    alone = await shop.payload(orders[2])
    assert (alone["replayed"], alone["order"]["id"]) == (True, again["results"][2]["order"]["id"])
    assert await shop.level(sku, shop.first) == (7, 3)


async def test_a_key_that_stands_twice_refuses_the_batch(shop: Shop) -> None:
    order = shop.order(FEE)
    before = shop.everything()
    payload = await shop.many(shop.order(FEE), order, order)
    assert told(payload) == [("INVALID_VALUE", "orders.2.idempotencyKey")]
    assert payload["results"] == []
    assert shop.everything() == before


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_that_is_none_is_told_with_its_row(shop: Shop, key: str) -> None:
    unreadable = shop.order(FEE, channelId="nothing")
    payload = await shop.many(unreadable, shop.order(FEE), shop.order(FEE, idempotencyKey=key), onFailure="REJECT_FAILED")
    assert told(payload) == [("INVALID_VALUE", "orders.2.idempotencyKey")]


async def test_a_reference_is_taken_once_within_a_batch(shop: Shop) -> None:
    reference = uuid4().hex
    payload = await shop.many(*(shop.order(FEE, externalRef=reference) for _ in range(2)), onFailure="REJECT_FAILED")
    assert outcomes(payload) == ["placed", [("DUPLICATE_EXTERNAL_REF", "orders.1.externalRef")]]
    assert payload["results"][1]["userErrors"][0]["order"] is None
    refused = await shop.payload(shop.order(FEE, externalRef=reference))
    assert refused["userErrors"][0]["order"]["id"] == payload["results"][0]["order"]["id"]
    short, sku = uuid4().hex, await shop.goods()
    payload = await shop.many(
        shop.order(line(sku), externalRef=short), shop.order(FEE, externalRef=short), onFailure="REJECT_FAILED"
    )
    assert outcomes(payload) == [[("INSUFFICIENT_STOCK", "orders.0.lines")], "placed"]


async def test_a_batch_has_its_bounds(shop: Shop) -> None:
    before = shop.everything()
    assert told(await shop.many()) == [("INVALID_VALUE", "orders")]
    assert told(await shop.many(*(shop.order(FEE) for _ in range(251)))) == [("BATCH_TOO_LARGE", "orders")]
    assert told(await shop.many(*(shop.order(*[FEE] * 1_000) for _ in range(5)), shop.order(FEE))) == [
        ("BATCH_TOO_LARGE", "orders")
    ]
    unreadable = [shop.order(FEE, channelId="nothing") for _ in range(251)]
    assert told(await shop.many(*unreadable, onFailure="REJECT_FAILED")) == [("BATCH_TOO_LARGE", "orders")]
    assert shop.everything() == before
    assert outcomes(await shop.many(*(shop.order(FEE) for _ in range(250)))) == ["placed"] * 250


async def test_an_order_of_many_lines_is_read_back_with_all_of_them(shop: Shop) -> None:
    order = (await shop.ask(PLACE, input=shop.order(*[FEE] * 300)))["orderPlace"]["order"]
    assert len(order["lines"]["nodes"]) == 250
