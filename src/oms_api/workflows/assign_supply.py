"""Assigning backorders to what is on its way, and promising customers the day: anew whenever either side moves."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from oms_api.db.outbox import FeedEvent
from oms_api.db.rows import Given, types
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.channels.events import ChannelChanged, LocationChanged, LocationStockReported, LocationStockStale
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.fulfillment.backorders.events import BackorderPromised
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.fulfillment.events import (
    AllocationLost,
    FulfillmentOrderMoved,
    FulfillmentOrderRejected,
    OrderSourced,
    OrderSourcedAnew,
)
from oms_api.domain.inventory.transfers.events import (
    TransferCanceled,
    TransferChanged,
    TransferCreated,
    TransferReceived,
    TransferShipped,
)
from oms_api.domain.orders.events import OrderCanceled, OrderEdited, OrderLinesCanceled, OrderPlaced, OrderUpdated
from oms_api.domain.promising.assigning import Assignment, Queued, assignments_in_turn, changes_of
from oms_api.domain.purchasing.events import (
    PurchaseOrderCanceled,
    PurchaseOrderChanged,
    PurchaseOrderClosed,
    PurchaseOrderConfirmed,
    PurchaseOrderReceived,
    PurchaseOrderSubmitted,
)
from oms_api.kernel.ids import IdKind, SkuId

ONE_AT_A_TIME = Sql("SELECT pg_advisory_xact_lock(hashtextextended('oms pegs', 0))")
ASSIGNED = ("supply_kind", "supply_line_id", "location_id", "ships_on", "arrives_on")
NEW = Given("new", **types(BackorderRow, "id", *ASSIGNED))
ASSIGN = Sql(f"""
WITH assigned AS (
    SELECT * FROM {NEW}
), locked AS (
    SELECT backorder.id FROM backorder JOIN assigned ON assigned.id = backorder.id WHERE backorder.waiting > 0
    ORDER BY backorder.sku_id, backorder.priority DESC, backorder.placed_at, backorder.id FOR NO KEY UPDATE OF backorder
)
UPDATE backorder SET {", ".join(f"{name} = assigned.{name}" for name in ASSIGNED)}
FROM assigned JOIN locked ON locked.id = assigned.id WHERE backorder.id = assigned.id
""")  # noqa: S608 - our own columns
BROKEN = Sql("SELECT DISTINCT sku_id FROM backorder WHERE waiting > 0 AND ships_on < :day ORDER BY sku_id LIMIT :size")
SKUS_OF_PURCHASES = Sql("SELECT DISTINCT sku_id FROM purchase_order_line WHERE purchase_order_id = ANY (:documents::uuid[])")
SKUS_OF_TRANSFERS = Sql("SELECT DISTINCT sku_id FROM transfer_line WHERE transfer_id = ANY (:documents::uuid[])")
SKUS_OF_ORDERS = Sql("""
SELECT sku_id FROM backorder WHERE order_id = ANY (:documents::uuid[])
UNION SELECT sku_id FROM order_line WHERE order_id = ANY (:documents::uuid[]) AND unsourced > 0 AND sku_id IS NOT NULL
""")
SKUS_OF_WORKS = Sql("""
SELECT DISTINCT line.sku_id FROM fulfillment_order_line part JOIN order_line line ON line.id = part.line_id
WHERE part.fulfillment_order_id = ANY (:documents::uuid[])
""")
SKUS_OF_CHANNELS = Sql("SELECT DISTINCT sku_id FROM backorder WHERE waiting > 0 AND channel_id = ANY (:documents::uuid[])")
SKUS_OF_LOCATIONS = Sql("""
SELECT DISTINCT sku_id FROM backorder WHERE waiting > 0 AND channel_id IN (
    SELECT channel_id FROM channel_location WHERE location_id = ANY (:documents::uuid[]))
""")
SUBJECTS = {
    IdKind.PURCHASE_ORDER.value: SKUS_OF_PURCHASES,
    IdKind.TRANSFER.value: SKUS_OF_TRANSFERS,
    IdKind.ORDER.value: SKUS_OF_ORDERS,
    IdKind.FULFILLMENT_ORDER.value: SKUS_OF_WORKS,
    IdKind.CHANNEL.value: SKUS_OF_CHANNELS,
    IdKind.LOCATION.value: SKUS_OF_LOCATIONS,
}
"""Whose events may move promises, and how to find the SKUs."""
DECIDING = {
    IdKind.CHANNEL.value: {"locations", "status", "oversellRule"},
    IdKind.LOCATION.value: {"calendar", "timeZone", "status", "acceptsOrders", "stockStale"},
}
"""What of a channel or a location promises depend on."""
DECIDING_OF_ORDERS = {"priority", "country"}
"""What of an order that is updated promises depend on."""

OF_ORDERS = (OrderPlaced, OrderEdited, OrderCanceled, OrderLinesCanceled, OrderSourced, AllocationLost, OrderUpdated)
OF_WORK = (OrderSourcedAnew, FulfillmentOrderMoved, FulfillmentOrderRejected)
ORDERED = (PurchaseOrderSubmitted, PurchaseOrderConfirmed, PurchaseOrderChanged)
OF_PURCHASES = (*ORDERED, PurchaseOrderReceived, PurchaseOrderClosed, PurchaseOrderCanceled)
OF_TRANSFERS = (TransferCreated, TransferChanged, TransferShipped, TransferReceived, TransferCanceled)
OF_LOCATIONS = (LocationChanged, LocationStockStale, LocationStockReported)
MOVES_PROMISES = frozenset(
    event.type for event in (*OF_ORDERS, *OF_WORK, *OF_PURCHASES, *OF_TRANSFERS, ChannelChanged, *OF_LOCATIONS)
)


async def assign_after(tx: Tx, piece: Piece) -> None:
    """Assign the backorders anew whose SKUs the events of *piece* have to do with."""
    skus = await concerned(tx, await piece.events(tx))
    if skus:
        await assign_supply(tx, skus)


async def renew_promises(tx: Tx, size: int) -> int:
    """Promise anew what was promised for a day that is over everywhere, and return of how many SKUs: a sweep."""
    skus = [sku for (sku,) in await tx.fetch(BROKEN(size=size, day=(tx.now - timedelta(hours=12)).date()))]
    moved = await assign_supply(tx, skus) if skus else 0
    return len(skus) if moved else 0


async def concerned(tx: Tx, events: Sequence[FeedEvent]) -> list[SkuId]:
    """Return the SKUs of the documents that *events* tell of."""
    found = {event.sku_id for event in events if event.type == ChannelChanged.type and event.sku_id is not None}
    for kind, statement in SUBJECTS.items():
        documents = {event.subject_id for event in events if event.subject_kind == kind and matters(event)}
        if documents:
            found |= {sku for (sku,) in await tx.fetch(statement(documents=array(documents)))}
    return sorted(found)


def matters(event: FeedEvent) -> bool:
    """Tell whether promises may be others because of the document that *event* tells of, and not of one SKU of it only."""
    if event.type == OrderUpdated.type:
        return not DECIDING_OF_ORDERS.isdisjoint(event.changes or ())
    deciding = DECIDING.get(event.subject_kind)
    if deciding is None:
        return True
    return event.sku_id is None and any(name.split(".")[0] in deciding for name in event.changes or ())


async def assign_supply(tx: Tx, skus: Collection[SkuId]) -> int:
    """Assign what waits of *skus* to what comes, in the order of the queue, and return how many promises moved."""
    await tx.fetch(ONE_AT_A_TIME())
    moved = [(queued, found) for queued, found in await assignments_in_turn(tx, skus) if found != queued.assigned]
    if moved:
        rows = [
            {
                "id": queued.id,
                "supply_kind": found.kind,
                "supply_line_id": found.supply_line_id,
                "location_id": found.location_id,
                "ships_on": found.ships_on,
                "arrives_on": found.arrives_on,
            }
            for queued, found in moved
        ]
        tx.closing.append(ASSIGN(new=NEW(rows)))
        emit_promises(tx, moved)
    return len(moved)


def emit_promises(tx: Tx, moved: Iterable[tuple[Queued, Assignment]]) -> None:
    """Tell of each backorder for which another day is promised now."""
    for queued, found in moved:
        if changes := changes_of(queued, found):
            tx.emit(
                BackorderPromised(
                    subject_id=queued.id,
                    sku_id=queued.sku_id,
                    order_id=queued.order_id,
                    channel_id=queued.channel_id,
                    location_ids=tuple(sorted(filter(None, {found.location_id, (queued.assigned or found).location_id}))),
                    changes=changes,
                )
            )
