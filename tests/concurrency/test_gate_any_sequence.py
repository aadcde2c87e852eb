"""Any sequence of what happens to orders that wait for payments and are held: nothing leaves too early, and books add up."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell, ReleaseWhen
from oms_api.domain.orders.changes.wanted import AddLine, SetPrice, SetQuantity
from oms_api.domain.orders.given import Amount
from oms_api.domain.orders.states import LineKind, OrderStatus
from oms_api.domain.payments.states import PaymentEventType
from oms_api.kernel.clock import system_clock
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderId
from oms_api.workflows.edit_order.commands import EditOrder
from oms_api.workflows.edit_order.flow import edit_order
from oms_api.workflows.source_again import SourceOrder, source_order
from tests.concurrency.test_any_sequence import Loop
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold, hold_work, release, sweep
from tests.factories.trading import Shop, fee, findings, line

SWEEPS = "open_gates", "cancel_unpaid"
KINDS = PaymentEventType.AUTHORIZED, PaymentEventType.CAPTURED, PaymentEventType.VOIDED, PaymentEventType.REFUNDED


class Gated(RuleBasedStateMachine):
    """One shop whose orders wait for their payment, with one SKU that may run out."""

    at: Loop

    def __init__(self) -> None:
        super().__init__()
        self.shop = self.run(Shop.open(self.at.work, locations=2))
        self.run(self.shop.gated(pay_within_minutes=30, cancel_unpaid=True))
        self.sku = self.run(self.shop.stocked(9, 3))
        rule_ = SetOversell(channel_id=self.shop.channel.id, sku=SkuRef(id=self.sku.id), policy=Oversell.BACKORDER)
        self.run(self.at.work.execute(SYSTEM, set_oversell, rule_))
        self.late = UnitOfWork(self.at.pool, clock=lambda: system_clock() + timedelta(hours=1))
        self.orders: list[OrderId] = []

    def run(self, awaited: Any) -> Any:
        return self.at.run(awaited)

    def tried(self, call: Callable[[], Awaitable[object]]) -> bool:
        """Return whether something was done, and not refused."""
        return not self.at.refused(call)

    def chosen(self, data: st.DataObject) -> OrderId:
        key: OrderId = data.draw(st.sampled_from(self.orders), label="order")
        return key

    @rule(units=st.integers(1, 5), with_fee=st.booleans(), on_account=st.booleans())
    def place(self, units: int, with_fee: bool, on_account: bool) -> None:
        extra = [fee(LineKind.SERVICE)] if with_fee else []
        order = self.run(self.shop.place(line(self.sku, units), *extra, on_account=on_account))
        self.orders.append(order.id)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), kind=st.sampled_from(KINDS), amount=st.sampled_from(["0.01", "9.99", "19.98", "60.00"]))
    def report(self, data: st.DataObject, kind: PaymentEventType, amount: str) -> None:
        key = self.chosen(data)
        self.run(self.shop.pay(key, amount, kind, transaction_reference=f"pi {key}"))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(0, 3))
    def cancel(self, data: st.DataObject, units: int) -> None:
        key = self.chosen(data)
        (first, *_) = self.run(self.shop.lines(key))
        wanted = [(first.id, units)] if units else []
        self.tried(lambda: self.shop.cancel(key, *wanted))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(1, 6), what=st.sampled_from(["quantity", "line", "service", "price"]))
    def edit(self, data: st.DataObject, units: int, what: str) -> None:
        key = self.chosen(data)
        (first, *_) = self.run(self.shop.lines(key))
        change: Any = {
            "quantity": SetQuantity(line_id=first.id, quantity=units),
            "line": AddLine(line=line(self.sku, units)),
            "service": AddLine(line=fee(LineKind.SERVICE)),
            "price": SetPrice(line_id=first.id, unit_price=Amount(value=Decimal(units))),
        }[what]
        self.tried(lambda: self.at.work.execute(SYSTEM, edit_order, EditOrder(order_id=key, changes=(change,))))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), whole=st.booleans())
    def hold(self, data: st.DataObject, whole: bool) -> None:
        key = self.chosen(data)
        if whole:
            was = self.run(self.shop.order(key))
            assert self.tried(lambda: hold(self.at.work, key)) is (was.status is OrderStatus.OPEN)
        else:
            for todo in self.run(self.shop.works(key)):
                assert self.tried(lambda todo=todo: hold_work(self.at.work, todo.id)) is (todo.status != "CLOSED")  # type: ignore[misc]

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        key = self.chosen(data)
        was = self.run(self.shop.order(key))
        assert self.tried(lambda: release(self.at.work, key)) is was.on_hold

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), ships=st.booleans())
    def work_on(self, data: st.DataObject, ships: bool) -> None:
        key = self.chosen(data)
        was = self.run(self.shop.order(key))
        for todo in self.run(self.shop.works(key)):
            do = self.shop.ship if ships else self.shop.start
            if self.tried(lambda todo=todo, do=do: do(todo.id)):  # type: ignore[misc]
                assert [was.on_hold, was.awaits_payment, todo.on_hold] == [False] * 3

    @rule(units=st.integers(1, 4), more=st.booleans())
    def stock(self, units: int, more: bool) -> None:
        place = self.shop.locations[0].id
        try:
            self.run(Given(self.at.work).adjust(self.sku.id, place, units if more else -units))
        except OmsError:
            return
        for key in self.orders[-4:]:
            self.tried(lambda key=key: self.at.work.execute(SYSTEM, source_order, SourceOrder(order_id=key, backordered=True)))  # type: ignore[misc]

    @rule(when=st.sampled_from(list(ReleaseWhen)))
    def policy(self, when: ReleaseWhen) -> None:
        self.run(self.shop.gated(when))

    @rule(name=st.sampled_from(SWEEPS), late=st.booleans())
    def sweep(self, name: str, late: bool) -> None:
        self.run(sweep(self.late if late else self.at.work, name))

    @invariant()
    def nothing_is_released_that_waits(self) -> None:
        for key in self.orders[-3:]:
            order = self.run(self.shop.order(key))
            if order.awaits_payment:
                assert {todo.status.value for todo in self.run(self.shop.works(key))} <= {"CLOSED"}
                assert order.status is OrderStatus.OPEN

    def teardown(self) -> None:
        self.run(sweep(self.at.work, "open_gates"))
        assert self.run(findings(self.at.work)) == []


@pytest.fixture
def machine(database: Database) -> Iterator[type[Gated]]:
    Gated.at = at = Loop(database)
    yield Gated
    at.run(at.pool.close())
    at.loop.close()


def test_any_short_sequence(machine: type[Gated]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=10, stateful_step_count=20, deadline=None))


@pytest.mark.soak
def test_any_long_sequence(machine: type[Gated]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=150, stateful_step_count=50, deadline=None))
