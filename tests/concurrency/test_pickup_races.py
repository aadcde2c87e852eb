"""Who hands goods over, gives them up, cancels or guesses at the same moment: they go one way, and each guess counts."""

from datetime import timedelta
from functools import partial

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.states import CanceledStock
from oms_api.domain.pickups.states import PickupStatus
from tests.factories.fetching import Store
from tests.factories.racing import outcomes, race
from tests.factories.trading import line

TURNS = 6


async def test_goods_are_handed_over_once(many: UnitOfWork) -> None:
    store = await Store.open(many)
    cup = await store.shop.stocked(100)
    for _ in range(TURNS):
        pickup = await store.waiting(line(cup, 3))
        found = await race([lambda: store.hand_over(pickup.id, pickup.code or "")] * 3)  # noqa: B023 - raced at once
        assert found == {"done": 1, "PICKUP_OVER": 2}
        (first,) = await store.shop.lines(pickup.order_id)
        assert (first.shipped, first.delivered) == (3, 3)


async def test_goods_are_made_ready_once(many: UnitOfWork) -> None:
    store = await Store.open(many)
    cup = await store.shop.stocked(100)
    for _ in range(TURNS):
        todo = await store.ordered(line(cup, 3))
        found = await race([lambda: store.ready(todo.id), lambda: store.ready(todo.id), lambda: store.shop.ship(todo.id)])  # noqa: B023
        assert found["done"] == 1
        assert set(found) <= {"done", "AWAITS_PICKUP", "FULFILLMENT_ORDER_NOT_OPEN"}


async def test_goods_are_fetched_or_given_up(many: UnitOfWork) -> None:
    store = await Store.open(many)
    cup = await store.shop.stocked(100)
    for turn in range(TURNS):
        pickup = await store.waiting(line(cup, 3))
        late = pickup.ready_at + timedelta(9)
        attempts = [lambda: store.hand_over(pickup.id, pickup.code or ""), lambda: store.expire(late)]  # noqa: B023
        told = dict(
            zip(["fetched", "given up"][:: 1 - turn % 2 * 2], await outcomes(attempts[:: 1 - turn % 2 * 2]), strict=True)
        )
        await store.expire(late)  # which passes over an order that is locked
        now, (first,) = await store.now(pickup.id), await store.shop.lines(pickup.order_id)
        assert told["given up"] == "done"
        ended = {"done": (PickupStatus.HANDED_OVER, 3, 0), "PICKUP_OVER": (PickupStatus.EXPIRED, 0, 3)}
        assert (now.status, first.delivered, first.canceled) == ended[told["fetched"]]


async def test_goods_are_fetched_or_the_pickup_is_canceled(many: UnitOfWork) -> None:
    store = await Store.open(many)
    cup = await store.shop.stocked(100)
    for _ in range(TURNS):
        pickup = await store.waiting(line(cup, 3))
        (first,) = await store.shop.lines(pickup.order_id)
        lines = (first.id, 3)
        fetched, canceled, taken = await outcomes(
            [
                lambda: store.hand_over(pickup.id, pickup.code or ""),  # noqa: B023
                lambda: store.cancel(pickup.id),  # noqa: B023
                lambda: store.shop.cancel(pickup.order_id, lines, stock=CanceledStock.DAMAGED),  # noqa: B023
            ]
        )
        assert {fetched, canceled} == {"done", "PICKUP_OVER"}
        assert taken in {"AWAITS_PICKUP", "ILLEGAL_MOVE", "NOT_CANCELABLE"} | ({"done"} if canceled == "done" else set())


async def test_each_of_many_guesses_at_once_is_counted(many: UnitOfWork) -> None:
    store = await Store.open(many)
    cup = await store.shop.stocked(100)
    for _ in range(TURNS):
        pickup = await store.waiting(line(cup, 1))
        found = await race([partial(store.hand_over, pickup.id, f"2222222{n}") for n in range(2, 10)])
        assert found == {"PICKUP_CODE_WRONG": 5, "PICKUP_LOCKED": 3}
        assert (await store.now(pickup.id)).tries == 5
