"""Writing a batch of decided orders: one statement that takes the stock behind a guard and inserts every row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from oms_api.db.engine import dump_json
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.fulfillment.schedule import Place, opens_on
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.reservations.endings import Ending, expired, lock_levels_last, settle, unreserve
from oms_api.domain.inventory.reservations.holds import HeldReservation
from oms_api.domain.inventory.sourcing import LevelKey, Source
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.orders.events import OrderCompleted, OrderPlaced
from oms_api.domain.orders.intake import TaxGiven
from oms_api.domain.orders.states import LineKind, OrderStatus, ReturnStatus
from oms_api.domain.orders.statuses import fulfillment_status, payment_status
from oms_api.domain.payments.balance import Balance
from oms_api.kernel.money import to_minor
from oms_api.workflows.place_order.convert import Conversion
from oms_api.workflows.place_order.decide import OrderPlan, PlannedLine
from oms_api.workflows.place_order.promise import Promises
from oms_api.workflows.place_order.snapshot import Snapshot
from oms_api.workflows.place_order.statements import EXTRAS, WAIT, WRITE

Row = dict[str, Any]

NOTHING_PAID = Balance()
MANY_LINES = 500
PATIENTLY = "SET LOCAL statement_timeout = '30s'"


@dataclass(frozen=True, slots=True)
class LineState:
    """Where the units of a new line are, for the derived status."""

    kind: LineKind
    ordered: int
    in_fulfillment: int
    shipped: int
    backordered: int = 0
    canceled: int = 0
    allocated: int = 0

    @property
    def delivered(self) -> int:
        """What is no goods is delivered as soon as it is shipped: at once."""
        return self.shipped


@dataclass(slots=True)
class Batch:
    """The rows of a batch, collected order by order."""

    snapshot: Snapshot
    promises: Promises
    want: dict[LevelKey, list[int]] = field(default_factory=dict)
    moves: list[tuple[UUID, int, UUID, int, datetime]] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    parties: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    works: list[Row] = field(default_factory=list)
    allocations: list[Row] = field(default_factory=list)
    work_lines: list[Row] = field(default_factory=list)
    discounts: list[Row] = field(default_factory=list)
    taxes: list[Row] = field(default_factory=list)
    shipping: list[Row] = field(default_factory=list)
    claims: list[Move] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    backorders: list[Row] = field(default_factory=list)

    def add(self, tx: Tx, plan: OrderPlan) -> Row:
        """Add the rows of *plan* and its event; return the row of the order."""
        placed_at = tx.business_time(plan.given.occurred_at)
        self.lines.extend(_line_rows(plan))
        order = _order_row(plan, placed_at, tx)
        self.orders.append(order)
        self.add_party(plan)
        promises = plan.sources if plan.conversion is None else plan.conversion.promises(plan.sources)
        works: dict[Place, UUID] = {}
        for taken in plan.sources:
            self.take(plan, taken, placed_at)
        for promise in promises:
            day = opens_on(self.snapshot.preorders.get((plan.channel.id, promise.sku_id)), tx.now)
            work = works.setdefault(Place.of(promise, day), tx.new_id())
            self.promise(tx, plan, promise, work, placed_at)
        for place, work in works.items():
            self.works.append({
                "id": work, "order_id": plan.id, "channel_id": plan.channel.id, "location_id": place.location_id,
                "status": place.status, "opens_on": place.opens_on, "created_at": placed_at,
            })  # fmt: skip
        if plan.conversion is not None:
            self.convert(plan, plan.conversion, placed_at)
        self.add_extras(tx, plan)
        self.backorders.extend(_backorder_rows(plan, self.promises))
        tx.emit(
            OrderPlaced(
                subject_id=plan.id,
                order_id=plan.id,
                channel_id=plan.channel.id,
                location_ids=tuple(dict.fromkeys(place.location_id for place in works)),
                changes={"status": (None, OrderStatus.OPEN), "fulfillmentStatus": (None, order["fulfillment_status"])},
                occurred_at=placed_at,
            )
        )
        if order["completed_at"] is not None:
            self.complete(tx, plan, placed_at)
        return order

    def complete(self, tx: Tx, plan: OrderPlan, placed_at: datetime) -> None:
        """Tell that an order in which nothing is to be shipped was completed as it was placed."""
        moved = {"status": (OrderStatus.OPEN, OrderStatus.COMPLETED)}
        tx.emit(
            OrderCompleted(
                subject_id=plan.id, order_id=plan.id, channel_id=plan.channel.id, changes=moved, occurred_at=placed_at
            )
        )

    def take(self, plan: OrderPlan, taken: Source, placed_at: datetime) -> None:
        """Add what takes the units of *taken* from what is free: demand and movement."""
        key = (taken.sku_id, taken.location_id)
        want = self.want.setdefault(key, [0, 0, 0])
        want[0] += taken.quantity
        want[1] += 0 if plan.channel.sells_safety_stock else taken.quantity
        want[2] += 1
        self.moves.append((self.snapshot.levels[key].id, want[2], plan.lines[taken.line].id, taken.quantity, placed_at))

    def promise(self, tx: Tx, plan: OrderPlan, taken: Source, work: UUID, placed_at: datetime) -> None:
        """Add what promises the units of *taken*: allocation and work."""
        level, line = self.snapshot.levels[taken.sku_id, taken.location_id].id, plan.lines[taken.line].id
        allocation = tx.new_id()
        self.allocations.append({
            "id": allocation, "order_id": plan.id, "line_id": line, "level_id": level, "location_id": taken.location_id,
            "quantity": taken.quantity, "reason": taken.reason, "created_at": placed_at,
        })  # fmt: skip
        self.work_lines.append({
            "id": tx.new_id(), "fulfillment_order_id": work, "line_id": line, "allocation_id": allocation,
            "quantity": taken.quantity,
        })  # fmt: skip

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
        if given.contact or given.shipping_address or given.billing_address:
            self.parties.append({
                "order_id": plan.id, "contact": given.contact, "shipping_address": given.shipping_address,
                "billing_address": given.billing_address,
            })  # fmt: skip

    def add_extras(self, tx: Tx, plan: OrderPlan) -> None:
        """Add discounts, taxes and shipping charges as given."""
        currency = plan.price.currency
        tops = [line.id for line in plan.lines if line.parent is None]
        listed = [(None, plan.given.discounts), *zip(tops, (line.discounts for line in plan.given.lines), strict=True)]
        for line_id, discounts in listed:
            self.discounts.extend({
                "id": tx.new_id(), "order_id": plan.id, "line_id": line_id, "code": discount.code, "label": discount.label,
                "amount_minor": amount,
            } for discount in discounts if (amount := to_minor(discount.amount.value, currency)))  # fmt: skip
        charged: list[tuple[UUID | None, TaxGiven]] = [(None, tax) for charge in plan.given.shipping for tax in charge.taxes]
        charged += [(top, tax) for top, line in zip(tops, plan.given.lines, strict=True) for tax in line.taxes]
        self.taxes.extend({
            "id": tx.new_id(), "order_id": plan.id, "line_id": line_id, "title": tax.title, "rate": tax.rate,
            "amount_minor": to_minor(tax.amount.value, currency),
        } for line_id, tax in charged)  # fmt: skip
        self.shipping.extend({
            "id": tx.new_id(), "order_id": plan.id, "code": charge.code, "title": charge.title,
            "amount_minor": to_minor(charge.price.value, currency),
        } for charge in plan.given.shipping)  # fmt: skip

    def close(self, tx: Tx, overdue: Sequence[HeldReservation]) -> None:
        """Hand the batch to *tx*, to be written in its last flush; *overdue* reservations are expired before."""
        want = sorted(self.want.items())
        levels = array(self.snapshot.levels[key].id for key, _ in want)
        numbers = [array(taken[i] for _, taken in want) for i in range(3)]
        moves = [array(move[i] for move in self.moves) for i in range(4)]
        times = array(move[4].isoformat() for move in self.moves)
        if len(self.lines) > MANY_LINES:
            tx.closing.append((PATIENTLY, ()))
        endings = [*expired(overdue), *self.endings]
        if endings:
            lock_levels_last(tx, [*self.want, *(line.key for ending in endings for line in ending.hold.lines)])
            post(tx, [*unreserve(endings), *self.claims], tx.now)
        rows = map(_json, (self.orders, self.parties, self.lines, self.works, self.allocations, self.work_lines))
        tx.closing.append((WRITE, (levels, *numbers, len(want), tx.actor, tx.now, *moves, times, *rows)))
        if self.backorders:
            tx.closing.append((WAIT, (_json(self.backorders), tx.now)))
        if self.discounts or self.taxes or self.shipping:
            tx.closing.append((EXTRAS, tuple(map(_json, (self.discounts, self.taxes, self.shipping)))))
        settle(tx, endings)


def _json(rows: Sequence[Row]) -> str:
    return dump_json(rows).decode()


def _states(plan: OrderPlan) -> Iterator[tuple[PlannedLine, LineState]]:
    for position, line in enumerate(plan.lines):
        waits = line.kind.ships or line.kind is LineKind.BUNDLE
        queued = _queued(plan, position, line) if plan.waiting else 0
        todo, done = (line.quantity - queued, 0) if waits else (0, line.quantity)
        yield line, LineState(line.kind, line.quantity, todo, done, queued)


def _queued(plan: OrderPlan, position: int, line: PlannedLine) -> int:
    """Return how many units of a line wait; of a bundle how many sets its components do not make yet."""
    if line.kind is not LineKind.BUNDLE:
        return plan.waiting[position].units if position in plan.waiting else 0
    parts = [(part, place) for place, part in enumerate(plan.lines) if part.parent == line.id]
    ready = [(part.quantity - _queued(plan, place, part)) // (part.quantity // line.quantity) for part, place in parts]
    return line.quantity - min(ready)


def _backorder_rows(plan: OrderPlan, promises: Promises) -> Iterator[Row]:
    for position, waiting in plan.waiting.items():
        line = plan.lines[position].id
        queued, peg = promises[line]
        yield {
            "id": queued.id, "order_id": plan.id, "line_id": line, "channel_id": queued.channel_id, "sku_id": queued.sku_id,
            "policy": waiting.policy, "quantity": queued.units, "priority": queued.priority, "placed_at": queued.placed_at,
            "pinned_to": queued.pinned_to, "supply_kind": peg.kind, "supply_line_id": peg.supply_line_id,
            "location_id": peg.location_id,
            "ships_on": peg.ships_on, "arrives_on": peg.arrives_on,
        }  # fmt: skip


def _line_rows(plan: OrderPlan) -> Iterator[Row]:
    taxed = plan.prices_include_tax
    for position, (line, state) in enumerate(_states(plan)):
        price = line.price
        yield {
            "id": line.id, "order_id": plan.id, "position": position, "kind": line.kind,
            "sku_id": line.sku.id if line.sku else None, "sku_code": line.sku.code if line.sku else None, "name": line.name,
            "parent_line_id": line.parent, "pinned_to": line.pinned_to, "ordered": state.ordered,
            "backordered": state.backordered,
            "in_fulfillment": state.in_fulfillment, "shipped": state.shipped, "delivered": state.delivered,
            "unit_price": price.unit_price, "goods_minor": price.goods, "rounding_minor": price.rounding,
            "discount_minor": price.discount, "order_discount_minor": price.order_discount, "tax_minor": price.tax,
            "shipping_minor": price.shipping, "shipping_tax_minor": price.shipping_tax,
            "total_minor": price.net + (0 if taxed else price.tax),
        }  # fmt: skip


def _order_row(plan: OrderPlan, placed_at: datetime, tx: Tx) -> Row:
    given, price = plan.given, plan.price
    states = [state for _, state in _states(plan)]
    done = all(state.shipped == state.ordered for state in states)
    return {
        "id": plan.id, "number": plan.number, "channel_id": plan.channel.id, "external_ref": given.external_ref,
        "customer_id": given.customer_id, "currency": price.currency, "prices_include_tax": plan.prices_include_tax,
        "status": OrderStatus.COMPLETED if done else OrderStatus.OPEN, "fulfillment_status": fulfillment_status(states),
        "payment_status": payment_status(NOTHING_PAID, due=price.total),
        "return_status": ReturnStatus.NONE, "on_hold": False, "goods_minor": price.goods, "discount_minor": price.discount,
        "shipping_minor": price.shipping, "tax_minor": price.tax, "rounding_minor": price.rounding,
        "total_minor": price.total, "due_minor": price.total, "country": plan.country,
        "priority": given.priority, "note": given.note, "tags": list(given.tags), "version": 1, "placed_at": placed_at,
        "recorded_at": tx.now, "completed_at": placed_at if done else None,
        "canceled_at": None, "cancel_reason": None,
    }  # fmt: skip
