"""The money of an order: exact in every sum, spread without losing a unit, off by at most one where a total says so."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.orders.given import Amount, DiscountGiven, LineGiven, PlaceOrder, ShippingGiven, TaxGiven
from oms_api.domain.orders.pricing import OrderPrice, price_order
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import ChannelId

DECIMALS = {"JPY": 0, "GBP": 2, "KWD": 3}
minor = st.integers(0, 10**7)
currencies = st.sampled_from(sorted(DECIMALS))


def major(units: int, currency: str) -> Amount:
    return Amount(value=Decimal(units).scaleb(-DECIMALS[currency]))


def order(*lines: LineGiven, **changes: Any) -> PlaceOrder:
    return PlaceOrder(idempotency_key="k", channel_id=ChannelId(uuid4()), lines=lines, **changes)


def priced(given: PlaceOrder, currency: str = "GBP", *, included: bool = True) -> OrderPrice:
    prices = [line.unit_price or Amount(value=Decimal(0)) for line in given.lines]
    return price_order(given, prices, currency=currency, prices_include_tax=included)


def line(price: str, quantity: int = 1, **changes: Any) -> LineGiven:
    return LineGiven(quantity=quantity, sku="A", unit_price=Amount(value=Decimal(price)), **changes)


def refused(given: PlaceOrder, **options: Any) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        priced(given, **options)
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


@st.composite
def orders(draw: st.DrawFn) -> tuple[PlaceOrder, str]:
    """Give an order whose discounts fit, in some currency."""
    currency, lines, left = draw(currencies), [], 0
    for _ in range(draw(st.integers(1, 8))):
        price, quantity = draw(st.decimals(0, 10_000, places=6, allow_nan=False)), draw(st.integers(1, 1_000))
        goods = int((price * quantity).scaleb(DECIMALS[currency]).to_integral_value(ROUND_HALF_UP))
        discount = draw(st.integers(0, goods))
        left += goods - discount
        lines.append(
            LineGiven(
                quantity=quantity,
                sku="A",
                unit_price=Amount(value=price),
                discounts=(DiscountGiven(amount=major(discount, currency), label="Off"),),
                taxes=tuple(TaxGiven(title="VAT", amount=major(tax, currency)) for tax in draw(st.lists(minor, max_size=3))),
            )
        )
    taxes = tuple(TaxGiven(title="VAT", amount=major(tax, currency)) for tax in draw(st.lists(minor, max_size=2)))
    shipping = tuple(
        ShippingGiven(title="Post", price=major(p, currency), taxes=taxes) for p in draw(st.lists(minor, max_size=3))
    )
    discounts = (DiscountGiven(amount=major(draw(st.integers(0, left)), currency), label="Off"),)
    return order(*lines, discounts=discounts, shipping=shipping), currency


@given(made=orders(), included=st.booleans())
def test_every_sum_is_exact_and_every_share_adds_up(made: tuple[PlaceOrder, str], *, included: bool) -> None:
    given_order, currency = made
    price = priced(given_order, currency, included=included)
    scale = DECIMALS[currency]

    def units(amounts: Any) -> int:
        return sum(int(amount.value.scaleb(scale)) for amount in amounts)

    on_lines = units(d.amount for one in given_order.lines for d in one.discounts)
    on_order = units(d.amount for d in given_order.discounts)
    shipping = units(charge.price for charge in given_order.shipping)
    shipping_tax = units(tax.amount for charge in given_order.shipping for tax in charge.taxes)
    line_tax = units(tax.amount for one in given_order.lines for tax in one.taxes)
    assert price.discount == on_lines + on_order
    assert (price.shipping, price.tax) == (shipping, line_tax + shipping_tax)
    assert price.goods == sum(one.goods for one in price.lines)
    assert price.total == price.goods - price.discount + price.shipping + (0 if included else price.tax)
    assert sum(one.order_discount for one in price.lines) == on_order
    assert sum(one.shipping for one in price.lines) == shipping
    assert sum(one.shipping_tax for one in price.lines) == shipping_tax
    assert all(min(one.order_discount, one.shipping, one.shipping_tax) >= 0 for one in price.lines)
    assert all(one.order_discount <= one.net + 1 for one in price.lines)
    again = order(
        *given_order.lines, discounts=given_order.discounts, shipping=given_order.shipping, total=major(price.total, currency)
    )
    assert priced(again, currency, included=included) == price
    wrong = order(
        *given_order.lines,
        discounts=given_order.discounts,
        shipping=given_order.shipping,
        total=major(price.total + 1, currency),
    )
    assert refused(wrong, currency=currency, included=included) == [("TOTAL_MISMATCH", "total")]


@pytest.mark.parametrize(("total", "rounding"), [("9.99", -1), ("10.00", 0), ("10.01", 1)])
def test_a_lines_total_may_differ_by_one_unit_which_is_kept(total: str, rounding: int) -> None:
    price = priced(order(line("3.333333", 3, total=Amount(value=Decimal(total)))))
    assert (price.lines[0].rounding, price.lines[0].goods, price.total, price.rounding) == (
        rounding,
        1000 + rounding,
        1000 + rounding,
        rounding,
    )


@pytest.mark.parametrize("total", ["9.98", "10.02", "0", "1000000"])
def test_a_lines_total_that_differs_by_more_is_refused(total: str) -> None:
    assert refused(order(line("10", total=Amount(value=Decimal(total))))) == [("TOTAL_MISMATCH", "lines.0.total")]


def test_everything_wrong_is_told_at_once() -> None:
    wrong = order(
        line("-1"),
        line("1.0000001"),
        line("1", discounts=(DiscountGiven(amount=Amount(value=Decimal("0.001")), label="Off"),)),
        line("1", taxes=(TaxGiven(title="VAT", amount=Amount(value=Decimal(1), currency="EUR"), rate=Decimal(-1)),)),
        line("1000000000000", 2**31 - 1),
        line("1", discounts=(DiscountGiven(amount=Amount(value=Decimal(2)), label="Off"),)),
        shipping=(ShippingGiven(title="Post", price=Amount(value=Decimal(-1))),),
    )
    assert refused(wrong) == [
        ("NEGATIVE_AMOUNT", "lines.0.unitPrice.amount"),
        ("TOO_MANY_DECIMALS", "lines.1.unitPrice.amount"),
        ("TOO_MANY_DECIMALS", "lines.2.discounts.0.amount.amount"),
        ("INVALID_VALUE", "lines.3.taxes.0.rate"),
        ("MIXED_CURRENCIES", "lines.3.taxes.0.amount.currencyCode"),
        ("INVALID_VALUE", "lines.4.unitPrice.amount"),
        ("DISCOUNT_TOO_LARGE", "lines.5.discounts"),
        ("NEGATIVE_AMOUNT", "shipping.0.price.amount"),
    ]


def test_a_gift_at_price_zero_takes_an_equal_share_of_shipping() -> None:
    price = priced(order(line("0"), line("0"), shipping=(ShippingGiven(title="Post", price=Amount(value=Decimal("0.03"))),)))
    assert ([one.shipping for one in price.lines], price.total) == ([2, 1], 3)
