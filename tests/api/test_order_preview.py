"""What an order would come to, asked before it is placed."""

from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop

PREVIEW = """
query ($input: OrderCartInput!) {
  orderPricePreview(input: $input) {
    totals { goods { amount } discount { amount } shipping { amount } tax { amount } total { amount currencyCode }
      pricesIncludeTax }
    lines {
      position kind skuCode name quantity available waiting missing promisedShipOn promisedDeliveryOn
      unitPrice { amount } goods { amount } discount { amount } orderDiscountShare { amount }
      shippingShare { amount } total { amount }
    }
    errors { __typename code field ... on InsufficientStockError { shortages { sku requested available } } }
  }
}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def preview(ask: Ask, shop: Shop, **given: Any) -> dict[str, Any]:
    """Ask for a preview of an order in the shop's channel."""
    cart = {"channelId": text_id(IdKind.CHANNEL, shop.channel.id), **given}
    return dict((await ask(PREVIEW, input=cart))["orderPricePreview"])


async def test_a_cart_is_priced_without_being_placed(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(2)
    cart: dict[str, Any] = {
        "lines": [{"sku": sku.code, "quantity": 2, "unitPrice": {"amount": "10"}}],
        "discounts": [{"amount": {"amount": "3"}, "label": "Spring"}],
        "shipping": [{"title": "Post", "price": {"amount": "3.95"}}],
    }
    found = await preview(ask, shop, **cart)
    assert found["errors"] == []
    assert found["totals"] == {
        "goods": {"amount": "20.00"}, "discount": {"amount": "3.00"}, "shipping": {"amount": "3.95"}, "tax": {"amount": "0.00"},
        "total": {"amount": "20.95", "currencyCode": "GBP"}, "pricesIncludeTax": True,
    }  # fmt: skip
    assert found["lines"] == [{
        "position": 0, "kind": "GOODS", "skuCode": sku.code, "name": f"Thing {sku.code}", "quantity": 2, "available": 2,
        "waiting": 0, "missing": 0, "promisedShipOn": None, "promisedDeliveryOn": None, "unitPrice": {"amount": "10.00"},
        "goods": {"amount": "20.00"}, "discount": {"amount": "0.00"}, "orderDiscountShare": {"amount": "3.00"},
        "shippingShare": {"amount": "3.95"}, "total": {"amount": "20.00"},
    }]  # fmt: skip
    assert await shop.stock(sku) == (2, 0)


async def test_what_is_short_is_told_beside_the_money(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(2)
    found = await preview(ask, shop, lines=[{"sku": sku.code, "quantity": 3, "unitPrice": {"amount": "10"}}])
    assert found["totals"]["total"]["amount"] == "30.00"
    assert [(each["available"], each["waiting"], each["missing"]) for each in found["lines"]] == [(2, 0, 1)]
    (error,) = found["errors"]
    assert (error["__typename"], error["field"]) == ("InsufficientStockError", ["lines"])
    assert error["shortages"] == [{"sku": sku.code, "requested": 3, "available": 2}]


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask) -> None:
    line = {"sku": (await shop.stocked(2)).code, "quantity": 1, "unitPrice": {"amount": "10"}}
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]], bool]] = [
        ({}, [("EMPTY_ORDER", ["lines"])], False),
        ({"lines": [line, {**line, "sku": "NONE"}]}, [("UNKNOWN_SKU", ["lines", "1", "sku"])], False),
        ({"lines": [{**line, "unitPrice": None}]}, [("INVALID_VALUE", ["lines", "0", "unitPrice"])], False),
        ({"lines": [line], "currencyCode": "USD"}, [("MIXED_CURRENCIES", ["currencyCode"])], True),
        ({"lines": [line], "total": {"amount": "9"}}, [("TOTAL_MISMATCH", ["total"])], False),
        ({"lines": [line], "channelId": text_id(IdKind.CHANNEL, new_uuid())}, [("NOT_FOUND", ["channelId"])], False),
        ({"lines": [line], "channelId": "x", "customerId": "y"}, [("INVALID_ID", ["channelId"])], False),
        ({"lines": [line], "reservationId": text_id(IdKind.RESERVATION, new_uuid())}, [("NOT_FOUND", ["reservationId"])], True),
        ({"lines": [line], "occurredAt": "2999-01-01T00:00:00Z"}, [("INVALID_VALUE", ["occurredAt"])], True),
    ]
    for given, expected, priced in cases:
        found = await preview(ask, shop, **given)
        assert [(error["code"], error["field"]) for error in found["errors"]] == expected, given
        assert (found["totals"] is not None) is priced


async def test_a_preview_needs_the_scope_of_placing(work: UnitOfWork, shop: Shop) -> None:
    reader = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_WRITE}))
    given = {"channelId": text_id(IdKind.CHANNEL, shop.channel.id)}
    (error,) = await reader.errors(PREVIEW, input=given)
    assert error["extensions"]["code"] == "MISSING_SCOPE"
