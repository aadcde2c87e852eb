"""Filters by an amount of money: of one currency, for amounts of others cannot be compared with it."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import ColumnElement

from oms_api.graphql.declared.agreement import Column
from oms_api.graphql.declared.filters import Filter
from oms_api.graphql.described import input_type
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.money import LARGEST_MINOR, exponent


@input_type
class MoneyFilter:
    """Conditions on amounts of one currency. All operators that are given must hold."""

    currency_code: CurrencyCode
    """The currency; amounts in other currencies do not match."""
    gt: Decimal | None = None
    """More than this, in major units."""
    gte: Decimal | None = None
    """This or more, in major units."""
    lt: Decimal | None = None
    """Less than this, in major units."""
    lte: Decimal | None = None
    """This or less, in major units."""


@dataclass(frozen=True, slots=True)
class Between:
    """The least and the most minor units of a currency that match."""

    currency: str
    least: int
    most: int


@dataclass(frozen=True)
class OnAmount(Filter):
    """A filter on an amount in minor units and its currency."""

    minor: Column
    currency: Column

    def operators(self) -> Any:
        """Return the input of the filter."""
        return MoneyFilter

    def checked(self, asked: MoneyFilter) -> Between:
        """Return the range of minor units that is *asked* for."""

        def units(given: Decimal | None, rounding: str, step: int, otherwise: int) -> int:
            if given is None:
                return otherwise
            most = Decimal(LARGEST_MINOR)
            scaled = max(-most, min(most, given.scaleb(exponent(asked.currency_code))))
            return int(scaled.to_integral_value(rounding)) + step

        least = max(units(asked.gt, ROUND_FLOOR, 1, -LARGEST_MINOR), units(asked.gte, ROUND_CEILING, 0, -LARGEST_MINOR))
        most = min(units(asked.lt, ROUND_CEILING, -1, LARGEST_MINOR), units(asked.lte, ROUND_FLOOR, 0, LARGEST_MINOR))
        return Between(asked.currency_code, least, most)

    def conditions(self, asked: Between, _sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the condition that currency and amount are what is *asked*."""
        yield self.currency == asked.currency
        yield self.minor >= asked.least
        yield self.minor <= asked.most


def on_amount(minor: Column, currency: Column) -> Any:
    """Declare a filter on an amount in *minor* units of a *currency*."""
    return OnAmount(minor, currency)
