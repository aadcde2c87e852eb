"""Money in the schema."""

from decimal import Decimal
from functools import lru_cache
from typing import cast

import strawberry

from oms_api.domain.orders.given import Amount
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type, output
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.money import amount_text, exponent


@output
class Money:
    """An amount of one currency."""

    amount: Decimal
    """In major units, with exactly the decimals of the currency: "12.50" GBP, "1250" JPY."""
    currency: CurrencyCode = strawberry.field(name="currencyCode", description="The currency.")

    @classmethod
    def of(cls, minor: int, currency: str) -> "Money":
        """Return *minor* units of *currency*, whose amount is worked out only if it is asked for."""
        return cast("Money", MinorUnits(minor, currency))

    @classmethod
    def of_price(cls, price: Decimal, currency: str) -> "Money":
        """Return a unit price, which has at least the decimals of its currency."""
        return cast("Money", UnitPrice(price, currency))


@dataclass(slots=True)
class MinorUnits:
    """A sum in minor units, read as `Money`. A page makes hundreds and shows few, so that this is cheaper than the kernel's."""

    minor: int
    currency: str

    @property
    def amount(self) -> str:
        """The sum as it is told, with exactly the decimals of its currency."""
        return minor_text(self.minor, self.currency)


@dataclass(slots=True)
class UnitPrice:
    """A price of up to six decimals, read as `Money`."""

    price: Decimal
    currency: str

    @property
    def amount(self) -> str:
        """The price as it is told: without the zeros that its column adds, but with the decimals of its currency."""
        return price_text(self.price, self.currency)


@lru_cache(4_096)
def minor_text(minor: int, currency: str) -> str:
    """Return a sum as it is told; lists tell the same ones again and again. Raises: UnknownCurrency."""
    return amount_text(minor, exponent(currency))


@lru_cache(4_096)
def price_text(price: Decimal, currency: str) -> str:
    """Return a price as it is told. Raises: UnknownCurrency."""
    whole, _, decimals = f"{price:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(exponent(currency), "0")
    return f"{whole}.{decimals}" if decimals else whole


@input_type
class MoneyInput(Input[Amount]):
    """An amount of money."""

    amount: Decimal = becomes("value")
    """In major units, as text: "12.50"."""
    currency_code: CurrencyCode | None = becomes("currency", default=None)
    """The currency; where it is given, it must be the currency of the order or record."""
