"""The rows that a decided order becomes: itself, its lines, and what of them waits."""

from collections.abc import Iterator
from datetime import datetime

from oms_api.db.rows import Row
from oms_api.db.session import Tx
from oms_api.domain.channels.states import HandOver, ReleaseWhen
from oms_api.domain.orders.gate import pay_by
from oms_api.domain.orders.pricing import LinePrice
from oms_api.domain.orders.states import LineKind, OrderStatus, ReturnStatus
from oms_api.domain.orders.statuses import fulfillment_status, payment_status
from oms_api.domain.payments.balance import Balance
from oms_api.kernel.dataclass import dataclass
from oms_api.workflows.place_order.plan import OrderPlan, PlannedLine
from oms_api.workflows.place_order.waiting_days import Promises

NOTHING_PAID = Balance()


@dataclass(frozen=True, slots=True)
class LineState:
    """Where the units of a new line are, for the derived status."""

    kind: LineKind
    ordered: int
    shipped: int
    in_fulfillment: int = 0
    backordered: int = 0
    canceled: int = 0
    allocated: int = 0
    unsourced: int = 0
    lost: int = 0
    returned_to_sender: int = 0

    @property
    def sends_again(self) -> bool:
        """Nothing is lost yet."""
        return False

    @property
    def delivered(self) -> int:
        """What is no goods is delivered as soon as it is shipped: at once."""
        return self.shipped


def _states(plan: OrderPlan) -> Iterator[tuple[PlannedLine, LineState]]:
    waits, kept = waits_for_payment(plan) or plan.on_hold, plan.awaits_payment
    for position, line in enumerate(plan.lines):
        queued = _queued(plan, position, line) if plan.waiting else 0
        without = _without(plan, position, line) if plan.unsourced else 0
        if line.kind.ships or line.kind is LineKind.BUNDLE:
            there = line.quantity - queued - without
            where = {"allocated" if kept else "in_fulfillment": there}
            state = LineState(line.kind, line.quantity, shipped=0, backordered=queued, unsourced=without, **where)
        elif waits:
            state = LineState(line.kind, line.quantity, 0, unsourced=line.quantity)
        else:
            state = LineState(line.kind, line.quantity, line.quantity)
        yield line, state


def waits_for_payment(plan: OrderPlan) -> bool:
    """Tell whether what does not ship is handed over once it is paid for: its units have no source until then.

    Where the channel releases orders when they are placed, that is so of orders of which nothing ships.
    """
    if plan.channel.release_when is not ReleaseWhen.PLACED:
        return plan.awaits_payment
    unpaid = plan.channel.hand_over is HandOver.PAYMENT and plan.price.total > 0
    return unpaid and not any(line.kind.ships for line in plan.lines)


def _queued(plan: OrderPlan, position: int, line: PlannedLine) -> int:
    """Return how many units of a line wait; of a bundle how many sets its components do not make yet."""
    if line.kind is not LineKind.BUNDLE:
        return plan.waiting[position].units if position in plan.waiting else 0
    parts = [(part, place) for place, part in enumerate(plan.lines) if part.parent == line.id]
    ready = [(part.quantity - _queued(plan, place, part)) // (part.quantity // line.quantity) for part, place in parts]
    return line.quantity - min(ready)


def _without(plan: OrderPlan, position: int, line: PlannedLine) -> int:
    """Return how many units of a line have no source; of a bundle how many sets that leaves unmade beside those that wait."""
    if line.kind is not LineKind.BUNDLE:
        return plan.unsourced.get(position, 0)
    parts = [(part, place) for place, part in enumerate(plan.lines) if part.parent == line.id]
    there = [(part, part.quantity - _queued(plan, place, part) - _without(plan, place, part)) for part, place in parts]
    ready = min(units // (part.quantity // line.quantity) for part, units in there)
    return line.quantity - _queued(plan, position, line) - ready


def backorder_rows(plan: OrderPlan, promises: Promises, now: datetime) -> Iterator[Row]:
    """Yield what waits of the order, as promised."""
    for position, waiting in plan.waiting.items():
        line = plan.lines[position].id
        queued, assignment = promises[line]
        yield {
            "id": queued.id,
            "order_id": plan.id,
            "line_id": line,
            "channel_id": queued.channel_id,
            "sku_id": queued.sku_id,
            "policy": waiting.policy,
            "quantity": queued.units,
            "waiting": queued.units,
            "priority": queued.priority,
            "placed_at": queued.placed_at,
            "pinned_to": queued.pinned_to,
            "barred_from": queued.barred or None,
            "supply_kind": assignment.kind,
            "supply_line_id": assignment.supply_line_id,
            "location_id": assignment.location_id,
            "ships_on": assignment.ships_on,
            "arrives_on": assignment.arrives_on,
            "created_at": now,
        }


def line_rows(plan: OrderPlan) -> Iterator[Row]:
    """Yield the lines of the order."""
    taxed = plan.prices_include_tax
    for position, (line, state) in enumerate(_states(plan)):
        yield {
            **item_columns(line),
            "order_id": plan.id,
            "position": position,
            "ordered": state.ordered,
            "unsourced": state.unsourced,
            "backordered": state.backordered,
            "allocated": state.allocated,
            "in_fulfillment": state.in_fulfillment,
            "shipped": state.shipped,
            "delivered": state.delivered,
            **money_columns(line.price, taxed=taxed),
        }


def item_columns(line: PlannedLine) -> Row:
    """Return the columns that say what a line is for."""
    return {
        "id": line.id,
        "kind": line.kind,
        "sku_id": line.sku.id if line.sku else None,
        "sku_code": line.sku.code if line.sku else None,
        "name": line.name,
        "parent_line_id": line.parent,
        "pinned_to": line.pinned_to,
        "ship_group": line.ship_group,
    }


def money_columns(price: LinePrice, *, taxed: bool) -> Row:
    """Return the columns of the money of a line; *taxed* says that prices include tax."""
    return {
        "unit_price": price.unit_price,
        "goods_minor": price.goods,
        "rounding_minor": price.rounding,
        "discount_minor": price.discount,
        "order_discount_minor": price.order_discount,
        "tax_minor": price.tax,
        "shipping_minor": price.shipping,
        "shipping_tax_minor": price.shipping_tax,
        "total_minor": price.net + (0 if taxed else price.tax),
    }


def order_row(plan: OrderPlan, placed_at: datetime, tx: Tx) -> Row:
    """Return the order itself, every column of it but the number that it gets."""
    given, price = plan.given, plan.price
    states = [state for _, state in _states(plan)]
    done = all(state.shipped == state.ordered for state in states)
    return {
        "id": plan.id,
        "channel_id": plan.channel.id,
        "external_ref": given.external_ref,
        "customer_id": given.customer_id,
        "currency": price.currency,
        "prices_include_tax": plan.prices_include_tax,
        "status": OrderStatus.COMPLETED if done else OrderStatus.OPEN,
        "fulfillment_status": fulfillment_status(states),
        "payment_status": payment_status(NOTHING_PAID, due=price.total),
        "return_status": ReturnStatus.NONE,
        "on_hold": plan.on_hold,
        "on_account": given.on_account,
        "awaits_payment": plan.awaits_payment,
        "links_revoked": 0,
        "pay_by": pay_by(plan.channel.pay_within_minutes, tx.now) if plan.awaits_payment else None,
        "goods_minor": price.goods,
        "discount_minor": price.discount,
        "shipping_minor": price.shipping,
        "tax_minor": price.tax,
        "rounding_minor": price.rounding,
        "total_minor": price.total,
        "due_minor": price.total,
        "country": plan.country,
        "ship_complete": given.ship_complete,
        "priority": given.priority,
        "note": given.note,
        "tags": list(given.tags),
        "version": 1,
        "placed_at": placed_at,
        "recorded_at": tx.now,
        "updated_at": tx.now,
        "completed_at": placed_at if done else None,
    }
