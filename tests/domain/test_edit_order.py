"""Changing what was agreed: units, prices, discounts, shipping, where it goes."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import func, select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.errors import ShipsComplete
from oms_api.domain.inventory.tables import StockMovementRow
from oms_api.domain.orders.changes.errors import NothingChanged, NothingLeft
from oms_api.domain.orders.changes.wanted import (
    AddLine,
    RemoveLine,
    SendAgain,
    SetLineDiscounts,
    SetOrderDiscounts,
    SetPrice,
    SetQuantity,
    SetShipComplete,
    SetShipping,
    SetShippingAddress,
    SwapSku,
)
from oms_api.domain.orders.given import Amount, DiscountGiven, ShippingGiven, TaxGiven
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus
from oms_api.kernel.address import Address
from oms_api.kernel.errors import OmsError, VersionConflict
from oms_api.kernel.ids import OrderId
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw
from tests.factories.trading import Shop, fee, findings, line


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


def amount(text: str) -> Amount:
    return Amount(value=Decimal(text))


def off(text: str) -> DiscountGiven:
    return DiscountGiven(amount=amount(text), label="Voucher")


def charge(text: str, *, tax: str | None = None) -> ShippingGiven:
    taxes = () if tax is None else (TaxGiven(title="VAT", amount=amount(tax), rate=Decimal("0.2")),)
    return ShippingGiven(title="Standard", price=amount(text), taxes=taxes)


async def moves(work: UnitOfWork) -> int:
    async with work.reads(SYSTEM) as read:
        return int(await read.value(raw(select(func.count()).select_from(StockMovementRow))) or 0)


async def refused(shop: Shop, order: OrderId, *changes, **more) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN003
    with pytest.raises(OmsError) as caught:
        await shop.edit(order, *changes, **more)
    return [(error.code, ".".join(error.field or ())) for error in caught.value.causes]


async def test_more_units_are_taken_and_paid_for(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(3, 2)
    order = await shop.place(line(sku, 2))
    (mug,) = await shop.lines(order.id)
    edited = await shop.edit(order.id, SetQuantity(line_id=mug.id, quantity=4), reason="CUSTOMER", note="two more")
    (mug,) = await shop.lines(order.id)
    assert (mug.ordered, mug.in_fulfillment, mug.goods_minor) == (4, 4, 3996)
    now = await shop.order(order.id)
    assert now == edited.order
    assert (now.total_minor, now.due_minor, now.version) == (3996, 3996, 2)
    assert await shop.stock(sku) == (0, 3)
    assert await shop.stock(sku, 1) == (1, 1)
    assert edited.lines[0].promised == 2
    assert await findings(work) == []


async def test_fewer_units_are_canceled_with_their_share(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 3, discounts=(off("3.00"),)), shipping=(charge("6.00"),))
    (mug,) = await shop.lines(order.id)
    await shop.edit(order.id, SetQuantity(line_id=mug.id, quantity=1))
    (mug,) = await shop.lines(order.id)
    now = await shop.order(order.id)
    assert (mug.ordered, mug.canceled, mug.in_fulfillment) == (3, 2, 1)
    assert (now.total_minor, now.due_minor) == (2997 - 300 + 600, 999 - 100 + 200)
    assert await shop.stock(sku) == (4, 1)
    assert await findings(work) == []


async def test_another_size_takes_discounts_and_shipping_with_it(shop: Shop, work: UnitOfWork) -> None:
    small, large = await shop.stocked(5), await shop.stocked(5)
    taxed = TaxGiven(title="VAT", amount=amount("2.00"), rate=Decimal("0.2"))
    order = await shop.place(
        line(small, 1, unit_price=amount("12.00"), taxes=(taxed,)),
        line(small, 1, unit_price=amount("12.00")),
        discounts=(off("4.00"),),
        shipping=(charge("5.00"),),
        prices_include_tax=True,
    )
    first, _ = await shop.lines(order.id)
    await shop.edit(order.id, SwapSku(line_id=first.id, sku=large.code, unit_price=amount("9.00")))
    old, _, new = await shop.lines(order.id)
    assert (old.canceled, new.ordered, new.replaces_line_id, new.sku_code) == (1, 1, old.id, large.code)
    assert (new.goods_minor, new.order_discount_minor, new.shipping_minor) == (900, 200, 250)
    assert new.tax_minor == 140  # 2.00 on 10.00, as it is on 7.00
    now = await shop.order(order.id)
    assert now.due_minor == 900 + 1200 - 400 + 500
    assert await shop.stock(small) == (4, 1)
    assert await shop.stock(large) == (4, 1)
    assert await findings(work) == []


async def test_a_price_discount_or_address_moves_no_stock(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    taxed = TaxGiven(title="VAT", amount=amount("4.00"), rate=Decimal("0.2"))
    order = await shop.place(line(sku, 2, unit_price=amount("10.00"), taxes=(taxed,)), prices_include_tax=False)
    (mug,) = await shop.lines(order.id)
    before = await moves(work)
    await shop.edit(
        order.id,
        SetPrice(line_id=mug.id, unit_price=amount("8.00")),
        SetLineDiscounts(line_id=mug.id, discounts=(off("1.00"),)),
        SetOrderDiscounts(discounts=(off("5.00"),)),
        SetShipping(charges=(charge("4.00", tax="0.80"),)),
        SetShippingAddress(address=Address(country="DE", city="Berlin")),
    )
    now, (mug,) = await shop.order(order.id), await shop.lines(order.id)
    assert await moves(work) == before
    assert (mug.goods_minor, mug.discount_minor, mug.order_discount_minor, mug.tax_minor) == (1600, 100, 500, 200)
    assert (now.total_minor, now.due_minor, now.country) == (1600 - 600 + 400 + 280, 1680, "DE")
    assert await findings(work) == []


async def test_a_new_line_is_served_or_waits_as_in_a_new_order(shop: Shop, work: UnitOfWork) -> None:
    sku, scarce = await shop.stocked(5), await shop.stocked(1)
    order = await shop.place(line(sku))
    assert await refused(shop, order.id, AddLine(line=line(scarce, 3))) == [("INSUFFICIENT_STOCK", "changes")]
    edited = await shop.edit(order.id, AddLine(line=line(scarce, 1)), AddLine(line=fee()))
    assert [each.before for each in edited.lines] == [None, None]
    _, new, wrapping = await shop.lines(order.id)
    assert (new.in_fulfillment, wrapping.shipped) == (1, 1)
    assert len(await shop.works(order.id)) == 2
    assert await findings(work) == []


async def test_a_preview_tells_what_the_edit_comes_to_and_does_nothing(shop: Shop) -> None:
    sku, other = await shop.stocked(5), await shop.stocked(1)
    order = await shop.place(line(sku, 2))
    (mug,) = await shop.lines(order.id)
    changes = SwapSku(line_id=mug.id, sku=other.code, quantity=1), SetQuantity
    preview = await shop.preview(order.id, changes[0])
    assert await shop.order(order.id) == order
    assert await shop.stock(sku) == (3, 2)
    edited = await shop.edit(order.id, changes[0])
    assert preview.order.due_minor == edited.order.due_minor
    assert [each.after.canceled for each in preview.lines] == [each.after.canceled for each in edited.lines]


async def test_what_cannot_be_changed_is_refused_with_its_place(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 2), line(sku, 1))
    first, second = await shop.lines(order.id)
    (todo,) = await shop.works(order.id)
    await shop.ship(todo.id, (first.id, 1))
    price = SetPrice(line_id=first.id, unit_price=amount("1.00"))
    assert await refused(shop, order.id, price) == [("LINE_SHIPPED", "changes.0.setPrice.lineId")]
    assert await refused(shop, order.id, SetQuantity(line_id=first.id, quantity=0)) == [
        ("NOT_CANCELABLE", "changes.0.setQuantity.quantity")
    ]
    assert await refused(shop, order.id, SwapSku(line_id=second.id, sku="no such")) == [
        ("UNKNOWN_SKU", "changes.0.swapSku.sku")
    ]
    assert await refused(shop, order.id, SetOrderDiscounts(discounts=(off("99.00"),))) == [
        ("DISCOUNT_TOO_LARGE", "changes.0.setOrderDiscounts.discounts")
    ]
    twice = SetQuantity(line_id=second.id, quantity=2), RemoveLine(line_id=second.id)
    assert await refused(shop, order.id, *twice) == [("CHANGED_TWICE", "changes.1.removeLine.lineId")]
    with pytest.raises(VersionConflict):
        await shop.edit(order.id, RemoveLine(line_id=second.id), expected_version=1)
    with pytest.raises(NothingChanged):
        await shop.edit(order.id, SetQuantity(line_id=second.id, quantity=1))
    alone = await shop.place(line(sku))
    (only,) = await shop.lines(alone.id)
    with pytest.raises(NothingLeft):
        await shop.edit(alone.id, RemoveLine(line_id=only.id))
    assert await findings(work) == []


async def test_what_waits_is_promised_and_a_completed_order_opens_again(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(2)
    order = await shop.sent(line(sku))
    assert (await shop.order(order.id)).status is OrderStatus.COMPLETED
    await shop.edit(order.id, AddLine(line=line(sku)))
    assert (await shop.order(order.id)).status is OrderStatus.OPEN
    assert await findings(work) == []


async def test_what_is_being_picked_is_not_canceled(shop: Shop) -> None:
    sku = await shop.stocked(3)
    order = await shop.place(line(sku, 2))
    (todo,) = await shop.works(order.id)
    await shop.start(todo.id)
    (mug,) = await shop.lines(order.id)
    lower = SetQuantity(line_id=mug.id, quantity=1)
    assert await refused(shop, order.id, lower) == [("NOT_CANCELABLE", "changes.0.setQuantity.quantity")]


async def test_what_ships_complete_waits_for_the_last_of_it(shop: Shop, work: UnitOfWork) -> None:
    there, scarce = await shop.stocked(2), await shop.stocked(1)
    rule = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=scarce.id), policy=Oversell.BACKORDER)
    await work.execute(SYSTEM, set_oversell, rule)
    order = await shop.place(line(there), line(scarce, 2), ship_complete=True)
    (todo, *_) = await shop.works(order.id)
    with pytest.raises(ShipsComplete):
        await shop.ship(todo.id)
    with pytest.raises(ShipsComplete):
        await shop.start(todo.id)
    await shop.edit(order.id, SetShipComplete(ship_complete=False))
    await shop.ship(todo.id)
    assert await findings(work) == []


async def test_units_freed_by_an_edit_serve_another_line_of_it(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(3), await shop.stocked(1)
    order = await shop.place(line(sku, 3), line(other))
    first, second = await shop.lines(order.id)
    changes = SetQuantity(line_id=first.id, quantity=1), SwapSku(line_id=second.id, sku=sku.code), AddLine(line=line(sku))
    preview = await shop.preview(order.id, *changes)
    edited = await shop.edit(order.id, *changes)
    assert [each.promised for each in edited.lines] == [each.promised for each in preview.lines] == [0, 0, 1, 1]
    assert [each.in_fulfillment for each in await shop.lines(order.id)] == [1, 0, 1, 1]
    assert (await shop.stock(sku), await shop.stock(other)) == ((0, 3), (1, 0))
    assert await refused(shop, order.id, AddLine(line=line(sku))) == [("INSUFFICIENT_STOCK", "changes")]
    assert await findings(work) == []


async def test_what_is_said_anew_of_the_whole_order_is_not_shared_by_what_is_canceled(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(9), await shop.stocked(9)
    order = await shop.place(line(sku, 7), line(other, 3), discounts=(off("5.55"),), shipping=(charge("3.33"),))
    first, second = await shop.lines(order.id)
    await shop.cancel(order.id, (first.id, 4), (second.id, 1))
    anew = SetOrderDiscounts(discounts=(off("10.00"),)), SetShipping(charges=(charge("4.01", tax="0.80"),))
    await shop.edit(order.id, *anew)
    left = 5 * 999 - 1000 + 401
    assert (await shop.order(order.id)).due_minor in {left, left + 80}
    assert (await shop.edit(order.id, SetQuantity(line_id=second.id, quantity=0), *anew)).order.due_minor in {
        3 * 999 - 1000 + 401, 3 * 999 - 1000 + 481,
    }  # fmt: skip
    assert await findings(work) == []


async def test_a_swap_at_the_same_price_moves_exact_shares(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(90), await shop.stocked(90)
    for seed in range(12):
        dice = Random(seed)
        taxed = TaxGiven(title="VAT", amount=amount(f"{dice.randint(0, 99)}.{dice.randint(10, 99)}"))
        price = amount(f"99.{dice.randint(100_000, 999_999)}")
        order = await shop.place(
            line(sku, 7, unit_price=price, taxes=(taxed,), discounts=(off("1.01"), off("0.07"))),
            line(other, 2),
            discounts=(off(f"3.{dice.randint(10, 99)}"),),
            shipping=(charge("3.33", tax="0.61"),),
            prices_include_tax=bool(seed % 2),
        )
        first, _ = await shop.lines(order.id)
        for units in (1, 2):
            await shop.cancel(order.id, (first.id, 1))
            due = (await shop.order(order.id)).due_minor
            await shop.edit(order.id, SwapSku(line_id=first.id, sku=other.code, quantity=units))
            assert (await shop.order(order.id)).due_minor == due, seed
        due = (await shop.order(order.id)).due_minor
        await shop.edit(order.id, SwapSku(line_id=first.id, sku=other.code))
        assert (await shop.order(order.id)).due_minor == due, seed
    assert await findings(work) == []


async def test_amounts_said_anew_are_exact_beside_canceled_sets(shop: Shop, work: UnitOfWork) -> None:
    cup, saucer = await shop.stocked(9), await shop.stocked(9)
    bundle = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, saucer.code: 2})
    order = await shop.place(line(bundle, 3, unit_price=amount("14.17"), discounts=(off("0.37"),)))
    await shop.cancel(order.id, ((await shop.lines(order.id))[0].id, 1))
    due = (await shop.order(order.id)).due_minor
    for cents in range(35, 43):
        await shop.edit(
            order.id, SetOrderDiscounts(discounts=(off(f"0.{cents}"),)), SetShipping(charges=(charge(f"1.{cents}"),))
        )
        assert (await shop.order(order.id)).due_minor == due - cents + 100 + cents, cents
        await shop.edit(order.id, SetShipping(charges=()))
        assert (await shop.order(order.id)).due_minor == due - cents, cents
    await shop.edit(order.id, SetOrderDiscounts(discounts=(off(f"{Decimal(due).scaleb(-2)}"),)))
    assert (await shop.order(order.id)).due_minor == 0
    assert await findings(work) == []


async def test_lost_units_are_sent_again_for_nothing_in_their_place(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 3))
    (mug,) = await shop.lines(order.id)
    (todo,) = await shop.works(order.id)
    await shop.deliver((await shop.ship(todo.id, (mug.id, 1))).value.id)
    await shop.ship(todo.id)
    lost = (await shop.packages(order.id))[-1]
    await shop.mark_lost(lost.id)
    due = (await shop.order(order.id)).due_minor
    again = SendAgain(line_id=mug.id, quantity=2)
    for changes, field in (((replace(again, quantity=3),), "changes.0"), ((again, replace(again, quantity=1)), "changes.1")):
        assert await refused(shop, order.id, *changes) == [("EXCEEDS_LOST", f"{field}.sendAgain.quantity")]
    edited = await shop.edit(order.id, again)
    assert (edited.order.due_minor, edited.order.status) == (due, OrderStatus.OPEN)
    _, new = await shop.lines(order.id)
    assert (new.sends_again, new.replaces_line_id, new.in_fulfillment, new.total_minor) == (True, mug.id, 2, 0)
    (todo,) = [each for each in await shop.works(order.id) if each.status == "OPEN"]
    await shop.deliver((await shop.ship(todo.id)).value.id)
    now = await shop.order(order.id)
    assert (now.status, now.fulfillment_status) == (OrderStatus.COMPLETED, FulfillmentStatus.DELIVERED)
    assert await findings(work) == []
    await shop.mark_found(lost.id)
    assert (await shop.order(order.id)).fulfillment_status is FulfillmentStatus.DELIVERED
    assert await findings(work) == []


async def test_no_more_is_sent_again_than_was_lost(shop: Shop, work: UnitOfWork) -> None:
    sku, other = await shop.stocked(9), await shop.stocked(9)
    order = await shop.place(line(sku, 2))
    (mug,) = await shop.lines(order.id)
    (todo,) = await shop.works(order.id)
    await shop.ship(todo.id)
    (lost,) = await shop.packages(order.id)
    await shop.mark_lost(lost.id)
    await shop.edit(order.id, SendAgain(line_id=mug.id, quantity=1))
    _, again = await shop.lines(order.id)
    more = SetQuantity(line_id=again.id, quantity=3)
    assert await refused(shop, order.id, more) == [("EXCEEDS_LOST", "changes.0.setQuantity.quantity")]
    two = replace(more, quantity=2), SendAgain(line_id=mug.id, quantity=1)
    assert await refused(shop, order.id, *two) == [("EXCEEDS_LOST", "changes.1.sendAgain.quantity")]
    await shop.edit(order.id, SwapSku(line_id=again.id, sku=other.code))
    assert await refused(shop, order.id, SendAgain(line_id=mug.id, quantity=2)) == [
        ("EXCEEDS_LOST", "changes.0.sendAgain.quantity")
    ]
    await shop.edit(order.id, SendAgain(line_id=mug.id, quantity=1))
    for todo in [each for each in await shop.works(order.id) if each.status == "OPEN"]:
        await shop.deliver((await shop.ship(todo.id)).value.id)
    now = await shop.order(order.id)
    assert (now.status, now.fulfillment_status) == (OrderStatus.COMPLETED, FulfillmentStatus.DELIVERED)
    assert await findings(work) == []
