"""What has expired is taken out of what can be sold by itself, once, and nothing else is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.commands.adjust import Change
from oms_api.domain.inventory.lots.commands.update import UpdateLot, update_lot
from oms_api.domain.inventory.lots.good import AVAILABLE
from oms_api.domain.inventory.states import AdjustmentReason, Bucket, MovementKind, OnShortfall
from oms_api.domain.inventory.summary import channel_availability, stock_by_sku
from oms_api.domain.purchasing.states import ReceiptBucket
from oms_api.jobs.tasks import react
from oms_api.kernel.errors import OmsError, Refused
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.set_aside_expired import EXPIRED, set_aside_expired
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.asking import counted_statements
from tests.factories.database import Database
from tests.factories.feed import feed, relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper, lost, staged, waiting
from tests.factories.lots import Pantry, in_days, lot
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer, came
from tests.factories.purchasing import line as ordered
from tests.factories.raw import raw
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, by_hand, findings, line

FREE, CONTROL, DAMAGED = Bucket.FREE, Bucket.QUALITY_CONTROL, Bucket.DAMAGED
MOVE = MovementKind.MOVE


@pytest.fixture
async def pantry(fresh_work: UnitOfWork) -> AsyncIterator[Pantry]:
    pantry = Pantry(await Shop.open(fresh_work, locations=2))
    yield pantry
    assert await findings(fresh_work) == []


@pytest.fixture
def keeper(pantry: Pantry) -> Keeper:
    return Keeper(pantry.shop.work, pantry.shop.locations[0])


async def test_free_units_of_an_expired_lot_are_set_aside_once_by_a_move_that_names_it(pantry: Pantry, keeper: Keeper) -> None:
    milk = await pantry.goods((3, lot("old", -2)), (2, lot("older", -5)), (4, lot("good", 9)), (1, lot("never")), (1, None))
    assert await pantry.expire() == 2
    assert await keeper.buckets(milk) == (6, 0, 0, 5, 0)
    assert await pantry.aside(milk) == {"old": 3, "older": 2}
    older, old = await pantry.movements(milk, MOVE)
    assert [(each.lot, each.quantity, each.source, each.target) for each in (older, old)] == [
        ("older", 2, "free", "quality_control"), ("old", 3, "free", "quality_control"),
    ]  # fmt: skip
    assert {(each.reason, each.actor) for each in (older, old)} == {("EXPIRED", "sweep lot_expiry")}
    assert await pantry.expire() == 0
    assert await keeper.buckets(milk) == (6, 0, 0, 5, 0)
    await pantry.shop.ship(await pantry.ordered(milk, 6))
    assert await pantry.held(milk) == {"old": 3, "older": 2}


async def test_what_has_expired_is_promised_to_nobody_before_it_is_set_aside(pantry: Pantry, keeper: Keeper) -> None:
    shop = pantry.shop
    road = Road(shop.work, shop.locations[0], shop.locations[1])
    milk = await pantry.goods((5, lot("old", -2)), (4, lot("good", 9)))
    spread = await pantry.goods((9, lot("soon", 2)), (9, lot("old", -2)))
    transfer = await road.plan((milk, 5))
    await pantry.spoil(spread, "soon")
    async with shop.work.reads(SYSTEM) as read:
        told = await channel_availability(read, [shop.channel.id], [milk.id, spread.id])
        sums = await stock_by_sku(read, [milk.id, spread.id])
    assert list(told.values()) == [sums[milk.id].available, sums[spread.id].available] == [4, 0]
    for asked in (line(milk, 5), line(spread, 1)):
        with pytest.raises(OmsError, match="INSUFFICIENT_STOCK"):
            await shop.place(asked)
    with pytest.raises(OmsError, match="INSUFFICIENT_STOCK"):
        await Checkouts(shop).reserve(wanted(milk, 5))
    with pytest.raises(Refused):
        await road.ship(transfer.id)
    await Checkouts(shop).reserve(wanted(milk, 2))
    await shop.place(line(milk, 2))
    assert await keeper.buckets(milk) == (5, 2, 2, 0, 0)
    assert await pantry.expire() == 3
    assert await keeper.buckets(milk) == (0, 2, 2, 5, 0)


async def test_what_has_expired_serves_nobody_who_waits(pantry: Pantry, keeper: Keeper) -> None:
    shop = pantry.shop
    await shop.work.execute(SYSTEM, set_oversell, SetOversell(channel_id=shop.channel.id, policy=Oversell.BACKORDER))
    milk = await pantry.goods((3, lot("old", -2)), (1, lot("good", 9)))
    order = await shop.place(line(milk, 2))
    assert await waiting(shop.work, order.id) == [(0, 1, 1)]
    assert await shop.work.execute(SYSTEM, fill_waiting, Batch(20)) == 0
    assert await keeper.source(order.id, backordered=True) == 0
    await pantry.spoil(milk, "old", 2)
    assert await shop.work.execute(SYSTEM, fill_waiting, Batch(20)) == 1
    assert await waiting(shop.work, order.id) == [(0, 0, 2)]


async def test_what_expires_is_seen_in_batches_until_nothing_is_left(pantry: Pantry) -> None:
    goods = [await pantry.goods((1, lot("old", -2)), (1, lot("B", 3))) for _ in range(5)]
    assert await pantry.expire(size=2) == 5
    assert [await pantry.aside(sku) for sku in goods] == [{"old": 1}] * 5


async def test_a_batch_of_many_takes_as_many_statements_as_one_of_few(pantry: Pantry) -> None:
    counts = []
    for many in (1, 6):
        for _ in range(many):
            await pantry.goods((2, lot("old", -2)), (2, lot("older", -3)))
        with counted_statements() as sent:
            assert await pantry.expire() == 2 * many
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_a_day_is_over_by_the_clock_of_the_location(fresh_work: UnitOfWork) -> None:
    given = Given(fresh_work)
    first, last = await given.location(time_zone="Pacific/Kiritimati"), await given.location(time_zone="Pacific/Pago_Pago")
    pantry = Pantry(Shop(fresh_work, await given.channel(locations=(first, last)), (first, last)))
    milk = await pantry.goods((2, lot("A", 10)))
    await pantry.bring(milk, 2, lot("A"), location=1)
    noon = datetime.combine(in_days(10), datetime.min.time(), UTC) + timedelta(hours=12)
    assert await pantry.expire(noon - timedelta(hours=2, minutes=1)) == 0
    assert await pantry.expire(noon - timedelta(hours=2)) == 1
    assert [await pantry.aside(milk, location=place) for place in (0, 1)] == [{"A": 2}, {}]
    assert await pantry.expire(noon + timedelta(hours=22, minutes=59)) == 0
    assert await pantry.expire(noon + timedelta(hours=23)) == 1
    assert await findings(fresh_work) == []


async def test_reservations_go_then_orders_and_their_lines_are_sourced_again(
    pantry: Pantry, keeper: Keeper, fresh_database: Database
) -> None:
    shop, checkouts = pantry.shop, Checkouts(pantry.shop)
    milk = await pantry.goods((9, lot("old", 2)), (1, lot("good", 9)))
    await pantry.bring(milk, 2, lot("there", 9), location=1)
    order = await shop.place(line(milk, 4))
    held = await checkouts.reserve(wanted(milk, 3))
    await pantry.spoil(milk, "old")
    assert await pantry.expire() == 1
    assert await keeper.buckets(milk) == (0, 1, 0, 9, 0)
    (moved,) = await staged(shop.work, "INVENTORY_MOVED", (await moves(pantry))[0])
    assert moved.location_ids == [shop.locations[0].id]
    assert await lost(shop.work, moved.subject_id) == [(None, 3), (order.id, 3)]
    assert await checkouts.lines(held.id) == [(3, 0, 0, 3)]
    assert await waiting(shop.work, order.id) == [(3, 0, 1)]
    await relay_all(fresh_database.owner_url, SUBSCRIBERS)
    while await react(shop.work, SUBSCRIBERS.reactions["source_again"]):
        pass
    assert await waiting(shop.work, order.id) == [(1, 0, 3)]
    for work in await shop.works(order.id):
        await shop.ship(work.id)
    assert await pantry.moved(milk, MovementKind.SHIP) == [("good", 1), ("there", 2)]


async def moves(pantry: Pantry) -> list[UUID]:
    async with pantry.shop.work.reads(SYSTEM) as read:
        return [row.id for row in await read.all(raw(text("SELECT id FROM inventory_move ORDER BY id")))]


async def test_what_is_picked_stays_and_is_looked_for_again_when_it_can_be_taken(
    pantry: Pantry, keeper: Keeper, fresh_database: Database
) -> None:
    milk, bread = await pantry.goods((8, lot("old", 2)), (1, lot("good", 9))), await pantry.goods((2, lot("loaf", -1)))
    order, later = await pantry.shop.place(line(milk, 4)), await pantry.shop.place(line(milk, 3))
    await pantry.spoil(milk, "old")
    picking = f"UPDATE fulfillment_order SET status = '{{}}' WHERE order_id = '{order.id}'"
    status = f"UPDATE orders SET fulfillment_status = '{{}}' WHERE id = '{order.id}'"
    by_hand(fresh_database.admin_url, picking.format("IN_PROGRESS"), status.format("IN_PROGRESS"))
    assert await pantry.expire(size=1) == 2
    assert await keeper.buckets(milk) == (0, 4, 0, 5, 0)
    assert [await pantry.aside(sku) for sku in (milk, bread)] == [{"old": 5}, {"loaf": 2}]
    assert await waiting(pantry.shop.work, later.id) == [(3, 0, 0)]
    assert await pantry.expire() == 0
    assert len(await moves(pantry)) == 2
    by_hand(fresh_database.admin_url, picking.format("OPEN"), status.format("ALLOCATED"))
    assert await pantry.expire() == 1
    assert await pantry.aside(milk) == {"old": 8}
    assert await waiting(pantry.shop.work, order.id) == [(3, 0, 1)]


async def test_a_sweep_that_another_was_faster_than_takes_nothing_more(pantry: Pantry, keeper: Keeper) -> None:
    milk = await pantry.goods((3, lot("old", -2)), (9, lot("good", 9)))

    async def overtaken(tx: Tx, batch: Batch) -> int:
        done = await set_aside_expired(tx, batch)
        if not tx.pessimistic:
            assert await pantry.shop.work.execute(SYSTEM, set_aside_expired, Batch(20)) == 1
        return done

    assert await pantry.shop.work.execute(SYSTEM, overtaken, Batch(20)) == 0
    assert await keeper.buckets(milk) == (9, 0, 0, 3, 0)


async def test_channels_are_told_that_they_can_sell_less(pantry: Pantry, fresh_database: Database) -> None:
    milk = await pantry.goods((5, lot("old", 2)), (2, lot("good", 9)))

    async def told() -> list[object]:
        await relay_all(fresh_database.owner_url, SUBSCRIBERS)
        while await react(pantry.shop.work, SUBSCRIBERS.reactions["channel_availability"]):
            pass
        await relay_all(fresh_database.owner_url, SUBSCRIBERS)
        events = [each for each in await feed(pantry.shop.work) if each.type == "CHANNEL_AVAILABILITY_CHANGED"]
        return [each.changes for each in events if each.subject_id == milk.id]

    assert await told() == [{"channelAvailability.available": [0, 7]}]
    await pantry.spoil(milk, "old")
    await pantry.expire()
    assert await told() == [{"channelAvailability.available": [0, 7]}, {"channelAvailability.available": [7, 2]}]


async def test_units_that_expired_are_taken_away_by_name_from_where_they_lie(pantry: Pantry, keeper: Keeper) -> None:
    milk = await pantry.goods((5, lot("old", -2)), (3, lot("older", -4)), (4, lot("good", 9)))
    order = await pantry.shop.place(line(milk, 4))
    await pantry.expire()
    assert await keeper.buckets(milk) == (0, 4, 0, 8, 0)
    await pantry.move((milk, 2, CONTROL, DAMAGED, "old"))
    assert await pantry.aside(milk) == {"old": 5, "older": 3}
    place = pantry.shop.locations[0].id
    gone = tuple(Change(SkuRef(id=milk.id), place, -units, lot(code)) for code, units in (("old", 5), ("older", 2)))
    await keeper.adjust(milk, 0, changes=gone, reason=AdjustmentReason.EXPIRED, on_shortfall=OnShortfall.REFUSE)
    assert await keeper.buckets(milk) == (0, 4, 0, 0, 1)
    assert await pantry.held(milk) == {"good": 4, "older": 1}
    assert await pantry.aside(milk) == {"older": 1}
    assert await waiting(pantry.shop.work, order.id) == [(0, 0, 4)]


async def test_a_corrected_expiry_leaves_what_was_set_aside_until_it_is_moved_and_is_seen_again(
    pantry: Pantry, keeper: Keeper
) -> None:
    milk = await pantry.goods((5, lot("A", -2)), (3, lot("B", 99)))
    made = await pantry.lot(milk, "A")

    async def correct(days: int) -> None:
        await pantry.shop.work.execute(SYSTEM, update_lot, UpdateLot(lot_id=made.id, changes={"expires_on": in_days(days)}))

    assert await pantry.expire() == 1
    await correct(20)
    assert await pantry.expire() == 0
    assert await keeper.buckets(milk) == (3, 0, 0, 5, 0)
    await pantry.move((milk, 4, CONTROL, FREE, None))
    assert await pantry.aside(milk) == {"A": 1}
    await correct(-1)
    assert await pantry.expire() == 1
    assert await keeper.buckets(milk) == (3, 0, 0, 5, 0)
    assert await pantry.aside(milk) == {"A": 5}


async def test_what_came_into_quality_control_by_name_is_not_taken_from_what_is_free(pantry: Pantry) -> None:
    buyer = await Buyer.open(pantry.shop.work)
    other = Pantry(Shop(pantry.shop.work, pantry.shop.channel, (buyer.location,)))
    milk = await buyer.supplied()
    order = await buyer.order(ordered(milk, 10))
    (bottles,) = await buyer.lines(order.id)
    await buyer.receive(
        order.id,
        came(bottles.id, 6, lot=lot("A", 5)),
        came(bottles.id, 4, lot=lot("B", -1), bucket=ReceiptBucket.QUALITY_CONTROL),
    )
    assert await other.aside(milk) == {"B": 4}
    assert await pantry.expire() == 0
    await other.move((milk, 3, CONTROL, FREE, "B"))
    assert await Keeper(pantry.shop.work, buyer.location).buckets(milk) == (6, 0, 0, 4, 0)
    assert await other.aside(milk) == {"B": 4}


async def test_a_level_without_lots_is_not_asked_what_has_expired(pantry: Pantry) -> None:
    async def explain(tx: Tx, sku: SkuRow) -> str:
        await tx.ask(raw(text("SET LOCAL enable_seqscan = off")))
        statement = f"SELECT {AVAILABLE} FROM inventory_level level WHERE level.sku_id = '{sku.id}'"
        return "\n".join(row[0] for row in await tx.all(raw(text(f"EXPLAIN ANALYZE {statement}".replace("::", "\\:\\:")))))

    plain, milk = await pantry.goods((5, None)), await pantry.goods((5, lot("old", -2)))
    plans = [await pantry.shop.work.execute(SYSTEM, explain, sku) for sku in (plain, milk)]
    read = [[each for each in plan.splitlines() if "on lot_level" in each] for plan in plans]
    assert all("using ix_lot_level_level_id_fefo_date_id" in each for (each,) in read)
    assert ["never executed" in each for (each,) in read] == [True, False]


async def test_nothing_is_read_but_what_has_expired_and_is_not_set_aside(pantry: Pantry) -> None:
    async def explain(tx: Tx, _: None) -> str:
        for setting in ("enable_seqscan", "enable_bitmapscan"):
            await tx.ask(raw(text(f"SET LOCAL {setting} = off")))
        statement = EXPIRED.numbered
        for at, value in enumerate(("'{}'", f"'{in_days(1)}'", "now()", "20"), 1):
            statement = statement.replace(f"${at}", value)
        return "\n".join(row[0] for row in await tx.all(raw(text(f"EXPLAIN {statement}".replace("::", "\\:\\:")))))

    plan = await pantry.shop.work.execute(SYSTEM, explain, None)
    assert "using ix_lot_level_expires_on_id" in plan
    (condition,) = [each for each in plan.splitlines() if "Index Cond: (expires_on <" in each]
    assert condition
