"""Pegging backorders to what is on its way, and promising customers the day: anew whenever either side moves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.db.outbox import FeedEvent
from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.domain.channels.calendar import calendar_of
from oms_api.domain.channels.states import Oversell
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.fulfillment.backorders.events import BackorderPromised
from oms_api.domain.fulfillment.events import OrderSourced
from oms_api.domain.inventory.promising import Incoming, Part, Promising, Site, SupplyKind
from oms_api.domain.inventory.sourcing import Demand
from oms_api.domain.inventory.transfers.events import (
    TransferCanceled,
    TransferChanged,
    TransferCreated,
    TransferReceived,
    TransferShipped,
)
from oms_api.domain.orders.events import OrderCanceled, OrderLinesCanceled, OrderPlaced
from oms_api.domain.purchasing.events import (
    PurchaseOrderCanceled,
    PurchaseOrderChanged,
    PurchaseOrderClosed,
    PurchaseOrderConfirmed,
    PurchaseOrderReceived,
    PurchaseOrderSubmitted,
)
from oms_api.domain.purchasing.incoming import SUPPLY
from oms_api.kernel.ids import IdKind

QUEUE = """
SELECT backorder.id, backorder.sku_id, backorder.waiting, backorder.order_id, backorder.channel_id, orders.country,
       backorder.placed_at, backorder.policy, rule.promise_days, rule.ships_on, backorder.supply_kind,
       backorder.supply_line_id, backorder.location_id, backorder.ships_on, backorder.arrives_on
FROM backorder JOIN orders ON orders.id = backorder.order_id
LEFT JOIN LATERAL (
    SELECT promise_days, ships_on FROM oversell_rule
    WHERE channel_id = backorder.channel_id AND (sku_id = backorder.sku_id OR sku_id IS NULL)
    ORDER BY sku_id NULLS LAST LIMIT 1
) AS rule ON true
WHERE backorder.sku_id = ANY ($1::uuid[]) AND backorder.waiting > 0
ORDER BY backorder.sku_id, backorder.priority DESC, backorder.placed_at, backorder.id FOR NO KEY UPDATE OF backorder
"""
COMING = f"""
SELECT supply.kind, supply.line_id, supply.sku_id, supply.location_id, supply.quantity::int,
       (supply.expected_at AT TIME ZONE location.time_zone)::date
FROM ({SUPPLY}) AS supply JOIN location ON location.id = supply.location_id WHERE supply.sku_id = ANY ($1::uuid[])
"""  # noqa: S608 - made of constants
SERVED = """
SELECT served.channel_id, location.id, location.time_zone, location.calendar
FROM channel_location served JOIN location ON location.id = served.location_id AND location.status = 'ACTIVE'
WHERE served.channel_id = ANY ($1::uuid[]) ORDER BY served.channel_id, served.priority
"""
PEG = """
UPDATE backorder SET supply_kind = new.kind, supply_line_id = new.supply_line_id, location_id = new.location_id,
    ships_on = new.ships_on, arrives_on = new.arrives_on
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::date[], $6::date[])
    AS new (id, kind, supply_line_id, location_id, ships_on, arrives_on)
WHERE backorder.id = new.id
"""
SKUS_OF_PURCHASES = "SELECT DISTINCT sku_id FROM purchase_order_line WHERE purchase_order_id = ANY ($1::uuid[])"
SKUS_OF_TRANSFERS = "SELECT DISTINCT sku_id FROM transfer_line WHERE transfer_id = ANY ($1::uuid[])"
SKUS_OF_ORDERS = "SELECT DISTINCT sku_id FROM backorder WHERE order_id = ANY ($1::uuid[])"
SUBJECTS = {
    IdKind.PURCHASE_ORDER.value: SKUS_OF_PURCHASES,
    IdKind.TRANSFER.value: SKUS_OF_TRANSFERS,
    IdKind.ORDER.value: SKUS_OF_ORDERS,
}
"""Whose events may move promises, and how to find the SKUs."""

MOVES_PROMISES = frozenset(
    event.type
    for event in (
        OrderPlaced, OrderCanceled, OrderLinesCanceled, OrderSourced, PurchaseOrderSubmitted, PurchaseOrderConfirmed,
        PurchaseOrderChanged, PurchaseOrderReceived, PurchaseOrderClosed, PurchaseOrderCanceled, TransferCreated,
        TransferChanged, TransferShipped, TransferReceived, TransferCanceled,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A backorder in the queue, and what it is pegged to now."""

    id: UUID
    sku_id: UUID
    units: int
    order_id: UUID
    channel_id: UUID
    country: str | None
    placed_at: datetime
    policy: Oversell
    promise_days: int | None
    preorder_on: date | None
    pegged: "Peg"


@dataclass(frozen=True, slots=True)
class Peg:
    """What the first of the units is expected from, and what all of them are promised for."""

    kind: SupplyKind | None = None
    supply_line_id: UUID | None = None
    location_id: UUID | None = None
    ships_on: date | None = None
    arrives_on: date | None = None


async def peg_after(tx: Tx, piece: Piece) -> None:
    """Peg the backorders anew whose SKUs the events of *piece* have to do with."""
    skus = await concerned(tx, await piece.events(tx))
    if skus:
        await peg_backorders(tx, skus)


async def concerned(tx: Tx, events: Sequence[FeedEvent]) -> list[UUID]:
    """Return the SKUs of the documents that *events* tell of."""
    found: set[UUID] = set()
    for kind, statement in SUBJECTS.items():
        documents = {event.subject_id for event in events if event.subject_kind == kind}
        if documents:
            found |= {sku for (sku,) in await tx.fetch(statement, (array(documents),))}
    return sorted(found)


async def peg_backorders(tx: Tx, skus: Collection[UUID]) -> int:
    """Peg what waits of *skus* to what comes, in the order of the queue, and return how many promises moved."""
    wanted = array(skus)
    queue = [_waiting(row) for row in await tx.fetch(QUEUE, (wanted,))]
    if not queue:
        return 0
    channels = {waiting.channel_id for waiting in queue}
    coming, served = await tx.flush([(COMING, (wanted,)), (SERVED, (array(channels),))])
    places: dict[UUID, list[UUID]] = {channel: [] for channel in channels}
    sites: dict[UUID, Site] = {}
    for channel, location, zone, calendar in served:
        places[channel].append(location)
        sites[location] = Site(calendar_of(calendar), ZoneInfo(zone))
    incoming = [
        Incoming(kind=SupplyKind(kind), line_id=line, sku_id=sku, location_id=location, quantity=units, expected_on=expected)
        for kind, line, sku, location, units, expected in coming
        if location in sites
    ]
    promising = Promising(sites, {}, incoming, tx.now)
    pegs = [(waiting, peg(promising, waiting, places[waiting.channel_id])) for waiting in queue]
    moved = [(waiting, found) for waiting, found in pegs if found != waiting.pegged]
    _write(tx, moved)
    return len(moved)


def peg(promising: Promising, waiting: Waiting, locations: Sequence[UUID]) -> Peg:
    """Return what *waiting* is pegged to and promised for, given what those before it took."""
    promise = promising.promise(Demand(0, waiting.sku_id, waiting.units), locations, waiting.country)
    first: Part | None = promise.parts[0] if promise.parts else None
    leaves, arrives = promise.ships_on, promise.arrives_on
    if leaves is None and locations:
        leaves, arrives = by_rule(promising, waiting, locations[0])
    if waiting.preorder_on is not None and leaves is not None and leaves < waiting.preorder_on:
        leaves, arrives = by_rule(promising, waiting, first.location_id if first else locations[0])
    if first is None:
        return Peg(location_id=locations[0] if locations else None, ships_on=leaves, arrives_on=arrives)
    return Peg(first.kind, first.line_id, first.location_id, leaves, arrives)


def by_rule(promising: Promising, waiting: Waiting, location: UUID) -> tuple[date | None, date | None]:
    """Return the days promised by the channel's rule alone, where no supply with a day covers all units."""
    zone = promising.sites[location].zone
    if waiting.preorder_on is not None:
        ready = datetime.combine(waiting.preorder_on, datetime.min.time(), zone)
    elif waiting.promise_days is not None:
        ready = waiting.placed_at + timedelta(days=waiting.promise_days)
    else:
        return None, None
    return promising.leaves(location, max(ready, promising.at), waiting.country)


def _waiting(row: tuple[Any, ...]) -> Waiting:
    (key, sku, units, order, channel, country, placed_at, policy, promise_days, preorder_on, kind, line, location, ships_on,
     arrives_on) = row  # fmt: skip
    return Waiting(
        id=key,
        sku_id=sku,
        units=units,
        order_id=order,
        channel_id=channel,
        country=country,
        placed_at=placed_at,
        policy=Oversell(policy),
        promise_days=promise_days,
        preorder_on=preorder_on,
        pegged=Peg(None if kind is None else SupplyKind(kind), line, location, ships_on, arrives_on),
    )


def _write(tx: Tx, moved: Sequence[tuple[Waiting, Peg]]) -> None:
    if not moved:
        return
    pegs = [found for _, found in moved]
    tx.closing.append((PEG, (
        array(waiting.id for waiting, _ in moved), text_array(found.kind for found in pegs),
        text_array(_text(found.supply_line_id) for found in pegs), text_array(_text(found.location_id) for found in pegs),
        text_array(_text(found.ships_on) for found in pegs), text_array(_text(found.arrives_on) for found in pegs),
    )))  # fmt: skip
    for waiting, found in moved:
        changes: dict[str, tuple[object, object]] = {}
        if found.ships_on != waiting.pegged.ships_on:
            changes["shipsOn"] = waiting.pegged.ships_on, found.ships_on
        if found.arrives_on != waiting.pegged.arrives_on:
            changes["arrivesOn"] = waiting.pegged.arrives_on, found.arrives_on
        if changes:
            tx.emit(
                BackorderPromised(
                    subject_id=waiting.id,
                    order_id=waiting.order_id,
                    channel_id=waiting.channel_id,
                    location_ids=(found.location_id,) if found.location_id else (),
                    changes=changes,
                )
            )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
