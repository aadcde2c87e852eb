"""What placing an order leaves behind, beyond what the API tells."""

from sqlalchemy import select

from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus
from tests.factories.raw import raw
from tests.factories.trading import Shop, fee, findings, line


async def told(work: UnitOfWork, shop: Shop, order_id: object) -> list[str]:
    async with work.reads(shop.principal) as read:
        staged = await read.all(raw(select(StagedEvent).where(StagedEvent.order_id == order_id).order_by(StagedEvent.stage)))
    return [event.type for event in staged]


async def test_an_order_in_which_nothing_ships_is_completed_as_it_is_placed(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
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
