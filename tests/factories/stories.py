"""Shops of every currency in which orders are placed, edited, canceled, shipped and taken back, act by act."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar, cast
from uuid import uuid4

from hypothesis import strategies as st

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.orders.changes.wanted import (
    AddLine,
    Change,
    SetLineDiscounts,
    SetOrderDiscounts,
    SetPrice,
    SetQuantity,
    SetShipping,
    SetShippingAddress,
    SwapSku,
)
from oms_api.domain.orders.given import Amount, DiscountGiven, LineGiven, PlaceOrder, ShippingGiven, TaxGiven
from oms_api.domain.orders.states import LineKind
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.states import RefundReason
from oms_api.jobs.tasks import react
from oms_api.kernel.address import Address
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import ChannelId, LineId, OrderId
from oms_api.workflows.place_order import place_order
from tests.factories.database import Database
from tests.factories.explaining import unexplained
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.sales import SALES
from tests.factories.trading import Shop

Result = TypeVar("Result")
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
ZONES = ("Europe/London", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu")
MONEYS = ("GBP", "JPY", "KWD")


@dataclass(frozen=True)
class Town:
    """Shops of every currency, what they sell, and a loop to run them in."""

    loop: asyncio.AbstractEventLoop
    work: UnitOfWork
    database: Database
    shops: tuple[Shop, ...]
    goods: tuple[tuple[SkuRow, ...], ...]

    def run(self, awaited: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(awaited)

    @property
    def channels(self) -> list[ChannelId]:
        return [shop.channel.id for shop in self.shops]


async def build(work: UnitOfWork) -> tuple[tuple[Shop, ...], tuple[tuple[SkuRow, ...], ...]]:
    factory, shops, goods = Given(work), [], []
    for currency, zone in zip(MONEYS, ZONES, strict=False):
        place = await factory.location()
        taxed = currency != "GBP"
        channel = await factory.channel(locations=(place,), currency=currency, time_zone=zone, prices_include_tax=taxed)
        shop = Shop(work, channel, (place,))
        one, two = await shop.stocked(100_000), await shop.stocked(100_000)
        voucher = await factory.sku(kind=SkuKind.GIFT_CARD)
        box = await factory.sku(kind=SkuKind.BUNDLE, components={one.code: 2, two.code: 1})
        shops.append(shop)
        goods.append((one, two, voucher, box))
    return tuple(shops), tuple(goods)


@contextmanager
def opened(database: Database) -> Iterator[Town]:
    """Build a town and run it; in the end every open order has its explanation."""
    loop = asyncio.new_event_loop()
    pool = Pool(database.app_url, size=4)
    work = UnitOfWork(pool)
    shops, goods = loop.run_until_complete(build(work))
    yield Town(loop, work, database, shops, goods)
    assert loop.run_until_complete(unexplained(work)) == []
    loop.run_until_complete(pool.close())
    loop.close()


minutes = st.integers(0, 60 * 24 * 100)
shares = st.lists(st.integers(0, 3), min_size=1, max_size=4)
placing = st.tuples(
    st.just("place"),
    st.integers(0, 2),
    minutes,
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(1, 4), st.integers(0, 2_000), st.integers(0, 300)), min_size=1, max_size=4
    ),
    st.tuples(st.integers(0, 500), st.integers(0, 900)),
    st.sampled_from([None, "GB", "DE"]),
)
canceling = st.tuples(st.just("cancel"), st.integers(0, 9), shares)
sending = st.tuples(st.just("send"), st.integers(0, 9), st.integers(0, 50_000))
returning = st.tuples(st.just("back"), st.integers(0, 9), shares, minutes)
giving = st.tuples(st.just("give"), st.integers(0, 9), st.integers(1, 900), st.sampled_from(RefundReason), st.booleans())
moving = st.tuples(st.just("move"), st.integers(0, 2), st.sampled_from(ZONES))
editing = st.tuples(
    st.just("edit"),
    st.integers(0, 9),
    st.sampled_from(["quantity", "price", "off", "discount", "shipping", "swap", "add", "address"]),
    st.integers(0, 5),
    st.integers(0, 900),
)
counting = st.tuples(st.just("count"), st.integers(1, 5))


class Story:
    """One sequence of acts in the town; what is refused has not happened."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.orders: list[tuple[Shop, OrderId]] = []

    async def carry_out(self, act: tuple[Any, ...]) -> None:
        name, *given = act
        if name in {"cancel", "send", "back", "give", "edit", "hold", "pick", "pay", "report", "resend"}:
            if not self.orders:
                return
            given[0] = self.orders[given[0] % len(self.orders)]
        with suppress(OmsError):
            await getattr(self, name)(*given)

    async def place(
        self, at: int, minute: int, lines: list[tuple[int, int, int, int]], extras: tuple[int, int], country: str | None
    ) -> None:
        shop, goods = self.town.shops[at], self.town.goods[at]
        step = Decimal(1).scaleb({"GBP": -2, "JPY": 0, "KWD": -3}[shop.channel.currency])
        discount, shipping = extras

        def amount(minor: int) -> Amount:
            return Amount(value=minor * step)

        def line(what: int, units: int, price: int, tax: int) -> LineGiven:
            taxes = (TaxGiven(title="tax", amount=amount(tax)),)
            if what == len(goods):
                return LineGiven(kind=LineKind.SERVICE, name="help", quantity=units, unit_price=amount(price), taxes=taxes)
            return LineGiven(sku=goods[what].code, quantity=units, unit_price=amount(price), taxes=taxes)

        total = sum(units * price for _, units, price, _ in lines)
        off = (DiscountGiven(amount=amount(min(discount, total)), label="off"),) if min(discount, total) else ()
        command = PlaceOrder(
            idempotency_key=uuid4().hex,
            channel_id=shop.channel.id,
            lines=tuple(line(*each) for each in lines),
            occurred_at=FIRST + timedelta(minutes=minute),
            shipping_address=None if country is None else Address(country=country, city="x"),
            discounts=off,
            shipping=(ShippingGiven(title="post", price=amount(shipping), taxes=(TaxGiven(title="tax", amount=amount(7)),)),),
        )
        placed = await self.town.work.execute(SYSTEM, place_order, command)
        self.orders.append((shop, cast("OrderRow", placed.order).id))

    async def cancel(self, sold: tuple[Shop, OrderId], thirds: list[int]) -> None:
        shop, order = sold
        waiting = [(line.id, line.in_fulfillment) for line in await shop.lines(order) if line.parent_line_id is None]
        await shop.cancel(order, *part_of(waiting, thirds))

    async def send(self, sold: tuple[Shop, OrderId], later: int) -> None:
        shop, order = sold
        at = (await shop.order(order)).placed_at + timedelta(minutes=later)
        for todo in await shop.works(order):
            if todo.status is FulfillmentOrderStatus.OPEN:
                await shop.deliver((await shop.ship(todo.id, occurred_at=at)).value.id, occurred_at=at)

    async def back(self, sold: tuple[Shop, OrderId], thirds: list[int], later: int) -> None:
        shop, order = sold
        await self.send(sold, 0)
        at = (await shop.order(order)).placed_at + timedelta(minutes=later)
        lines = [line for line in await shop.lines(order) if line.parent_line_id is None]
        there = [(line.id, line.shipped - line.returned) for line in lines]
        back = (await shop.return_(order, *part_of(there, thirds), occurred_at=at)).value
        await shop.take_back(back.id, occurred_at=at)

    async def give(self, sold: tuple[Shop, OrderId], minor: int, reason: RefundReason, kept: bool) -> None:
        """Pay the order, grant a refund of some of it, and maybe call it off."""
        shop, order = sold
        await shop.pay(order)
        step = Decimal(1).scaleb({"GBP": -2, "JPY": 0, "KWD": -3}[shop.channel.currency])
        refund = (await shop.refund(order, Amount(value=minor * step), reason)).value
        if not kept:
            await shop.cancel_refund(refund.id)

    async def edit(self, sold: tuple[Shop, OrderId], what: str, units: int, minor: int) -> None:
        """Change what was agreed of the order, on one of its lines or the whole of it."""
        shop, order = sold
        await shop.edit(order, await self.change(shop, order, what, units, minor))

    async def change(self, shop: Shop, order: OrderId, what: str, units: int, minor: int) -> Change:
        """Return a change of a line of the order, or of the whole of it."""
        goods = self.town.goods[self.town.shops.index(shop)]
        lines = [line for line in await shop.lines(order) if line.parent_line_id is None]
        line, other = lines[minor % len(lines)], goods[units % len(goods)]
        step = Decimal(1).scaleb({"GBP": -2, "JPY": 0, "KWD": -3}[shop.channel.currency])
        amount = Amount(value=minor * step)
        off = (DiscountGiven(amount=amount, label="off"),)
        changes: dict[str, Change] = {
            "quantity": SetQuantity(line_id=line.id, quantity=units),
            "price": SetPrice(line_id=line.id, unit_price=amount),
            "off": SetLineDiscounts(line_id=line.id, discounts=off),
            "discount": SetOrderDiscounts(discounts=off),
            "shipping": SetShipping(charges=(ShippingGiven(title="post", price=amount),)),
            "swap": SwapSku(line_id=line.id, sku=other.code, quantity=units or None),
            "add": AddLine(line=LineGiven(sku=other.code, quantity=units, unit_price=amount)),
            "address": SetShippingAddress(address=Address(country="FR" if units else "GB", city="x")),
        }
        return changes[what]

    async def move(self, at: int, zone: str) -> None:
        changes = UpdateChannel(channel_id=self.town.shops[at].channel.id, changes={"time_zone": zone})
        await self.town.work.execute(SYSTEM, update_channel, changes)

    async def count(self, most: int) -> None:
        await relay_all(self.town.database.app_url)
        assert not await react(self.town.work, replace(SALES, most=most))


def part_of(units: list[tuple[LineId, int]], thirds: list[int]) -> list[tuple[LineId, int]]:
    """Return so many thirds of the units of each line, rounded up; lines of which that is none are left out."""
    wanted = [(line_id, -(-count * third // 3)) for (line_id, count), third in zip(units, thirds, strict=False)]
    return [(line_id, count) for line_id, count in wanted if count]
