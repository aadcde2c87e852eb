"""The preview of an order says what placing it does: of any cart, to the unit, the minor unit and the error."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.deactivate_sku import DeactivateSku, deactivate_sku
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.orders.given import Amount, Cart, DiscountGiven, LineGiven, ShippingGiven, TaxGiven
from oms_api.domain.orders.states import LineKind
from oms_api.domain.orders.tables import OrderLineRow, OrderRow
from oms_api.kernel.address import Contact
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import CustomerId, ReservationId, new_uuid
from oms_api.workflows.place_order import CartPreview, place_order, preview_cart
from tests.factories.given import SYSTEM, Given
from tests.factories.market import Dice
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as bought
from tests.factories.raw import raw
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop

CARTS = 150


def money(text: str, **more: str) -> Amount:
    return Amount(value=Decimal(text), **more)


class Carts:
    """Carts as chance has them, over goods that lie there, that wait, that cannot wait, in sets and none at all."""

    def __init__(self, shop: Shop, dice: Dice, codes: list[str], listing: str, reservations: list[ReservationId]) -> None:
        self.shop, self.dice, self.codes, self.listing, self.reservations = shop, dice, codes, listing, reservations

    def one(self) -> Cart:
        dice = self.dice
        lines = tuple(self.line() for _ in range(dice.randint(0 if dice.maybe(0.05) else 1, 4)))
        return Cart(
            channel_id=self.shop.channel.id,
            lines=lines,
            external_ref=f"REF-{dice.randint(1, 40)}" if dice.maybe(0.3) else None,
            customer_id=CustomerId(new_uuid()) if dice.maybe(0.05) else None,
            reservation_id=self.reservations.pop() if self.reservations and dice.maybe(0.1) else None,
            contact=Contact(email="nonsense" if dice.maybe(0.05) else "a@example.com") if dice.maybe(0.3) else None,
            prices_include_tax=dice.one([None, True, False]),
            discounts=self.discounts(0.3),
            shipping=(ShippingGiven(title="Post", price=money(dice.one(["0", "3.95"])), taxes=self.taxes()),),
            total=money("10") if dice.maybe(0.05) else None,
            priority=dice.one([0, 0, 0, 5]),
            occurred_at=datetime.now(UTC) + timedelta(days=1) if dice.maybe(0.03) else None,
        )

    def line(self) -> LineGiven:
        dice = self.dice
        if dice.maybe(0.15):
            return LineGiven(quantity=1, kind=LineKind.FEE, name="Wrapping", unit_price=money("1.50"), taxes=self.taxes())
        if dice.maybe(0.15):
            return LineGiven(quantity=dice.units(), listing=dice.one([self.listing, self.listing, "unknown"]))
        return LineGiven(
            quantity=dice.units(0 if dice.maybe(0.05) else 1, 6),
            sku=dice.one(self.codes),
            unit_price=None if dice.maybe(0.05) else money(dice.one(["9.99", "0.333333", "0"])),
            discounts=self.discounts(0.2),
            taxes=self.taxes(),
            location_id=dice.one([each.id for each in self.shop.locations]) if dice.maybe(0.1) else None,
        )

    def discounts(self, share: float) -> tuple[DiscountGiven, ...]:
        amount = self.dice.one(["0.50", "1", "500", "-1"][: 3 if self.dice.maybe(0.2) else 2])
        return (DiscountGiven(amount=money(amount), label="Spring"),) if self.dice.maybe(share) else ()

    def taxes(self) -> tuple[TaxGiven, ...]:
        return (TaxGiven(title="VAT", amount=money("0.77"), rate=Decimal("0.2")),) if self.dice.maybe(0.3) else ()


async def opened(work: UnitOfWork, dice: Dice) -> Carts:
    shop, given = await Shop.open(work, locations=2), Given(work)
    plenty, few, later, gone = [await shop.stocked(*units) for units in ((400, 100), (20, 6), (1, 0), (0, 0))]
    bundle = await given.sku(kind=SkuKind.BUNDLE, components={plenty.code: 2, later.code: 1})
    for sku in (plenty, later):
        rule = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=sku.id), policy=Oversell.BACKORDER, limit_units=60)
        await work.execute(SYSTEM, set_oversell, rule)
    buyer = await Buyer.open(work)
    buyer.location = shop.locations[0]
    await buyer.supplied(later)
    await buyer.order(bought(later, 25, expected_at=datetime.now(UTC) + timedelta(days=9)))
    await work.execute(SYSTEM, deactivate_sku, DeactivateSku(sku_id=gone.id))
    listing = await given.listing(shop.channel, plenty, price="7.77")
    held = [(await Checkouts(shop).reserve(wanted(few, 1), wanted(plenty, 2))).id for _ in range(4)]
    codes = [*[plenty.code] * 4, few.code, later.code, later.code, bundle.code]
    return Carts(shop, dice, [*codes * 3, gone.code, "NOTHING"], listing.code, held)


def told(errors: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.code, each.message, each.field) for each in errors]


async def outcome(work: UnitOfWork, cart: Cart) -> tuple[OrderRow | None, Sequence[OmsError]]:
    """Place *cart*, and return the order or why it was refused."""
    try:
        return (await work.execute(SYSTEM, place_order, cart.ordered(uuid4().hex))).order, ()
    except OmsError as error:
        return None, error.causes


async def check_placed(shop: Shop, order: OrderRow, seen: CartPreview) -> None:
    """Hold that *order* is what was *seen* before it was placed."""
    assert seen.errors == ()
    assert seen.priced is not None
    price = seen.priced.price
    assert (order.goods_minor, order.discount_minor, order.shipping_minor, order.tax_minor, order.total_minor) == (
        price.goods, price.discount, price.shipping, price.tax, price.total,
    )  # fmt: skip
    tops = [line for line in await shop.lines(order.id) if line.parent_line_id is None]
    assert len(tops) == len(seen.lines)
    for line, one in zip(tops, seen.lines, strict=True):
        found, cost = one.availability, one.line.price
        assert (line.ordered, line.backordered) == (one.line.quantity, found.waiting)
        assert (found.available, found.missing) == (line.ordered - line.backordered, 0)
        assert (line.goods_minor, line.order_discount_minor, line.shipping_minor, line.tax_minor) == (
            cost.goods, cost.order_discount, cost.shipping, cost.tax,
        )  # fmt: skip
        if found.waiting and line.kind is LineKind.GOODS:
            assert [(found.ships_on, found.arrives_on)] == await days(shop, line)


async def days(shop: Shop, line: OrderLineRow) -> list[tuple[Any, Any]]:
    async with shop.work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(BackorderRow).where(BackorderRow.line_id == line.id)))
    return [(row.ships_on, row.arrives_on) for row in rows]


async def test_the_preview_of_any_cart_is_what_placing_it_does(work: UnitOfWork) -> None:
    carts = await opened(work, Dice(23))
    placed, refused = 0, set()
    for _ in range(CARTS):
        cart = carts.one()
        seen = await work.execute(SYSTEM, preview_cart, cart)
        order, errors = await outcome(work, cart)
        assert told(errors) == told(seen.errors), cart
        refused |= {error.code for error in errors}
        if order is not None:
            await check_placed(carts.shop, order, seen)
            placed += 1
    assert placed > CARTS // 4
    assert refused > {"INSUFFICIENT_STOCK", "UNKNOWN_SKU", "SKU_INACTIVE", "DISCOUNT_TOO_LARGE", "DUPLICATE_EXTERNAL_REF"}
