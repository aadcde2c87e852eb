"""Whatever is done with orders and the work on them, in any sequence, units, money, promises and the ledger agree."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell, ReleaseWhen
from oms_api.domain.orders.changes.wanted import SetQuantity
from oms_api.domain.rules.states import RuleTrigger
from oms_api.domain.sourcing.profile import ShipmentRate, Step
from oms_api.domain.sourcing.states import Otherwise, SourceBy
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import FulfillmentOrderId, OrderId
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment
from tests.factories.database import Database
from tests.factories.explaining import unexplained
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold, release, sweep
from tests.factories.rearranging import Floor, settle
from tests.factories.ruling import K, Rules, act
from tests.factories.sourcing import CENT, Sourced
from tests.factories.trading import findings, line

ACTS = (
    *("move", "split", "merge", "reject", "again") * 3,
    *("start", "put_back", "ship", "cancel", "edit", "hold", "switch", "stock", "follow", "fill", "gate", "pay"),
    *("place", "profile", "rule"),
)
REASONS = ("NO_CAPACITY", "DAMAGED", "NOT_FOUND", "CLOSED")


@dataclass
class Bench:
    """A shop with three locations, and the dice by which things are done there."""

    shop: Sourced
    goods: tuple[SkuRow, ...]
    database: Database
    dice: Random
    orders: tuple[OrderId, ...] = ()

    @property
    def floor(self) -> Floor:
        return Floor(self.shop.work)

    async def place(self) -> None:
        lines = [line(sku, self.dice.randint(1, 4)) for sku in self.goods]
        self.orders += ((await self.shop.place(*lines, priority=self.dice.randint(0, 1))).id,)

    async def works(self) -> tuple[OrderId, list[FulfillmentOrderId]]:
        order = self.dice.choice(self.orders)
        works = [work.id for work in await self.shop.works(order) if work.status != "CLOSED"]
        self.dice.shuffle(works)
        return order, works

    async def move(self) -> None:
        _, works = await self.works()
        await self.floor.move(works[0], self.dice.choice(self.shop.locations))

    async def split(self) -> None:
        _, works = await self.works()
        parts = await self.shop.work_lines(works[0])
        wanted = [(part.line_id, self.dice.randint(1, 2)) for part in parts if self.dice.random() < 0.6]
        await self.floor.split(works[0], *wanted)

    async def merge(self) -> None:
        _, works = await self.works()
        await self.floor.merge(*works[:3])

    async def reject(self) -> None:
        _, works = await self.works()
        parts = await self.shop.work_lines(works[0])
        wanted = [(part.line_id, 1) for part in parts[: self.dice.randint(0, 2)]]
        await self.floor.reject(works[0], *wanted, reason=self.dice.choice(REASONS))

    async def again(self) -> None:
        order, works = await self.works()
        asked = self.dice.random() < 0.3
        await self.floor.again(order, *works[: self.dice.randint(0, 2)], release=True, ask_again=asked)

    async def start(self) -> None:
        _, works = await self.works()
        await self.shop.start(works[0])

    async def put_back(self) -> None:
        _, works = await self.works()
        command = FulfillmentToChange(idempotency_key="", fulfillment_order_id=works[0])
        await self.shop.work.execute(SYSTEM, put_back_fulfillment, command)

    async def ship(self) -> None:
        _, works = await self.works()
        part = self.dice.choice(await self.shop.work_lines(works[0]))
        await self.shop.ship(works[0], *([(part.line_id, 1)] if self.dice.random() < 0.7 else []))

    async def cancel(self) -> None:
        order = self.dice.choice(self.orders)
        await self.shop.cancel(order, *[(each.id, 1) for each in await self.shop.lines(order)][: self.dice.randint(0, 2)])

    async def edit(self) -> None:
        order = self.dice.choice(self.orders)
        first = self.dice.choice(await self.shop.lines(order))
        await self.shop.edit(order, SetQuantity(line_id=first.id, quantity=self.dice.randint(0, 6)))

    async def hold(self) -> None:
        order = self.dice.choice(self.orders)
        held = (await self.shop.order(order)).on_hold
        await (release if held else hold)(self.shop.work, order)

    async def switch(self) -> None:
        changes: Any = {"accepts_orders": self.dice.random() < 0.6}
        command = UpdateLocation(location_id=self.dice.choice(self.shop.locations).id, changes=changes)
        await self.shop.work.execute(SYSTEM, update_location, command)

    async def stock(self) -> None:
        place = self.dice.choice(self.shop.locations)
        await Given(self.shop.work).adjust(self.dice.choice(self.goods).id, place.id, self.dice.randint(1, 4))

    async def follow(self) -> None:
        await settle(self.shop.work, self.database)

    async def fill(self) -> None:
        await sweep(self.shop.work, "fill_waiting")

    async def gate(self) -> None:
        changes: Any = {"release_when": self.dice.choice(list(ReleaseWhen))}
        await self.shop.work.execute(SYSTEM, update_channel, UpdateChannel(channel_id=self.shop.channel.id, changes=changes))
        await self.place()

    async def profile(self) -> None:
        """Source by another profile from now on."""
        step = Step(
            name="step",
            by=self.dice.choice(list(SourceBy)),
            may_split=self.dice.random() < 0.7,
            serves_part=self.dice.random() < 0.5,
            keep_back=self.dice.randint(0, 1),
        )
        rates = tuple(
            ShipmentRate(from_location=place.code, fixed=self.dice.randint(0, 9) * CENT) for place in self.shop.locations
        )
        await self.shop.sourced_by(step, rates=rates, otherwise=self.dice.choice(list(Otherwise)))

    async def rule(self) -> None:
        """Put another rule in force."""
        condition = self.dice.choice(["order.units > 5", "order.priority == 1", "lines[1].quantity > 2"])
        action = self.dice.choice(
            [act(K.HOLD, reason="OTHER"), act(K.SET_PRIORITY, priority=1), act(K.ADD_LINE, sku=self.goods[1].code, quantity=1)]
        )
        placed = () if action.kind is K.ADD_LINE else (RuleTrigger.ORDER_EDITED,)
        triggers = (RuleTrigger.ORDER_PLACED, *placed)
        await Rules(self.shop.work, self.shop.channel).active(condition, action, triggers=triggers)

    async def pay(self) -> None:
        await self.shop.pay(self.dice.choice(self.orders))


@dataclass(frozen=True)
class Built:
    loop: asyncio.AbstractEventLoop
    work: UnitOfWork
    database: Database


@pytest.fixture(scope="module")
def built(database: Database) -> Iterator[Built]:
    loop, pool = asyncio.new_event_loop(), Pool(database.app_url, size=4)
    work = UnitOfWork(pool)
    yield Built(loop, work, database)
    assert loop.run_until_complete(unexplained(work)) == []
    loop.run_until_complete(pool.close())
    loop.close()


async def story(built: Built, seed: int) -> None:
    dice, shop = Random(seed), await Sourced.of(built.work, one=None, two=None, three=None)
    goods = (await shop.stocked(6, 4, 3), await shop.stocked(5, 0, 6))
    rule = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=goods[0].id), policy=Oversell.BACKORDER, promise_days=3)
    await shop.work.execute(SYSTEM, set_oversell, rule)
    bench = Bench(shop, goods, built.database, dice)
    await bench.place()
    for _ in range(2):
        with suppress(OmsError):
            await bench.place()
    for _ in range(20):
        with suppress(OmsError, IndexError):
            await getattr(bench, dice.choice(ACTS))()
    assert await findings(built.work) == []


@settings(max_examples=settings().max_examples // 6)
@given(seed=st.integers(0, 2**32))
def test_nothing_that_is_done_with_work_breaks_anything(built: Built, seed: int) -> None:
    built.loop.run_until_complete(story(built, seed))
