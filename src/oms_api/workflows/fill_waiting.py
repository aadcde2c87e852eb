"""Serving orders that wait, as soon as there is stock: the highest priority first, then whoever ordered first."""

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.serving import ACTIVE_LOCATIONS
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.lots.good import AVAILABLE, FREE
from oms_api.domain.promising.waiting import waits
from oms_api.kernel.ids import OrderId
from oms_api.workflows.source_again import SourceOrder, source_order

LOOKED_AT = (5, 100)
"""Further where the first few cannot be served after all, as by a sourcing profile that keeps units back from them."""
NEXT = Sql(f"""
WITH waits AS MATERIALIZED (
    SELECT order_id, channel_id, sku_id, priority, placed_at, pinned_to, barred_from FROM {waits()} AS line
), servable AS MATERIALIZED (
    SELECT want.* FROM (SELECT DISTINCT channel_id, sku_id, pinned_to, barred_from FROM waits) AS want
    JOIN channel ON channel.id = want.channel_id
    WHERE EXISTS (
        SELECT FROM {ACTIVE_LOCATIONS}
        JOIN inventory_level level ON level.sku_id = want.sku_id AND level.location_id = served.location_id
        WHERE served.channel_id = want.channel_id AND (want.pinned_to IS NULL OR served.location_id = want.pinned_to)
          AND (want.barred_from IS NULL OR served.location_id <> ALL (want.barred_from))
          AND CASE WHEN channel.sells_safety_stock THEN {FREE} ELSE {AVAILABLE} END > 0
    )
)
SELECT waits.order_id FROM waits JOIN servable ON servable.channel_id = waits.channel_id AND servable.sku_id = waits.sku_id
    AND servable.pinned_to IS NOT DISTINCT FROM waits.pinned_to
    AND servable.barred_from IS NOT DISTINCT FROM waits.barred_from
JOIN orders ON orders.id = waits.order_id AND orders.status = 'OPEN'
WHERE waits.order_id <> ALL (:passed::uuid[])
GROUP BY waits.order_id ORDER BY max(waits.priority) DESC, min(waits.placed_at), waits.order_id LIMIT :size
""")  # noqa: S608 - made of constants
"""Whether anything is there is asked once for all who wait for the same: most of the time there is nothing."""
LOCK = Sql("SELECT id FROM orders WHERE id = :order::uuid FOR UPDATE SKIP LOCKED")


async def fill_waiting(tx: Tx, batch: Batch) -> int:
    """Serve the next order that can be served and that nobody is busy with, and return 1; 0 where there is none.

    Where others were faster the next one is looked at, and the locks of the one before are given up: its levels may come
    behind those of the next.
    """
    seen = set[OrderId]()
    for size in LOOKED_AT:
        found: list[OrderId] = [order_id for (order_id,) in await tx.fetch(NEXT(size=size, passed=batch.passed))]
        for order_id in (each for each in found if each not in seen):
            seen.add(order_id)
            batch.take([order_id])
            await tx.keep()
            if await tx.fetch(LOCK(order=order_id)):
                served = await source_order(tx, SourceOrder(order_id=order_id, backordered=True))
                if served is not None:
                    return 1
            await tx.let_go()
        if len(found) < size:
            break
    return 0
