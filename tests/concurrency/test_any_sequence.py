"""Any sequence of placing, canceling, shipping and delivering agrees with a small model, and the doctor stays content."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import LineId, OrderId, ShipmentId
from tests.factories.database import Database
from tests.factories.given import Given
from tests.factories.trading import Shop, fee, findings, line


@dataclass
class Modeled:
    """What the model knows of an order of one SKU: units ordered, canceled and shipped, and shipments under way."""

    id: OrderId
    line_id: LineId
    ordered: int
    canceled: int = 0
    shipped: int = 0
    delivered: int = 0
    with_fee: bool = False
    fee_canceled: bool = False
    on_the_way: list[tuple[ShipmentId, int]] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        return self.ordered - self.canceled - self.shipped

    @property
    def status(self) -> str:
        if self.canceled == self.ordered and (self.fee_canceled or not self.with_fee):
            return "CANCELED"
        return "OPEN" if self.waiting or self.shipped > self.delivered else "COMPLETED"


class Loop:
    """An event loop that a machine without one can use."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.loop = asyncio.new_event_loop()
        self.pool = Pool(database.app_url, size=4)
        self.work = UnitOfWork(self.pool)

    def run(self, awaited: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(awaited)

    def refused(self, call: Callable[[], Awaitable[object]]) -> bool:
        async def tried() -> bool:
            try:
                await call()
            except OmsError:
                return True
            return False

        return bool(self.run(tried()))


class Trading(RuleBasedStateMachine):
    """One shop with two locations, one SKU and a bundle of two of it."""

    at: Loop
    shop: Shop
    sku: SkuRow
    gift_box: SkuRow

    def __init__(self) -> None:
        super().__init__()
        self.shop = self.at.run(Shop.open(self.at.work, locations=2))
        self.sku = self.at.run(self.shop.stocked(12, 8))
        kind, components = SkuKind.BUNDLE, {self.sku.code: 2}
        self.gift_box = self.at.run(Given(self.at.work).sku(kind=kind, components=components))
        self.free = 20
        self.orders: list[Modeled] = []

    def chosen(self, data: st.DataObject) -> Modeled:
        return data.draw(st.sampled_from(self.orders), label="order")

    @rule(units=st.integers(1, 8), with_fee=st.booleans())
    def place(self, units: int, with_fee: bool) -> None:
        lines = [line(self.sku, units), *([fee()] if with_fee else [])]
        if units > self.free:
            assert self.at.refused(lambda: self.shop.place(*lines))
            return
        order = self.at.run(self.shop.place(*lines))
        first, *_ = self.at.run(self.shop.lines(order.id))
        self.free -= units
        self.orders.append(Modeled(order.id, first.id, units, with_fee=with_fee))

    @rule(sets=st.integers(1, 3), back=st.integers(1, 3))
    def place_and_cancel_bundles(self, sets: int, back: int) -> None:
        if 2 * sets > self.free:
            assert self.at.refused(lambda: self.shop.place(line(self.gift_box, sets)))
            return
        order = self.at.run(self.shop.place(line(self.gift_box, sets)))
        self.free -= 2 * sets
        parent, part = self.at.run(self.shop.lines(order.id))
        if back > sets:
            assert self.at.refused(lambda: self.shop.cancel(order.id, (parent.id, back)))
        else:
            self.at.run(self.shop.cancel(order.id, (parent.id, back)))
            self.free += 2 * back
        for todo in self.at.run(self.shop.works(order.id)):
            if todo.status == "OPEN":
                self.at.run(self.shop.ship(todo.id, (part.id, 1)))
                self.at.refused(lambda todo=todo: self.shop.ship(todo.id))  # type: ignore[misc] # nothing may be left

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(0, 6))
    def cancel_units(self, data: st.DataObject, units: int) -> None:
        order = self.chosen(data)
        if order.status != "OPEN" or not 0 < units <= order.waiting:
            assert self.at.refused(lambda: self.shop.cancel(order.id, (order.line_id, units)))
            return
        self.at.run(self.shop.cancel(order.id, (order.line_id, units)))
        order.canceled += units
        self.free += units

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def cancel_order(self, data: st.DataObject) -> None:
        order = self.chosen(data)
        if order.status == "CANCELED" or order.shipped:  # a fee that was handed over can be canceled
            assert self.at.refused(lambda: self.shop.cancel(order.id))
            return
        self.at.run(self.shop.cancel(order.id))
        self.free += order.waiting
        order.canceled, order.fee_canceled = order.ordered, True

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(1, 6))
    def ship(self, data: st.DataObject, units: int) -> None:
        order = self.chosen(data)
        works = [todo for todo in self.at.run(self.shop.works(order.id)) if todo.status == "OPEN"]
        assert bool(works) == bool(order.waiting)
        if not works:
            return
        todo = data.draw(st.sampled_from(works), label="fulfillment order")
        ((left,),) = [self.at.run(self.shop.work_lines(todo.id))]
        remaining = left.quantity - left.shipped - left.canceled
        if units > remaining:
            assert self.at.refused(lambda: self.shop.ship(todo.id, (order.line_id, units)))
            return
        done = self.at.run(self.shop.ship(todo.id, (order.line_id, units)))
        order.shipped += units
        order.on_the_way.append((done.value.id, units))

    @precondition(lambda self: any(order.on_the_way for order in self.orders))
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from([order for order in self.orders if order.on_the_way]), label="order")
        shipment, units = order.on_the_way.pop()
        self.at.run(self.shop.deliver(shipment))
        order.delivered += units
        assert self.at.refused(lambda: self.shop.deliver(shipment))

    @invariant()
    def agrees_with_the_model(self) -> None:
        for order in self.orders[-3:]:
            now, (first, *_) = self.at.run(self.shop.order(order.id)), self.at.run(self.shop.lines(order.id))
            assert now.status == order.status
            assert (first.canceled, first.shipped, first.delivered) == (order.canceled, order.shipped, order.delivered)
        levels = [self.at.run(self.shop.stock(self.sku, place)) for place in (0, 1)]
        assert sum(free for free, _ in levels) == self.free

    def teardown(self) -> None:
        assert self.at.run(findings(self.at.work)) == []


@pytest.fixture
def machine(database: Database) -> Iterator[type[Trading]]:
    Trading.at = at = Loop(database)
    yield Trading
    at.run(at.pool.close())
    at.loop.close()


def test_any_short_sequence(machine: type[Trading]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=15, deadline=None))


@pytest.mark.soak
def test_any_long_sequence(machine: type[Trading]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=200, stateful_step_count=60, deadline=None))
