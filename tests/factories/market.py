"""A market: channels over shared locations, and what customers, suppliers and keepers do there, as chance has it.

Each act is a method that takes dice; what it is about it chooses from what happened before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, ClassVar, NamedTuple, Self, TypeVar
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.calendar import Calendar, DeliveryDays
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.policies import LocationChanges
from oms_api.domain.channels.states import Oversell
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change, adjust_inventory
from oms_api.domain.inventory.commands.set_safety_stock import SetSafetyStock, Target, set_safety_stock
from oms_api.domain.inventory.lots.given import LotGiven
from oms_api.domain.inventory.reservations.commands.expire import expire_overdue
from oms_api.domain.inventory.states import AdjustmentReason
from oms_api.domain.orders.given import PlaceOrder
from oms_api.domain.orders.states import LineKind
from oms_api.domain.orders.tables import OrderLineRow
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderId, PurchaseOrderId, ReservationId, SkuId, TransferId
from oms_api.workflows.assign_supply import assign_supply
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.place_order import PlaceOrders, place_orders
from oms_api.workflows.source_again import SourceOrder, source_order
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.moving import Road
from tests.factories.purchasing import Buyer, came
from tests.factories.purchasing import line as bought
from tests.factories.raw import raw
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, line

Thing = TypeVar("Thing")
Goods = Sequence[tuple[SkuRow, int]]
ZONES = ("Europe/London", "America/New_York", "Asia/Tokyo", "Pacific/Pago_Pago")
ENOUGH = 200


class Dice(Random):
    """Chance that remembers what it chose."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.thrown: list[object] = []

    def one(self, things: Sequence[Thing]) -> Thing:
        """Return one of *things*."""
        chosen = self.choice(things)
        named = getattr(chosen, "channel", chosen)
        self.thrown.append(getattr(named, "code", named))
        return chosen

    def several(self, things: Sequence[Thing], number: int) -> list[Thing]:
        """Return a *number* of *things*, each once, in any order."""
        left = list(things)
        return [left.pop(left.index(self.one(left))) for _ in range(number)]

    def some(self, things: Sequence[Thing], most: int) -> list[Thing]:
        """Return between one and *most* of *things*."""
        return self.several(things, self.randint(1, min(most, len(things))))

    def units(self, least: int = 1, most: int = 4) -> int:
        """Return a number of units."""
        return self.one(range(least, most + 1))

    def maybe(self, share: float) -> bool:
        """Return true in that share of cases."""
        self.thrown.append(chosen := self.random() < share)
        return chosen


@dataclass(frozen=True)
class Sold:
    """An order of a shop."""

    shop: Shop = field(repr=False)
    id: OrderId


class Sale(NamedTuple):
    """An order of one line that is to be placed."""

    shop: Shop
    sku: SkuRow
    units: int
    priority: int


@dataclass(frozen=True)
class Held:
    """Units that a checkout of a shop held."""

    shop: Shop = field(repr=False)
    id: ReservationId
    sku: SkuRow = field(repr=False)
    units: int


@dataclass(frozen=True)
class Sent:
    """A transfer of units of a SKU."""

    road: Road = field(repr=False)
    id: TransferId
    sku: SkuRow = field(repr=False)


@dataclass
class Market:
    """What there is, and what has been sold, held, bought and sent so far."""

    GOODS: ClassVar[int] = 2

    work: UnitOfWork
    locations: list[LocationRow]
    shops: list[Shop]
    skus: list[SkuRow]
    bundle: SkuRow
    buyer: Buyer
    orders: list[Sold] = field(default_factory=list)
    holds: list[Held] = field(default_factory=list)
    purchases: list[PurchaseOrderId] = field(default_factory=list)
    transfers: list[Sent] = field(default_factory=list)

    @classmethod
    async def open(cls, work: UnitOfWork, dice: Dice) -> Self:
        """Open three channels that sell SKUs and a bundle of two of them from three locations, each from some of them."""
        given = Given(work)
        locations = [await given.location(time_zone=dice.one(ZONES)) for _ in range(3)]
        shops = []
        for _ in range(3):
            places = tuple(dice.some(locations, 3))
            shops.append(Shop(work, await given.channel(locations=places), places))
        skus = [await given.sku() for _ in range(cls.GOODS)]
        bundle = await given.sku(kind=SkuKind.BUNDLE, components={skus[0].code: 2, skus[1].code: 1})
        market = cls(work, locations, shops, skus, bundle, await Buyer.open(work))
        await market.equip(dice)
        return market

    async def equip(self, dice: Dice) -> None:
        """Give locations their days, channels their rules and SKUs their supplier and some stock."""
        for location in self.locations:
            days = tuple(sorted(dice.some(range(1, 8), 7)))
            delivery = (DeliveryDays(None, dice.units(1, 3)),)
            calendar = Calendar(working_days=days, handling_days=dice.units(0, 2), delivery=delivery)
            change = UpdateLocation(location_id=location.id, changes=LocationChanges(calendar=calendar))
            await self.work.execute(SYSTEM, update_location, change)
        for shop in self.shops:
            await self.rule(dice, shop)
            if dice.maybe(0.5):
                change_channel = UpdateChannel(channel_id=shop.channel.id, changes={"sells_safety_stock": True})
                await self.work.execute(SYSTEM, update_channel, change_channel)
        for sku in self.skus:
            await self.buyer.supplied(sku)
        stock = [(sku, location) for sku in self.skus for location in dice.some(self.locations, 3)]
        changes = tuple(Change(SkuRef(id=sku.id), place.id, dice.units(1, 6), self.lot(dice, sku)) for sku, place in stock)
        opening = AdjustInventory(changes=changes, reason=AdjustmentReason.OPENING_STOCK)
        await self.work.execute(SYSTEM, adjust_inventory, opening)

    def lot(self, _dice: Dice, _sku: SkuRow) -> LotGiven | None:
        """Return which lot units of a SKU are of that come or go."""
        return None

    async def place(self, dice: Dice) -> None:
        shop = dice.one(self.shops)
        goods = [(sku, dice.units(1, 5)) for sku in dice.some([*self.skus, self.bundle], 2)]
        pinned = dice.one(shop.locations) if dice.maybe(0.15) else None
        await self.sell(shop, goods, priority=dice.one((0, 0, 0, 2)), pinned=pinned)

    async def sell(self, shop: Shop, goods: Goods, *, priority: int = 0, pinned: LocationRow | None = None) -> OrderId:
        """Place an order, of which all lines insist on a location if one is *pinned*."""
        place = pinned and pinned.id
        order = await shop.place(*(line(sku, n, location_id=place) for sku, n in goods), priority=priority)
        self.orders.append(Sold(shop, order.id))
        return order.id

    async def place_together(self, dice: Dice) -> None:
        goods, mixed = dice.some([*self.skus, self.bundle], 2), dice.maybe(0.3)
        sales = [
            Sale(dice.one(self.shops), dice.one(goods), dice.units(), dice.one((0, 1)) if mixed else 0)
            for _ in range(dice.units(2, 4))
        ]
        await self.sell_together(sales)

    async def sell_together(self, sales: Sequence[Sale]) -> list[OrderId]:
        """Place orders by one command, and return those that were taken."""
        given = tuple(
            PlaceOrder(
                idempotency_key=uuid4().hex, channel_id=sale.shop.channel.id, lines=(line(sale.sku, sale.units),),
                priority=sale.priority,
            )
            for sale in sales
        )  # fmt: skip
        placed = await self.work.execute(SYSTEM, place_orders, PlaceOrders(given))
        both = zip(sales, placed, strict=True)
        taken = [Sold(sale.shop, each.order.id) for sale, each in both if each.order is not None]
        self.orders += taken
        return [sold.id for sold in taken]

    async def reserve(self, dice: Dice) -> None:
        await self.hold(dice.one(self.shops), dice.one([*self.skus, self.bundle]), dice.units(), overdue=dice.maybe(0.5))

    async def hold(self, shop: Shop, sku: SkuRow, units: int, *, overdue: bool) -> None:
        """Hold units for half an hour; *overdue*, since an hour ago, so that they are free though no job has run."""
        hold = await Checkouts(shop).after(-60 if overdue else 0).reserve(wanted(sku, units), minutes=30)
        self.holds.append(Held(shop, hold.id, sku, units))

    async def order_held(self, dice: Dice) -> None:
        if self.holds:
            held = dice.one(self.holds)
            await self.sell_held(held, max(held.units + dice.units(-1, 2), 1))

    async def sell_held(self, held: Held, units: int) -> OrderId:
        """Place an order of what a checkout holds, for a few units more or less."""
        order = await Checkouts(held.shop).order(held.id, line(held.sku, units))
        self.orders.append(Sold(held.shop, order.id))
        return order.id

    async def release(self, dice: Dice) -> None:
        if self.holds:
            held = dice.one(self.holds)
            await Checkouts(held.shop).release(held.id)

    async def expire_holds(self, _dice: Dice) -> None:
        while await self.work.execute(SYSTEM, expire_overdue, Batch(ENOUGH)):
            pass

    async def cancel(self, dice: Dice) -> None:
        if self.orders:
            sold = dice.one(self.orders)
            lines = [each for each in await sold.shop.lines(sold.id) if each.parent_line_id is None]
            some = [(each.id, dice.units(1, each.ordered)) for each in dice.some(lines, 1)] if dice.maybe(0.5) else []
            await sold.shop.cancel(sold.id, *some)

    async def change_rule(self, dice: Dice) -> None:
        await self.rule(dice, dice.one(self.shops), dice.one([None, *self.skus]))

    async def rule(self, dice: Dice, shop: Shop, sku: SkuRow | None = None) -> None:
        """Let a channel sell what it has not, in one way or another, or not."""
        day = datetime.now(UTC).date() + timedelta(days=dice.units(2, 20))
        backorder: dict[str, Any] = {"policy": Oversell.BACKORDER}
        rules: list[dict[str, Any]] = [
            *({**backorder, "promise_days": days} for days in (None, 5, 30)), {**backorder, "limit_units": dice.units(2, 15)},
            {"policy": Oversell.DENY}, {"policy": Oversell.PREORDER, "ships_on": day},
        ]  # fmt: skip
        reference = None if sku is None else SkuRef(id=sku.id)
        await self.work.execute(SYSTEM, set_oversell, SetOversell(channel_id=shop.channel.id, sku=reference, **dice.one(rules)))

    async def buy(self, dice: Dice) -> None:
        sku, location, at = (
            dice.one(self.skus),
            dice.one(self.locations),
            datetime.now(UTC) + timedelta(days=dice.units(-3, 15)),
        )
        order = await self.buyer.order(bought(sku, dice.units(1, 8), expected_at=at), location_id=location.id)
        self.purchases.append(order.id)

    async def receive(self, dice: Dice) -> None:
        if self.purchases:
            purchase = dice.one(self.purchases)
            (only,) = await self.buyer.lines(purchase)
            lot = self.lot(dice, self.known(only.sku_id))
            await self.buyer.receive(purchase, came(only.id, dice.units(1, max(only.open, 1)), lot=lot))

    async def plan_transfer(self, dice: Dice) -> None:
        origin, destination = dice.several(self.locations, 2)
        sku, at = dice.one(self.skus), datetime.now(UTC) + timedelta(days=dice.units(1, 9))
        road = Road(self.work, origin, destination)
        self.transfers.append(Sent(road, (await road.plan((sku, dice.units()), expected_at=at)).id, sku))

    async def ship_transfer(self, dice: Dice) -> None:
        if self.transfers:
            sent = dice.one(self.transfers)
            await sent.road.ship(sent.id, *([(sent.sku, 1)] if dice.maybe(0.3) else []))

    async def receive_transfer(self, dice: Dice) -> None:
        if self.transfers:
            sent = dice.one(self.transfers)
            await sent.road.receive(sent.id)

    async def adjust(self, dice: Dice) -> None:
        sku, location, delta = dice.one(self.skus), dice.one(self.locations), dice.one((-3, -2, -1, 1, 2, 3, 4, 5))
        await Keeper(self.work, location).adjust(sku, delta, self.lot(dice, sku))

    async def sync(self, dice: Dice) -> None:
        at = datetime.now(UTC) - timedelta(seconds=dice.units(0, 2))
        rows = [(sku, dice.units(0, 8)) for sku in dice.some(self.skus, 2)]
        await Keeper(self.work, dice.one(self.locations)).sync(*rows, as_of=at)

    async def keep_back(self, dice: Dice) -> None:
        target = Target(SkuRef(id=dice.one(self.skus).id), dice.one(self.locations).id, dice.units(0, 4))
        await self.work.execute(SYSTEM, set_safety_stock, SetSafetyStock(targets=(target,)))

    async def source_again(self, _dice: Dice) -> None:
        """Look for units for all orders that lost some."""
        lost = select(OrderLineRow.order_id).where(
            OrderLineRow.unsourced > 0,
            OrderLineRow.kind == LineKind.GOODS,
            OrderLineRow.sku_id.in_([sku.id for sku in self.skus]),
        )
        async with self.work.reads(SYSTEM) as read:
            orders = await read.values(raw(lost.distinct().order_by(OrderLineRow.order_id)))
        for order_id in orders:
            await self.source(order_id)

    async def source(self, order: OrderId) -> None:
        """Look for units that an order lost."""
        await self.work.execute(SYSTEM, source_order, SourceOrder(order_id=order))

    async def fill(self, _dice: Dice) -> None:
        """Serve all who wait, as the sweep does."""
        for _ in range(ENOUGH):
            if not await self.work.execute(SYSTEM, fill_waiting, Batch(1)):
                return
        raise AssertionError("the sweep serves without end")

    async def peg(self, _dice: Dice) -> None:
        """Promise days anew, as the reaction does."""
        while await self.work.execute(SYSTEM, assign_supply, [sku.id for sku in self.skus]):
            pass

    async def carry_out(self, act: str, seed: int, tell: Callable[[str], object]) -> None:
        """Let something happen, and *tell* what; what is refused has not happened."""
        dice, outcome = Dice(seed), "broke"
        try:
            await getattr(self, act)(dice)
            outcome = "done"
        except OmsError as error:
            outcome = f"refused: {error}"
        finally:
            tell(f"{act} {dice.thrown}: {outcome}")

    def known(self, sku_id: SkuId) -> SkuRow:
        """Return one of the SKUs."""
        return next(sku for sku in self.skus if sku.id == sku_id)
