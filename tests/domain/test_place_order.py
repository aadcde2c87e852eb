"""What placing an order leaves behind, beyond what the API tells."""

from threading import get_ident

import pytest
from sqlalchemy import select

from oms_api.db.connections import Pool
from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.orders.given import PlaceOrder
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus
from oms_api.kernel.address import Address, Contact
from oms_api.kernel.errors import Refused
from oms_api.kernel.ids import ChannelId, new_uuid
from oms_api.workflows.place_order import place_order
from oms_api.workflows.place_order.flow import PlaceOrders
from oms_api.workflows.place_order.many import MANY_LINES, among_others
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.proxy import Cut, proxied
from tests.factories.raw import raw
from tests.factories.trading import Shop, fee, findings, line


async def told(work: UnitOfWork, shop: Shop, order_id: object) -> list[str]:
    async with work.reads(shop.principal) as read:
        staged = await read.all(raw(select(StagedEvent).where(StagedEvent.order_id == order_id).order_by(StagedEvent.stage)))
    return [event.type for event in staged]


async def test_an_order_in_which_nothing_ships_may_be_completed_as_it_is_placed(work: UnitOfWork) -> None:
    shop = await (await Shop.open(work)).hand_over_at_once()
    order = await shop.order((await shop.place(fee())).id)
    assert (order.status, order.fulfillment_status) == (OrderStatus.COMPLETED, FulfillmentStatus.NOT_REQUIRED)
    assert order.completed_at == order.placed_at
    assert await told(work, shop, order.id) == ["ORDER_PLACED", "ORDER_COMPLETED"]
    assert not await findings(work)


async def test_an_order_with_goods_stays_open(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    order = await shop.order((await shop.place(line(await shop.stocked(3)), fee())).id)
    assert (order.status, order.completed_at) == (OrderStatus.OPEN, None)
    assert await told(work, shop, order.id) == ["ORDER_PLACED"]


async def test_goods_need_somebody_who_gets_them_unless_the_channel_says_otherwise(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    cup = await shop.stocked(9)
    box = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1})
    await shop.place(line(cup))
    await work.execute(SYSTEM, update_channel, UpdateChannel(channel_id=shop.channel.id, changes={"needs_recipient": True}))
    await shop.place(fee())
    for recipient in ({"contact": Contact(name="Ada")}, {"shipping_address": Address(country="GB")}):
        await shop.place(line(cup), **recipient)
    for goods in (cup, box):
        with pytest.raises(Refused) as refused:
            await shop.place(fee(), line(goods))
        assert [(error.code, error.field) for error in refused.value.causes] == [("RECIPIENT_MISSING", ("shippingAddress",))]


async def test_a_shortage_names_the_sku_and_the_numbers(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    cup, pot, box = [await shop.stocked(2) for _ in range(3)]
    for lines, others in (([3], ""), ([3, 3], ", and of another SKU"), ([3, 3, 1_000], ", and of 2 other SKUs")):
        with pytest.raises(InsufficientStock) as refused:
            await shop.place(*(line(sku, units) for sku, units in zip((cup, pot, box), lines, strict=False)))
        assert refused.value.message == f"Not enough sellable units of {cup.code}: 3 asked, 2 available{others}."


@pytest.mark.parametrize("lines", [MANY_LINES, MANY_LINES + 1])
async def test_many_lines_keep_nobody_else_waiting(lines: int) -> None:
    batch = PlaceOrders((PlaceOrder(idempotency_key="many", channel_id=ChannelId(new_uuid()), lines=(fee(),) * lines),))
    assert (await among_others(batch.orders, get_ident) == get_ident()) is (lines <= MANY_LINES)


async def test_a_refused_order_and_a_replay_use_up_no_number(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    sku = await shop.stocked(3)
    first = await shop.place(line(sku), key="first")
    with pytest.raises(InsufficientStock):
        await shop.place(line(sku, 3))
    assert (await shop.place(line(sku), key="first")).number == first.number
    assert (await shop.place(line(sku))).number == first.number + 1
    assert (await shop.order(first.id)).number == first.number


async def test_an_order_whose_commit_gets_no_answer_is_there_with_its_number(work: UnitOfWork, database: Database) -> None:
    shop = await Shop.open(work)
    before = await shop.place(fee())
    given = PlaceOrder(idempotency_key="far away", channel_id=shop.channel.id, lines=(fee(),))
    async with proxied(database.app_url) as proxy:
        pool = Pool(proxy.url, size=2)
        async with pool.lease():
            proxy.cut = Cut.AFTER_COMMIT_IS_DONE
        placed = await UnitOfWork(pool).execute(shop.principal, place_order, given)
        await pool.close()
    assert placed.id is not None
    assert (placed.order, placed.replayed, proxy.cut) == (None, False, Cut.NEVER)
    assert (await shop.order(placed.id)).number == before.number + 1
