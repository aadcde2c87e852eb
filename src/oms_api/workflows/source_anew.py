"""Looking for locations for an order anew: for what waits, and for what is promised and not begun, if that is given up."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.serving import IN_USE
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.fulfillment.backorders.settle import WAITS, Wait
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.events import OrderLeavesLocation
from oms_api.domain.fulfillment.giving_up import give_up
from oms_api.domain.fulfillment.rejections.bars import lift
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.inventory.sellable import Sellable
from oms_api.domain.inventory.sourcing import Demand, Source
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.verbs import LIFE, SOURCE_AGAIN, OrderFacts
from oms_api.domain.promising.look import SERVED_OF_ORDER, OrderLook
from oms_api.domain.promising.snapshot import Snapshot
from oms_api.domain.sourcing.explaining import DecidedStep
from oms_api.domain.sourcing.groups import SentFrom
from oms_api.kernel.checks import check_length, refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import AllocationId, FulfillmentOrderId, IdKind, LineId, LocationId, OrderId, text_id
from oms_api.kernel.naming import check_version
from oms_api.workflows.source_again import (
    CHOSEN,
    ITEMS,
    OrderSourcing,
    WaitingLine,
    decisions_of,
    items_in,
    lane_of,
    write_sourced,
)

LOOK = OrderLook(
    """SELECT DISTINCT sku_id AS id FROM order_line
    WHERE order_id = :order::uuid AND kind = 'GOODS' AND unsourced + backordered + allocated + in_fulfillment > 0""",
    CHOSEN,
    served=f"{SERVED_OF_ORDER} UNION SELECT location_id FROM allocation WHERE order_id = :order::uuid",  # noqa: S608 - made of constants
)
"""Where an order is served and where units of it are."""
WAITING_WORK = {FulfillmentOrderStatus.SCHEDULED, FulfillmentOrderStatus.OPEN}
MOST_NAMED = 50
LEAVING = Sql(f"""
SELECT DISTINCT orders.id, orders.channel_id FROM location
JOIN inventory_level level ON level.location_id = location.id
JOIN allocation promise ON promise.level_id = level.id AND promise.allocated + promise.in_fulfillment > 0
JOIN orders ON orders.id = promise.order_id AND orders.status = 'OPEN'
LEFT JOIN fulfillment_order_line line ON line.allocation_id = promise.id
LEFT JOIN fulfillment_order work ON work.id = line.fulfillment_order_id
WHERE location.id = :place::uuid AND NOT ({IN_USE})
  AND (promise.allocated > 0 OR work.status IN ('SCHEDULED', 'OPEN') AND NOT work.on_hold)
ORDER BY orders.id
""")  # noqa: S608 - made of constants
"""The orders that a location which takes none has not begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAgain:
    """Look for locations for an order again; with *release_open* for what is not begun too, or for that of some works only.

    With *ask_again* locations are asked again for the lines that they rejected.
    """

    idempotency_key: str
    order_id: OrderId
    release_open: bool = False
    ask_again: bool = False
    fulfillment_order_ids: tuple[FulfillmentOrderId, ...] | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Anew:
    """What comes of looking anew: *sources* that are new, and of which promises how many units they replace."""

    sources: Sequence[Source]
    given_up: Mapping[AllocationId, int]
    decisions: Sequence[DecidedStep] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is looked at to source an order anew."""

    items: Sequence[WaitingLine]
    snapshot: Snapshot
    priority: int
    lane: OrderSourcing
    promises: Sequence[Promise]
    now: datetime

    def sent(self, movable: Sequence[Promise]) -> SentFrom:
        """Return the locations that serve the order anyway, when *movable* promises are given up."""
        moved = {promise.id for promise in movable}
        there: dict[LineId, list[LocationId]] = {}
        for promise in self.promises:
            if promise.id not in moved and promise.allocated + promise.in_fulfillment:
                there.setdefault(promise.line_id, []).append(promise.location_id)
        return SentFrom.of((item.ship_group, there.get(item.line.id, [])) for item in self.items)


async def source_again(tx: Tx, command: SourceAgain) -> OrderRow:
    """Promise what there is to the lines of an order that wait, and with *release_open* find the best for the whole anew.

    Where fewer units were promised then than are, everything stays. What is being picked stays, and what is on hold of its own.
    Raises: InvalidValue, TooManyItems, NotFound, VersionConflict, IllegalMove; Refused with works that cannot be given up.
    """
    named = command.fulfillment_order_ids
    if named is not None:
        check_length(named, "fulfillmentOrderIds", MOST_NAMED, "leave them out for all that is not begun")
        if not command.release_open:
            problem = "fulfillmentOrderIds says of which fulfillment orders promises are given up: that needs releaseOpen."
            raise InvalidValue(problem=problem, field=("fulfillmentOrderIds",))
    document, answers = await _looked_at(tx, command.order_id)
    if document is None or not all(tx.principal.sees_location(work.location_id) for work in document.works.values()):
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    order = document.order
    check_version(command.expected_version, order.version)
    refuse_if(LIFE.why_not(SOURCE_AGAIN, order.status, OrderFacts(order.status, (), order.external_ref, order.on_hold)))
    _check_works(document, named or ())
    movable = [promise for promise in waiting_promises(document) if named is None or promise.work_id in named]
    waits = [Wait(*row) for row in answers[1]]
    scene = await _scene(tx, document, answers)
    barred = [(item.line.id, place) for item in scene.items for place in item.barred] if command.ask_again else []
    if barred:
        scene = replace(scene, items=[replace(item, barred=()) for item in scene.items])
    found = (found_anew(scene, movable) if command.release_open else None) or found_anew(scene, ())
    if found is not None:
        order = _written(tx, document, scene, found, waits)
    for place in sorted({place for _, place in barred}):
        lift(tx, [line for line, at in barred if at == place], place)
    return order


async def leave_location(tx: Tx, order_id: OrderId, place: LocationId) -> None:
    """Promise from other locations what *place* has of an order and has not begun, as far as they have it; the rest stays."""
    document, answers = await _looked_at(tx, order_id)
    if document is None or document.order.status is not OrderStatus.OPEN:
        return
    scene = await _scene(tx, document, answers)
    if place in scene.snapshot.channel.locations:
        return
    found = found_anew(
        scene, [promise for promise in waiting_promises(document) if promise.location_id == place], all_too=False
    )
    if found is not None:
        _written(tx, document, scene, found, [])


async def orders_leave(tx: Tx, piece: Piece) -> None:
    """Tell of every order that a location which was switched off has not begun: a reaction, others look for its units."""
    for event in await piece.events(tx):
        changes = event.changes or {}
        if changes.get("status", (None, None))[1] == "INACTIVE" or changes.get("acceptsOrders", (None, True))[1] is False:
            place = LocationId(event.subject_id)
            for order, channel in await tx.fetch(LEAVING(place=place)):
                tx.emit(OrderLeavesLocation(subject_id=order, order_id=order, channel_id=channel, location_ids=(place,)))


async def source_left(tx: Tx, piece: Piece) -> None:
    """Look for other locations for what a location that was switched off has of an order: a reaction, one order a piece."""
    for event in await piece.events(tx):
        for place in event.location_ids:
            await leave_location(tx, OrderId(event.subject_id), LocationId(place))


def waiting_promises(document: OrderDocument) -> list[Promise]:
    """Return the promises of *document* that nobody has begun to work on, and that no hold of their own keeps there."""
    works = document.works
    return [
        promise
        for promise in document.promises.values()
        if promise.allocated
        or (
            promise.in_fulfillment
            and promise.work_id is not None
            and works[promise.work_id].status in WAITING_WORK
            and not works[promise.work_id].on_hold
        )
    ]


def found_anew(scene: Scene, movable: Sequence[Promise], *, all_too: bool = True) -> Anew | None:
    """Return where the units of *movable* promises, and with *all_too* those that wait, come from; None where nothing is other.

    None too where fewer units were promised then. What lies where nobody is served from any more is kept as far as nothing else
    is found.
    """
    own: dict[LineId, list[Promise]] = {}
    for promise in movable:
        own.setdefault(promise.line_id, []).append(promise)
    demands = [
        Demand(at, item.sku_id, units, item.pinned_to, item.barred)
        for at, item in enumerate(scene.items)
        if (units := sum(map(units_of, own.get(item.line.id, ()))) + all_too * (item.line.unsourced + item.line.backordered))
    ]
    stock = _with_own(scene, own)
    strategy = scene.lane.strategy(scene.items, scene.sent(movable), scene.now)
    sources, _ = stock.source(scene.snapshot.channel, demands, priority=scene.priority, partly=True, strategy=strategy)
    fresh, given_up, promised = list[Source](), dict[AllocationId, int](), 0
    for demand in demands:
        item = scene.items[demand.line]
        taken = [each for each in sources if each.line == demand.line]
        fate = fate_of(demand, own.get(item.line.id, ()), taken, scene.snapshot.channel.locations)
        fresh += fate.fresh
        given_up |= fate.given_up
        promised += fate.promised
    if promised < sum(map(units_of, movable)) or not (fresh or given_up):
        return None
    return Anew(fresh, given_up, decisions_of(strategy))


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a line: units from elsewhere, promises that are given up for it, and how many units are promised then."""

    fresh: Sequence[Source]
    given_up: Mapping[AllocationId, int]
    promised: int


def fate_of(demand: Demand, promises: Sequence[Promise], taken: Sequence[Source], places: Sequence[LocationId]) -> Fate:
    """Return what becomes of the *promises* of a line that is to be served by *taken*: what is promised there already stays."""
    new = Counter[LocationId]()
    for each in taken:
        new[each.location_id] += each.quantity
    promised = new.total()
    short, given_up = demand.quantity - promised, dict[AllocationId, int]()
    for promise in promises:
        units, place = units_of(promise), promise.location_id
        stays = min(units, new[place])
        new[place] -= stays
        kept = min(units - stays, short) if place not in places or not demand.allows(place) else 0
        short, promised = short - kept, promised + kept
        if stays + kept < units:
            given_up[promise.id] = units - stays - kept
    fresh = []
    for each in taken:
        more = min(each.quantity, new[each.location_id])
        new[each.location_id] -= more
        if more:
            fresh.append(replace(each, quantity=more))
    return Fate(fresh, given_up, promised)


def _with_own(scene: Scene, own: Mapping[LineId, Sequence[Promise]]) -> Sellable:
    """Return what can be promised to the order: what those leave who wait before it, and what it has itself."""
    left = scene.snapshot.stock.left_for(scene.priority, {item.sku_id for item in scene.items})
    stock = Sellable(dict(left.available), dict(left.free))
    for item in scene.items:
        for promise in own.get(item.line.id, ()):
            key = item.sku_id, promise.location_id
            for units in (stock.available, stock.free):
                units[key] = units.get(key, 0) + units_of(promise)
    return stock


def units_of(promise: Promise) -> int:
    """Return the units of a promise that nobody has begun to work on."""
    return promise.allocated + promise.in_fulfillment


async def _looked_at(tx: Tx, key: OrderId) -> tuple[OrderDocument | None, list[list[tuple[Any, ...]]]]:
    return await locked_document(tx, BY_ORDER, key, ITEMS(order=key), WAITS(order=key), *LOOK(tx, order=key))


async def _scene(tx: Tx, document: OrderDocument, answers: Sequence[Sequence[tuple[Any, ...]]]) -> Scene:
    rows, *_, (found,) = answers
    items, snapshot = items_in(document, rows), Snapshot()
    (chosen,) = snapshot.take(found)
    lane = await lane_of(tx, document.order, items, snapshot.channel.locations, chosen)
    return Scene(items, snapshot, document.order.priority, lane, list(document.promises.values()), tx.now)


def _check_works(document: OrderDocument, named: Collection[FulfillmentOrderId]) -> None:
    """Raises: Refused, with works that are not of the order."""
    errors: list[OmsError] = [
        NotFound(
            what="fulfillment order of this order",
            given=text_id(IdKind.FULFILLMENT_ORDER, key),
            field=("fulfillmentOrderIds", str(at)),
        )
        for at, key in enumerate(named)
        if key not in document.works
    ]
    if errors:
        raise Refused(errors=errors)


def _written(tx: Tx, document: OrderDocument, scene: Scene, found: Anew, waits: Sequence[Wait]) -> OrderRow:
    skus = {item.line.id: item.sku_id for item in scene.items}
    losses = [
        give_up(document, promise, units, skus[promise.line_id])
        for key, units in found.given_up.items()
        for promise in (document.promises[key],)
    ]
    write_sourced(tx, document, scene.items, found.sources, scene.snapshot, waits, losses)
    scene.lane.write(tx, found.decisions)
    return document.saved
