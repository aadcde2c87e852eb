"""Work that is moved, split, joined and rejected against whatever else happens to it at the same moment."""

from functools import partial

from oms_api.db.unit_of_work import UnitOfWork
from tests.factories.racing import outcomes
from tests.factories.rearranging import Floor
from tests.factories.trading import Shop, line

ROUNDS = 8


async def test_a_move_and_a_shipment_come_one_after_the_other(many: UnitOfWork) -> None:
    shop, floor = await Shop.open(many, locations=2), Floor(many)
    sku = await shop.stocked(100, 100)
    for _ in range(ROUNDS):
        order = await shop.place(line(sku, 2))
        (todo,) = await shop.works(order.id)
        moved, shipped = await outcomes([lambda: floor.move(todo.id, shop.locations[1]), lambda: shop.ship(todo.id)])  # noqa: B023
        assert (moved, shipped) in {("done", "FULFILLMENT_ORDER_NOT_OPEN"), ("FULFILLMENT_ORDER_BEGUN", "done")}
        assert (await shop.lines(order.id))[0].shipped == (2 if shipped == "done" else 0)


async def test_of_two_moves_one_is_made(many: UnitOfWork) -> None:
    shop, floor = await Shop.open(many, locations=3), Floor(many)
    sku = await shop.stocked(100, 100, 100)
    for _ in range(ROUNDS):
        order = await shop.place(line(sku, 2))
        (todo,) = await shop.works(order.id)
        ways = [partial(floor.move, todo.id, place) for place in shop.locations[1:]]
        assert sorted(await outcomes(ways)) == ["FULFILLMENT_ORDER_BEGUN", "done"]
        assert [work.status for work in await shop.works(order.id)] == ["CLOSED", "OPEN"]


async def test_moves_of_many_orders_to_and_fro_take_no_more_than_there_is(many: UnitOfWork) -> None:
    shop, floor = await Shop.open(many, locations=2), Floor(many)
    cup, pot = await shop.stocked(8, 3), await shop.stocked(8, 3)
    orders = [await shop.place(line(cup, 2), line(pot, 2)) for _ in range(4)]
    works = [(await shop.works(order.id))[0].id for order in orders]
    there = await outcomes([partial(floor.move, key, shop.locations[1]) for key in works])
    assert sorted(there) == ["INSUFFICIENT_STOCK"] * 3 + ["done"]
    moved = (await shop.works(orders[there.index("done")].id))[-1].id
    others = [key for key, ended in zip(works, there, strict=True) if ended != "done"]
    await outcomes(
        [
            lambda: floor.move(moved, shop.locations[0]),
            *(partial(floor.move, key, shop.locations[1]) for key in others),
            *(partial(floor.again, order.id) for order in orders),
        ]
    )


async def test_a_rejection_and_a_start_come_one_after_the_other(many: UnitOfWork) -> None:
    shop, floor = await Shop.open(many), Floor(many)
    sku = await shop.stocked(100)
    for reason in ("NO_CAPACITY", "DAMAGED", "NOT_FOUND") * 3:
        order = await shop.place(line(sku, 2))
        (todo,) = await shop.works(order.id)
        rejected, started = await outcomes(
            [lambda: floor.reject(todo.id, reason=reason), lambda: shop.start(todo.id)]  # noqa: B023
        )
        assert (rejected, started) in {("done", "done"), ("done", "ILLEGAL_MOVE")}
        assert (await shop.works(order.id))[0].status == "CLOSED"
        assert (await shop.lines(order.id))[0].unsourced == 2
        await shop.cancel(order.id)


async def test_a_merge_and_a_cancellation_come_one_after_the_other(many: UnitOfWork) -> None:
    shop, floor = await Shop.open(many), Floor(many)
    sku = await shop.stocked(100)
    for _ in range(ROUNDS):
        order = await shop.place(line(sku, 4))
        (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
        part = await floor.split(todo.id, (only.id, 2))
        merged, canceled = await outcomes(
            [lambda: floor.merge(todo.id, part.id), lambda: shop.cancel(order.id, (only.id, 3))]  # noqa: B023
        )
        assert (merged, canceled) in {("done", "done"), ("REFUSED", "done"), ("FULFILLMENT_ORDER_BEGUN", "done")}
        assert (await shop.lines(order.id))[0].in_fulfillment == 1


async def test_locations_that_close_while_orders_are_placed_and_looked_for_anew(many: UnitOfWork) -> None:
    shop, floor = await Shop.open(many, locations=2), Floor(many)
    sku = await shop.stocked(100, 100)
    first = await shop.place(line(sku, 2))
    (todo,) = await shop.works(first.id)
    ended = await outcomes(
        [
            lambda: floor.reject(todo.id, reason="CLOSED"),
            *[lambda: shop.place(line(sku, 1))] * 6,
            *[lambda: floor.again(first.id)] * 2,
        ]
    )
    assert set(ended) <= {"done", "FULFILLMENT_ORDER_NOT_REJECTABLE"}
