"""What a report of sales is made of, and its place in the order of its rows. Pure."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from oms_api.db.json_text import dump_json
from oms_api.domain.analytics.periods import Grain, Period, check_range, periods
from oms_api.domain.analytics.tables import NO_COUNTRY, NO_SKU, SalesByDayRow, SalesBySkuAndDayRow, SalesBySkuAndMonthRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import ChannelId, SkuId
from oms_api.kernel.paging import InvalidCursor
from oms_api.kernel.text import decode_base64, encode_base64

Place = tuple[date, tuple[object, ...]]
"""A period by its first day, and the values of a row's keys."""


class SalesKey(StrEnum):
    """A key by which the rows of a sales report are grouped."""

    CHANNEL = "CHANNEL"
    """By the channel of the order."""
    SKU = "SKU"
    """By SKU. A bundle counts by its components."""
    COUNTRY = "COUNTRY"
    """By the country that the order was shipped to."""


@dataclass(frozen=True, slots=True)
class Sales:
    """Sums of one currency, in minor units; `domain.analytics.tables.SalesSums` says what of."""

    currency: str
    orders: int
    units: int
    goods: int
    other: int
    shipping: int
    discounts: int
    tax: int
    returned_units: int
    returns: int
    returned_shipping: int
    returned_tax: int
    conceded: int
    conceded_shipping: int
    conceded_tax: int
    fees: int
    fee_tax: int
    refunds: int
    refunded_shipping: int
    refunded_tax: int

    @property
    def gross(self) -> int:
        """What was charged for before discounts and added taxes."""
        return self.goods + self.other + self.shipping

    @property
    def net(self) -> int:
        """What is left of it after discounts, returns and concessions, with the fees kept."""
        less = self.discounts + self.returns + self.returned_shipping + self.conceded + self.conceded_shipping
        return self.gross - less + self.fees

    @property
    def net_tax(self) -> int:
        """The taxes that are left."""
        return self.tax - self.returned_tax - self.conceded_tax + self.fee_tax


NUMBERS = tuple(each.name for each in fields(Sales) if each.name != "currency")
"""The sums in the order of their columns."""


@dataclass(frozen=True, slots=True)
class SalesOfPeriod(Sales):
    """The sales of one period; a key that was not asked for, and one that the sales do not have, is None."""

    start: date
    before: date
    channel_id: ChannelId | None
    sku_id: SkuId | None
    country: str | None


class SumsSource(NamedTuple):
    """Where sums are read: the table, and whether a period is exactly one of its days."""

    table: type[SalesByDayRow | SalesBySkuAndDayRow | SalesBySkuAndMonthRow]
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesQuestion:
    """Sales of a range of days, by period and by *by*, of one channel or all that may be seen."""

    start: date
    before: date
    grain: Grain
    by: tuple[SalesKey, ...] = ()
    channel_id: ChannelId | None = None

    def check(self) -> None:
        """Raises: InvalidRange; InvalidValue, for a key given twice."""
        check_range(self.start, self.before)
        for index, key in enumerate(self.by):
            if key in self.by[:index]:
                raise InvalidValue(problem=f"{key} is given twice.", field=("by", str(index)))

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that rows of one period differ by, in the order of the rows."""
        chosen = {"sku_id": SalesKey.SKU, "channel_id": SalesKey.CHANNEL, "country": SalesKey.COUNTRY}
        ordered = ("sku_id", "currency", "channel_id", "country")
        return tuple(key for key in ordered if key == "currency" or chosen[key] in self.by)

    def sources(self, *, backwards: bool, place: Place | None) -> list[tuple[SumsSource, list[Period]]]:
        """Return the periods beyond *place* (the one it lies in first and by itself), in turn, and where each is read."""
        left = list(periods(self.grain, self.start, self.before))
        if backwards:
            left.reverse()
        if place is not None:
            here = next(index for index, period in enumerate(left) if period.start == place[0])
            first, left = left[here], left[here + 1 :]
            return [(self.source(first), [first]), *self._grouped(left)]
        return self._grouped(left)

    def source(self, period: Period) -> SumsSource:
        """Return where the sums of *period* are read."""
        if SalesKey.SKU not in self.by:
            return SumsSource(SalesByDayRow, exact=self.grain is Grain.DAY)
        if self.grain is Grain.MONTH and period.whole:
            return SumsSource(SalesBySkuAndMonthRow, exact=True)
        return SumsSource(SalesBySkuAndDayRow, exact=self.grain is Grain.DAY)

    def _grouped(self, left: Sequence[Period]) -> list[tuple[SumsSource, list[Period]]]:
        return [(source, list(group)) for source, group in groupby(left, self.source)]

    @property
    def name(self) -> str:
        """What tells a cursor of this list from that of another."""
        return f"sales {self.grain} {self.start} {self.before} {' '.join(self.keys)}"

    def cursor(self, row: SalesOfPeriod) -> str:
        """Return the place of *row*, opaque to clients."""
        empty = {"sku_id": NO_SKU, "country": NO_COUNTRY}
        values = [empty[key] if (value := getattr(row, key)) is None else value for key in self.keys]
        return encode_base64(dump_json([self.name, row.start, *values]))

    def place(self, cursor: str) -> Place:
        """Return what stands behind *cursor*. Raises: InvalidCursor, when it is damaged or belongs to another question."""
        try:
            name, start, *values = orjson.loads(decode_base64(cursor))
            if name != self.name or len(values) != len(self.keys):
                raise InvalidCursor(given=cursor)
            found = date.fromisoformat(start), tuple(map(_typed, self.keys, values))
        except (ValueError, TypeError) as error:
            raise InvalidCursor(given=cursor) from error
        if all(period.start != found[0] for period in periods(self.grain, self.start, self.before)):
            raise InvalidCursor(given=cursor)
        return found


def _typed(key: str, value: Any) -> object:  # noqa: ANN401 - it comes from outside
    if not isinstance(value, str) or "\0" in value:
        raise TypeError
    return UUID(value) if key.endswith("_id") else value
