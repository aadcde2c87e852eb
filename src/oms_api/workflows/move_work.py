"""Letting another location do the work for an order: its promise is taken back, and one is made there, in one transaction."""

from dataclasses import dataclass
from typing import Any

from oms_api.db.session import LookAgain, Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.errors import LocationNotInChannel
from oms_api.domain.channels.serving import TAKES_ORDERS
from oms_api.domain.fulfillment.errors import AlreadyThere, LocationTakesNoOrders, PinnedElsewhere
from oms_api.domain.fulfillment.events import FulfillmentOrderMoved
from oms_api.domain.fulfillment.giving_up import (
    ActedOn,
    document_of,
    give_up,
    locked_for,
    promises_of,
    status_changes,
    work_named,
)
from oms_api.domain.fulfillment.rejections.bars import lift
from oms_api.domain.fulfillment.schedule import Place
from oms_api.domain.fulfillment.taking import Taken, take, write_taken
from oms_api.domain.fulfillment.verbs import MOVE
from oms_api.domain.inventory.errors import InsufficientStock, Shortage
from oms_api.domain.inventory.lots.good import AVAILABLE, FREE
from oms_api.domain.inventory.reservations.endings import lock_levels_last
from oms_api.domain.inventory.sellable import LevelSnapshot, Sellable, Waiting
from oms_api.domain.inventory.sourcing import Source
from oms_api.domain.inventory.unpromise import record_losses
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.promising.waiting import waiting_for
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, LocationId, SkuId, text_id

SKUS = """(
    SELECT DISTINCT line.sku_id FROM fulfillment_order_line part JOIN order_line line ON line.id = part.line_id
    WHERE part.fulfillment_order_id = :work::uuid
)"""
LINES = Sql("""
SELECT id, sku_id, sku_code, pinned_to, coalesce(barred_from, '{}') FROM order_line
WHERE order_id = :order::uuid AND kind = 'GOODS'
""")
TARGET = Sql(f"""
SELECT channel.sells_safety_stock, location.code, coalesce({TAKES_ORDERS}, false), served.location_id IS NOT NULL
FROM orders JOIN channel ON channel.id = orders.channel_id
LEFT JOIN location ON location.id = :place::uuid
LEFT JOIN channel_location served ON served.channel_id = channel.id AND served.location_id = location.id
WHERE orders.id = :order::uuid
""")  # noqa: S608 - made of constants
LEVELS = Sql(f"""
SELECT level.id, level.sku_id, level.location_id, {AVAILABLE}, {FREE} FROM inventory_level level
WHERE level.location_id IN (:place::uuid, :here::uuid) AND level.sku_id IN {SKUS}
""")  # noqa: S608 - made of constants
LOCKED_LEVELS = Sql(f"{LEVELS} ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level")
OTHERS = Sql(waiting_for(SKUS, others="order_id <> :order::uuid"))
"""Who else waits for the units that a fulfillment order is of."""
BY_HAND = Sql("UPDATE fulfillment_order SET opens_by_hand = true WHERE id = :work::uuid")
REASON = "somebody gave the work to this location"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveWork:
    """Let another location do the work of a fulfillment order."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    location_id: LocationId
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A location that is to serve an order, as a Seller."""

    locations: tuple[LocationId, ...]
    sells_safety_stock: bool


async def move_work(tx: Tx, command: MoveWork) -> ActedOn:
    """Give all that is left of a fulfillment order that waits to another location, and return the fulfillment order there.

    Those who wait for the units at the priority of the order or above come first, as they do for a new order. A location that
    rejected lines is asked for them again from now on.
    Raises: NotFound, VersionConflict, FulfillmentOrderBegun, OrderOnHold, FulfillmentOrderOnHold, AlreadyThere,
    LocationNotInChannel, LocationTakesNoOrders, InsufficientStock; Refused with PinnedElsewhere.
    """
    row, target = await work_named(tx, command.fulfillment_order_id), command.location_id
    reads = (LINES(order=row.order_id), TARGET(order=row.order_id, place=target))
    look = LOCKED_LEVELS if tx.pessimistic else LEVELS
    stocks = look(work=row.id, place=target, here=row.location_id), OTHERS(work=row.id, order=row.order_id)
    document, work, (lines, where, levels, waiting) = await locked_for(tx, row, MOVE, command.expected_version, *reads, *stocks)
    ((sells_safety_stock, code, takes, serves),) = where
    _check_target(tx, work.location_id, target, code, takes=takes, serves=serves)
    facts = {line: (sku, name, pinned, barred) for line, sku, name, pinned, barred in lines}
    promises = promises_of(document, work.id)
    _check_pins(target, [facts[promise.line_id] for promise in promises])
    known = {(sku, at): LevelSnapshot(key, available, free) for key, sku, at, available, free in levels}
    stock = Sellable.of(known, [Waiting.of(each) for each in waiting])
    needed: dict[SkuId, int] = {}
    for promise in promises:
        sku = facts[promise.line_id][0]
        needed[sku] = needed.get(sku, 0) + promise.in_fulfillment
    _check_stock(tx, document.order, stock, Target((target,), sells_safety_stock), needed, {f[0]: f[1] for f in facts.values()})
    place = Place(target, work.opens_on, None)
    taken = [
        Taken(Source(at, facts[each.line_id][0], target, each.in_fulfillment, REASON), each.line_id, place)
        for at, each in enumerate(promises)
    ]
    losses = [give_up(document, promise, promise.in_fulfillment, facts[promise.line_id][0]) for promise in promises]
    works = take(tx, document, taken)
    order = document.save(tx, tx.now)
    lock_levels_last(tx, known)
    released = record_losses(tx, document_of(work.id), losses, tx.now)
    write_taken(tx, order, works, taken, known, sells_safety_stock=sells_safety_stock, beside=released)
    if work.opens_by_hand:
        tx.closing.append(BY_HAND(work=works[place]))
    lift(tx, {each.line_id for each in promises if target in facts[each.line_id][3]}, target)
    changes = status_changes(document, work)
    changes["fulfillmentOrder.locationId"] = text_id(IdKind.LOCATION, work.location_id), text_id(IdKind.LOCATION, target)
    document.emit(
        tx,
        FulfillmentOrderMoved,
        changes,
        tx.now,
        subject_id=work.id,
        location_ids=(work.location_id, target),
        cause_id=works[place],
    )
    return ActedOn(works[place])


def _check_target(tx: Tx, here: LocationId, target: LocationId, code: str | None, *, takes: bool, serves: bool) -> None:
    if here == target:
        raise AlreadyThere(field=("locationId",))
    if code is None or not serves or not tx.principal.sees_location(target):
        raise LocationNotInChannel(given=text_id(IdKind.LOCATION, target), field=("locationId",))
    if not takes:
        raise LocationTakesNoOrders(location=code, field=("locationId",))


def _check_pins(target: LocationId, lines: list[Any]) -> None:
    errors: list[OmsError] = [
        PinnedElsewhere(sku=code, field=("locationId",)) for _, code, pinned, _ in lines if pinned not in {None, target}
    ]
    if errors:
        raise Refused(errors=errors)


def _check_stock(
    tx: Tx, order: OrderRow, stock: Sellable, target: Target, needed: dict[SkuId, int], codes: dict[SkuId, str]
) -> None:
    """Raises: LookAgain, where a look without locks finds too few; InsufficientStock, where one with locks does."""
    there = {sku: stock.promisable(target, sku, priority=order.priority) for sku in needed}
    short = [Shortage(sku, codes[sku], units, there[sku]) for sku, units in needed.items() if there[sku] < units]
    if short and not tx.pessimistic:
        raise LookAgain
    if short:
        raise InsufficientStock(short=short, field=("locationId",))
