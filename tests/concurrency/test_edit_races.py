"""Edits beside cancellations, picking, shipping, holds and other edits of the same order."""

from decimal import Decimal

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.changes.wanted import AddLine, SetPrice, SetQuantity, SwapSku
from oms_api.domain.orders.given import Amount
from tests.factories.holding import hold, release
from tests.factories.racing import outcomes
from tests.factories.trading import Shop, findings, line


async def test_of_two_edits_of_one_version_one_wins(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(100)
    for _ in range(8):
        order = await shop.place(line(sku, 3))
        (mug,) = await shop.lines(order.id)
        edits = SetQuantity(line_id=mug.id, quantity=5), SetPrice(line_id=mug.id, unit_price=Amount(value=Decimal(1)))
        ended = await outcomes([lambda each=each: shop.edit(order.id, each, expected_version=1) for each in edits])  # type: ignore[misc] # noqa: B023
        assert sorted(ended) == ["VERSION_CONFLICT", "done"]
    assert await findings(many) == []


async def test_an_edit_beside_whatever_else_moves_its_units_keeps_them_all(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku, other = await shop.stocked(200), await shop.stocked(200)
    for turn in range(12):
        order = await shop.place(line(sku, 3))
        (mug,) = await shop.lines(order.id)
        (todo,) = await shop.works(order.id)
        if turn % 3 == 2:
            await hold(many, order.id)
        beside = [
            lambda: shop.cancel(order.id, (mug.id, 2)),  # noqa: B023 - raced before the next turn
            lambda: shop.ship(todo.id, (mug.id, 1)),  # noqa: B023
            lambda: release(many, order.id),  # noqa: B023
            lambda: shop.start(todo.id),  # noqa: B023
        ]
        edits = [
            lambda: shop.edit(order.id, SwapSku(line_id=mug.id, sku=other.code, quantity=1)),  # noqa: B023
            lambda: shop.edit(order.id, SetQuantity(line_id=mug.id, quantity=1)),  # noqa: B023
            lambda: shop.edit(order.id, AddLine(line=line(other, 2))),  # noqa: B023
        ]
        await outcomes([edits[turn % 3], beside[turn % 4], beside[(turn + 1) % 4]])
        for each in await shop.lines(order.id):
            waiting = each.unsourced + each.backordered + each.allocated + each.in_fulfillment
            assert each.ordered == each.canceled + waiting + each.shipped
    assert await findings(many) == []


async def test_the_last_units_are_sold_once_to_edits_and_orders(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    common, scarce = await shop.stocked(100), await shop.stocked(5)
    orders = [await shop.place(line(common)) for _ in range(6)]
    adding = [lambda order=order: shop.edit(order.id, AddLine(line=line(scarce))) for order in orders]
    placing = [lambda: shop.place(line(scarce)) for _ in range(4)]
    ended = await outcomes([*adding, *placing])
    assert sorted(ended) == [*["INSUFFICIENT_STOCK"] * 5, *["done"] * 5]
    assert await shop.stock(scarce) == (0, 5)
    assert await findings(many) == []
