"""Any sequence of picking, packing, shipping and undoing agrees with a small model, and the doctor stays content."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.ids import FulfillmentOrderId, LineId, OrderId, PackageId, PickBatchId, PickBatchLineId
from tests.concurrency.test_any_sequence import Loop
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.picking import Round
from tests.factories.trading import Shop, findings, line

P = PackageStatus
WAITS = {P.DRAFT, P.LABEL_PURCHASED}
LEFT = {P.SHIPPED, P.LOST, P.DELIVERED, P.RETURNED_TO_SENDER}


LABELED = updates(PackageRow, "status")


@dataclass
class Parcel:
    """A package, how many units are in it, and where it is."""

    id: PackageId
    units: int
    status: PackageStatus = P.DRAFT


@dataclass
class Modeled:
    """An order of one line: units ordered, and those that were found missing; and its packages."""

    id: OrderId
    line_id: LineId
    work: FulfillmentOrderId
    ordered: int
    missing: int = 0
    batch: tuple[PickBatchId, PickBatchLineId] | None = None
    parcels: list[Parcel] = field(default_factory=list)

    def units(self, *statuses: PackageStatus) -> int:
        return sum(each.units for each in self.parcels if each.status in statuses)

    @property
    def waiting(self) -> int:
        return self.ordered - self.missing - self.units(*LEFT)

    @property
    def packed(self) -> int:
        return self.units(*WAITS)


async def labeled(at: Loop, package: PackageId, status: PackageStatus) -> None:
    """Write the status that buying a label or giving one back leads to."""

    async def write(tx: Tx, _: None) -> None:
        tx.write(LABELED, [{"id": package, "status": status}])

    await at.work.execute(SYSTEM, write, None)


class Warehouse(RuleBasedStateMachine):
    """A shop with one location; whatever is missing there waits, for nobody else has it."""

    at: Loop
    shop: Shop
    sku: SkuRow

    def __init__(self) -> None:
        super().__init__()
        self.shop = self.at.run(Shop.open(self.at.work))
        self.sku = self.at.run(self.shop.stocked(30))
        self.rounds = Round(self.shop)
        self.free, self.on_hand = 30, 30
        self.orders: list[Modeled] = []

    def chosen(self, data: st.DataObject) -> Modeled:
        return data.draw(st.sampled_from(self.orders), label="order")

    def parcel(self, data: st.DataObject, *statuses: PackageStatus) -> tuple[Modeled, Parcel] | None:
        found = [(order, each) for order in self.orders for each in order.parcels if each.status in statuses]
        return data.draw(st.sampled_from(found), label="package") if found else None

    @rule(units=st.integers(1, 6))
    def place(self, units: int) -> None:
        if units > self.free:
            return
        order = self.at.run(self.shop.place(line(self.sku, units)))
        (first,), (todo,) = self.at.run(self.shop.lines(order.id)), self.at.run(self.shop.works(order.id))
        self.free -= units
        self.orders.append(Modeled(order.id, first.id, todo.id, units))

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def begin_batch(self, data: st.DataObject) -> None:
        order = self.chosen(data)
        (todo,) = [each for each in self.at.run(self.shop.works(order.id)) if each.id == order.work]
        if todo.status != "OPEN":
            assert self.at.refused(lambda: self.rounds.begin(order.work))
            return
        batch, (wanted,) = self.at.run(self.rounds.begin(order.work))
        assert wanted.quantity == order.waiting
        order.batch = batch.id, wanted.id

    @precondition(lambda self: any(order.batch for order in self.orders))
    @rule(data=st.data(), short=st.integers(0, 3), damaged=st.booleans())
    def confirm(self, data: st.DataObject, short: int, damaged: bool) -> None:
        order = data.draw(st.sampled_from([order for order in self.orders if order.batch]), label="order")
        assert order.batch is not None
        (batch, key), wanted = order.batch, order.waiting
        short = min(short, wanted - order.packed)
        reason = ("DAMAGED" if damaged else "NO_CAPACITY",) if short else ()
        self.at.run(self.rounds.confirm(batch, (key, wanted - short, *reason)))
        order.batch = None
        order.missing += short
        self.free += 0 if damaged else short
        self.on_hand -= short if damaged else 0

    @precondition(lambda self: any(order.batch for order in self.orders))
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from([order for order in self.orders if order.batch]), label="order")
        assert order.batch is not None
        self.at.run(self.rounds.cancel(order.batch[0]))
        order.batch = None

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(1, 4))
    def pack(self, data: st.DataObject, units: int) -> None:
        order = self.chosen(data)
        if units > order.waiting - order.packed:
            assert self.at.refused(lambda: self.shop.pack(order.work, [(order.line_id, units)]))
            return
        known = {each.id for each in order.parcels}
        (made,) = [each for each in self.at.run(self.shop.pack(order.work, [(order.line_id, units)])) if each.id not in known]
        order.parcels.append(Parcel(made.id, units))

    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        if found := self.parcel(data, *WAITS):
            if found[1].status is P.LABEL_PURCHASED:
                assert self.at.refused(lambda: self.shop.void(found[1].id))
                return
            self.at.run(self.shop.void(found[1].id))
            found[1].status = P.VOIDED

    @rule(data=st.data(), back=st.booleans())
    def label(self, data: st.DataObject, back: bool) -> None:
        """Let a label be bought or given back: for stock that is a status of the package."""
        was, now = (P.LABEL_PURCHASED, P.DRAFT) if back else (P.DRAFT, P.LABEL_PURCHASED)
        if found := self.parcel(data, was):
            self.at.run(labeled(self.at, found[1].id, now))
            found[1].status = now

    @rule(data=st.data())
    def ship(self, data: st.DataObject) -> None:
        if found := self.parcel(data, *WAITS):
            self.at.run(self.shop.ship_packages(found[1].id))
            found[1].status = P.SHIPPED
            self.on_hand -= found[1].units

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if found := self.parcel(data, *LEFT):
            order, parcel = found
            (row,) = [each for each in self.at.run(self.shop.packages_of(order.work)) if each.id == parcel.id]
            assert row.shipment_id is not None
            if parcel.status is not P.SHIPPED:
                assert self.at.refused(lambda: self.shop.cancel_shipment(row.shipment_id))
                return
            self.at.run(self.shop.cancel_shipment(row.shipment_id))
            parcel.status = P.CANCELED
            self.on_hand += parcel.units

    @rule(data=st.data(), found=st.booleans())
    def lose_and_find(self, data: st.DataObject, found: bool) -> None:
        if chosen := self.parcel(data, P.LOST if found else P.SHIPPED):
            self.at.run(self.shop.mark_found(chosen[1].id) if found else self.shop.mark_lost(chosen[1].id))
            chosen[1].status = P.SHIPPED if found else P.LOST

    @rule(data=st.data())
    def comes_back(self, data: st.DataObject) -> None:
        if chosen := self.parcel(data, P.SHIPPED, P.LOST):
            self.at.run(self.shop.mark_returned(chosen[1].id))
            chosen[1].status = P.RETURNED_TO_SENDER
            self.free += chosen[1].units
            self.on_hand += chosen[1].units

    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        if chosen := self.parcel(data, P.SHIPPED):
            order, parcel = chosen
            (row,) = [each for each in self.at.run(self.shop.packages_of(order.work)) if each.id == parcel.id]
            self.at.run(self.shop.deliver(row.shipment_id))
            parcel.status = P.DELIVERED

    @invariant()
    def agrees_with_the_model(self) -> None:
        for order in self.orders[-3:]:
            (first,), (part, *_) = self.at.run(self.shop.lines(order.id)), self.at.run(self.shop.work_lines(order.work))
            assert (part.packed, part.shipped) == (order.packed, order.units(*LEFT))
            assert (first.in_fulfillment, first.unsourced + first.backordered) == (order.waiting, order.missing)
            assert (first.lost, first.delivered) == (order.units(P.LOST), order.units(P.DELIVERED))
            now = {each.id: each.status for each in self.at.run(self.shop.packages_of(order.work))}
            assert now == {each.id: each.status for each in order.parcels}
        free, committed = self.at.run(self.shop.stock(self.sku))
        assert (free, free + committed) == (self.free, self.on_hand)

    def teardown(self) -> None:
        for parcel in (each for order in self.orders for each in order.parcels if each.status is P.LABEL_PURCHASED):
            self.at.run(labeled(self.at, parcel.id, P.DRAFT))  # no label was bought, and the doctor would miss it
        assert self.at.run(findings(self.at.work)) == []


@pytest.fixture
def machine(database: Database) -> Iterator[type[Warehouse]]:
    Warehouse.at = at = Loop(database)
    yield Warehouse
    at.run(at.pool.close())
    at.loop.close()


def test_any_short_sequence(machine: type[Warehouse]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=20, deadline=None))


@pytest.mark.soak
def test_any_long_sequence(machine: type[Warehouse]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=200, stateful_step_count=60, deadline=None))
