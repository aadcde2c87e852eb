"""Telling channels how much they can sell, whenever it changes: a reaction to whatever moves stock or decides who may sell it.

A transaction records its movements and its events at one moment, so that the movements behind a piece of the feed are found by
the span of its events, whatever document caused them.
"""

from collections.abc import Sequence

from oms_api.db.outbox import FeedEvent
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.events import SkuChanged, SkuCreated
from oms_api.domain.channels.events import (
    ChannelChanged,
    ChannelCreated,
    LocationChanged,
    LocationStockReported,
    LocationStockStale,
)
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.fulfillment.events import (
    AllocationLost,
    FulfillmentOrderMoved,
    FulfillmentOrderRejected,
    OrderSourced,
    OrderSourcedAnew,
)
from oms_api.domain.inventory.counts.events import StockCountPosted
from oms_api.domain.inventory.events import (
    ChannelAvailabilityChanged,
    InventoryAdjusted,
    InventoryMoved,
    InventorySynced,
    SafetyStockChanged,
)
from oms_api.domain.inventory.reservations.events import (
    ReservationConverted,
    ReservationCreated,
    ReservationExpired,
    ReservationLost,
    ReservationReleased,
)
from oms_api.domain.inventory.summary import PUBLISHABLE
from oms_api.domain.inventory.transfers.events import TransferCanceled, TransferReceived, TransferShipped
from oms_api.domain.orders.events import OrderCanceled, OrderEdited, OrderLinesCanceled, OrderPlaced
from oms_api.domain.purchasing.events import PurchaseOrderReceived
from oms_api.domain.returns.events import ReturnReceived
from oms_api.domain.shipping.events import PackageReturned
from oms_api.kernel.ids import ChannelId, LevelId, LocationId, SkuId

OF_ORDERS = (OrderPlaced, OrderEdited, OrderCanceled, OrderLinesCanceled, OrderSourced, OrderSourcedAnew, AllocationLost)
OF_WORK = (FulfillmentOrderMoved, FulfillmentOrderRejected)
OF_LEVELS = (InventoryAdjusted, InventoryMoved, InventorySynced, StockCountPosted)
OF_GOODS = (PurchaseOrderReceived, ReturnReceived, PackageReturned, TransferShipped, TransferReceived, TransferCanceled)
OF_RESERVATIONS = (ReservationCreated, ReservationReleased, ReservationExpired, ReservationConverted, ReservationLost)
MOVING = (*OF_ORDERS, *OF_WORK, *OF_LEVELS, *OF_GOODS, *OF_RESERVATIONS)
OF_LOCATIONS = (LocationChanged, LocationStockStale, LocationStockReported)
DECIDING = (SkuCreated, SkuChanged, SafetyStockChanged, ChannelCreated, ChannelChanged, *OF_LOCATIONS)
TYPES = frozenset(event.type for event in (*MOVING, *DECIDING))

MOVED = Sql(
    "SELECT DISTINCT sku_id FROM stock_movement WHERE recorded_at BETWEEN :first AND :last AND 'free' IN (source, target)"
)
SKUS_AT = Sql("SELECT DISTINCT sku_id FROM inventory_level WHERE id = ANY (:levels::uuid[])")
CHANNELS_OF = Sql("SELECT DISTINCT channel_id FROM channel_location WHERE location_id = ANY (:locations::uuid[])")
PUBLISH = Sql(f"""
WITH given AS (
    SELECT unnest(:skus::uuid[]) AS sku_id UNION SELECT bundle_id FROM sku_component WHERE component_id = ANY (:skus::uuid[])
), lying AS (
    SELECT sku_id, sku_id AS lies FROM given
    UNION SELECT given.sku_id, part.component_id FROM given JOIN sku_component part ON part.bundle_id = given.sku_id
), served AS (
    SELECT served.channel_id, level.sku_id FROM channel_location served
    JOIN inventory_level level ON level.location_id = served.location_id WHERE served.channel_id = ANY (:channels::uuid[])
), wanted AS (
    SELECT served.channel_id, lying.sku_id FROM lying JOIN inventory_level level ON level.sku_id = lying.lies
    JOIN channel_location served ON served.location_id = level.location_id
    UNION SELECT channel_id, sku_id FROM served
    UNION SELECT served.channel_id, part.bundle_id FROM served JOIN sku_component part ON part.component_id = served.sku_id
    UNION SELECT last.channel_id, last.sku_id FROM given JOIN channel_availability last ON last.sku_id = given.sku_id
    UNION SELECT channel_id, sku_id FROM channel_availability WHERE channel_id = ANY (:channels::uuid[])
), changed AS (
    SELECT now.channel_id, now.sku_id, coalesce(last.available, 0) AS was, now.available
    FROM (
        SELECT channel.id AS channel_id, wanted.sku_id, {PUBLISHABLE} AS available
        FROM wanted JOIN channel ON channel.id = wanted.channel_id
    ) AS now
    LEFT JOIN channel_availability last ON last.channel_id = now.channel_id AND last.sku_id = now.sku_id
    WHERE now.available <> coalesce(last.available, 0)
), written AS (
    INSERT INTO channel_availability (channel_id, sku_id, available, told_at)
    SELECT channel_id, sku_id, available, :now FROM changed
    ON CONFLICT (channel_id, sku_id) DO UPDATE SET available = excluded.available, told_at = excluded.told_at
)
SELECT channel_id, sku_id, was, available FROM changed ORDER BY channel_id, sku_id
""")  # noqa: S608 - made of constants


async def publish_availability(tx: Tx, piece: Piece) -> None:
    """Tell of every channel and SKU of which another number of units can be sold than was told last.

    What a bundle is made of decides how many of it can be sold, so that it is told with its components.
    """
    events = await piece.events(tx)
    skus, channels = await concerned(tx, events)
    if not (skus or channels):
        return
    for channel, sku, was, available in await tx.fetch(PUBLISH(skus=array(skus), channels=array(channels), now=tx.now)):
        changes = {"channel_availability.available": (int(was), int(available))}
        tx.emit(ChannelAvailabilityChanged(subject_id=sku, channel_id=channel, changes=changes))


async def concerned(tx: Tx, events: Sequence[FeedEvent]) -> tuple[set[SkuId], set[ChannelId]]:
    """Return the SKUs of which *events* may have changed what can be sold, and the channels that may sell something else."""
    skus = {SkuId(event.subject_id) for event in events if event.type in {SkuCreated.type, SkuChanged.type}}
    levels = [LevelId(event.subject_id) for event in events if event.type == SafetyStockChanged.type]
    decided = {event.type for event in OF_LOCATIONS}
    locations = [LocationId(event.subject_id) for event in events if event.type in decided]
    times = [event.recorded_at for event in events if event.type not in {decided.type for decided in DECIDING}]
    first, last = (min(times), max(times)) if times else (tx.now, tx.now)
    moved, at_levels, served = await tx.flush(
        [MOVED(first=first, last=last), SKUS_AT(levels=array(levels)), CHANNELS_OF(locations=array(locations))]
    )
    channels = {ChannelId(event.subject_id) for event in events if event.type in {ChannelCreated.type, ChannelChanged.type}}
    return skus | {sku for (sku,) in (*moved, *at_levels)}, channels | {channel for (channel,) in served}
