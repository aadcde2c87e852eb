"""Reports of sales, as clients read them."""

from datetime import date
from typing import Any, Self
from uuid import UUID

import strawberry

from oms_api.domain.analytics.queries import ReportedSales
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

    Canceled units are not sales: the figures from `orders` to `gross` are about units ordered minus units canceled, and belong
    to the day the order was placed. Returns belong to the day the goods came back, concessions and refunds to the day they were
    granted, and fees to the day they were charged. An order that came back whole leaves nothing in `net` and `netTax`.
    """

    currency_code: CurrencyCode
    """The currency of every amount; amounts of different currencies are never added up."""
    orders: Int64
    """Orders placed and not wholly canceled. Orders with returns are not subtracted. A row by SKU counts the orders with units
    of the SKU that were not canceled, so that one order may count in several rows."""
    units: Int64
    """Units ordered minus units canceled, on lines of every kind. Units that came back are not subtracted. A bundle counts as
    the units of its components."""
    goods: Money
    """The price of goods before discounts. A bundle counts by the prices of its components."""
    other: Money
    """The price of services, fees, downloads and gift cards before discounts."""
    shipping: Money
    """Shipping charges; in rows by SKU, each line's share of the charges."""
    discounts: Money
    """Discounts of lines, and the lines' shares of order discounts."""
    tax: Money
    """Taxes as given, with the taxes on shipping. Each order says whether its prices include them."""
    gross: Money
    """goods + other + shipping."""
    returned_units: Int64
    """Units that came back."""
    returns: Money
    """The price of returned units minus discounts, for lines of every kind."""
    returned_shipping: Money
    """The part of the shipping charges that falls to returned units."""
    returned_tax: Money
    """The taxes of returned units and of their shipping."""
    conceded: Money
    """Concessions by refunds, except those on shipping. After a concession, the customer keeps the goods and pays less. When
    units later come back or are canceled, the concessions on those units are taken out again. Concessions on the order as a
    whole count under no SKU."""
    conceded_shipping: Money
    """Shipping charges conceded by refunds."""
    conceded_tax: Money
    """The taxes in `conceded` and `concededShipping`, as stated in the parts of the refunds."""
    fees: Money
    """Fees charged, such as for restocking, minus fees waived. Fees count under no SKU."""
    fee_tax: Money
    """The taxes in the fees."""
    refunds: Money
    """All granted refunds with their taxes, for any reason. Amounts that were canceled later are subtracted. Refunds are not
    subtracted from sales: returns, concessions and cancellations already lower sales."""
    refunded_shipping: Money
    """The shipping charges in the refunds. A refund without known parts adds nothing here."""
    refunded_tax: Money
    """The taxes in the refunds. A refund without known parts adds nothing here."""
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
    """The sales of one period in one currency, by the requested keys."""

    channel_id: strawberry.Private[UUID | None]
    sku_id: strawberry.Private[UUID | None]
    period: date
    """The first day of the row's period, in the channel's time zone."""
    before: date
    """The first day after the row's period."""
    country: CountryCode | None
    """The country of delivery; null for orders without an address, and where the report is not by country."""

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

    @field(description="The SKU; null for lines without a SKU, and where the report is not by SKU.")
    async def sku(self, info: Info) -> Sku | None:
        return None if self.sku_id is None else await Sku.fetch(info, self.sku_id)


@output
class SalesReport:
    """Sales by period, exact to the minor unit.

    The report counts everything recorded up to a moment, usually one or two seconds ago.
    """

    rows: Connection[SalesRow]
    """A page of the rows, by period, then SKU (in order of creation), currency, channel and country. Rows without sales are
    left out."""
    totals: list[SalesTotal]
    """Totals of the whole range, on every page: one for each currency. Rows by SKU add up to the totals, except for
    `orders`."""
    time_zones: list[TimeZone]
    """The time zones that decide when days begin: the time zones of the channels in the report."""
    up_to_date: bool
    """Whether the report counts everything that had been recorded when the query was run."""

    @classmethod
    def of(cls, report: ReportedSales) -> Self:
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
