"""Filters by an amount of money: of one currency, for amounts of others cannot be compared with it."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select, true

from oms_api.db.keyset import Ordering
from oms_api.db.session import Reader
from oms_api.graphql.declared.agreement import Column
from oms_api.graphql.declared.asking import Filter
from oms_api.graphql.declared.filters import On
from oms_api.graphql.declared.gauging import Frequent, Rare, plain
from oms_api.graphql.declared.indexes import looked_up
from oms_api.graphql.declared.operators import operators
from oms_api.graphql.described import input_type
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.money import LARGEST_MINOR, exponent


@input_type
class MoneyFilter:
    """Conditions on amounts of one currency. All operators that are given must be true."""

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


@dataclass(frozen=True)
class Span:
    """The least and the most minor units that match."""

    least: int
    most: int


@dataclass(frozen=True)
class Between:
    """The *currency* and the *span* of amounts that match, each by itself rare, frequent, or not counted."""

    currency: Any
    span: Any


@dataclass(frozen=True)
class OnAmount(Filter):
    """A filter on an amount in minor units, and by its currency."""

    minor: Column
    currency: On

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
        return Between(operators(str)(eq_=asked.currency_code), Span(least, most))

    def conditions(self, asked: Between, sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the condition that currency and amount are what is *asked*."""
        met = self._within(plain(asked.span), walked=isinstance(asked.span, Frequent))
        yield from self.currency.conditions(asked.currency, sight)
        yield from [looked_up(self.minor, met)] if isinstance(asked.span, Rare) else met

    def gauges(self, _asked: Between, _order: Ordering | None) -> bool:
        """Tell that it is counted how many amounts there are."""
        return True

    async def gauged_by(self, read: Reader, asked: Between, order: Ordering | None) -> Between:
        """Return what is *asked* with what is rare of it."""
        in_order = order is not None and order.columns[0] is self.minor
        span = asked.span if in_order else await super().gauged_by(read, asked.span, order)
        return Between(await self.currency.gauged_by(read, asked.currency, order), span)

    def rows(self, asked: Span) -> Any:
        """Return what selects the rows with such an amount, of whatever currency."""
        return select(literal_column("1")).select_from(self.minor.table).where(*self._within(asked, walked=False))

    def _within(self, asked: Span, *, walked: bool) -> list[ColumnElement[bool]]:
        met = [self.minor >= asked.least, self.minor <= asked.most]
        return [each.is_(true()) for each in met] if walked else met


def on_amount(minor: Column, currency: On) -> Any:
    """Declare a filter on an amount in *minor* units, and by its *currency*."""
    return OnAmount(minor, currency)
