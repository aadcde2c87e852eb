"""Absolute numbers told of one level, by feeds, by counts and by hand: one shortage is corrected once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.as_of import LevelThen, levels_as_of
from oms_api.domain.inventory.counts.comparing import COMPARE_COUNT
from oms_api.domain.inventory.counts.states import StockCountOutcome
from oms_api.domain.inventory.levels import SINCE
from oms_api.domain.inventory.states import Bucket
from oms_api.domain.orders.states import CanceledStock
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.errors import OmsError
from tests.factories.counting import Shelf
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.lots import Pantry, lot
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as bought
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, findings, line

HOUR = timedelta(hours=1)


@pytest.fixture
async def shelf(work: UnitOfWork) -> Shelf:
    return await Shelf.build(work)


@pytest.fixture
def keeper(work: UnitOfWork, shelf: Shelf) -> Keeper:
    return Keeper(work, shelf.location)


@pytest.fixture(autouse=True)
async def sound(work: UnitOfWork) -> AsyncIterator[None]:
    yield
    assert await findings(work) == []


def ago(hours: float) -> datetime:
    return datetime.now(UTC) - hours * HOUR


async def of_old(keeper: Keeper, units: int, *, hours: float = 9) -> SkuRow:
    """Return a SKU of which so many units have been there for hours."""
    sku = await Given(keeper.work).sku()
    await keeper.adjust(sku, units, occurred_at=ago(hours))
    return sku


async def then(keeper: Keeper, sku: SkuRow, moment: datetime) -> LevelThen:
    level = await Given(keeper.work).level(sku.id, keeper.location.id)
    async with keeper.work.reads(SYSTEM) as read:
        return (await levels_as_of(read, [level.id], moment))[level.id]


async def fed(keeper: Keeper, sku: SkuRow, units: int, hours: float, **more: Any) -> str | None:
    """Feed a number of so many hours ago, and return the code of what is wrong with it."""
    (outcome,) = (await keeper.sync((sku, units), as_of=ago(hours), **more)).outcomes
    return None if outcome.error is None else outcome.error.code


async def test_a_feed_is_older_than_what_was_set_since(shelf: Shelf, keeper: Keeper) -> None:
    sku = await of_old(keeper, 12)
    await keeper.set(sku, 10)
    assert await fed(keeper, sku, 10, 1) == "OLDER_FEED"
    assert (await shelf.on_hand(sku))[0] == 10


async def test_a_feed_is_older_than_what_another_one_told(shelf: Shelf, keeper: Keeper) -> None:
    sku = await of_old(keeper, 12)
    assert await fed(keeper, sku, 10, 1, source="till") is None
    assert await fed(keeper, sku, 10, 2, source="wms") == "OLDER_FEED"
    assert (await shelf.on_hand(sku))[0] == 10
    (outcome,) = (await keeper.sync((sku, 10), as_of=ago(2))).outcomes
    assert outcome.error is not None
    assert "by the feed 'till'" in outcome.error.message


async def test_a_feed_is_older_than_what_was_counted_since_also_where_that_matched(shelf: Shelf, keeper: Keeper) -> None:
    fewer, same = await of_old(keeper, 12), await of_old(keeper, 10)
    count = await shelf.counted((fewer, 10), (same, 10))
    assert await fed(keeper, fewer, 10, 0.5) is None
    await shelf.post(count.id)
    assert [await fed(keeper, sku, 9, 0.2) for sku in (fewer, same)] == ["OLDER_FEED", "OLDER_FEED"]
    assert [(await shelf.on_hand(sku))[0] for sku in (fewer, same)] == [10, 10]


async def test_a_count_tells_of_goods_that_nobody_knew_there_too(shelf: Shelf, keeper: Keeper) -> None:
    (sku,) = await shelf.goods(0)
    await shelf.post((await shelf.counted((sku, 0))).id)
    assert await fed(keeper, sku, 5, 0.2) == "OLDER_FEED"
    assert (await shelf.on_hand(sku))[0] == 0


@pytest.mark.parametrize("by", ["hand", "feed"])
async def test_a_number_told_since_supersedes_a_line_also_where_it_moves_nothing(shelf: Shelf, keeper: Keeper, by: str) -> None:
    (sku,) = await shelf.goods(10)
    count = await shelf.counted((sku, 8))
    await (keeper.set(sku, 10) if by == "hand" else keeper.sync((sku, 10)))
    await shelf.post(count.id)
    assert (await shelf.on_hand(sku))[0] == 10
    assert [line.outcome for line in await shelf.lines(count.id)] == [StockCountOutcome.SUPERSEDED]


async def test_the_same_moment_is_told_of_as_often_as_one_likes(shelf: Shelf, keeper: Keeper) -> None:
    sku, moment = await of_old(keeper, 12), ago(1)
    told = [(await keeper.sync((sku, units), as_of=moment)).outcomes[0].error for units in (10, 10, 11)]
    assert (told, (await shelf.on_hand(sku))[0]) == ([None] * 3, 11)


async def test_a_number_set_of_an_earlier_moment_is_compared_with_what_was_there_then(shelf: Shelf, keeper: Keeper) -> None:
    sku = await of_old(keeper, 10)
    await keeper.adjust(sku, -3)
    await keeper.set(sku, 12, 10, occurred_at=ago(2))
    assert (await then(keeper, sku, ago(1))).level.on_hand == 12
    assert (await shelf.on_hand(sku))[0] == 9
    for quantity, expected, hours, code in (
        (12, 9, 1, "STALE_QUANTITY"),
        (12, 12, 3, "SUPERSEDED"),
        (1, None, 99, "SUPERSEDED"),
    ):
        with pytest.raises(OmsError) as refused:
            await keeper.set(sku, quantity, expected, occurred_at=ago(hours))
        assert [cause.code for cause in refused.value.causes] == [code]
    fresh = await of_old(keeper, 1)
    with pytest.raises(OmsError) as refused:
        await keeper.set(fresh, 1, occurred_at=ago(99))
    assert [cause.code for cause in refused.value.causes] == ["BEFORE_RECORDS"]


async def test_what_was_set_aside_since_was_free_when_it_was_missed(keeper: Keeper) -> None:
    sku = await of_old(keeper, 10)
    await keeper.move(sku, 8, occurred_at=ago(2))
    assert await fed(keeper, sku, 1, 4) is None
    at_that_time, since, now = [await then(keeper, sku, ago(hours)) for hours in (4, 1, 0)]
    assert (at_that_time.level.on_hand, at_that_time.level.free, at_that_time.contradicted) == (1, 1, False)
    assert (since.level.on_hand, since.level.damaged, since.level.free, since.contradicted) == (1, 1, 0, True)
    assert (now.level.on_hand, now.level.damaged, now.contradicted) == (1, 1, False)
    assert await keeper.buckets(sku) == (0, 0, 0, 0, 1)


async def test_a_count_misses_what_was_set_aside_since_where_it_lay(shelf: Shelf, keeper: Keeper) -> None:
    sku = await of_old(keeper, 10)
    count = await shelf.open(sku, occurred_at=ago(6))
    await keeper.move(sku, 8, to=Bucket.QUALITY_CONTROL, occurred_at=ago(2))
    await shelf.submit(count.id, (sku, 1, ago(4)), complete=True)
    await shelf.post(count.id)
    counted = await then(keeper, sku, ago(3))
    assert (counted.level.on_hand, counted.level.free, counted.contradicted) == (1, 1, False)
    assert await keeper.buckets(sku) == (0, 0, 0, 1, 0)


async def test_promises_that_a_late_correction_contradicts_are_shown_as_far_as_they_can_be_true(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    sku, keeper = await Given(work).sku(), Keeper(work, shop.locations[0])
    await keeper.adjust(sku, 10, occurred_at=ago(9))
    await Checkouts(shop, late=timedelta(hours=-3)).reserve(wanted(sku, 9), minutes=600)
    assert await fed(keeper, sku, 4, 5) is None
    promised = await then(keeper, sku, ago(2))
    assert (promised.level.on_hand, promised.level.reserved, promised.level.safety_stock) == (4, 4, 0)
    assert promised.contradicted
    assert not (await then(keeper, sku, ago(4))).contradicted


async def test_units_missed_before_they_came_are_none(keeper: Keeper) -> None:
    sku = await of_old(keeper, 5, hours=0.5)
    await keeper.adjust(sku, -5, occurred_at=ago(1))
    missed = await then(keeper, sku, ago(0.7))
    assert (missed.level.on_hand, missed.level.available, missed.contradicted) == (0, 0, True)


async def test_what_is_overdue_can_be_sent_elsewhere(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    sku = await shop.stocked(3)
    held = await Checkouts(shop).reserve(wanted(sku, 3), minutes=1)
    road = Road(UnitOfWork(work.pool, lambda: datetime.now(UTC) + 2 * HOUR), shop.locations[0], await Given(work).location())
    await road.ship((await road.plan((sku, 3))).id)
    assert await Checkouts(shop).lines(held.id) == [(3, 0, 0, 3)]
    assert await Keeper(work, shop.locations[0]).buckets(sku) == (0, 0, 0, 0, 0)


async def test_what_is_overdue_neither_hides_stock_nor_blocks_who_takes_it(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    checkouts, now = Checkouts(shop), Keeper(work, shop.locations[0])
    later = now.at(lambda: datetime.now(UTC) + timedelta(minutes=2))
    ways = (
        lambda sku: later.adjust(sku, -3, on_shortfall="REFUSE"),
        lambda sku: later.move(sku, 3, on_shortfall="REFUSE"),
        lambda sku: later.set(sku, 0, on_shortfall="REFUSE"),
        lambda sku: later.sync((sku, 0), on_shortfall="REFUSE"),
        lambda sku: later.sync((sku, 3), on_shortfall="REFUSE"),
        lambda sku: later.adjust(sku, -3),
    )
    for way in ways:
        sku, other = await shop.stocked(3), await shop.stocked(1)
        held = await checkouts.reserve(wanted(sku, 3), wanted(other), minutes=1)
        await way(sku)
        ended = await checkouts.lines(held.id)
        assert ended == [(3, 0, 0, 3), (1, 0, 0, 1)]
        assert (await now.buckets(sku))[2] == 0
        assert await now.buckets(other) == (1, 0, 0, 0, 0)


async def test_whoever_tells_of_a_shortage_at_once_with_others_corrects_it_once(shelf: Shelf, keeper: Keeper) -> None:
    sku = await of_old(keeper, 12)
    count = await shelf.counted((sku, 10))
    told = (
        *(fed(keeper, sku, 10, hours) for hours in (0.1, 3, 1, 2)), shelf.post(count.id), keeper.set(sku, 10),
        *(fed(keeper, sku, 10, hours) for hours in (0.2, 4, 0.5, 6)),
    )  # fmt: skip
    await asyncio.gather(*told)
    assert (await shelf.on_hand(sku))[0] == 10


@pytest.mark.parametrize(("statement", "types"), [(SINCE, "uuid[], uuid[], timestamptz"), (COMPARE_COUNT, "uuid")])
def test_what_moved_since_is_read_by_the_numbers_of_movements_whatever_was_estimated(
    fresh_database: Database, statement: Sql, types: str
) -> None:
    nothing = ", ".join(f"NULL::{each}" for each in types.split(", "))
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE stock_movement")
        for prepared in (
            "SET plan_cache_mode = force_generic_plan",
            "SET enable_seqscan = off",
            f"PREPARE look ({types}) AS {statement.numbered}",
        ):
            connection.execute(prepared.encode())
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN EXECUTE look ({nothing})".encode()))
    assert plan.count(" on stock_movement") == plan.count("using uq_stock_movement_level_id_sequence on stock_movement") == 2, (
        plan
    )


async def on_hand_at(keeper: Keeper, sku: SkuRow, *hours: float) -> list[int]:
    return [(await then(keeper, sku, ago(each))).level.on_hand for each in hours]


async def told_by(shelf: Shelf, keeper: Keeper, teller: str, sku: SkuRow, units: int) -> None:
    """Tell that so many units were there three hours ago."""
    if teller == "feed":
        assert await fed(keeper, sku, units, 3) is None
    elif teller == "hand":
        await keeper.set(sku, units, occurred_at=ago(3))
    else:
        count = await shelf.open(sku, occurred_at=ago(4))
        await shelf.submit(count.id, (sku, units, ago(3)), complete=True)
        await shelf.post(count.id)


@pytest.mark.parametrize("teller", ["feed", "hand", "count"])
@pytest.mark.parametrize("units", [2, -2])
async def test_what_happened_before_a_number_and_is_told_later_is_part_of_it(
    shelf: Shelf, keeper: Keeper, teller: str, units: int
) -> None:
    sku = await of_old(keeper, 5)
    await told_by(shelf, keeper, teller, sku, 4)
    await keeper.adjust(sku, units, occurred_at=ago(5))
    assert (await shelf.on_hand(sku))[0] == 4
    assert await on_hand_at(keeper, sku, 6, 4, 2) == [5, 5 + units, 4]
    await keeper.adjust(sku, units, occurred_at=ago(1))
    assert (await shelf.on_hand(sku))[0] == 4 + units
    assert await fed(keeper, sku, 9, 2.5, source="wms") is None
    assert (await shelf.on_hand(sku))[0] == 9 + units


async def test_an_order_that_left_before_the_count_was_not_counted(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    sku = await shop.stocked(5, at=ago(9))
    keeper = Keeper(work, shop.locations[0])
    order = await shop.place(line(sku, 2), at=ago(8))
    await keeper.set(sku, 3, occurred_at=ago(3))
    (todo,) = await shop.works(order.id)
    await shop.ship(todo.id, occurred_at=ago(7))
    level = await Given(work).level(sku.id, keeper.location.id)
    assert (level.free, level.committed, level.on_hand) == (3, 0, 3)
    assert await on_hand_at(keeper, sku, 8.5, 6, 2) == [5, 3, 3]


async def test_goods_of_a_lot_told_late_are_undone_as_they_came(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    pantry, keeper = Pantry(shop), Keeper(work, shop.locations[0])
    milk = await pantry.goods((3, lot("M1", 9)))
    await keeper.set(milk, 3)
    await pantry.adjust((milk, 2, lot("M1", 9)), occurred_at=ago(1))
    await pantry.adjust((milk, 2, lot("M2", 9)), bucket=Bucket.QUALITY_CONTROL, occurred_at=ago(1))
    assert await pantry.held(milk) == {"M1": 3}


async def test_whatever_is_told_late_leaves_the_number_as_it_is(work: UnitOfWork) -> None:
    shop = await Shop.open(work, locations=2)
    here, there = shop.locations
    cup = await shop.stocked(20, 5)
    sold, gone = await shop.sent(line(cup, 3)), await shop.place(line(cup, 2))
    (only,) = await shop.lines(sold.id)
    back = (await shop.return_(sold.id, (only.id, 3))).value
    buyer, road = await Buyer.open(work), Road(work, here, there)
    buyer.location = here
    await buyer.supplied(cup)
    purchase, transfer = await buyer.order(bought(cup, 4)), await road.plan((cup, 2))
    before = datetime.now(UTC)
    await Keeper(work, here).set(cup, 20)
    await Keeper(work, there).set(cup, 5)
    came = [(only.id, 1, each) for each in (Disposition.RESTOCK, Disposition.INSPECT, Disposition.SCRAP)]
    await shop.take_back(back.id, *came, occurred_at=before)
    await shop.cancel(gone.id, stock=CanceledStock.NOT_FOUND, occurred_at=before)
    await buyer.receive(purchase.id, occurred_at=before)
    await road.ship(transfer.id, occurred_at=before)
    await road.receive(transfer.id, occurred_at=before)
    levels = [await Given(work).level(cup.id, place.id) for place in shop.locations]
    assert [(level.free, level.on_hand) for level in levels] == [(20, 20), (5, 5)]
