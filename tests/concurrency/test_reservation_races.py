"""Promises about reservations at once, with real commits over many connections."""

import asyncio
from collections import Counter
from functools import partial
from random import Random
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.orders.given import OnFailure, PlaceOrder
from oms_api.kernel.ids import ReservationId
from oms_api.workflows.place_order import PlaceOrders, place_orders
from tests.factories.given import SYSTEM
from tests.factories.racing import Attempt, outcomes, race
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, line

ACTIVE, CONVERTED, EXPIRED, RELEASED = ReservationStatus


@pytest.fixture
async def checkouts(many: UnitOfWork) -> Checkouts:
    return Checkouts(await Shop.open(many, locations=2))


async def total(checkouts: Checkouts, sku: SkuRow) -> tuple[int, int, int]:
    """Return the free, reserved and committed units of *sku* over both locations."""
    first, second = await checkouts.stock(sku), await checkouts.stock(sku, 1)
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]


async def test_a_claim_an_expiry_a_release_and_a_sale_have_one_outcome(checkouts: Checkouts) -> None:
    """All want the same two units about the deadline: for some it has passed, for others not yet."""
    late, shuffle, ends = checkouts.after(1), Random(5), Counter[ReservationStatus]()
    for _ in range(250):
        sku = await checkouts.shop.stocked(1, 1)
        held = await checkouts.reserve(wanted(sku, 2), minutes=1)
        attempts: dict[str, Attempt] = {
            "claim": lambda: checkouts.order(held.id, line(sku, 2)),  # noqa: B023 - raced before the next turn
            "claim too": lambda: checkouts.order(held.id, line(sku, 2)),  # noqa: B023
            "expire": late.expire,
            "sell": lambda: late.order(None, line(sku, 2)),  # noqa: B023
            "release": lambda: checkouts.release(held.id),  # noqa: B023
            "extend": lambda: checkouts.extend(held.id, 1),  # noqa: B023
        }
        names = shuffle.sample(sorted(attempts), len(attempts))
        ended = dict(zip(names, await outcomes([attempts[name] for name in names]), strict=True))
        end = (await checkouts.now(held.id)).status
        claims, sales = [ended["claim"], ended["claim too"]].count("done"), [ended["sell"]].count("done")
        assert claims == (end is CONVERTED)
        assert (ended["release"] == "done") is (end is RELEASED)
        assert not (sales and end is CONVERTED)
        assert await total(checkouts, sku) == (2 - 2 * (claims + sales), 0, 2 * (claims + sales))
        assert "BUSY" not in ended.values()
        ends[end] += 1
    assert ends.keys() == {CONVERTED, EXPIRED, RELEASED}


async def test_the_last_units_are_held_once(checkouts: Checkouts) -> None:
    sku = await checkouts.shop.stocked(12, 8)
    assert await race([lambda: checkouts.reserve(wanted(sku))] * 60) == {"done": 20, "INSUFFICIENT_STOCK": 40}
    assert await total(checkouts, sku) == (0, 20, 0)


async def test_holds_that_are_overdue_block_none_of_many_buyers_although_no_job_runs(checkouts: Checkouts) -> None:
    sku, beside = await checkouts.shop.stocked(20, 20), await checkouts.shop.stocked(90)
    for _ in range(20):
        await checkouts.reserve(wanted(sku, 2), wanted(beside, 3))
    late = checkouts.after(30)
    buyers: list[Attempt] = [lambda: late.order(None, line(sku)), lambda: late.reserve(wanted(sku))] * 25
    assert await race(buyers) == {"done": 40, "INSUFFICIENT_STOCK": 10}
    free, reserved, committed = await total(checkouts, sku)
    assert (free, reserved + committed) == (0, 40)
    assert (await checkouts.stock(beside))[1] == 0


async def test_a_reference_is_active_once(checkouts: Checkouts) -> None:
    skus = [await checkouts.shop.stocked(9) for _ in range(4)]
    attempts: list[Attempt] = [lambda sku=sku: checkouts.reserve(wanted(sku), external_ref="cart") for sku in skus * 3]  # type: ignore[misc]
    assert await race(attempts) == {"done": 1, "DUPLICATE_RESERVATION_REF": 11}
    late = checkouts.after(30)
    attempts = [lambda sku=sku: late.reserve(wanted(sku), external_ref="cart") for sku in skus * 3]  # type: ignore[misc]
    assert await race(attempts) == {"done": 1, "DUPLICATE_RESERVATION_REF": 11}


async def test_batches_that_name_the_same_reservations_in_any_order_take_each_once(checkouts: Checkouts) -> None:
    sku, shuffle = await checkouts.shop.stocked(200), Random(3)

    async def batch(reservations: list[ReservationId]) -> int:
        orders = tuple(
            PlaceOrder(
                idempotency_key=uuid4().hex, channel_id=checkouts.shop.channel.id, lines=(line(sku, 3),), reservation_id=each
            )
            for each in reservations
        )
        placed = await checkouts.work.execute(SYSTEM, place_orders, PlaceOrders(orders, OnFailure.REJECT_FAILED))
        return sum(each.order is not None for each in placed)

    for _ in range(10):
        held = [(await checkouts.reserve(wanted(sku, 3))).id for _ in range(6)]
        placed = await asyncio.gather(*(batch(shuffle.sample(held, 6)) for _ in range(5)))
        assert sum(placed) == 6
    assert await total(checkouts, sku) == (20, 0, 180)


async def test_checkouts_sales_and_expiry_over_the_same_skus_in_any_order_do_not_block_each_other(checkouts: Checkouts) -> None:
    skus, shuffle = [await checkouts.shop.stocked(8, 8) for _ in range(10)], Random(13)

    async def life(number: int) -> None:
        some = shuffle.sample(skus, 4)
        at = checkouts.after(40 * (number % 3))
        held = await at.reserve(*(wanted(sku, shuffle.randint(1, 2)) for sku in some))
        match number % 5:
            case 0:
                await at.release(held.id)
            case 1:
                await at.after(31).expire(5)
            case 2 | 3:
                await at.order(held.id, *(line(sku, shuffle.randint(1, 3)) for sku in shuffle.sample(skus, 3)))
            case _:
                await at.after(31).order(None, *(line(sku, 4) for sku in shuffle.sample(skus, 3)))

    ended = await race(partial(life, number) for number in range(150))
    assert ended.keys() <= {"done", "INSUFFICIENT_STOCK", "RESERVATION_EXPIRED", "RESERVATION_NOT_ACTIVE"}
    for sku in skus:
        assert sum(await total(checkouts, sku)) == 16
