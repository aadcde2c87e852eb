"""Lots with real commits: shipped, brought, missed and told by many at once."""

from collections import Counter
from functools import partial
from random import Random

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.lots.commands.update import UpdateLot, update_lot
from oms_api.domain.inventory.states import MovementKind
from oms_api.workflows.set_aside_expired import set_aside_expired
from tests.factories.given import SYSTEM
from tests.factories.lots import Pantry, in_days, lot
from tests.factories.moving import Road
from tests.factories.racing import Attempt, race
from tests.factories.trading import Shop, line


@pytest.fixture
async def pantry(many: UnitOfWork) -> Pantry:
    return Pantry(await Shop.open(many, locations=2))


async def test_shipments_at_once_use_lots_up_one_after_the_other(pantry: Pantry) -> None:
    milk = await pantry.goods((7, lot("A", 2)), (7, lot("B", 4)), (6, None))
    works = [await pantry.ordered(milk, 2) for _ in range(10)]
    assert await race(partial(pantry.shop.ship, work) for work in works) == {"done": 10}
    shipped = Counter[str | None]()
    for code, units in await pantry.moved(milk, MovementKind.SHIP):
        shipped[code] += units
    assert shipped == {"A": 7, "B": 7, None: 6}


async def test_shipments_of_several_goods_meet_corrections_of_their_lots(pantry: Pantry) -> None:
    random = Random(7)
    goods = [await pantry.goods((30, lot("A", 2)), (30, lot("B", 4)), (30, None)) for _ in range(4)]

    async def ship() -> None:
        some = random.sample(goods, 3)
        await pantry.shop.sent(*(line(sku, random.randint(1, 6)) for sku in some), delivered=False)

    async def correct() -> None:
        rows = [(sku, random.choice((-3, -2, 4)), random.choice((None, lot("A"), lot("B")))) for sku in random.sample(goods, 3)]
        await pantry.adjust(*rows)

    ended = await race([ship] * 12 + [correct] * 12)
    assert ended["done"] >= 12
    assert set(ended) <= {"done", "LOT_SHORT"}


async def test_a_lot_that_two_make_at_once_has_one_expiry(pantry: Pantry) -> None:
    for _ in range(6):
        milk = await pantry.goods((1, None))
        tell = partial(pantry.bring, milk, 2)
        ended = await race(partial(tell, lot("A", day), location=place) for place, day in ((0, 3), (1, 9), (0, 9), (1, 3)))
        assert (await pantry.lot(milk, "A")).expires_on in {in_days(3), in_days(9)}
        assert ended == Counter(done=2, LOT_MISMATCH=2)


async def test_an_expiry_changed_while_its_lot_comes_is_the_same_everywhere(pantry: Pantry, many: UnitOfWork) -> None:
    milk = await pantry.goods((1, lot("A", 3)))
    made = await pantry.lot(milk, "A")

    async def correct(day: int) -> None:
        await many.execute(SYSTEM, update_lot, UpdateLot(lot_id=made.id, changes={"expires_on": in_days(day)}))

    async def bring(place: int) -> None:
        await pantry.bring(milk, 1, lot("A"), location=place)

    jobs: list[Attempt] = []
    for turn in range(8):
        jobs += [partial(correct, 5 + turn), partial(bring, turn % 2)]
    assert await race(jobs) == {"done": 16}


async def test_lots_sent_both_ways_at_once_arrive_as_they_left(many: UnitOfWork) -> None:
    there = await Road.build(many)
    back, pantry = there.back(), Pantry(Shop(many, (await Shop.open(many)).channel, (there.origin, there.destination)))
    goods = [await pantry.goods((9, lot("A", 2)), (9, lot("B", 4)), (9, None)) for _ in range(3)]
    for sku in goods:
        await pantry.adjust((sku, 9, lot("A")), (sku, 9, None), location=1)

    async def carry(road: Road, number: int) -> None:
        transfer = await road.plan(*((sku, 1 + (number + place) % 4) for place, sku in enumerate(goods)))
        await road.ship(transfer.id)
        await road.receive(transfer.id)

    carrying = [partial(carry, road, number) for number in range(6) for road in (there, back)]
    assert await race(carrying) == {"done": 12}
    for sku in goods:
        total = Counter(await pantry.held(sku)) + Counter(await pantry.held(sku, location=1))
        assert total == {"A": 18, "B": 9, None: 18}


async def test_what_expires_is_set_aside_once_by_many_while_others_sell_it(pantry: Pantry, many: UnitOfWork) -> None:
    random = Random(11)
    goods = [await pantry.goods((20, lot("old", 1)), (20, lot("good", 9)), (5, None)) for _ in range(3)]
    orders = [await pantry.shop.place(*(line(sku, 3) for sku in random.sample(goods, 2))) for _ in range(8)]
    works = [(await pantry.shop.works(order.id))[0] for order in orders]
    for sku in goods:
        await pantry.spoil(sku, "old")

    async def order() -> None:
        await pantry.shop.place(*(line(sku, random.randint(1, 4)) for sku in random.sample(goods, 2)))

    async def sweep() -> None:
        await many.execute(SYSTEM, set_aside_expired, Batch(2))

    async def correct() -> None:
        await pantry.adjust((random.choice(goods), -1, lot("old")))

    attempts: list[Attempt] = [
        *[sweep] * 8, *[order] * 8, *[correct] * 4,
        *(partial(pantry.shop.ship, work.id) for work in works[::2]),
        *(partial(pantry.shop.cancel, placed.id) for placed in orders[1::2]),
    ]  # fmt: skip
    random.shuffle(attempts)
    ended = await race(attempts)
    assert ended["done"] > len(attempts) // 2
    assert set(ended) <= {"done", "LOT_SHORT", "INSUFFICIENT_STOCK", "FULFILLMENT_ORDER_NOT_OPEN"}
    while await many.execute(SYSTEM, set_aside_expired, Batch(2)):
        pass
    for sku in goods:
        held = await pantry.held(sku)
        assert await pantry.aside(sku) == {"old": held["old"]}
        moved = sum(units for code, units in await pantry.moved(sku, MovementKind.MOVE) if code == "old")
        taken = sum(units for code, units in await pantry.moved(sku, MovementKind.NOT_FOUND) if code == "old")
        assert held["old"] == 20 - taken
        assert held["old"] <= moved <= 20
