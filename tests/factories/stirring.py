"""Everything that moves a shop's stock, one transaction after another."""

from collections.abc import AsyncIterator

from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.transfers.states import TransferResolution
from oms_api.domain.orders.changes.wanted import SetQuantity
from oms_api.domain.returns.states import Disposition
from tests.factories.counting import Shelf
from tests.factories.keeping import Keeper
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as bought
from tests.factories.rearranging import Floor
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, line

DAY_MINUTES = 24 * 60


async def stir(shop: Shop, sku: SkuRow) -> AsyncIterator[str]:
    """Let units of *sku* move at both locations of *shop*, which has 20 at the first, and tell of each act as it is done."""
    for acts in (_corrected, _reserved, _ordered, _rearranged, _lost, _sent_back, _bought, _moved):
        async for act in acts(shop, sku):
            yield act


async def _corrected(shop: Shop, sku: SkuRow) -> AsyncIterator[str]:
    keeper, shelf = Keeper(shop.work, shop.locations[0]), Shelf(shop.work, shop.locations[0])
    await keeper.move(sku, 1)
    yield "units were set aside"
    await keeper.set(sku, 19)
    yield "a number was set"
    await keeper.sync((sku, 18))
    yield "a feed came"
    await keeper.adjust(sku, 3)
    yield "units were found"
    count = await shelf.counted((sku, 20))
    yield "units were counted"
    await shelf.post(count.id)
    yield "a count was posted"


async def _reserved(shop: Shop, sku: SkuRow) -> AsyncIterator[str]:
    checkouts = Checkouts(shop)
    ordered, released = [await checkouts.reserve(wanted(sku, 2)) for _ in range(2)]
    yield "checkouts began"
    await checkouts.order(ordered.id, line(sku, 1))
    yield "a checkout became an order, for less"
    await checkouts.release(released.id)
    yield "a checkout was given up"
    await checkouts.reserve(wanted(sku, 2))
    yield "a checkout began"
    await checkouts.after(DAY_MINUTES).expire()
    yield "a checkout was forgotten"
    await checkouts.reserve(wanted(sku, 9))
    await Keeper(shop.work, shop.locations[0]).set(sku, 6)
    yield "units that a checkout held were missing"


async def _ordered(shop: Shop, sku: SkuRow) -> AsyncIterator[str]:
    await Keeper(shop.work, shop.locations[0]).set(sku, 20)
    order = await shop.place(line(sku, 4))
    yield "an order was placed"
    (only,) = await shop.lines(order.id)
    await shop.edit(order.id, SetQuantity(line_id=only.id, quantity=6))
    yield "an order was edited"
    await shop.cancel(order.id, (only.id, 1))
    yield "a part of an order was canceled"
    await shop.cancel(order.id)
    yield "an order was canceled"


async def _rearranged(shop: Shop, sku: SkuRow) -> AsyncIterator[str]:
    here, there = shop.locations
    floor = Floor(shop.work)
    await Keeper(shop.work, there).set(sku, 9)
    yield "the other location has some"
    order = await shop.place(line(sku, 4))
    (todo,) = await shop.works(order.id)
    moved = await floor.move(todo.id, there)
    yield "work was given to another location"
    await floor.again(order.id)
    yield "an order was sourced anew"
    back = next(work for work in await shop.works(order.id) if work.status == "OPEN")
    await floor.reject(back.id, reason="DAMAGED")
    yield "work was rejected, and its units written off"
    assert moved.id != back.id
    await shop.cancel(order.id)
    await Keeper(shop.work, there).set(sku, 1)
    await Keeper(shop.work, here).set(sku, 20)
    yield "numbers were set"


async def _lost(shop: Shop, sku: SkuRow) -> AsyncIterator[str]:
    keeper = Keeper(shop.work, shop.locations[0])
    order = await shop.place(line(sku, 5))
    await keeper.sync((sku, 2))
    yield "units that were promised were missing"
    await keeper.adjust(sku, 18)
    yield "units were found"
    assert await keeper.source(order.id) > 0
    yield "an order was sourced again"


async def _sent_back(shop: Shop, sku: SkuRow) -> AsyncIterator[str]:
    order = await shop.place(line(sku, 2))
    (todo,), (only,) = await shop.works(order.id), await shop.lines(order.id)
    await shop.ship(todo.id)
    yield "units were shipped"
    back = (await shop.return_(order.id, (only.id, 2))).value
    await shop.take_back(back.id, (only.id, 1, Disposition.RESTOCK), (only.id, 1, Disposition.INSPECT))
    yield "units came back"
    order = await shop.place(line(sku, 2))
    (todo,) = await shop.works(order.id)
    await shop.ship(todo.id)
    (package,) = await shop.packages(order.id)
    await shop.mark_returned(package.id)
    yield "a package came back undelivered"


async def _bought(shop: Shop, sku: SkuRow) -> AsyncIterator[str]:
    buyer = await Buyer.open(shop.work)
    buyer.location = shop.locations[0]
    await buyer.supplied(sku)
    order = await buyer.order(bought(sku, 5))
    yield "units were ordered"
    await buyer.receive(order.id)
    yield "units were received"


async def _moved(shop: Shop, sku: SkuRow) -> AsyncIterator[str]:
    here, there = shop.locations
    road = Road(shop.work, here, there)
    transfer = await road.plan((sku, 6))
    yield "a transfer was planned"
    await road.ship(transfer.id)
    yield "units left"
    await road.receive(transfer.id, (sku, 2, 1, 1))
    yield "units arrived"
    await road.cancel(transfer.id, TransferResolution.RETURN_TO_SOURCE)
    yield "units turned round"
