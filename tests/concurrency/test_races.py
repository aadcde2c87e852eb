"""Promises about concurrency, with real commits over many connections."""

from functools import partial
from random import Random

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.fulfillment.commands.update_order import update_order
from oms_api.domain.fulfillment.errors import FulfillmentOrderNotOpen
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.orders.errors import DuplicateExternalRef
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.orders.updates import OrderDetails, UpdateOrder
from tests.factories.given import SYSTEM
from tests.factories.racing import race
from tests.factories.trading import Shop, line


async def test_the_last_units_over_two_locations_are_sold_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many, locations=2)
    sku = await shop.stocked(60, 40)
    assert await race([lambda: shop.place(line(sku))] * 200) == {"done": 100, InsufficientStock.code: 100}
    assert (await shop.stock(sku), await shop.stock(sku, 1)) == ((0, 60), (0, 40))


async def test_orders_with_the_same_skus_in_any_order_do_not_block_each_other(many: UnitOfWork) -> None:
    shop = await Shop.open(many, locations=2)
    skus = [await shop.stocked(40, 40) for _ in range(30)]
    shuffle = Random(7)  # a fixed mixture of lines
    orders = [[line(sku, shuffle.randint(1, 3)) for sku in shuffle.sample(skus, 4)] for _ in range(120)]
    assert await race([lambda lines=lines: shop.place(*lines) for lines in orders]) == {"done": 120}  # type: ignore[misc]


async def test_who_loses_the_race_for_stock_or_for_a_reference_uses_up_no_number(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(60)
    first = await shop.place(line(sku))
    assert await race([lambda: shop.place(line(sku, 10))] * 20) == {"done": 5, InsufficientStock.code: 15}
    for n in range(3):
        outcomes = await race([lambda: shop.place(line(sku), external_ref=f"WEB-{n}")] * 8)  # noqa: B023 - raced at once
        assert outcomes == {"done": 1, DuplicateExternalRef.code: 7}
    last = await shop.place(line(sku))
    assert last.number - first.number == 5 + 3 + 1


async def test_the_same_key_at_once_places_one_order(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(100)
    outcomes = await race([lambda: shop.place(line(sku, 3), key="the same")] * 20)
    assert outcomes["done"] >= 1
    assert outcomes.keys() <= {"done", "IDEMPOTENCY_IN_PROGRESS"}
    assert await shop.stock(sku) == (97, 3)


async def test_shipping_and_canceling_race_for_every_unit_and_one_wins(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(200)
    for _ in range(10):
        order = await shop.place(line(sku, 6))
        (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
        await race(
            [
                *[lambda: shop.ship(todo.id, (only.id, 1))] * 4,  # noqa: B023 - raced before the next turn
                *[lambda: shop.cancel(order.id, (only.id, 1))] * 4,  # noqa: B023
                lambda: shop.cancel(order.id),  # noqa: B023
                lambda: shop.ship(todo.id),  # noqa: B023
            ]
        )
        (now,) = await shop.lines(order.id)
        assert now.shipped + now.canceled == 6
    assert (await shop.stock(sku))[1] == 0


async def test_details_are_changed_beside_shipping_and_canceling_and_none_is_lost(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(200)
    for _ in range(10):
        order = await shop.place(line(sku, 6), external_ref="RACED")
        (todo,) = await shop.works(order.id)
        updates = [
            partial(many.execute, SYSTEM, update_order, UpdateOrder(order_id=order.id, add_tags=(f"tag {n}",), changes=said))
            for n, said in enumerate([OrderDetails(note="n"), OrderDetails(email="a@example.com"), OrderDetails(phone="1")] * 2)
        ]
        ended = await race([*updates, lambda: shop.ship(todo.id), lambda: shop.cancel(order.id)])  # noqa: B023 - raced here
        assert ended.total() - ended["done"] == 1, ended
        now = await shop.order(order.id)
        assert sorted(now.tags) == [f"tag {n}" for n in range(6)]
        (only,) = await shop.lines(order.id)
        assert {only.shipped, only.canceled} == {0, 6}
        if now.status is not OrderStatus.CANCELED:
            await many.execute(SYSTEM, update_order, UpdateOrder(order_id=order.id, changes={"note": "not canceled"}))
            break
        assert now.external_ref is None


async def test_two_updates_of_one_version_are_not_both_made(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    order = await shop.place(line(await shop.stocked(1)))
    again = [
        partial(many.execute, SYSTEM, update_order, UpdateOrder(order_id=order.id, changes={"note": note}, expected_version=1))
        for note in "abcd"
    ]
    assert await race(again) == {"done": 1, "VERSION_CONFLICT": 3}


async def test_two_shipments_of_everything_ship_it_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(50)
    for _ in range(5):
        order = await shop.place(line(sku, 4))
        (todo,) = await shop.works(order.id)
        outcomes = await race([lambda: shop.ship(todo.id)] * 4)  # noqa: B023 - raced before the next turn
        assert outcomes == {"done": 1, FulfillmentOrderNotOpen.code: 3}
    assert await shop.stock(sku) == (30, 0)


async def test_a_delivery_is_recorded_once(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 4))
    (todo,) = await shop.works(order.id)
    shipment = (await shop.ship(todo.id)).value
    assert await race([lambda: shop.deliver(shipment.id)] * 6) == {"done": 1, "ALREADY_DELIVERED": 5}


async def test_orders_placed_canceled_and_shipped_over_the_same_skus_leave_an_exact_ledger(many: UnitOfWork) -> None:
    shop = await Shop.open(many, locations=2)
    skus = [await shop.stocked(30, 30) for _ in range(6)]
    shuffle = Random(11)

    async def life(number: int) -> None:
        order = await shop.place(*(line(sku, 2) for sku in shuffle.sample(skus, 3)))
        if number % 3 == 0:
            await shop.cancel(order.id)
        for todo in await shop.works(order.id):
            if todo.status == "OPEN":
                await shop.deliver((await shop.ship(todo.id)).value.id)

    assert await race([lambda number=number: life(number) for number in range(40)]) == {"done": 40}  # type: ignore[misc]
