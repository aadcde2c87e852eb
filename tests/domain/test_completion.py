import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from oms_api.db.connections import Pool
from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.policies import ChannelChanges
from oms_api.domain.orders.changes.wanted import SendAgain
from oms_api.domain.orders.states import OrderStatus
from oms_api.jobs.housekeeping import KEEPER, complete_orders
from oms_api.kernel.ids import OrderId
from oms_api.workflows.complete_orders import LOOK, START, CompleteShipped, complete_shipped
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.raw import raw
from tests.factories.trading import Shop, by_hand, fee, findings, line

PLACED = datetime(2026, 3, 28, 22, tzinfo=UTC)  # clocks go forward in London the night after
DAY = timedelta(days=1)
DAYS = 3


@pytest.fixture
async def shop(fresh_work: UnitOfWork) -> Shop:
    """Give a shop whose orders complete three days after shipping."""
    shop = await Shop.open(fresh_work, locations=2)
    return await completing(shop, DAYS)


async def completing(shop: Shop, days: int | None) -> Shop:
    command = UpdateChannel(channel_id=shop.channel.id, changes=ChannelChanges(complete_after_days=days))
    await shop.work.execute(SYSTEM, update_channel, command)
    return shop


async def sweep(shop: Shop, at: datetime, *, batch: int = 250) -> int:
    """Complete what is due at *at*, as a worker does."""
    return await complete_orders(UnitOfWork(shop.work.pool, lambda: at), asyncio.Event(), batch=batch)


async def completions(work: UnitOfWork) -> Counter[UUID]:
    """Return how often each order was told to be completed."""
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(StagedEvent).where(StagedEvent.type == "ORDER_COMPLETED")))
    return Counter(row.subject_id for row in rows)


async def status(shop: Shop, order: OrderId) -> OrderStatus:
    return (await shop.order(order)).status


async def test_an_order_completes_exactly_when_the_days_since_shipping_are_over(shop: Shop) -> None:
    sku = await shop.stocked(5, 5)
    order = await shop.place(line(sku, 7), fee(), at=PLACED)
    first, second = await shop.works(order.id)
    one = (await shop.ship(first.id, occurred_at=PLACED)).value
    await shop.ship(second.id, occurred_at=PLACED + DAY)
    await shop.deliver(one.id, occurred_at=PLACED + DAY)
    assert await sweep(shop, PLACED + 4 * DAY - timedelta(microseconds=1)) == 0
    before = await shop.order(order.id)
    assert before.status is OrderStatus.OPEN
    assert await sweep(shop, PLACED + 4 * DAY) == 1
    now = await shop.order(order.id)
    assert (now.status, now.completed_at) == (OrderStatus.COMPLETED, PLACED + 4 * DAY)
    assert now.version == before.version + 1
    assert await sweep(shop, PLACED + 5 * DAY) == 0
    async with shop.work.reads(SYSTEM) as read:
        (told,) = await read.all(raw(select(StagedEvent).where(StagedEvent.type == "ORDER_COMPLETED")))
    assert (told.order_id, told.channel_id, told.changes) == (order.id, shop.channel.id, {"status": ["OPEN", "COMPLETED"]})
    assert told.location_ids == sorted(location.id for location in shop.locations)
    assert told.occurred_at == PLACED + 4 * DAY
    assert await findings(shop.work) == []


async def test_a_later_delivery_does_not_open_it_again(shop: Shop) -> None:
    order = await shop.place(line(await shop.stocked(5), 2), at=PLACED)
    (todo,) = await shop.works(order.id)
    shipment = (await shop.ship(todo.id, occurred_at=PLACED)).value
    await sweep(shop, PLACED + DAYS * DAY)
    await shop.deliver(shipment.id)
    now = await shop.order(order.id)
    assert (now.status, now.fulfillment_status, now.completed_at) == ("COMPLETED", "DELIVERED", PLACED + DAYS * DAY)
    assert await completions(shop.work) == {order.id: 1}
    assert await findings(shop.work) == []


async def test_what_is_found_after_it_was_sent_again_keeps_no_order_open_for_good(shop: Shop) -> None:
    order = await shop.sent(line(await shop.stocked(5)), delivered=False, at=PLACED)
    (lost,) = await shop.packages(order.id)
    await shop.mark_lost(lost.id)
    await shop.edit(order.id, SendAgain(line_id=(await shop.lines(order.id))[0].id, quantity=1))
    (todo,) = [each for each in await shop.works(order.id) if each.status == "OPEN"]
    await shop.deliver((await shop.ship(todo.id, occurred_at=PLACED)).value.id, occurred_at=PLACED)
    await shop.mark_found(lost.id)
    assert await status(shop, order.id) == "OPEN"
    assert await sweep(shop, PLACED + 9 * DAY) == 1
    assert await status(shop, order.id) == "COMPLETED"
    assert await findings(shop.work) == []


async def test_units_that_wait_keep_an_order_open(shop: Shop) -> None:
    sku = await shop.stocked(9)
    order = await shop.place(line(sku, 4), at=PLACED)
    (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
    shipment = (await shop.ship(todo.id, (only.id, 3), occurred_at=PLACED)).value
    assert await sweep(shop, PLACED + 9 * DAY) == 0
    await shop.deliver(shipment.id, occurred_at=PLACED)
    assert await sweep(shop, PLACED + 9 * DAY) == 0
    other = await shop.sent(line(sku, 4), delivered=False, at=PLACED)
    await shop.cancel(order.id, (only.id, 1), occurred_at=PLACED)
    assert await status(shop, order.id) is OrderStatus.COMPLETED
    assert await sweep(shop, PLACED + 9 * DAY) == 1
    assert await status(shop, other.id) is OrderStatus.COMPLETED


async def test_an_open_return_keeps_an_order_open_and_its_end_lets_it_complete(shop: Shop) -> None:
    order = await shop.sent(line(await shop.stocked(5), 2), delivered=False, at=PLACED)
    (only,) = await shop.lines(order.id)
    back = (await shop.return_(order.id, (only.id, 1), occurred_at=PLACED + DAY)).value
    assert await sweep(shop, PLACED + 9 * DAY) == 0
    await shop.take_back(back.id, occurred_at=PLACED + 2 * DAY)
    assert await status(shop, order.id) is OrderStatus.OPEN  # nobody reported the other unit's arrival
    assert await sweep(shop, PLACED + 9 * DAY) == 1
    again = (await shop.return_(order.id, (only.id, 1))).value
    assert await status(shop, order.id) is OrderStatus.OPEN
    await shop.cancel_return(again.id)
    assert await sweep(shop, datetime.now(UTC)) == 1
    assert await findings(shop.work) == []


@pytest.mark.parametrize("open_status", ["GRANTED", "REQUESTED", "FAILED"])
async def test_an_open_refund_keeps_an_order_open(shop: Shop, fresh_database: Database, open_status: str) -> None:
    order = await shop.sent(line(await shop.stocked(5), 2), delivered=False, at=PLACED)
    by_hand(
        fresh_database.admin_url,
        f"""INSERT INTO refund (id, order_id, channel_id, status, reason, amount_minor, currency, actor, granted_at,
                                recorded_at)
            VALUES (gen_random_uuid(), '{order.id}', '{shop.channel.id}', '{open_status}', 'GOODWILL', 1, 'GBP', 'tests', now(),
                    now())""",
    )
    assert await sweep(shop, PLACED + 9 * DAY) == 0
    by_hand(fresh_database.admin_url, "DELETE FROM refund")
    assert await sweep(shop, PLACED + 9 * DAY) == 1


async def test_a_channel_says_after_how_many_days_or_never(shop: Shop) -> None:
    order = await shop.sent(line(await shop.stocked(5), 2), delivered=False, at=PLACED)
    await completing(shop, None)
    assert await sweep(shop, PLACED + 900 * DAY) == 0
    await completing(shop, 0)
    assert await sweep(shop, PLACED) == 1
    assert await status(shop, order.id) is OrderStatus.COMPLETED


async def test_small_batches_pass_by_what_is_not_due(shop: Shop) -> None:
    sku = await shop.stocked(50)
    orders = [await shop.sent(line(sku), delivered=False, at=PLACED + n * timedelta(minutes=1)) for n in range(7)]
    for order in orders[:4:2]:
        (only,) = await shop.lines(order.id)
        await shop.return_(order.id, (only.id, 1), occurred_at=PLACED + DAY)
    assert await sweep(shop, PLACED + 9 * DAY, batch=2) == 5
    assert [await status(shop, order.id) for order in orders] == ["OPEN", "COMPLETED", "OPEN", *["COMPLETED"] * 4]


async def test_a_sweep_passes_by_an_order_that_somebody_works_on(shop: Shop, fresh_database: Database) -> None:
    order = await shop.sent(line(await shop.stocked(5), 2), delivered=False, at=PLACED)
    with psycopg.connect(fresh_database.app_url) as somebody:
        somebody.execute("SELECT FROM orders WHERE id = %s FOR UPDATE", (order.id,))
        assert await sweep(shop, PLACED + 9 * DAY) == 0
    assert await sweep(shop, PLACED + 9 * DAY) == 1


async def test_two_workers_at_once_complete_each_order_once(shop: Shop, fresh_database: Database) -> None:
    sku = await shop.stocked(50)
    orders = [await shop.sent(line(sku), delivered=False, at=PLACED) for _ in range(12)]
    pool = Pool(fresh_database.app_url, size=4)
    workers = [UnitOfWork(pool, lambda: PLACED + 9 * DAY) for _ in range(4)]
    done = await asyncio.gather(*(complete_orders(each, asyncio.Event(), batch=3) for each in workers))
    await pool.close()
    assert sum(done) == len(orders)
    assert await completions(shop.work) == dict.fromkeys([order.id for order in orders], 1)


async def test_pages_without_a_turn_still_complete_each_order_once(shop: Shop, fresh_database: Database) -> None:
    sku = await shop.stocked(50)
    orders = [await shop.sent(line(sku), delivered=False, at=PLACED) for _ in range(12)]
    pool = Pool(fresh_database.app_url, size=4)
    workers = [UnitOfWork(pool, lambda: PLACED + 9 * DAY) for _ in range(4)]
    page = CompleteShipped(channel_id=shop.channel.id, shipped_until=PLACED + 6 * DAY, size=20, after=START)
    done = await asyncio.gather(*(each.execute(KEEPER, complete_shipped, page) for each in workers))
    await pool.close()
    assert sum(each.count for each in done) == len(orders)
    assert await completions(shop.work) == dict.fromkeys([order.id for order in orders], 1)


async def test_the_orders_are_found_by_an_index(shop: Shop, fresh_database: Database) -> None:
    await shop.sent(line(await shop.stocked(5)), delivered=False, at=PLACED)
    with psycopg.connect(fresh_database.app_url) as connection:
        connection.execute("SET enable_seqscan = off")
        connection.execute(b"PREPARE look (timestamptz, uuid, timestamptz, uuid, int) AS " + LOOK.numbered.encode())
        plan = connection.execute("EXPLAIN EXECUTE look (now(), gen_random_uuid(), now(), gen_random_uuid(), 250)").fetchall()
    told = "\n".join(row for (row,) in plan)
    assert "ix_orders_sent" in told
    assert "Seq Scan" not in told
