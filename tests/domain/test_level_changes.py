"""What is told of levels: every number that moved, whatever moved it, once, and together what is there."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.inventory.commands.set_safety_stock import SetSafetyStock, Target, set_safety_stock
from oms_api.domain.inventory.queries import levels_at
from oms_api.domain.inventory.states import Bucket
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.domain.purchasing.states import RejectReason
from oms_api.domain.returns.states import Disposition
from oms_api.jobs.tasks import react
from oms_api.kernel.naming import shown
from oms_api.workflows import publish_levels
from oms_api.workflows.subscribers import Subscribers
from tests.factories.counting import count_about
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.moving import move_about
from tests.factories.published import TELLING, LevelsPublished
from tests.factories.purchasing import Buyer, came
from tests.factories.purchasing import line as bought
from tests.factories.raw import raw
from tests.factories.stirring import stir
from tests.factories.trading import Shop, findings, line


async def numbers(work: UnitOfWork) -> dict[UUID, Counter[str]]:
    async with work.reads(SYSTEM) as read:
        levels = await read.all(raw(select(InventoryLevelRow)))
    lying = {row.id: Counter({shown(name): getattr(row, name, 0) for name in publish_levels.NAMES}) for row in levels}
    return {level: numbers for level, numbers in lying.items() if +numbers}


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


@pytest.fixture
def told(work: UnitOfWork, database: Database) -> LevelsPublished:
    return LevelsPublished(work, database)


async def level(shop: Shop, sku: SkuRow, place: int = 0) -> InventoryLevelRow:
    key = sku.id, shop.locations[place].id
    async with shop.work.reads(SYSTEM) as read:
        found: InventoryLevelRow = (await levels_at(read, [key]))[key]
    return found


async def test_each_number_that_moves_is_told_with_what_it_was(shop: Shop, told: LevelsPublished) -> None:
    sku = await shop.stocked(5)
    first = await level(shop, sku)
    assert await told.of(first) == [{"onHand": (0, 5), "available": (0, 5)}]
    order = await shop.place(line(sku, 2))
    assert (await told.of(first))[1:] == [{"available": (5, 3), "committed": (0, 2)}]
    await shop.ship((await shop.works(order.id))[0].id)
    assert (await told.of(first))[2:] == [{"onHand": (5, 3), "committed": (2, 0)}]
    targets = (Target(SkuRef(id=sku.id), shop.locations[0].id, 1),)
    await shop.work.execute(SYSTEM, set_safety_stock, SetSafetyStock(targets=targets))
    assert (await told.of(first))[3:] == [{"available": (3, 2), "safetyStock": (0, 1)}]
    await Keeper(shop.work, shop.locations[0]).move(sku, 1, to=Bucket.QUALITY_CONTROL)
    assert (await told.of(first))[4:] == [{"available": (2, 1), "qualityControl": (0, 1)}]


async def test_what_moves_there_and_back_before_it_is_told_is_not_told(shop: Shop, told: LevelsPublished) -> None:
    sku = await shop.stocked(5)
    first = await level(shop, sku)
    await told.events()
    await shop.cancel((await shop.place(line(sku, 2))).id)
    assert len(await told.of(first)) == 1
    for _ in range(3):
        await shop.place(line(sku, 1))
    assert (await told.of(first))[1:] == [{"available": (5, 2), "committed": (0, 3)}]


async def test_whatever_moves_stock_is_told(shop: Shop, told: LevelsPublished, work: UnitOfWork) -> None:
    sku = await shop.stocked(20)
    await told.events()
    async for act in stir(shop, sku):
        assert await told.numbers() == await numbers(work), act
    for happens in (move_about, count_about, bought_and_sent_back):
        await happens(work)
        assert await told.numbers() == await numbers(work)
    assert [finding for finding in await findings(work) if "told" in finding.name] == []


async def bought_and_sent_back(work: UnitOfWork) -> None:
    buyer, shop = await Buyer.open(work), await Shop.open(work)
    sku = await buyer.supplied()
    order = await buyer.order(bought(sku, 5))
    (only,) = await buyer.lines(order.id)
    await buyer.receive(order.id, came(only.id, 3, 2, reject_reason=RejectReason.DAMAGED))
    await Given(work).adjust(sku.id, shop.locations[0].id, 2)
    sold = await shop.sent(line(sku, 2))
    (line_sold,) = await shop.lines(sold.id)
    back = (await shop.return_(sold.id, (line_sold.id, 2))).value
    await shop.take_back(back.id, (line_sold.id, 1, Disposition.INSPECT), (line_sold.id, 1, Disposition.RESTOCK))


async def test_a_large_piece_is_told_in_parts_and_each_level_once(
    fresh_work: UnitOfWork, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish_levels, "MOST_LEVELS", 3)
    given, told = Given(fresh_work), LevelsPublished(fresh_work, fresh_database)
    place = await given.location()
    skus = [await given.sku() for _ in range(8)]
    await Keeper(fresh_work, place).sync(*((sku, 7) for sku in skus))
    events = await told.events()
    assert {event.sku_id for event in events} == {sku.id for sku in skus}
    assert (len(events), len({event.recorded_at for event in events})) == (8, 3)


async def test_a_crash_tells_nothing_twice(shop: Shop, told: LevelsPublished, work: UnitOfWork) -> None:
    sku = await shop.stocked(5)
    first = await level(shop, sku)
    await relay_all(told.database.owner_url, Subscribers())

    async def crash(tx: Tx, piece: Piece) -> bool:
        await publish_levels.publish_levels(tx, piece)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await react(work, replace(TELLING, run=crash))
    assert await told.of(first) == [{"onHand": (0, 5), "available": (0, 5)}]
