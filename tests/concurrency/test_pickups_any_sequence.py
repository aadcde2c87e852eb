"""Any sequence of making ready, handing over, guessing, giving up and canceling agrees with a small model, and the doctor."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.orders.states import CanceledStock
from oms_api.domain.pickups.policies import MOST_TRIES
from oms_api.domain.pickups.tables import PickupRow
from oms_api.kernel.ids import FulfillmentOrderId, LineId, OrderId
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment
from tests.concurrency.test_any_sequence import Loop
from tests.factories.database import Database
from tests.factories.fetching import Store
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold, release
from tests.factories.trading import findings, line

WRONG = "22222222"


@dataclass
class Modeled:
    """An order of sets of a bundle: where they are, and the pickup that they wait for."""

    id: OrderId
    line_id: LineId
    work: FulfillmentOrderId
    sets: int
    begun: bool = False
    held: bool = False
    shipped: int = 0
    canceled: int = 0
    fetched: int = 0
    tries: int = 0
    pickup: PickupRow | None = None

    @property
    def waiting(self) -> int:
        return self.sets - self.shipped - self.canceled - self.fetched

    @property
    def closed(self) -> bool:
        return self.waiting == 0


class Fetching(RuleBasedStateMachine):
    """A store that sells sets of one cup and two spoons; customers fetch them, or they are sent."""

    at: Loop
    store: Store
    skus: tuple[SkuRow, SkuRow, SkuRow]

    def __init__(self) -> None:
        super().__init__()
        self.store = self.at.run(Store.open(self.at.work))
        shop = self.store.shop
        cup, spoon = self.at.run(shop.stocked(40)), self.at.run(shop.stocked(80))
        parts = {cup.code: 1, spoon.code: 2}
        self.skus = cup, spoon, self.at.run(Given(self.at.work).sku(kind=SkuKind.BUNDLE, components=parts))
        self.orders: list[Modeled] = []

    def chosen(self, data: st.DataObject, *, ready: bool = False) -> Modeled | None:
        found = [order for order in self.orders if not ready or order.pickup is not None]
        return data.draw(st.sampled_from(found), label="order") if found else None

    @rule(sets=st.integers(1, 3))
    def place(self, sets: int) -> None:
        if sum(order.sets - order.canceled for order in self.orders) + sets > 40:
            return
        order = self.at.run(self.store.shop.place(line(self.skus[2], sets)))
        (first, *_), (todo,) = self.at.run(self.store.shop.lines(order.id)), self.at.run(self.store.shop.works(order.id))
        self.orders.append(Modeled(order.id, first.id, todo.id, sets))

    @rule(data=st.data())
    def ready(self, data: st.DataObject) -> None:
        if (order := self.chosen(data)) is None:
            return
        if order.closed or order.held or order.pickup is not None:
            assert self.at.refused(lambda: self.store.ready(order.work))
            return
        order.pickup, order.begun, order.tries = self.at.run(self.store.ready(order.work)), True, 0

    @rule(data=st.data(), right=st.booleans())
    def fetch(self, data: st.DataObject, right: bool) -> None:
        if (order := self.chosen(data, ready=True)) is None or order.pickup is None:
            return
        key, code = order.pickup.id, (order.pickup.code or "") if right else WRONG
        if order.tries == MOST_TRIES or order.held or not right:
            assert self.at.refused(lambda: self.store.hand_over(key, code))
            order.tries = min(order.tries + (not right), MOST_TRIES)
            return
        self.at.run(self.store.hand_over(key, code))
        order.fetched, order.pickup = order.waiting, None

    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        if (order := self.chosen(data, ready=True)) is not None and order.pickup is not None:
            order.pickup, order.tries = self.at.run(self.store.renew(order.pickup.id)), 0

    @rule(data=st.data(), days=st.integers(1, 5))
    def extend(self, data: st.DataObject, days: int) -> None:
        if (order := self.chosen(data, ready=True)) is not None and order.pickup is not None:
            order.pickup = self.at.run(self.store.extend(order.pickup.id, days))

    @rule(data=st.data())
    def end_pickup(self, data: st.DataObject) -> None:
        if (order := self.chosen(data, ready=True)) is not None and order.pickup is not None:
            self.at.run(self.store.cancel(order.pickup.id))
            order.pickup = None

    @precondition(lambda self: any(order.pickup for order in self.orders))
    @rule(days=st.integers(6, 14))
    def time_passes(self, days: int) -> None:
        """Let the sweep look as many days later: the store is in London, where no clock changes at midnight."""
        waiting = [(order, order.pickup) for order in self.orders if order.pickup is not None]
        at = min(pickup.ready_at for _, pickup in waiting) + timedelta(days)
        overdue = [order for order, pickup in waiting if pickup.collect_by < at.date() and not order.held]
        assert self.at.run(self.store.expire(at)) == len(overdue)
        for order in overdue:
            order.canceled, order.pickup = order.canceled + order.waiting, None

    @rule(data=st.data(), sets=st.integers(1, 2))
    def ship(self, data: st.DataObject, sets: int) -> None:
        if (order := self.chosen(data)) is None:
            return
        if order.held or order.pickup is not None or sets > order.waiting:
            assert self.at.refused(lambda: self._send(order, sets))
            return
        self.at.run(self._send(order, sets))
        order.shipped += sets

    async def _send(self, order: Modeled, sets: int) -> None:
        _, cups, spoons = await self.store.shop.lines(order.id)
        await self.store.shop.ship(order.work, (cups.id, sets), (spoons.id, 2 * sets))

    @rule(data=st.data(), damaged=st.booleans())
    def cancel(self, data: st.DataObject, damaged: bool) -> None:
        if (order := self.chosen(data)) is None:
            return
        stock = CanceledStock.DAMAGED if damaged else CanceledStock.RELEASE
        if order.closed or order.pickup is not None or (order.begun and not damaged):
            assert self.at.refused(lambda: self.store.shop.cancel(order.id, (order.line_id, 1), stock=stock))
            return
        self.at.run(self.store.shop.cancel(order.id, (order.line_id, 1), stock=stock))
        order.canceled += 1

    @rule(data=st.data())
    def put_back(self, data: st.DataObject) -> None:
        if (order := self.chosen(data)) is None:
            return
        command = FulfillmentToChange(idempotency_key="", fulfillment_order_id=order.work)
        if not order.begun or order.closed or order.pickup is not None:
            assert self.at.refused(lambda: self.at.work.execute(SYSTEM, put_back_fulfillment, command))
            return
        self.at.run(self.at.work.execute(SYSTEM, put_back_fulfillment, command))
        order.begun = False

    @rule(data=st.data())
    def hold_or_release(self, data: st.DataObject) -> None:
        order = self.chosen(data)
        if order is None or (not order.held and order.closed):
            return
        self.at.run((release if order.held else hold)(self.at.work, order.id))
        order.held = not order.held

    @invariant()
    def agrees_with_the_model(self) -> None:
        for order in self.orders[-4:]:
            sets, cups, spoons = self.at.run(self.store.shop.lines(order.id))
            for units, each in ((1, sets), (1, cups), (2, spoons)):
                assert (each.in_fulfillment, each.canceled) == (order.waiting * units, order.canceled * units)
                assert (each.shipped, each.delivered) == ((order.shipped + order.fetched) * units, order.fetched * units)
            (todo,) = self.at.run(self.store.shop.works(order.id))
            begun = "IN_PROGRESS" if order.begun else "OPEN"
            assert (todo.status, todo.awaits_pickup) == ("CLOSED" if order.closed else begun, order.pickup is not None)
            if order.pickup is not None:
                assert self.at.run(self.store.now(order.pickup.id)).tries == order.tries

    def teardown(self) -> None:
        assert self.at.run(findings(self.at.work)) == []


@pytest.fixture
def machine(database: Database) -> Iterator[type[Fetching]]:
    Fetching.at = at = Loop(database)
    yield Fetching
    at.run(at.pool.close())
    at.loop.close()


def test_any_short_sequence(machine: type[Fetching]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=10, stateful_step_count=20, deadline=None))


@pytest.mark.soak
def test_any_long_sequence(machine: type[Fetching]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=200, stateful_step_count=60, deadline=None))
