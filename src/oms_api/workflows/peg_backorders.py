"""Pegging backorders to what is on its way, and promising customers the day: anew whenever either side moves."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from oms_api.db.outbox import FeedEvent
from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.domain.channels.events import ChannelChanged, LocationChanged
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.fulfillment.backorders.events import BackorderPromised
from oms_api.domain.fulfillment.backorders.pegging import LOCKED_QUEUE, Peg, Queued, pegs_in_turn, queued_in, told
from oms_api.domain.fulfillment.events import OrderSourced
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
from oms_api.kernel.ids import IdKind

PEG = """
UPDATE backorder SET supply_kind = new.kind, supply_line_id = new.supply_line_id, location_id = new.location_id,
    ships_on = new.ships_on, arrives_on = new.arrives_on
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::date[], $6::date[])
    AS new (id, kind, supply_line_id, location_id, ships_on, arrives_on)
WHERE backorder.id = new.id
"""
BROKEN = "SELECT DISTINCT sku_id FROM backorder WHERE waiting > 0 AND ships_on < $2 ORDER BY sku_id LIMIT $1"
SKUS_OF_PURCHASES = "SELECT DISTINCT sku_id FROM purchase_order_line WHERE purchase_order_id = ANY ($1::uuid[])"
SKUS_OF_TRANSFERS = "SELECT DISTINCT sku_id FROM transfer_line WHERE transfer_id = ANY ($1::uuid[])"
SKUS_OF_ORDERS = "SELECT DISTINCT sku_id FROM backorder WHERE order_id = ANY ($1::uuid[])"
SKUS_OF_CHANNELS = "SELECT DISTINCT sku_id FROM backorder WHERE waiting > 0 AND channel_id = ANY ($1::uuid[])"
SKUS_OF_LOCATIONS = """
SELECT DISTINCT sku_id FROM backorder WHERE waiting > 0 AND channel_id IN (
    SELECT channel_id FROM channel_location WHERE location_id = ANY ($1::uuid[]))
"""
SUBJECTS = {
    IdKind.PURCHASE_ORDER.value: SKUS_OF_PURCHASES,
    IdKind.TRANSFER.value: SKUS_OF_TRANSFERS,
    IdKind.ORDER.value: SKUS_OF_ORDERS,
    IdKind.CHANNEL.value: SKUS_OF_CHANNELS,
    IdKind.LOCATION.value: SKUS_OF_LOCATIONS,
}
"""Whose events may move promises, and how to find the SKUs."""

MOVES_PROMISES = frozenset(
    event.type
    for event in (
        OrderPlaced, OrderCanceled, OrderLinesCanceled, OrderSourced, PurchaseOrderSubmitted, PurchaseOrderConfirmed,
        PurchaseOrderChanged, PurchaseOrderReceived, PurchaseOrderClosed, PurchaseOrderCanceled, TransferCreated,
        TransferChanged, TransferShipped, TransferReceived, TransferCanceled, ChannelChanged, LocationChanged,
    )
)  # fmt: skip


async def peg_after(tx: Tx, piece: Piece) -> None:
    """Peg the backorders anew whose SKUs the events of *piece* have to do with."""
    skus = await concerned(tx, await piece.events(tx))
    if skus:
        await peg_backorders(tx, skus)


async def renew_promises(tx: Tx, size: int) -> int:
    """Promise anew what was promised for a day that is over everywhere, and return how many promises moved: a sweep."""
    skus = [sku for (sku,) in await tx.fetch(BROKEN, (size, (tx.now - timedelta(hours=12)).date()))]
    return await peg_backorders(tx, skus) if skus else 0


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
    queue = queued_in(await tx.fetch(LOCKED_QUEUE, (array(skus),)))
    moved = [(queued, found) for queued, found in await pegs_in_turn(tx, queue) if found != queued.pegged]
    if moved:
        pegs = [found for _, found in moved]
        tx.closing.append((PEG, (
            array(queued.id for queued, _ in moved), text_array(found.kind for found in pegs),
            text_array(_text(found.supply_line_id) for found in pegs), text_array(_text(found.location_id) for found in pegs),
            text_array(_text(found.ships_on) for found in pegs), text_array(_text(found.arrives_on) for found in pegs),
        )))  # fmt: skip
        tell_promises(tx, moved)
    return len(moved)


def tell_promises(tx: Tx, moved: Iterable[tuple[Queued, Peg]]) -> None:
    """Tell of each backorder for which another day is promised now."""
    for queued, found in moved:
        if changes := told(queued, found):
            tx.emit(
                BackorderPromised(
                    subject_id=queued.id,
                    sku_id=queued.sku_id,
                    order_id=queued.order_id,
                    channel_id=queued.channel_id,
                    location_ids=(found.location_id,) if found.location_id else (),
                    changes=changes,
                )
            )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
