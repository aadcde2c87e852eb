"""Reports of sales, as clients read them."""

from datetime import date
from typing import Any, Self
from uuid import UUID

import strawberry

from oms_api.domain.analytics.queries import SalesReport as ReportRecord
from oms_api.domain.analytics.sales import NUMBERS, Sales, SalesOfPeriod
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Channel
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.described import interface, output
from oms_api.graphql.money import Money
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import CountryCode, CurrencyCode, Int64, TimeZone

COUNTS = ("orders", "units", "returned_units")


@interface
class SalesFigures:
    """Sums of sales in one currency.

    Canceled units are not sales: all figures up to `gross` count placed less canceled units, on the day the order was placed.
    Returns count on the day the goods came back, concessions and refunds on the day they were granted, fees on the day they
    were charged. An order that came back whole leaves nothing in `net` and `netTax`.
    """

    currency_code: CurrencyCode
    """The currency of every amount; amounts of different currencies are never added up."""
    orders: Int64
    """Orders placed and not wholly canceled, also those that came back. In rows by SKU, those with units of the SKU that were
    not canceled: one order then counts in several rows."""
    units: Int64
    """Units ordered on lines of every kind less those canceled, including those that came back. A bundle counts as the units of
    its components."""
    goods: Money
    """The price of goods before discounts; a bundle's price is that of its components."""
    other: Money
    """The price of services, fees, downloads and gift cards before discounts."""
    shipping: Money
    """Shipping charges; by SKU each line's share of them."""
    discounts: Money
    """Discounts of lines, and the lines' shares of order discounts."""
    tax: Money
    """Taxes as given, including those on shipping: part of the prices, or on top of them, as the orders say."""
    gross: Money
    """goods + other + shipping."""
    returned_units: Int64
    """Units that came back."""
    returns: Money
    """The price of returned units less discounts, for goods and all other kinds."""
    returned_shipping: Money
    """The part of the shipping charges that falls to returned units."""
    returned_tax: Money
    """The taxes of returned units, with those of their shipping."""
    conceded: Money
    """Concessions by refunds, without shipping: the customer keeps the goods and pays less. Concessions on units that later
    came back or were canceled are subtracted. Concessions on the order as a whole count under no SKU."""
    conceded_shipping: Money
    """Shipping charges conceded by refunds."""
    conceded_tax: Money
    """The taxes in both concessions, by the parts of the refunds."""
    fees: Money
    """Fees that were kept, such as for restocking, less those waived; they count under no SKU."""
    fee_tax: Money
    """The taxes in the fees."""
    refunds: Money
    """All refunds granted, for any reason, less called off amounts; with their taxes. They are not subtracted from the sales,
    which returns, concessions and cancellations lower already."""
    refunded_shipping: Money
    """The shipping charges in the refunds, as far as their parts are known."""
    refunded_tax: Money
    """The taxes in the refunds, as far as their parts are known."""
    net: Money
    """gross - discounts - returns - returnedShipping - conceded - concededShipping + fees."""
    net_tax: Money
    """tax - returnedTax - concededTax + feeTax."""


@output
class SalesTotal(SalesFigures):
    """The sales of one currency over the whole range."""

    @classmethod
    def of(cls, sales: Sales) -> Self:
        """Describe sums."""
        return cls(**figures(sales))


@output
class SalesRow(SalesFigures):
    """The sales of one period in one currency, by the keys asked for."""

    channel_id: strawberry.Private[UUID | None]
    sku_id: strawberry.Private[UUID | None]
    period: date
    """The first day of the row, by the channel's own days."""
    before: date
    """The first day after the row."""
    country: CountryCode | None
    """The country of delivery; null unless the report is by country, and for orders without an address."""

    @classmethod
    def of(cls, row: SalesOfPeriod) -> Self:
        """Describe a row of the report."""
        return cls(
            channel_id=row.channel_id,
            sku_id=row.sku_id,
            period=row.start,
            before=row.before,
            country=None if row.country is None else CountryCode(row.country),
            **figures(row),
        )

    @field(description="The channel; null unless the report is by channel.")
    async def channel(self, info: Info) -> Channel | None:
        return None if self.channel_id is None else await Channel.fetch(info, self.channel_id)

    @field(description="The SKU; null unless the report is by SKU, and for lines without one.")
    async def sku(self, info: Info) -> Sku | None:
        return None if self.sku_id is None else await Sku.fetch(info, self.sku_id)


@output
class SalesReport:
    """Sales by period, exact to the minor unit, of the facts recorded up to a moment that usually lies a second or two back."""

    rows: Connection[SalesRow]
    """A page of the rows, by period, then SKU (in order of creation), currency, channel and country. Rows without sales are
    left out."""
    totals: list[SalesTotal]
    """Totals over the whole range, whatever page is read: one for each currency. Rows by SKU add up to them, except
    `orders`."""
    time_zones: list[TimeZone]
    """The time zones of the days: those of the channels in the report."""
    up_to_date: bool
    """Whether the report counts everything that was recorded when it was answered."""

    @classmethod
    def of(cls, report: ReportRecord) -> Self:
        """Describe the answer to a question."""
        return cls(
            rows=Connection.of(report.rows, SalesRow.of),
            totals=[SalesTotal.of(total) for total in report.totals],
            time_zones=[TimeZone(zone) for zone in report.time_zones],
            up_to_date=report.up_to_date,
        )


def figures(sales: Sales) -> dict[str, Any]:
    """Return the fields that rows and totals share."""
    amounts = (*(name for name in NUMBERS if name not in COUNTS), "gross", "net", "net_tax")
    return {
        "currency_code": CurrencyCode(sales.currency),
        **{name: Int64(getattr(sales, name)) for name in COUNTS},
        **{name: Money.of(getattr(sales, name), sales.currency) for name in amounts},
    }
