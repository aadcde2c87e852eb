"""Any sequence of placing, shipping, delivering, paying, returning, refunding and canceling agrees with a small model.

Units and money are exact after each step: the model knows no table, only what each act means.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.payments.states import PaymentEventType, RefundStatus
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.ids import LineId, OrderId, RefundId, ReturnId, ShipmentId
from oms_api.workflows.refund.suggested import preview_of_refund
from tests.concurrency.test_any_sequence import Loop
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, findings, line

PRICE = 999


@dataclass
class Back:
    """A return: units expected of the one line."""

    id: ReturnId
    expected: int
    received: int = 0


@dataclass
class Owed:
    """A refund that is open: what is still owed of it."""

    id: RefundId
    left: int


@dataclass
class Modeled:
    """An order of one line at 9.99 a unit."""

    id: OrderId
    line_id: LineId
    ordered: int
    canceled: int = 0
    shipped: int = 0
    delivered: int = 0
    in_return: int = 0
    returned: int = 0
    authorized: int = 0
    captured: int = 0
    refunded: int = 0
    completed: bool = False
    on_the_way: list[tuple[ShipmentId, int]] = field(default_factory=list)
    returns: list[Back] = field(default_factory=list)
    refunds: list[Owed] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        return self.ordered - self.canceled - self.shipped

    @property
    def due(self) -> int:
        return PRICE * (self.ordered - self.canceled - self.returned)

    @property
    def net(self) -> int:
        return self.captured - self.refunded

    @property
    def refundable(self) -> int:
        return max(self.net - sum(owed.left for owed in self.refunds), 0)

    @property
    def status(self) -> str:
        if self.canceled == self.ordered:
            return "CANCELED"
        return "COMPLETED" if self.completed else "OPEN"

    @property
    def payment_status(self) -> str:
        ladder = (
            (self.net > self.due, "OVERPAID"),
            (self.refunded > 0 and self.net <= 0, "REFUNDED"),
            (self.refunded > 0, "PARTIALLY_REFUNDED"),
            (self.captured > 0 and self.net == self.due, "PAID"),
            (self.net > 0, "PARTIALLY_PAID"),
            (self.authorized > 0, "AUTHORIZED"),
            (self.due == 0, "NOT_REQUIRED"),
        )
        return next((status for holds, status in ladder if holds), "PENDING")

    @property
    def return_status(self) -> str:
        if self.in_return:
            return "IN_PROGRESS"
        if self.returned:
            return "RETURNED" if self.returned == self.shipped else "PARTIALLY_RETURNED"
        return "NONE"

    def settle(self, *, reopened: bool = False) -> None:
        """Complete the order when nothing is left to do; once completed it stays so until it is reopened."""
        open_work = bool(self.refunds) or any(back.expected for back in self.returns)
        arrived = self.waiting == 0 and self.shipped == self.delivered
        self.completed = (self.completed and not reopened) or (arrived and not open_work)


def money(minor: int) -> str:
    return f"{Decimal(minor).scaleb(-2):f}"


class ThereAndBack(RuleBasedStateMachine):
    """One shop with two locations and one SKU."""

    at: Loop
    shop: Shop
    sku: SkuRow

    def __init__(self) -> None:
        super().__init__()
        self.shop = self.at.run(Shop.open(self.at.work, locations=2))
        self.sku = self.at.run(self.shop.stocked(20, 10))
        self.free = 30
        self.quality_control = 0
        self.orders: list[Modeled] = []

    def chosen(self, data: st.DataObject, having: str | None = None) -> Modeled:
        return data.draw(st.sampled_from([o for o in self.orders if having is None or getattr(o, having)]), label="order")

    @rule(units=st.integers(1, 6))
    def place(self, units: int) -> None:
        if units > self.free:
            assert self.at.refused(lambda: self.shop.place(line(self.sku, units)))
            return
        order = self.at.run(self.shop.place(line(self.sku, units)))
        (only,) = self.at.run(self.shop.lines(order.id))
        self.free -= units
        self.orders.append(Modeled(order.id, only.id, units))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(1, 6))
    def ship(self, data: st.DataObject, units: int) -> None:
        order = self.chosen(data)
        for todo in self.at.run(self.shop.works(order.id)):
            ((left,),) = [self.at.run(self.shop.work_lines(todo.id))]
            sent = min(units, left.quantity - left.shipped - left.canceled)
            if sent:
                done = self.at.run(self.shop.ship(todo.id, (order.line_id, sent)))
                order.shipped += sent
                order.on_the_way.append((done.value.id, sent))

    @precondition(lambda self: any(order.on_the_way for order in self.orders))
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        order = self.chosen(data, "on_the_way")
        shipment, units = order.on_the_way.pop()
        self.at.run(self.shop.deliver(shipment))
        order.delivered += units
        order.settle()

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(1, 6))
    def cancel(self, data: st.DataObject, units: int) -> None:
        order = self.chosen(data)
        if order.status != "OPEN" or units > order.waiting:
            assert self.at.refused(lambda: self.shop.cancel(order.id, (order.line_id, units)))
            return
        self.at.run(self.shop.cancel(order.id, (order.line_id, units)))
        order.canceled += units
        self.free += units
        order.settle()

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), share=st.sampled_from([1, 2, 3]), capture=st.booleans())
    def pay(self, data: st.DataObject, share: int, capture: bool) -> None:
        order = self.chosen(data)
        amount = max(PRICE * order.ordered // share, 1)
        kind = PaymentEventType.CAPTURED if capture else PaymentEventType.AUTHORIZED
        done = self.at.run(self.shop.pay(order.id, money(amount), kind))
        if capture:
            order.captured += amount
        else:
            order.authorized += amount
        again = self.at.run(self.shop.pay(order.id, money(amount), kind, ref=done.value.event.event_reference))
        assert again.value.seen

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(1, 6))
    def announce_return(self, data: st.DataObject, units: int) -> None:
        order = self.chosen(data)
        if units > order.shipped - order.in_return - order.returned:
            assert self.at.refused(lambda: self.shop.return_(order.id, (order.line_id, units)))
            return
        done = self.at.run(self.shop.return_(order.id, (order.line_id, units)))
        order.in_return += units
        order.returns.append(Back(done.value.id, units))
        order.settle(reopened=True)

    @precondition(lambda self: any(order.returns for order in self.orders))
    @rule(data=st.data(), units=st.integers(1, 6), what=st.sampled_from(Disposition), place=st.integers(0, 1))
    def receive_return(self, data: st.DataObject, units: int, what: Disposition, place: int) -> None:
        order = self.chosen(data, "returns")
        back = data.draw(st.sampled_from(order.returns), label="return")
        if units > back.expected:
            assert self.at.refused(lambda: self.shop.take_back(back.id, (order.line_id, units, what), location=place))
            return
        self.at.run(self.shop.take_back(back.id, (order.line_id, units, what), location=place))
        back.expected -= units
        back.received += units
        order.in_return -= units
        order.returned += units
        self.free += units if what is Disposition.RESTOCK else 0
        self.quality_control += units if what is Disposition.INSPECT else 0
        order.settle()

    @precondition(lambda self: any(back.expected for order in self.orders for back in order.returns))
    @rule(data=st.data())
    def close_return(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from([o for o in self.orders if any(b.expected for b in o.returns)]), label="order")
        back = next(back for back in order.returns if back.expected)
        self.at.run(self.shop.close_return(back.id))
        order.in_return -= back.expected
        back.expected = 0
        order.settle()

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), amount=st.integers(1, 4_000))
    def grant_refund(self, data: st.DataObject, amount: int) -> None:
        order = self.chosen(data)
        if amount > order.refundable:
            assert self.at.refused(lambda: self.shop.refund(order.id, money(amount)))
            return
        done = self.at.run(self.shop.refund(order.id, money(amount)))
        order.refunds.append(Owed(done.value.id, amount))
        order.settle()

    @precondition(lambda self: any(order.refunds for order in self.orders))
    @rule(data=st.data(), whole=st.booleans())
    def report_refund(self, data: st.DataObject, whole: bool) -> None:
        order = self.chosen(data, "refunds")
        owed = order.refunds[0]
        paid = owed.left if whole else max(owed.left // 2, 1)
        self.at.run(self.shop.pay(order.id, money(paid), PaymentEventType.REFUNDED, refund_id=owed.id))
        order.refunded += paid
        owed.left -= paid
        if not owed.left:
            order.refunds.remove(owed)
        order.settle()

    @precondition(lambda self: any(order.refunds for order in self.orders))
    @rule(data=st.data())
    def fail_and_cancel_refund(self, data: st.DataObject) -> None:
        order = self.chosen(data, "refunds")
        owed = order.refunds[0]
        self.at.run(self.shop.pay(order.id, money(owed.left), PaymentEventType.FAILED, refund_id=owed.id))
        canceled = self.at.run(self.shop.cancel_refund(owed.id)).value
        assert canceled.status is RefundStatus.CANCELED
        order.refunds.remove(owed)
        order.settle()

    @invariant()
    def units_and_money_are_exact(self) -> None:
        for order in self.orders[-3:]:
            self.compare(order)
        levels: list[Any] = [self.at.run(self.shop.stock(self.sku, place)) for place in (0, 1)]
        assert sum(free for free, _ in levels) == self.free
        assert sum(committed for _, committed in levels) == sum(order.waiting for order in self.orders)

    def compare(self, order: Modeled) -> None:
        now, (only,) = self.at.run(self.shop.order(order.id)), self.at.run(self.shop.lines(order.id))
        units = (only.canceled, only.shipped, only.delivered, only.in_return, only.returned)
        assert units == (order.canceled, order.shipped, order.delivered, order.in_return, order.returned)
        assert now.due_minor == order.due
        statuses = (now.status, now.payment_status, now.return_status)
        assert statuses == (order.status, order.payment_status, order.return_status)
        standing = self.at.run(self.standing(order.id)).balance
        assert (standing.captured, standing.refunded, standing.refundable) == (order.captured, order.refunded, order.refundable)

    async def standing(self, order: OrderId) -> Any:
        async with self.at.work.reads(SYSTEM) as read:
            return await preview_of_refund(read, order, None)

    def teardown(self) -> None:
        assert self.at.run(findings(self.at.work)) == []


@pytest.fixture
def machine(database: Database) -> Iterator[type[ThereAndBack]]:
    ThereAndBack.at = at = Loop(database)
    yield ThereAndBack
    at.run(at.pool.close())
    at.loop.close()


def test_any_short_way_there_and_back(machine: type[ThereAndBack]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=15, stateful_step_count=20, deadline=None))


@pytest.mark.soak
def test_any_long_way_there_and_back(machine: type[ThereAndBack]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=200, stateful_step_count=60, deadline=None))
