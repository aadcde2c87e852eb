"""The money of an order, checked and spread over its lines. Pure: nothing is read, given taxes are never recomputed."""

from collections.abc import Sequence
from decimal import Decimal

from oms_api.domain.orders.errors import DiscountTooLarge, NegativeAmount, TotalMismatch
from oms_api.domain.orders.given import Amount, Cart, LineGiven, TaxGiven
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.money import (
    LARGEST_MINOR,
    UNIT_PRICE_DECIMALS,
    AmountTooLarge,
    MixedCurrencies,
    Money,
    TooManyDecimals,
    extended_minor,
    split,
    to_minor,
)

LARGEST_ROUNDING = 1
LARGEST_UNIT_PRICE = 10**12
LARGEST_RATE = 1_000
RATE_DECIMALS = 6


@dataclass(slots=True)
class LinePrice:
    """The money of one line in minor units; see OrderLine for what each is."""

    unit_price: Decimal
    goods: int
    rounding: int
    discount: int
    tax: int
    order_discount: int = 0
    shipping: int = 0
    shipping_tax: int = 0

    @property
    def net(self) -> int:
        """What the line costs before its share of the order's discounts."""
        return self.goods - self.discount

    @property
    def base(self) -> int:
        """What the line costs after all discounts: what its taxes are on."""
        return self.net - self.order_discount


@dataclass(frozen=True, slots=True)
class OrderPrice:
    """The money of an order in minor units."""

    currency: str
    lines: Sequence[LinePrice]
    goods: int
    discount: int
    shipping: int
    tax: int
    rounding: int
    total: int


def price_order(order: Cart, unit_prices: Sequence[Amount], *, currency: str, prices_include_tax: bool) -> OrderPrice:
    """Check every amount of *order* and return its money, order discounts and shipping spread over the lines.

    *unit_prices* holds the price of each line, as given or from its listing. A line's total may differ from
    ``round(unit price x quantity) - discounts`` by one minor unit, kept as rounding; the order's may not differ.
    Raises: Refused, with every amount that is wrong.
    """
    amounts = Amounts(currency)
    lines = [amounts.line(i, line, price) for i, (line, price) in enumerate(zip(order.lines, unit_prices, strict=True))]
    order_discount = sum(amounts.minor(discount.amount, "discounts", i, "amount") for i, discount in enumerate(order.discounts))
    shipping = sum(amounts.minor(charge.price, "shipping", i, "price") for i, charge in enumerate(order.shipping))
    shipping_tax = sum(
        amounts.tax(tax, "shipping", i, "taxes", j)
        for i, charge in enumerate(order.shipping)
        for j, tax in enumerate(charge.taxes)
    )
    nets = [line.net for line in lines]
    if not amounts.errors and order_discount > sum(nets):
        amounts.errors.append(
            DiscountTooLarge(given=amounts.text(order_discount), allowed=amounts.text(sum(nets)), field=("discounts",))
        )
    if amounts.errors:
        raise Refused(errors=amounts.errors)
    for line, discount_share, shipping_share, tax_share in zip(
        lines, split(order_discount, nets), split(shipping, nets), split(shipping_tax, nets), strict=True
    ):
        line.order_discount, line.shipping, line.shipping_tax = discount_share, shipping_share, tax_share
    goods, tax = sum(line.goods for line in lines), sum(line.tax for line in lines) + shipping_tax
    discount = sum(line.discount for line in lines) + order_discount
    total = goods - discount + shipping + (0 if prices_include_tax else tax)
    if max(goods, shipping, tax, total) > LARGEST_MINOR:
        raise AmountTooLarge(field=("lines",))
    if order.total is not None and (given := amounts.minor(order.total, "total")) != total and not amounts.errors:
        raise TotalMismatch(given=amounts.text(given), expected=amounts.text(total), field=("total",))
    if amounts.errors:
        raise Refused(errors=amounts.errors)
    rounding = sum(line.rounding for line in lines)
    return OrderPrice(currency, lines, goods, discount, shipping, tax, rounding, total)


class Amounts:
    """Turns given amounts into minor units of one currency and collects what is wrong with them."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.errors: list[OmsError] = []

    def text(self, minor: int) -> str:
        """Return *minor* units as people write them."""
        return f"{Money(minor, self.currency).amount} {self.currency}"

    def minor(self, amount: Amount, *path: str | int) -> int:
        """Return *amount* in minor units, or 0 after noting what is wrong with it."""
        try:
            self.check(amount)
            return self.exactly(amount.value)
        except OmsError as error:
            self.errors.append(error.at(*path))
            return 0

    def exactly(self, value: Decimal) -> int:
        """Return *value* in minor units. Raises: TooManyDecimals, InvalidValue."""
        try:
            return to_minor(value, self.currency)
        except OmsError as error:
            raise error.at("amount") from None

    def check(self, amount: Amount) -> None:
        """Raises: MixedCurrencies, NegativeAmount."""
        if amount.currency is not None and amount.currency != self.currency:
            raise MixedCurrencies(given=amount.currency, expected=self.currency, field=("currencyCode",))
        if amount.value < 0:
            raise NegativeAmount(given=str(amount.value), field=("amount",))

    def unit_price(self, amount: Amount, *path: str | int) -> Decimal:
        """Return a unit price, which may have six decimals, or 0 after noting what is wrong with it."""
        try:
            self.check(amount)
            decimals = -int(amount.value.as_tuple().exponent)
            if decimals > UNIT_PRICE_DECIMALS:
                raise TooManyDecimals(given=str(amount.value), allowed=UNIT_PRICE_DECIMALS, field=("amount",))
            if amount.value > LARGEST_UNIT_PRICE:
                raise InvalidValue(problem=f"A unit price is at most {LARGEST_UNIT_PRICE:,}.", field=("amount",))
        except OmsError as error:
            self.errors.append(error.at(*path))
            return Decimal(0)
        return amount.value

    def extended(self, unit_price: Decimal, quantity: int, *path: str | int) -> int:
        """Return what *quantity* units cost in minor units, or 0 after noting that it is more than can be kept."""
        try:
            return extended_minor(unit_price, quantity, self.currency)
        except OmsError as error:
            self.errors.append(error.at(*path))
            return 0

    def tax(self, given: TaxGiven, *path: str | int) -> int:
        """Return the amount of a tax in minor units; notes what is wrong with it and with its rate."""
        if given.rate is not None and not (
            0 <= given.rate < LARGEST_RATE and -int(given.rate.as_tuple().exponent) <= RATE_DECIMALS
        ):
            problem = f"A rate is a fraction, such as 0.2 for 20 %, with at most {RATE_DECIMALS} decimals."
            self.errors.append(InvalidValue(problem=problem, field=(*map(str, path), "rate")))
        return self.minor(given.amount, *path, "amount")

    def line(self, index: int, line: LineGiven, price: Amount) -> LinePrice:
        """Return the money of one line."""
        unit_price = self.unit_price(price, "lines", index, "unitPrice")
        extended = self.extended(unit_price, line.quantity, "lines", index, "unitPrice", "amount")
        discount = sum(
            self.minor(given.amount, "lines", index, "discounts", i, "amount") for i, given in enumerate(line.discounts)
        )
        tax = sum(self.tax(given, "lines", index, "taxes", i) for i, given in enumerate(line.taxes))
        rounding = self.rounding(index, line, extended - discount) if line.total is not None else 0
        if discount > extended + rounding:
            allowed = self.text(extended)
            self.errors.append(
                DiscountTooLarge(given=self.text(discount), allowed=allowed, field=("lines", str(index), "discounts"))
            )
        return LinePrice(unit_price, extended + rounding, rounding, discount, tax)

    def rounding(self, index: int, line: LineGiven, expected: int) -> int:
        """Return by how much the line's given total differs from *expected*, at most one minor unit."""
        if line.total is None:
            return 0
        known = len(self.errors)
        given = self.minor(line.total, "lines", index, "total")
        if len(self.errors) == known and abs(given - expected) > LARGEST_ROUNDING:
            path = ("lines", str(index), "total")
            self.errors.append(TotalMismatch(given=self.text(given), expected=self.text(expected), field=path))
        return given - expected
