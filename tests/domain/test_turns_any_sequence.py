"""Whatever happens, asking, placing, pegging and serving agree to the day, and no newcomer moves what others were promised."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.inventory.promised_days import SupplyKind
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.orders.states import LineKind
from oms_api.domain.promising.assigning import Assignment, assignments_in_turn
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import ChannelId, LocationId, OrderId, SkuId
from oms_api.workflows.promise_availability import LinePromise, LineWanted, PromiseAvailability, promise_availability
from tests.concurrency.test_any_sequence import Loop
from tests.factories.database import Database
from tests.factories.explaining import unexplained
from tests.factories.given import SYSTEM
from tests.factories.market import Dice, Goods, Held, Market, Sale
from tests.factories.raw import raw
from tests.factories.trading import Shop, findings

QUEUE = """
SELECT waits.sku_id, waits.order_id, waits.channel_id, channel.sells_safety_stock, waits.pinned_to, waits.units,
       waits.priority, waits.lost FROM (
    SELECT sku_id, order_id, channel_id, priority, placed_at, pinned_to, waiting AS units, false AS lost
    FROM backorder WHERE waiting > 0
    UNION ALL
    SELECT line.sku_id, line.order_id, orders.channel_id, priority, placed_at, line.pinned_to, line.unsourced, true
    FROM order_line line JOIN orders ON orders.id = line.order_id
    WHERE orders.status = 'OPEN' AND line.unsourced > 0 AND line.kind = 'GOODS'
) AS waits JOIN channel ON channel.id = waits.channel_id
WHERE waits.sku_id = ANY (:skus) ORDER BY waits.priority DESC, waits.placed_at, waits.order_id
"""
LEVELS = "SELECT sku_id, location_id, free, safety_stock_target FROM inventory_level WHERE sku_id = ANY (:skus)"


class Waits(NamedTuple):
    """Units that an order waits for, or that it *lost* and that nobody has looked for yet."""

    sku_id: SkuId
    order_id: OrderId
    channel_id: ChannelId
    sells_safety_stock: bool
    pinned_to: LocationId | None
    units: int
    priority: int
    lost: bool


def served_in_turn(
    queue: Sequence[Waits],
    places: Mapping[ChannelId, Sequence[LocationId]],
    levels: Mapping[LevelKey, tuple[int, int]],
) -> Counter[tuple[OrderId, SkuId]]:
    """Return the units of each order and SKU that *levels* (free units and what is kept back) serve, one after the other."""
    left, served = {key: free for key, (free, _) in levels.items()}, Counter[tuple[OrderId, SkuId]]()
    for waits in queue:
        missing = waits.units
        for place in places[waits.channel_id]:
            key = waits.sku_id, place
            if key in left and waits.pinned_to in {None, place}:
                kept = 0 if waits.sells_safety_stock else levels[key][1]
                taken = min(missing, max(left[key] - kept, 0))
                left[key] -= taken
                missing -= taken
        if missing < waits.units:
            served[waits.order_id, waits.sku_id] += waits.units - missing
    return served


def day_of(told: LinePromise) -> date | None:
    """Return the day on which the last of what is not in stock was said to leave."""
    days = [part.ships_on for part in told.promise.parts if part.kind is not SupplyKind.STOCK]
    known = [day for day in days if day is not None]
    return None if told.promise.missing or len(known) < len(days) else max(known)


def later(day: date | None, than: date | None) -> bool:
    """Tell whether *day* is behind another one; none is behind all."""
    return (day or date.max) > (than or date.max)


class Turns(Market):
    """A market that proves what it tells."""

    async def sell(self, shop: Shop, goods: Goods, *, priority: int = 0, pinned: LocationRow | None = None) -> OrderId:
        await self.peg(Dice(0))
        told = [] if priority or pinned else await self.asked(shop, goods)
        try:
            order = await super().sell(shop, goods, priority=priority, pinned=pinned)
        except OmsError:
            assert not told or not all(each.sellable for each in told)
            raise
        assert all(each.sellable for each in told)
        await self.all_stands(priority, order)
        if told:
            await self.got(shop, order, told)
        return order

    async def sell_together(self, sales: Sequence[Sale]) -> list[OrderId]:
        await self.peg(Dice(0))
        orders = await super().sell_together(sales)
        await self.all_stands(max(sale.priority for sale in sales), *orders)
        return orders

    async def hold(self, shop: Shop, sku: SkuRow, units: int, *, overdue: bool) -> None:
        await self.peg(Dice(0))
        await super().hold(shop, sku, units, overdue=overdue)
        await self.all_stands(0)

    async def sell_held(self, held: Held, units: int) -> OrderId:
        await self.peg(Dice(0))
        order = await super().sell_held(held, units)
        if units >= held.units:
            await self.all_stands(0, order)
        return order

    async def fill(self, dice: Dice) -> None:
        """Prove that the sweep serves in turn and takes no day back.

        What is kept back of a SKU is left out by pegs while others wait for what lies beside it, so that days move there.
        """
        await self.expire_holds(dice)
        await self.peg(dice)
        queue, levels, promised = await self.queue(), await self.levels(), await self.waiting()
        await super().fill(dice)
        assert units_of(queue) - units_of(await self.queue()) == served_in_turn(queue, self.places, levels)
        pegs = await self.pegs()
        kept_back = {sku for (sku, _), (_, kept) in levels.items() if kept}
        worse = [row for row in promised if row.id in pegs and later(pegs[row.id].ships_on, row.ships_on)]
        assert [row.id for row in worse if row.sku_id not in kept_back] == []

    async def source(self, order: OrderId) -> None:
        """Prove that an order that lost units gets what is left by all others who wait at its priority or above."""
        queue, levels = await self.queue(), await self.levels()
        mine = [waits for waits in queue if waits.order_id == order and waits.lost]
        ahead = [waits for waits in queue if waits.order_id != order and waits.priority >= mine[0].priority]
        served = served_in_turn([*ahead, *mine], self.places, levels)
        await super().source(order)
        found = units_of(queue) - units_of(await self.queue())
        assert found == Counter({key: units for key, units in served.items() if key[0] == order})

    async def asked(self, shop: Shop, goods: Goods) -> list[LinePromise]:
        lines = tuple(LineWanted(SkuRef(id=sku.id), units) for sku, units in goods)
        return await self.work.execute(
            SYSTEM, promise_availability, PromiseAvailability(channel_id=shop.channel.id, lines=lines)
        )

    async def got(self, shop: Shop, order: OrderId, told: Sequence[LinePromise]) -> None:
        """Prove that the order got what was *told* of its lines just before."""
        goods = [part for each in told for part in each.components or (each,)]
        lines = [each for each in await shop.lines(order) if each.kind is LineKind.GOODS]
        waiting = {row.line_id: row for row in await self.waiting()}
        for line, said in zip(lines, goods, strict=True):
            assert line.in_fulfillment == sum(part.quantity for part in said.promise.parts if part.kind is SupplyKind.STOCK)
            if line.id in waiting:
                assert waiting[line.id].ships_on == day_of(said)

    async def all_stands(self, priority: int, *newcomers: OrderId) -> None:
        """Prove that pegging moves nobody who comes before newcomers of *priority*, nor these, and could serve none of them."""
        pegs = await self.pegs()
        for row in await self.waiting():
            new = row.order_id in newcomers
            assert row.id in pegs or not new or row.priority < priority
            if row.id in pegs and (new or row.priority >= priority):
                told = Assignment(row.supply_kind, row.supply_line_id, row.location_id, row.ships_on, row.arrives_on)
                assert pegs[row.id] == told

    async def pegs(self) -> dict[UUID, Assignment]:
        """Return what pegging would promise, in the order in which all are served."""
        found = await self.work.execute(SYSTEM, assignments_in_turn, self.sku_ids)
        turns = [(-queued.priority, queued.placed_at, queued.order_id) for queued, _ in found]
        assert turns == sorted(turns)
        return {queued.id: peg for queued, peg in found}

    async def waiting(self) -> Sequence[BackorderRow]:
        table = BackorderRow
        async with self.work.reads(SYSTEM) as read:
            return await read.all(
                raw(select(table).where(table.sku_id.in_(self.sku_ids), table.waiting > 0).order_by(table.id))
            )

    async def queue(self) -> list[Waits]:
        async with self.work.reads(SYSTEM) as read:
            return [Waits(*row) for row in await read.all(raw(text(QUEUE).bindparams(skus=self.sku_ids)))]

    async def levels(self) -> dict[LevelKey, tuple[int, int]]:
        async with self.work.reads(SYSTEM) as read:
            rows = await read.all(raw(text(LEVELS).bindparams(skus=self.sku_ids)))
        return {(sku, place): (free, kept) for sku, place, free, kept in rows}

    @property
    def places(self) -> dict[ChannelId, list[LocationId]]:
        return {shop.channel.id: [place.id for place in shop.locations] for shop in self.shops}

    @property
    def sku_ids(self) -> list[SkuId]:
        return [sku.id for sku in self.skus]


def units_of(queue: Sequence[Waits]) -> Counter[tuple[OrderId, SkuId]]:
    units = Counter[tuple[OrderId, SkuId]]()
    for waits in queue:
        units[waits.order_id, waits.sku_id] += waits.units
    return units


NEWCOMERS = (*("place",) * 6, *("place_together",) * 3, *("reserve",) * 3, "order_held")
SUPPLY = (*("adjust",) * 3, "buy", "buy", "receive", "plan_transfer", "ship_transfer", "receive_transfer")
OTHERS = (
    "fill",
    "fill",
    "change_rule",
    "keep_back",
    "keep_back",
    "cancel",
    "release",
    "expire_holds",
    "sync",
    *("source_again",) * 3,
)
WHOLE = (Phase.reuse, Phase.generate)
"""A failure tells all that was done: to look for a shorter one takes minutes."""
acts = st.lists(st.tuples(st.sampled_from(NEWCOMERS + SUPPLY + OTHERS), st.integers(0, 2**16)), min_size=40, max_size=80)


@pytest.fixture(scope="module")
def at(database: Database) -> Iterator[Loop]:
    at = Loop(database)
    yield at
    assert at.run(findings(at.work)) == []
    assert at.run(unexplained(at.work)) == []
    at.run(at.pool.close())
    at.loop.close()


@settings(max_examples=settings().max_examples // 12, phases=WHOLE)
@given(opening=st.integers(0, 2**16), acts=acts)
def test_what_is_told_is_what_is_done(at: Loop, opening: int, acts: list[tuple[str, int]]) -> None:
    market = at.run(Turns.open(at.work, Dice(opening)))
    for act, seed in acts:
        at.run(market.carry_out(act, seed, note))
    at.run(market.fill(Dice(0)))
