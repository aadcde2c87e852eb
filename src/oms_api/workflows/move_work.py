"""Letting another location do the work for an order: its promise is taken back, and one is made there, in one transaction."""

from dataclasses import replace
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
from oms_api.domain.fulfillment.taking import TakenUnits, take, write_taken
from oms_api.domain.fulfillment.verbs import MOVE
from oms_api.domain.inventory.deallocation import record_losses
from oms_api.domain.inventory.errors import InsufficientStock, Shortage
from oms_api.domain.inventory.reservations.endings import lock_levels_last
from oms_api.domain.inventory.sourcing import Source
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.promising.look import OrderLook
from oms_api.domain.promising.snapshot import Snapshot
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, LocationId, SkuId, text_id

LINES = Sql("""
SELECT id, sku_id, sku_code, pinned_to, coalesce(barred_from, '{}') FROM order_line
WHERE order_id = :order::uuid AND kind = 'GOODS'
""")
TARGET = f"""
(SELECT jsonb_build_array(location.code, coalesce({TAKES_ORDERS}, false), served.location_id IS NOT NULL)
FROM orders LEFT JOIN location ON location.id = :place::uuid
LEFT JOIN channel_location served ON served.channel_id = orders.channel_id AND served.location_id = location.id
WHERE orders.id = :order::uuid)
"""  # noqa: S608 - made of constants
LOOK = OrderLook(
    """SELECT DISTINCT line.sku_id AS id FROM fulfillment_order_line part JOIN order_line line ON line.id = part.line_id
    WHERE part.fulfillment_order_id = :work::uuid""",
    TARGET,
    served="SELECT unnest(ARRAY[:place::uuid, :here::uuid]) AS location_id",
)
"""Of the units that a fulfillment order is of, there and here."""
BY_HAND = Sql("UPDATE fulfillment_order SET opens_by_hand = true WHERE id = :work::uuid")
REASON = "somebody gave the work to this location"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveWork:
    """Let another location do the work of a fulfillment order."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    location_id: LocationId
    expected_version: int | None = None


async def move_work(tx: Tx, command: MoveWork) -> ActedOn:
    """Give all that is left of a fulfillment order that waits to another location, and return the fulfillment order there.

    Those who wait for the units at the priority of the order or above come first, as they do for a new order. A location that
    rejected lines is asked for them again from now on.
    Raises: NotFound, VersionConflict, FulfillmentOrderBegun, OrderOnHold, FulfillmentOrderOnHold, AlreadyThere,
    LocationNotInChannel, LocationTakesNoOrders, InsufficientStock; Refused with PinnedElsewhere.
    """
    row, target = await work_named(tx, command.fulfillment_order_id), command.location_id
    look = LOOK(tx, order=row.order_id, work=row.id, place=target, here=row.location_id)
    reads = LINES(order=row.order_id), *look
    document, work, (lines, *_, (found,)) = await locked_for(tx, row, MOVE, command.expected_version, *reads)
    snapshot = Snapshot()
    ((code, takes, serves),) = snapshot.take(found)
    _check_target(tx, work.location_id, target, code, takes=takes, serves=serves)
    facts = {line: (sku, name, pinned, barred) for line, sku, name, pinned, barred in lines}
    promises = promises_of(document, work.id)
    _check_pins(target, [facts[promise.line_id] for promise in promises])
    needed: dict[SkuId, int] = {}
    for promise in promises:
        sku = facts[promise.line_id][0]
        needed[sku] = needed.get(sku, 0) + promise.in_fulfillment
    _check_stock(tx, document.order, snapshot, target, needed, {f[0]: f[1] for f in facts.values()})
    place = Place(target, work.opens_on, None)
    taken = [
        TakenUnits(Source(at, facts[each.line_id][0], target, each.in_fulfillment, REASON), each.line_id, place)
        for at, each in enumerate(promises)
    ]
    losses = [give_up(document, promise, promise.in_fulfillment, facts[promise.line_id][0]) for promise in promises]
    works = take(tx, document, taken)
    order = document.save(tx, tx.now)
    lock_levels_last(tx, snapshot.levels)
    released = record_losses(tx, document_of(work.id), losses, tx.now)
    safety = snapshot.channel.sells_safety_stock
    write_taken(tx, order, works, taken, snapshot.levels, sells_safety_stock=safety, more_moves=released)
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
    tx: Tx, order: OrderRow, snapshot: Snapshot, target: LocationId, needed: dict[SkuId, int], codes: dict[SkuId, str]
) -> None:
    """Raises: LookAgain, where a look without locks finds too few; InsufficientStock, where one with locks does."""
    stock, seller = snapshot.stock, replace(snapshot.channel, locations=(target,))
    there = {sku: stock.promisable(seller, sku, priority=order.priority) for sku in needed}
    short = [Shortage(sku, codes[sku], units, there[sku]) for sku, units in needed.items() if there[sku] < units]
    if short and not tx.pessimistic:
        raise LookAgain
    if short:
        raise InsufficientStock(short=short, field=("locationId",))
