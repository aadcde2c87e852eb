"""Any sequence of what moves stock agrees with a small model of buckets, and the ledger explains every number after each step.

Adjusting, moving, setting, reserving, expiring, placing, claiming, canceling, shipping, returning, buying, sending between
locations and counting, in any order.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.states import Bucket, OnShortfall
from oms_api.domain.inventory.transfers.states import TransferResolution
from oms_api.domain.purchasing.states import RejectReason
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.ids import LineId, OrderId, ReservationId, TransferId
from tests.concurrency.test_any_sequence import Loop
from tests.factories.counting import Shelf
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.moving import Road
from tests.factories.published import LevelsPublished
from tests.factories.purchasing import Buyer, came
from tests.factories.purchasing import line as bought
from tests.factories.raw import raw
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, findings, line

REFUSE = OnShortfall.REFUSE
LEDGER = """
SELECT level.location_id, bucket.name, bucket.units, coalesce(sum(moved.units), 0)::bigint
FROM inventory_level level
CROSS JOIN LATERAL (VALUES ('free', free), ('committed', committed), ('reserved', reserved),
                           ('quality_control', quality_control), ('damaged', damaged)) AS bucket (name, units)
LEFT JOIN LATERAL (
    SELECT CASE bucket.name WHEN target THEN quantity ELSE -quantity END AS units FROM stock_movement
    WHERE level_id = level.id AND bucket.name IN (source, target)
) AS moved ON true
WHERE level.sku_id = :sku GROUP BY level.location_id, bucket.name, bucket.units
"""


@dataclass
class Shelved:
    """What the model knows of one location."""

    free: int = 0
    committed: int = 0
    reserved: int = 0
    quality_control: int = 0
    damaged: int = 0

    @property
    def on_hand(self) -> int:
        return self.free + self.committed + self.reserved + self.quality_control + self.damaged


@dataclass
class Sold:
    """An order of one line: the units each location still has to ship, and what left."""

    id: OrderId
    line_id: LineId
    promised: list[int]
    shipped: int = 0
    back: int = 0
    canceled: bool = False


@dataclass
class Held:
    """A reservation: the units each location holds."""

    id: ReservationId
    units: list[int]


@dataclass
class Sent:
    """A transfer from one location to the other, and what is on its way."""

    id: TransferId
    origin: int
    on_the_way: int


class Stock(RuleBasedStateMachine):
    """One shop with two locations and one SKU."""

    at: Loop
    shop: Shop
    sku: SkuRow

    def __init__(self) -> None:
        super().__init__()
        run, work = self.at.run, self.at.work
        self.shop = run(Shop.open(work, locations=2))
        self.sku = run(self.shop.stocked(9, 6))
        self.keepers = [Keeper(work, place) for place in self.shop.locations]
        self.shelves = [Shelf(work, place) for place in self.shop.locations]
        here, there = self.shop.locations
        self.roads = [Road(work, here, there), Road(work, there, here)]
        self.checkouts = Checkouts(self.shop)
        self.told = LevelsPublished(work, self.at.database, self.sku.id)
        self.buyer = run(Buyer.open(work))
        run(self.buyer.supplied(self.sku))
        self.places = [Shelved(free=9), Shelved(free=6)]
        self.sold: list[Sold] = []
        self.held: list[Held] = []
        self.sent: list[Sent] = []

    def sourced(self, units: int) -> list[int] | None:
        """Return what each location serves, the first as far as it goes; None where there is too little."""
        first = min(units, self.places[0].free)
        rest = units - first
        return None if rest > self.places[1].free else [first, rest]

    @rule(place=st.integers(0, 1), delta=st.integers(-4, 6).filter(bool))
    def adjust(self, place: int, delta: int) -> None:
        if self.places[place].free + delta < 0:
            assert self.at.refused(lambda: self.keepers[place].adjust(self.sku, delta, on_shortfall=REFUSE))
            return
        self.at.run(self.keepers[place].adjust(self.sku, delta, on_shortfall=REFUSE))
        self.places[place].free += delta

    @rule(place=st.integers(0, 1), units=st.integers(1, 4), to=st.sampled_from([Bucket.DAMAGED, Bucket.QUALITY_CONTROL]))
    def move(self, place: int, units: int, to: Bucket) -> None:
        shelf = self.places[place]
        if units > shelf.free:
            assert self.at.refused(lambda: self.keepers[place].move(self.sku, units, to=to, on_shortfall=REFUSE))
            return
        self.at.run(self.keepers[place].move(self.sku, units, to=to, on_shortfall=REFUSE))
        shelf.free -= units
        setattr(shelf, to.value, getattr(shelf, to.value) + units)

    @rule(place=st.integers(0, 1), difference=st.integers(-3, 3), stale=st.booleans())
    def set(self, place: int, difference: int, stale: bool) -> None:
        shelf, keeper = self.places[place], self.keepers[place]
        target, expected = max(shelf.on_hand + difference, 0), shelf.on_hand + stale
        difference = target - shelf.on_hand
        if stale or shelf.free + difference < 0:
            assert self.at.refused(lambda: keeper.set(self.sku, target, expected, on_shortfall=REFUSE))
            return
        self.at.run(keeper.set(self.sku, target, expected, on_shortfall=REFUSE))
        shelf.free += difference

    @rule(place=st.integers(0, 1), difference=st.integers(-2, 3))
    def count(self, place: int, difference: int) -> None:
        shelf, counter = self.places[place], self.shelves[place]
        if shelf.free + difference < 0:
            return
        count = self.at.run(counter.counted((self.sku, shelf.on_hand + difference)))
        self.at.run(counter.post(count.id))
        shelf.free += difference

    @rule(units=st.integers(1, 6))
    def place(self, units: int) -> None:
        served = self.sourced(units)
        if served is None:
            assert self.at.refused(lambda: self.shop.place(line(self.sku, units)))
            return
        order = self.at.run(self.shop.place(line(self.sku, units)))
        self.take(order.id, served)

    def take(self, order: OrderId, served: list[int]) -> None:
        (only,) = self.at.run(self.shop.lines(order))
        for shelf, units in zip(self.places, served, strict=True):
            shelf.free -= units
            shelf.committed += units
        self.sold.append(Sold(order, only.id, served))

    @rule(units=st.integers(1, 5))
    def reserve(self, units: int) -> None:
        served = self.sourced(units)
        if served is None:
            assert self.at.refused(lambda: self.checkouts.reserve(wanted(self.sku, units)))
            return
        hold = self.at.run(self.checkouts.reserve(wanted(self.sku, units)))
        for shelf, each in zip(self.places, served, strict=True):
            shelf.free -= each
            shelf.reserved += each
        self.held.append(Held(hold.id, served))

    def let_go(self, hold: Held) -> None:
        for shelf, each in zip(self.places, hold.units, strict=True):
            shelf.reserved -= each
            shelf.free += each
        self.held.remove(hold)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(self.held), label="reservation")
        self.at.run(self.checkouts.release(hold.id))
        self.let_go(hold)
        assert self.at.refused(lambda: self.checkouts.order(hold.id, line(self.sku, 1)))

    @precondition(lambda self: self.held)
    @rule()
    def expire(self) -> None:
        self.at.run(self.checkouts.after(24 * 60).expire())
        for hold in list(self.held):
            self.let_go(hold)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(self.held), label="reservation")
        order = self.at.run(self.checkouts.order(hold.id, line(self.sku, sum(hold.units))))
        units = hold.units
        self.let_go(hold)
        self.take(order.id, units)

    @precondition(lambda self: any(sum(order.promised) for order in self.sold))
    @rule(data=st.data(), ship=st.booleans())
    def ship_or_cancel(self, data: st.DataObject, ship: bool) -> None:
        order = data.draw(st.sampled_from([order for order in self.sold if sum(order.promised)]), label="order")
        if ship:
            for todo in self.at.run(self.shop.works(order.id)):
                if todo.status == "OPEN":
                    self.at.run(self.shop.ship(todo.id))
            order.shipped = sum(order.promised)
        else:
            self.at.run(self.shop.cancel(order.id))
        for shelf, units in zip(self.places, order.promised, strict=True):
            shelf.committed -= units
            shelf.free += 0 if ship else units
        order.promised = [0, 0]

    @precondition(lambda self: any(order.shipped > order.back for order in self.sold))
    @rule(data=st.data(), place=st.integers(0, 1), what=st.sampled_from(Disposition))
    def take_back(self, data: st.DataObject, place: int, what: Disposition) -> None:
        order = data.draw(st.sampled_from([order for order in self.sold if order.shipped > order.back]), label="order")
        back = self.at.run(self.shop.return_(order.id, (order.line_id, 1))).value
        self.at.run(self.shop.take_back(back.id, (order.line_id, 1, what), location=place))
        order.back += 1
        self.places[place].free += what is Disposition.RESTOCK
        self.places[place].quality_control += what is Disposition.INSPECT

    @rule(place=st.integers(0, 1), units=st.integers(1, 5), rejected=st.integers(0, 2))
    def buy(self, place: int, units: int, rejected: int) -> None:
        order = self.at.run(self.buyer.order(bought(self.sku, units + rejected), location_id=self.shop.locations[place].id))
        (only,) = self.at.run(self.buyer.lines(order.id))
        more: dict[str, Any] = {"reject_reason": RejectReason.DAMAGED} if rejected else {}
        self.at.run(self.buyer.receive(order.id, came(only.id, units, rejected, **more)))
        self.places[place].free += units

    @rule(origin=st.integers(0, 1), units=st.integers(1, 4))
    def send(self, origin: int, units: int) -> None:
        road = self.roads[origin]
        transfer = self.at.run(road.plan((self.sku, units)))
        if units > self.places[origin].free:
            assert self.at.refused(lambda: road.ship(transfer.id))
            return
        self.at.run(road.ship(transfer.id))
        self.places[origin].free -= units
        self.sent.append(Sent(transfer.id, origin, units))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), damaged=st.integers(0, 1), lost=st.integers(0, 1))
    def arrive(self, data: st.DataObject, damaged: int, lost: int) -> None:
        sent = data.draw(st.sampled_from(self.sent), label="transfer")
        arrived = sent.on_the_way - damaged - lost
        if arrived < 0:
            return
        self.at.run(self.roads[sent.origin].receive(sent.id, (self.sku, arrived, damaged, lost)))
        shelf = self.places[1 - sent.origin]
        shelf.free += arrived
        shelf.damaged += damaged
        self.sent.remove(sent)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), back=st.booleans())
    def call_off(self, data: st.DataObject, back: bool) -> None:
        sent = data.draw(st.sampled_from(self.sent), label="transfer")
        resolution = TransferResolution.RETURN_TO_SOURCE if back else TransferResolution.WRITE_OFF
        self.at.run(self.roads[sent.origin].cancel(sent.id, resolution))
        self.places[sent.origin].free += sent.on_the_way if back else 0
        self.sent.remove(sent)

    @rule()
    def follow(self) -> None:
        """Whoever follows what is told of levels knows what is there."""
        known = self.at.run(self.told.numbers())
        for place, shelf in zip(self.shop.locations, self.places, strict=True):
            numbers = known.get(self.at.run(Given(self.at.work).level(self.sku.id, place.id)).id, Counter())
            expected = {
                "onHand": shelf.on_hand, "available": shelf.free, "committed": shelf.committed, "reserved": shelf.reserved,
                "qualityControl": shelf.quality_control, "damaged": shelf.damaged,
            }  # fmt: skip
            assert {name: numbers[name] for name in expected} == expected

    @invariant()
    def the_ledger_and_the_model_agree(self) -> None:
        for location, bucket, units, explained in self.at.run(self.ledger()):
            place = next(n for n, known in enumerate(self.shop.locations) if known.id == location)
            expected = getattr(self.places[place], bucket)
            assert (bucket, units, explained) == (bucket, expected, expected)

    async def ledger(self) -> Any:
        async with self.at.work.reads(SYSTEM) as read:
            return await read.all(raw(text(LEDGER).bindparams(sku=self.sku.id)))


@pytest.fixture
def machine(database: Database) -> Iterator[type[Stock]]:
    Stock.at = at = Loop(database)
    yield Stock
    assert at.run(findings(at.work)) == []
    at.run(at.pool.close())
    at.loop.close()


def test_any_short_sequence_of_stock(machine: type[Stock]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=30, stateful_step_count=30, deadline=None))


@pytest.mark.soak
def test_any_long_sequence_of_stock(machine: type[Stock]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=200, stateful_step_count=50, deadline=None))
