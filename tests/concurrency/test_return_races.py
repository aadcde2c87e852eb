"""Promises about returns at once, with real commits over many connections."""

from collections.abc import Awaitable, Callable
from random import Random

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.returns.states import Disposition
from tests.factories.given import Given
from tests.factories.racing import race
from tests.factories.trading import Shop, line


async def test_a_unit_is_announced_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    order = await shop.sent(line(await shop.stocked(9), 5))
    (only,) = await shop.lines(order.id)
    assert await race([lambda: shop.return_(order.id, (only.id, 1))] * 12) == {"done": 5, "NOT_RETURNABLE": 7}
    (now,) = await shop.lines(order.id)
    assert (now.in_return, now.returned) == (5, 0)


async def test_a_unit_is_received_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(9)
    order = await shop.sent(line(sku, 6))
    (only,) = await shop.lines(order.id)
    back = (await shop.return_(order.id, (only.id, 4))).value
    outcomes = await race(
        [
            *[lambda: shop.take_back(back.id, (only.id, 1, Disposition.RESTOCK))] * 6,
            *[lambda: shop.take_back(back.id, (only.id, 1, Disposition.SCRAP))] * 6,
        ]
    )
    assert outcomes == {"done": 4, "NOT_ANNOUNCED": 8}
    assert (await shop.order(order.id)).status is OrderStatus.COMPLETED


async def test_a_return_ends_once_and_receives_nothing_after_its_end(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(50)
    for _ in range(6):
        order = await shop.sent(line(sku, 2))
        (only,) = await shop.lines(order.id)
        back = (await shop.return_(order.id, (only.id, 2))).value
        outcomes = await race(
            [
                lambda: shop.cancel_return(back.id),  # noqa: B023 - raced before the next turn
                lambda: shop.close_return(back.id),  # noqa: B023
                lambda: shop.take_back(back.id, (only.id, 1, Disposition.RESTOCK)),  # noqa: B023
                lambda: shop.close_return(back.id),  # noqa: B023
                lambda: shop.return_(order.id, (only.id, 1)),  # noqa: B023
            ]
        )
        assert outcomes["done"] >= 1
        assert (await shop.order(order.id)).status in {OrderStatus.OPEN, OrderStatus.COMPLETED}


async def test_one_return_gets_an_external_reference(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(20)
    orders = [await shop.sent(line(sku)) for _ in range(8)]
    lines = [(await shop.lines(order.id))[0] for order in orders]
    outcomes = await race(
        [
            lambda order=order, only=only: shop.return_(order.id, (only.id, 1), external_ref="RMA")  # type: ignore[misc]
            for order, only in zip(orders, lines, strict=True)
        ]
    )
    assert outcomes == {"done": 1, "DUPLICATE_RETURN_REF": 7}


async def test_the_same_key_at_once_announces_one_return(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    order = await shop.sent(line(await shop.stocked(9), 5))
    (only,) = await shop.lines(order.id)
    outcomes = await race([lambda: shop.return_(order.id, (only.id, 1), key="the same")] * 10)
    assert outcomes["done"] >= 1
    assert outcomes.keys() <= {"done", "IDEMPOTENCY_IN_PROGRESS"}
    assert (await shop.lines(order.id))[0].in_return == 1


async def test_receipts_sales_and_new_levels_over_the_same_skus_do_not_block_each_other(many: UnitOfWork) -> None:
    shop = await Shop.open(many, locations=2)
    skus = [await shop.stocked(80) for _ in range(8)]  # at the second location the receipts make every level
    shuffle = Random(5)  # a fixed mixture of lines
    backs = []
    for _ in range(24):
        order = await shop.sent(*(line(sku, 2) for sku in shuffle.sample(skus, 4)))
        backs.append((await shop.return_(order.id, *((each.id, 2) for each in await shop.lines(order.id)))).value.id)
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda back=back, place=number % 2: shop.take_back(back, location=place)  # type: ignore[misc]
        for number, back in enumerate(backs)
    ]
    carts = [[line(sku) for sku in shuffle.sample(skus, 4)] for _ in range(24)]
    attempts += [lambda cart=cart: shop.place(*cart) for cart in carts]  # type: ignore[misc]
    shuffle.shuffle(attempts)
    assert await race(attempts) == {"done": 48}


async def test_two_receipts_at_once_fill_a_level_no_further_than_it_holds(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(4)
    backs = []
    for _ in range(4):
        order = await shop.sent(line(sku))
        (only,) = await shop.lines(order.id)
        backs.append((await shop.return_(order.id, (only.id, 1))).value.id)
    await Given(many).adjust(sku.id, shop.locations[0].id, 2**31 - 3)
    outcomes = await race([lambda back=back: shop.take_back(back) for back in backs])  # type: ignore[misc]
    assert outcomes == {"done": 2, "TOO_MUCH_STOCK": 2}
    assert await shop.stock(sku) == (2**31 - 1, 0)
