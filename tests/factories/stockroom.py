"""A market whose goods also lie in lots: what happens on its shelves, at its doors and in its days, as chance has it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.schedule import open_scheduled
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.inventory.lots.commands.update import UpdateLot, update_lot
from oms_api.domain.inventory.lots.given import LotGiven
from oms_api.domain.inventory.lots.tables import LotRow
from oms_api.domain.inventory.states import Bucket, OnShortfall
from oms_api.domain.inventory.transfers.states import TransferResolution
from oms_api.domain.orders.states import LineKind
from oms_api.domain.returns.receiving import ReturnLineToReceive
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.ids import CountId, LineId, ReturnId
from oms_api.workflows.assign_supply import renew_promises
from oms_api.workflows.set_aside_expired import set_aside_expired
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment, start_fulfillment
from tests.factories.counting import Shelf
from tests.factories.given import SYSTEM
from tests.factories.keeping import Keeper
from tests.factories.lots import in_days, lot
from tests.factories.market import ENOUGH, Dice, Market
from tests.factories.raw import raw
from tests.factories.reserving import Checkouts
from tests.factories.trading import Shop

LOTS = {"gone": -3, "today": 0, "soon": 3, "later": 9, "never": None}
"""The lots of each SKU, and in how many days they expire at first."""
ANYWHERE = (Bucket.FREE, Bucket.QUALITY_CONTROL, Bucket.DAMAGED)
SHORTFALL = (OnShortfall.DEALLOCATE, OnShortfall.DEALLOCATE, OnShortfall.REFUSE)


@dataclass(frozen=True)
class Back:
    """Units of a line that are to come back."""

    shop: Shop = field(repr=False)
    id: ReturnId
    line_id: LineId = field(repr=False)
    sku: SkuRow = field(repr=False)


@dataclass
class Stockroom(Market):
    """Of the first SKU most units lie in lots, of the second some, of the third none."""

    GOODS: ClassVar[int] = 3

    counts: list[tuple[Shelf, CountId]] = field(default_factory=list)
    returns: list[Back] = field(default_factory=list)

    def lot(self, dice: Dice, sku: SkuRow) -> LotGiven | None:
        without = (1, 4, len(LOTS))[self.skus.index(sku)]
        code = dice.one([*LOTS, "soon", "later", *[None] * without]) if without < len(LOTS) else None
        return None if code is None else lot(code, LOTS[code])

    def code(self, dice: Dice, sku: SkuRow) -> str | None:
        """Return the code of such a lot."""
        given = self.lot(dice, sku)
        return None if given is None else given.code

    def keeper(self, dice: Dice) -> Keeper:
        """Return the keeper of one of the locations."""
        return Keeper(self.work, dice.one(self.locations))

    def after(self, days: int) -> UnitOfWork:
        """Return the unit of work so many days from now."""
        return UnitOfWork(self.work.pool, lambda: datetime.now(UTC) + timedelta(days=days))

    async def adjust(self, dice: Dice) -> None:
        sku, delta, bucket = dice.one(self.skus), dice.one((-4, -1, 1, 2, 4, 5, 6)), dice.one((Bucket.FREE, *ANYWHERE))
        given, short = self.lot(dice, sku), dice.one(SHORTFALL)
        await self.keeper(dice).adjust(sku, delta, given, bucket=bucket, on_shortfall=short)

    async def move(self, dice: Dice) -> None:
        sku, (source, to) = dice.one(self.skus), dice.several(ANYWHERE, 2)
        code, short = self.code(dice, sku), dice.one(SHORTFALL)
        await self.keeper(dice).move(sku, dice.units(), source, to=to, lot=code, on_shortfall=short)

    async def set(self, dice: Dice) -> None:
        await self.keeper(dice).set(dice.one(self.skus), dice.units(0, 14), on_shortfall=dice.one(SHORTFALL))

    async def count(self, dice: Dice) -> None:
        """Begin a count, or tell numbers of one, or post one."""
        step = dice.one(("open", "submit", "post"))
        if step == "open" or not self.counts:
            shelf = Shelf(self.work, dice.one(self.locations))
            self.counts.append((shelf, (await shelf.open(*self.skus)).id))
            return
        shelf, count = self.counts[dice.one(range(len(self.counts)))]
        if step == "submit":
            await shelf.submit(count, *((sku, dice.units(0, 12)) for sku in self.skus), complete=True)
        else:
            await shelf.post(count)

    async def receive_transfer(self, dice: Dice) -> None:
        """Receive all, or a unit that arrived, is damaged or lost, perhaps of a lot."""
        if self.transfers:
            sent = dice.one(self.transfers)
            code = self.code(dice, sent.sku)
            arrived, damaged, lost = dice.one(((1, 0, 0), (0, 1, 0), (1, 0, 1)))
            some = [(sent.sku, arrived, damaged, lost, code)] if dice.maybe(0.7) else []
            await sent.road.receive(sent.id, *some)

    async def cancel_transfer(self, dice: Dice) -> None:
        if self.transfers:
            sent = dice.one(self.transfers)
            await sent.road.cancel(sent.id, dice.one([*TransferResolution]))

    async def extend(self, dice: Dice) -> None:
        if self.holds:
            held = dice.one(self.holds)
            await Checkouts(held.shop).after(dice.one((0, -45))).extend(held.id, 5)

    async def set_expired_aside(self, _dice: Dice) -> None:
        for _ in range(ENOUGH):
            if not await self.work.execute(SYSTEM, set_aside_expired, Batch(20)):
                return
        raise AssertionError("lots are set aside without end")

    async def change_expiry(self, dice: Dice) -> None:
        sku, code, days = dice.one(self.skus), dice.one([*LOTS]), dice.one((-3, 0, 5, 20))
        async with self.work.reads(SYSTEM) as read:
            found = await read.all(raw(select(LotRow).where(LotRow.sku_id == sku.id, LotRow.code == code)))
        for each in found:
            await self.work.execute(SYSTEM, update_lot, UpdateLot(lot_id=each.id, changes={"expires_on": in_days(days)}))

    async def days_pass(self, dice: Dice) -> None:
        """Let preorders open whose day has come by then, or promises be renewed that are over by then."""
        days = dice.units(0, 12)
        if dice.maybe(0.5):
            await self.after(days).execute(SYSTEM, open_scheduled, ENOUGH)
        else:
            await self.after(days).execute(SYSTEM, renew_promises, ENOUGH)

    async def change_locations(self, dice: Dice) -> None:
        places = tuple(place.id for place in dice.some(self.locations, 3))
        change = UpdateChannel(channel_id=dice.one(self.shops).channel.id, location_ids=places)
        await self.work.execute(SYSTEM, update_channel, change)

    async def todo(self, dice: Dice) -> tuple[Shop, FulfillmentOrderRow] | None:
        """Return one of the works of a late order, of what is not closed if there is any."""
        if not self.orders:
            return None
        sold = dice.one(self.orders[-12:])
        works = await sold.shop.works(sold.id)
        begun = {FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.IN_PROGRESS}
        chosen = [work for work in works if work.status in begun] or works
        return (sold.shop, chosen[dice.one(range(len(chosen)))]) if chosen else None

    async def ship(self, dice: Dice) -> None:
        if found := await self.todo(dice):
            shop, todo = found
            lines = await shop.work_lines(todo.id) if dice.maybe(0.4) else []
            await shop.ship(todo.id, *((each.line_id, 1) for each in lines[:1]))

    async def start(self, dice: Dice) -> None:
        await self.change_work(dice, start_fulfillment)

    async def put_back(self, dice: Dice) -> None:
        await self.change_work(dice, put_back_fulfillment)

    async def change_work(self, dice: Dice, act: Callable[..., Any]) -> None:
        if found := await self.todo(dice):
            command = FulfillmentToChange(idempotency_key=uuid4().hex, fulfillment_order_id=found[1].id)
            await self.work.execute(SYSTEM, act, command)

    async def announce(self, dice: Dice) -> None:
        """Announce that units come back which were shipped."""
        if self.orders:
            sold = dice.one(self.orders)
            lines = [each for each in await sold.shop.lines(sold.id) if each.kind is LineKind.GOODS and not each.parent_line_id]
            for line in lines:
                if left := line.shipped - line.returned - line.in_return:
                    back = (await sold.shop.return_(sold.id, (line.id, dice.units(1, left)))).value
                    assert line.sku_id is not None
                    self.returns.append(Back(sold.shop, back.id, line.id, self.known(line.sku_id)))

    async def take_back(self, dice: Dice) -> None:
        if self.returns:
            back = dice.one(self.returns)
            given, what = self.lot(dice, back.sku), dice.one([*Disposition])
            line = ReturnLineToReceive(line_id=back.line_id, quantity=1, disposition=what, lot=given)
            await back.shop.take_back(back.id, lines=(line,), location=dice.one(range(len(back.shop.locations))))
