"""Sums of sales, which only the reaction `sales` writes. They can be made anew from the rows they are sums of.

Keys hold no nulls, so that a page of a report begins anywhere within an index: a line without a SKU counts under `NO_SKU`,
an order without a country under `NO_COUNTRY`. Amounts are in minor units, and have no bound that a sum could break.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Date, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base
from oms_api.kernel.ids import ChannelId, SkuId

NO_SKU = SkuId(UUID(int=0))
NO_COUNTRY = ""
UPDATED_IN_PLACE = {"fillfactor": "80"}


class SalesZoneRow(Base):
    """The time zone that a channel's sales are counted in by day: its own, as soon as a change of it was followed."""

    __tablename__ = "sales_zone"
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    time_zone: Mapped[str]


class SalesSums:
    """What is summed up. Up to `tax_minor` it is what was placed less what was canceled, on the day of the placing.

    `orders` counts those of which something is not canceled, by SKU those of which something of the SKU is not; `units` are
    those not canceled, those that came back included. `goods_minor` is of lines of goods, components in place of their bundle,
    `other_minor` of all other kinds, both before discounts.
    Units that came back count on the day they came: `returns_minor` is their price less discounts. What concessions take off
    counts on the day of the act: less again where units come back of which something was conceded. Fees count when they are
    charged, less when they are waived. Refunds count as they are granted, with the shipping and tax that their parts tell, less
    as they are called off.
    """

    orders: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[int] = mapped_column(BigInteger)
    goods_minor: Mapped[Decimal] = mapped_column(Numeric)
    other_minor: Mapped[Decimal] = mapped_column(Numeric)
    shipping_minor: Mapped[Decimal] = mapped_column(Numeric)
    discount_minor: Mapped[Decimal] = mapped_column(Numeric)
    tax_minor: Mapped[Decimal] = mapped_column(Numeric)
    returned_units: Mapped[int] = mapped_column(BigInteger)
    returns_minor: Mapped[Decimal] = mapped_column(Numeric)
    returned_shipping_minor: Mapped[Decimal] = mapped_column(Numeric)
    returned_tax_minor: Mapped[Decimal] = mapped_column(Numeric)
    conceded_minor: Mapped[Decimal] = mapped_column(Numeric)
    conceded_shipping_minor: Mapped[Decimal] = mapped_column(Numeric)
    conceded_tax_minor: Mapped[Decimal] = mapped_column(Numeric)
    fee_minor: Mapped[Decimal] = mapped_column(Numeric)
    fee_tax_minor: Mapped[Decimal] = mapped_column(Numeric)
    refund_minor: Mapped[Decimal] = mapped_column(Numeric)
    refund_shipping_minor: Mapped[Decimal] = mapped_column(Numeric)
    refund_tax_minor: Mapped[Decimal] = mapped_column(Numeric)


class SalesByDayRow(SalesSums, Base):
    """A channel's sales of one day, by country and currency."""

    __tablename__ = "sales_day"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[ChannelId] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = ({"postgresql_with": UPDATED_IN_PLACE},)


class SalesBySkuAndDayRow(SalesSums, Base):
    """The same by SKU."""

    __tablename__ = "sales_sku_day"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    sku_id: Mapped[SkuId] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[ChannelId] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = ({"postgresql_with": UPDATED_IN_PLACE},)


class SalesBySkuAndMonthRow(SalesSums, Base):
    """The same by month: `day` is the first one of it."""

    __tablename__ = "sales_sku_month"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    sku_id: Mapped[SkuId] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[ChannelId] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = ({"postgresql_with": UPDATED_IN_PLACE},)
