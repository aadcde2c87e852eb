"""What has expired is set aside as it comes into free, whatever brings it there, without any worker."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.states import Account, AdjustmentReason, Bucket, MovementKind
from oms_api.domain.inventory.tables import InventoryMoveLineRow
from oms_api.domain.inventory.transfers.states import TransferResolution
from oms_api.domain.orders.changes.wanted import SetQuantity
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.returns.receiving import ReturnLineToReceive
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.ids import ReturnId
from oms_api.workflows.reject_work import RejectWork, reject_work
from tests.factories.counting import Shelf
from tests.factories.given import SYSTEM
from tests.factories.keeping import Keeper, staged
from tests.factories.lots import Pantry, lot
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer, came
from tests.factories.purchasing import line as ordered
from tests.factories.raw import raw
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, findings, line

FREE, CONTROL = Bucket.FREE, Bucket.QUALITY_CONTROL


@dataclass
class Milk:
    """A SKU of which three units of a lot that will have expired are promised or away, and nothing is free."""

    pantry: Pantry
    sku: SkuRow
    keeper: Keeper

    @classmethod
    async def bought(cls, work: UnitOfWork) -> "Milk":
        """Have three units of the lot 'old', that expires in two days."""
        pantry = Pantry(await Shop.open(work, locations=2))
        return cls(pantry, await pantry.goods((3, lot("old", 2))), Keeper(work, pantry.shop.locations[0]))

    @property
    def shop(self) -> Shop:
        return self.pantry.shop

    async def expires(self) -> None:
        """Let the day of the lot be over."""
        await self.pantry.spoil(self.sku, "old")

    async def ordered(self) -> OrderRow:
        order = await self.shop.place(line(self.sku, 3))
        await self.expires()
        return order

    async def sent(self) -> OrderRow:
        order = await self.shop.sent(line(self.sku, 3))
        await self.expires()
        return order

    async def moves_of(self, line_id: UUID) -> Sequence[InventoryMoveLineRow]:
        async with self.shop.work.reads(SYSTEM) as read:
            return await read.all(raw(select(InventoryMoveLineRow).where(InventoryMoveLineRow.id == line_id)))

    async def announced(self) -> tuple[ReturnId, ReturnLineToReceive]:
        order = await self.sent()
        (bottles,) = await self.shop.lines(order.id)
        back = (await self.shop.return_(order.id, (bottles.id, 3))).value.id
        row = ReturnLineToReceive(line_id=bottles.id, quantity=3, disposition=Disposition.RESTOCK, lot=lot("old"))
        return back, row


async def adjusted(milk: Milk) -> None:
    await milk.pantry.bring(milk.sku, -3)
    await milk.expires()
    await milk.pantry.bring(milk.sku, 3, lot("old"))


async def adjusted_of_a_new_lot(milk: Milk) -> None:
    await milk.pantry.bring(milk.sku, -3)
    await milk.pantry.bring(milk.sku, 3, lot("older", -9))


async def set_higher(milk: Milk) -> None:
    await milk.ordered()
    await milk.keeper.set(milk.sku, 6)


async def counted(milk: Milk) -> None:
    await milk.ordered()
    shelf = Shelf(milk.shop.work, milk.shop.locations[0])
    count = await shelf.open(milk.sku)
    await shelf.submit(count.id, (milk.sku, 6), complete=True)
    await shelf.post(count.id)


async def fed(milk: Milk) -> None:
    await milk.ordered()
    await milk.keeper.sync((milk.sku, 6))


async def taken_back_from_control(milk: Milk) -> None:
    await milk.pantry.move((milk.sku, 3, FREE, CONTROL, "old"))
    await milk.expires()
    await milk.pantry.move((milk.sku, 3, CONTROL, FREE, None))


async def purchased(milk: Milk) -> None:
    buyer = Buyer(milk.shop.work, (await Buyer.open(milk.shop.work)).supplier, milk.shop.locations[0])
    await milk.pantry.bring(milk.sku, -3)
    await milk.expires()
    order = await buyer.order(ordered(await buyer.supplied(milk.sku), 3))
    (bottles,) = await buyer.lines(order.id)
    await buyer.receive(order.id, came(bottles.id, 3, lot=lot("old")))


async def on_the_road(milk: Milk) -> tuple[Road, SkuRow]:
    road = Road(milk.shop.work, milk.shop.locations[1], milk.shop.locations[0])
    await milk.pantry.bring(milk.sku, -3)
    await milk.pantry.bring(milk.sku, 3, lot("old"), location=1)
    return road, milk.sku


async def transferred(milk: Milk) -> None:
    road, sku = await on_the_road(milk)
    transfer = await road.plan((sku, 3))
    await road.ship(transfer.id)
    await milk.expires()
    await road.receive(transfer.id)


async def brought_back(milk: Milk) -> None:
    road = Road(milk.shop.work, milk.shop.locations[0], milk.shop.locations[1])
    transfer = await road.plan((milk.sku, 3))
    await road.ship(transfer.id)
    await milk.expires()
    await road.cancel(transfer.id, TransferResolution.RETURN_TO_SOURCE)


async def returned(milk: Milk) -> None:
    back, row = await milk.announced()
    await milk.shop.take_back(back, lines=(row,))


async def came_back_undelivered(milk: Milk) -> None:
    order = await milk.shop.place(line(milk.sku, 3))
    (todo,) = await milk.shop.works(order.id)
    await milk.shop.ship(todo.id)
    await milk.expires()
    (package,) = await milk.shop.packages_of(todo.id)
    await milk.shop.mark_returned(package.id)


async def canceled(milk: Milk) -> None:
    await milk.shop.cancel((await milk.ordered()).id)


async def edited(milk: Milk) -> None:
    bread = await milk.shop.stocked(1)
    order = await milk.shop.place(line(milk.sku, 3), line(bread))
    await milk.expires()
    bottles, _ = await milk.shop.lines(order.id)
    await milk.shop.edit(order.id, SetQuantity(line_id=bottles.id, quantity=0))


async def rejected(milk: Milk) -> None:
    (todo,) = await milk.shop.works((await milk.ordered()).id)
    command = RejectWork(idempotency_key="", fulfillment_order_id=todo.id, reason_code="NO_CAPACITY")
    await milk.shop.work.execute(milk.shop.principal, reject_work, command)


async def released(milk: Milk) -> None:
    checkouts = Checkouts(milk.shop)
    held = await checkouts.reserve(wanted(milk.sku, 3))
    await milk.expires()
    await checkouts.release(held.id)


async def overdue(milk: Milk) -> None:
    checkouts = Checkouts(milk.shop)
    await checkouts.reserve(wanted(milk.sku, 3))
    await milk.expires()
    await checkouts.after(minutes=99).expire()


async def not_sent_after_all(milk: Milk) -> None:
    order = await milk.shop.place(line(milk.sku, 3))
    (todo,) = await milk.shop.works(order.id)
    shipment = (await milk.shop.ship(todo.id)).value
    await milk.expires()
    await milk.pantry.bring(milk.sku, 3)
    await milk.shop.cancel_shipment(shipment.id)


async def sent_before_a_number(milk: Milk) -> None:
    now = datetime.now(UTC)
    order = await milk.shop.place(line(milk.sku, 3), at=now - timedelta(days=9))
    (todo,) = await milk.shop.works(order.id)
    await milk.keeper.set(milk.sku, 3)
    await milk.expires()
    await milk.shop.ship(todo.id, occurred_at=now - timedelta(days=8))


WAYS: list[Callable[[Milk], Awaitable[None]]] = [
    adjusted, adjusted_of_a_new_lot, set_higher, counted, fed, taken_back_from_control, purchased, transferred, brought_back,
    returned, came_back_undelivered, canceled, edited, rejected, released, overdue, not_sent_after_all, sent_before_a_number,
]  # fmt: skip


@pytest.mark.parametrize("comes", WAYS)
async def test_what_has_expired_is_set_aside_as_it_comes(work: UnitOfWork, comes: Callable[[Milk], Awaitable[None]]) -> None:
    milk = await Milk.bought(work)
    await comes(milk)
    free, _, _, aside, _ = await milk.keeper.buckets(milk.sku)
    assert (free, aside) == (0, 3)
    assert sum((await milk.pantry.aside(milk.sku)).values()) == 3
    *_, moved = await milk.pantry.movements(milk.sku, MovementKind.MOVE)
    assert (moved.quantity, moved.source, moved.target) == (3, Account.FREE, Account.QUALITY_CONTROL)
    assert moved.reason == AdjustmentReason.EXPIRED
    (document,) = await milk.moves_of(moved.cause_id)
    (told,) = await staged(work, "INVENTORY_MOVED", document.move_id)
    assert told.location_ids == [milk.shop.locations[0].id]
    assert await findings(work) == []


async def test_what_expires_first_is_set_aside_first_and_no_more_than_is_free(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    pantry, keeper = Pantry(shop), Keeper(work, shop.locations[0])
    milk = await pantry.goods((2, lot("older", 2)), (3, lot("old", 3)), (2, lot("good", 9)))
    first, second = await shop.place(line(milk, 3)), await shop.place(line(milk, 4))
    await pantry.spoil(milk, "older", -3)
    await pantry.spoil(milk, "old", -2)
    await shop.cancel(first.id)
    assert await keeper.buckets(milk) == (0, 4, 0, 3, 0)
    assert await pantry.aside(milk) == {"older": 2, "old": 1}
    assert await pantry.moved(milk, MovementKind.MOVE) == [("older", 2), ("old", 1)]
    await shop.cancel(second.id)
    assert await pantry.aside(milk) == {"older": 2, "old": 3}
    assert await keeper.buckets(milk) == (2, 0, 0, 5, 0)
    assert await findings(work) == []
