"""Money in the schema."""

from decimal import Decimal

from oms_api.graphql.described import input_type, output
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.money import Money as KernelMoney
from oms_api.kernel.money import exponent


@output
class Money:
    """An amount of one currency."""

    amount: Decimal
    """In major units, with exactly the decimals of the currency: "12.50" GBP, "1250" JPY."""
    currency_code: CurrencyCode
    """The currency."""

    @classmethod
    def of(cls, minor: int, currency: str) -> "Money":
        """Return *minor* units of *currency*."""
        return cls(amount=KernelMoney(minor, currency).amount, currency_code=CurrencyCode(currency))

    @classmethod
    def of_price(cls, price: Decimal, currency: str) -> "Money":
        """Return a unit price with the decimals it has, at least those of its currency."""
        least, text = exponent(currency), f"{price.normalize():f}"
        decimals = len(text.partition(".")[2])
        return cls(amount=price.quantize(Decimal(1).scaleb(-max(least, decimals))), currency_code=CurrencyCode(currency))


@input_type
class MoneyInput:
    """An amount of money."""

    amount: Decimal
    """In major units, as text: "12.50"."""
    currency_code: CurrencyCode | None = None
    """The currency; when given it must be that of the order or record the amount belongs to."""
