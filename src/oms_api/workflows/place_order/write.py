"""Writing a batch of decided orders: one statement that takes the stock behind a guard and inserts every row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from functools import partial
from typing import Any

from oms_api.db.rows import Rows
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.attributes.given import rows_of, wanted_of
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.fulfillment.schedule import Place, opens_on
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.reservations.endings import Ending, expired, lock_levels_last, settle, unreserve
from oms_api.domain.inventory.reservations.holds import HeldReservation
from oms_api.domain.inventory.sourcing import LevelKey, Source
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.orders.events import OrderCompleted, OrderPlaced
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.sourcing.states import SourcingAct
from oms_api.domain.sourcing.writing import DECISIONS, decision_rows
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import AllocationId, FulfillmentOrderId, FulfillmentOrderLineId, LocationId, OrderId
from oms_api.workflows.address_gate import hold_new
from oms_api.workflows.place_order import statements as into
from oms_api.workflows.place_order.convert import Conversion
from oms_api.workflows.place_order.extras import charge_rows, discount_rows, tax_rows
from oms_api.workflows.place_order.many import MANY_LINES
from oms_api.workflows.place_order.plan import OrderPlan
from oms_api.workflows.place_order.rows import backorder_rows, line_rows, order_row
from oms_api.workflows.place_order.snapshot import PlacingSnapshot
from oms_api.workflows.place_order.waiting_days import Promises
from oms_api.workflows.rule_orders.record import Judged, Rulings, write_verdict

OnWritten = Callable[[Mapping[OrderId, OrderRow]], None]
PATIENTLY = Sql("SET LOCAL statement_timeout = '30s'")


@dataclass(slots=True)
class OrderBatch:
    """The rows of a batch, collected order by order."""

    snapshot: PlacingSnapshot
    promises: Promises
    want: dict[LevelKey, list[int]] = field(default_factory=dict)
    rows: Rows = field(default_factory=Rows)
    claims: list[Move] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    held: list[Callable[[], None]] = field(default_factory=list)
    ruled: Rulings = field(default_factory=Rulings)

    def add(self, tx: Tx, plan: OrderPlan) -> None:
        """Add the rows of *plan* and its event."""
        placed_at = tx.business_time(plan.given.occurred_at)
        problems = plan.address_problems()
        row = order_row(plan, placed_at, tx)
        self.rows[into.ORDERS].append(row)
        self.rows[into.LINES] += line_rows(plan)
        self.add_party(plan)
        promises = plan.sources if plan.conversion is None else plan.conversion.promises(plan.sources)
        free = {(taken.line, taken.location_id): taken.quantity for taken in plan.sources}
        works: dict[Place, FulfillmentOrderId] = {}
        kept = plan.awaits_payment
        for promise in promises:
            place = None if kept else Place.of(promise, self.opens_on(plan, promise, tx.now))
            work = None if place is None else works.get(place)
            if place is not None and work is None:
                work = works[place] = tx.new_id(FulfillmentOrderId)
            self.promise(tx, plan, promise, free.get((promise.line, promise.location_id), 0), work, placed_at)
        self.rows[into.WORKS] += [place.work(key, plan.id, plan.channel.id, placed_at) for place, key in works.items()]
        if plan.conversion is not None:
            self.convert(plan, plan.conversion, placed_at)
        self.add_extras(plan)
        if self.snapshot.attributes:
            self.add_attributes(plan)
        self.rows[into.BACKORDERS] += backorder_rows(plan, self.promises, tx.now)
        if plan.decided is not None:
            decided = plan.decided
            self.rows[DECISIONS] += decision_rows(tx, plan.id, decided.version_id, SourcingAct.PLACED, decided.steps)
        tx.emit(
            OrderPlaced(
                subject_id=plan.id,
                order_id=plan.id,
                channel_id=plan.channel.id,
                location_ids=tuple(dict.fromkeys(place.location_id for place in works)),
                changes={"status": (None, OrderStatus.OPEN), "fulfillmentStatus": (None, row["fulfillment_status"])},
                occurred_at=placed_at,
            )
        )
        if row["completed_at"] is not None:
            self.complete(tx, plan, placed_at)
        if problems:
            places = tuple(dict.fromkeys(place.location_id for place in works))
            self.held.append(partial(hold_new, tx, plan.id, plan.channel.id, problems, places))
        if plan.verdict is not None:
            places = tuple(dict.fromkeys(place.location_id for place in works))
            self.rule(tx, plan, placed_at, places, held=bool(problems))

    def rule(self, tx: Tx, plan: OrderPlan, placed_at: datetime, places: tuple[LocationId, ...], *, held: bool) -> None:
        """Add what rules said of the order, to be written behind it; *held* says whether something else holds it too."""
        verdict, rules = plan.verdict, plan.channel.rules
        assert verdict is not None  # noqa: S101 - as who calls it saw
        assert rules is not None  # noqa: S101 - or nobody had judged
        judged = Judged(
            rulebook_id=rules.rulebook_id, order_id=plan.id, channel_id=plan.channel.id, location_ids=places, on_hold=held
        )
        self.held.append(partial(write_verdict, tx, verdict, judged, placed_at, self.ruled))

    def complete(self, tx: Tx, plan: OrderPlan, placed_at: datetime) -> None:
        """Tell that an order in which nothing is to be shipped was completed as it was placed."""
        moved = {"status": (OrderStatus.OPEN, OrderStatus.COMPLETED)}
        tx.emit(
            OrderCompleted(
                subject_id=plan.id, order_id=plan.id, channel_id=plan.channel.id, changes=moved, occurred_at=placed_at
            )
        )

    def opens_on(self, plan: OrderPlan, promise: Source, now: datetime) -> date | None:
        """Return the day on which work with what is promised begins, None where it may at once."""
        preorders = self.snapshot.preorders
        return opens_on(preorders.get((plan.channel.id, promise.sku_id)), now) if preorders else None

    def promise(
        self, tx: Tx, plan: OrderPlan, promise: Source, taken: int, work: FulfillmentOrderId | None, placed_at: datetime
    ) -> None:
        """Add units that a level promises, with *taken* of them from what is free, and the *work* that they are, if any."""
        self.rows[into.PROMISES].append(
            {
                "id": tx.new_id(AllocationId),
                "order_id": plan.id,
                "line_id": plan.lines[promise.line].id,
                "level_id": self.snapshot.levels[promise.key].id,
                "location_id": promise.location_id,
                "quantity": promise.quantity,
                "reason": promise.reason,
                "created_at": placed_at,
                "taken": taken,
                "position": self.take(plan, promise.key, taken) if taken else None,
                "work_id": work,
                "work_line_id": None if work is None else tx.new_id(FulfillmentOrderLineId),
            }
        )

    def take(self, plan: OrderPlan, key: LevelKey, units: int) -> int:
        """Demand *units* of what is free at a level, and return which of its movements in this batch that is."""
        want = self.want.setdefault(key, [0, 0, 0])
        want[0] += units
        want[1] += 0 if plan.channel.sells_safety_stock else units
        want[2] += 1
        return want[2]

    def convert(self, plan: OrderPlan, conversion: Conversion, placed_at: datetime) -> None:
        """Add what takes units of a reservation: a movement for each line and level, and the reservation's ending."""
        self.endings.append(conversion.ending(plan.id))
        self.claims.extend(
            Move(
                sku_id=taken.sku_id,
                location_id=taken.location_id,
                quantity=taken.quantity,
                source=Account.RESERVED,
                target=Account.COMMITTED,
                kind=MovementKind.CLAIM,
                cause_kind=CauseKind.ORDER_LINE,
                cause_id=plan.lines[taken.line].id,
                occurred_at=placed_at,
            )
            for taken in conversion.taken
        )

    def add_party(self, plan: OrderPlan) -> None:
        """Add the people on the order, if it names any."""
        given = plan.given
        if given.contact or given.shipping_address or given.billing_address or given.delivery_point:
            self.rows.put(
                into.PARTIES,
                order_id=plan.id,
                version=1,
                contact=given.contact,
                shipping_address=given.shipping_address,
                billing_address=given.billing_address,
                delivery_point=given.delivery_point,
            )

    def add_extras(self, plan: OrderPlan) -> None:
        """Add discounts, taxes and shipping charges as given."""
        currency, given = plan.price.currency, plan.given
        self.rows[into.DISCOUNTS] += discount_rows(plan.id, None, given.discounts, currency)
        for charge in given.shipping:
            self.rows[into.TAXES] += tax_rows(plan.id, None, charge.taxes, currency)
        for top, line in zip(plan.tops, given.lines, strict=True):
            if line.discounts or line.taxes:
                self.rows[into.DISCOUNTS] += discount_rows(plan.id, top, line.discounts, currency)
                self.rows[into.TAXES] += tax_rows(plan.id, top, line.taxes, currency)
        self.rows[into.SHIPPING] += charge_rows(plan.id, given.shipping, currency)

    def add_attributes(self, plan: OrderPlan) -> None:
        """Add the values of attributes, of the order and of the lines that were given."""
        known, given = self.snapshot.attributes, plan.given
        self.rows[into.ATTRIBUTES] += rows_of(plan.id, wanted_of(AttributeOwner.ORDER, given.attributes, known)[0])
        for key, line in zip(plan.tops, given.lines, strict=True):
            self.rows[into.ATTRIBUTES] += rows_of(key, wanted_of(AttributeOwner.LINE, line.attributes, known)[0])

    def close(self, tx: Tx, overdue: Sequence[HeldReservation], on_written: OnWritten) -> None:
        """Hand the batch to *tx*, to be written in its last flush; *overdue* reservations are expired before.

        When that is done, *on_written* is called with the orders.
        """
        if len(self.rows[into.LINES]) > MANY_LINES:
            tx.closing.append(PATIENTLY())
        endings = [*expired(overdue), *self.endings]
        if endings:
            lock_levels_last(tx, [*self.want, *(line.key for ending in endings for line in ending.hold.lines)])
            post(tx, [*unreserve(endings), *self.claims], tx.now)
        for key, (quantity, strict, moves) in self.want.items():
            level = self.snapshot.levels[key].id
            self.rows.put(into.WANT, level_id=level, quantity=quantity, strict=strict, moves=moves)
        written = self.rows.given(*into.WRITTEN)
        tx.hear(
            into.WRITE(levels=len(self.want), actor=tx.actor, now=tx.now, **written), lambda rows: on_written(self.orders(rows))
        )
        for hold in self.held:
            hold()
        self.ruled.write(tx)
        if self.rows[into.BACKORDERS]:
            tx.closing.append(into.BACKORDERS.of(self.rows[into.BACKORDERS]))
        if self.rows[into.ATTRIBUTES]:
            tx.closing.append(into.ATTRIBUTES.of(self.rows[into.ATTRIBUTES]))
        if self.rows[DECISIONS]:
            tx.closing.append(DECISIONS.of(self.rows[DECISIONS]))
        if any(self.rows[extra] for extra in into.EXTRA):
            tx.closing.append(into.WRITE_EXTRA(**self.rows.given(*into.EXTRA)))
        settle(tx, endings)

    def orders(self, numbers: Iterable[tuple[Any, ...]]) -> Mapping[OrderId, OrderRow]:
        """Return the orders as a query would, with the *numbers* that the database gave by their ids."""
        rows = {row["id"]: row for row in self.rows[into.ORDERS]}
        return {key: into.ORDERS.record({**rows[key], "number": number}) for key, number in numbers}
