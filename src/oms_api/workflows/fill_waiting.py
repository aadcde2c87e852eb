"""Serving orders that wait, as soon as there is stock: the highest priority first, then whoever ordered first."""

from oms_api.db.session import Tx
from oms_api.workflows.source_again import SourceOrder, source_order

NEXT = """
SELECT waits.order_id FROM (
    SELECT backorder.order_id, backorder.channel_id, backorder.sku_id, backorder.priority, backorder.placed_at,
           backorder.pinned_to
    FROM backorder WHERE backorder.waiting > 0
    UNION ALL
    SELECT line.order_id, orders.channel_id, line.sku_id, orders.priority, orders.placed_at, line.pinned_to
    FROM order_line line JOIN orders ON orders.id = line.order_id WHERE line.unsourced > 0
) AS waits
JOIN orders ON orders.id = waits.order_id AND orders.status = 'OPEN'
JOIN channel ON channel.id = waits.channel_id
WHERE EXISTS (
    SELECT FROM channel_location served
    JOIN location ON location.id = served.location_id AND location.status = 'ACTIVE'
    JOIN inventory_level level ON level.sku_id = waits.sku_id AND level.location_id = served.location_id
    WHERE served.channel_id = waits.channel_id AND (waits.pinned_to IS NULL OR served.location_id = waits.pinned_to)
      AND CASE WHEN channel.sells_safety_stock THEN level.free ELSE level.available END > 0
)
ORDER BY waits.priority DESC, waits.placed_at, waits.order_id LIMIT 1
"""


async def fill_waiting(tx: Tx, _size: int) -> int:
    """Serve the next order that can be served, and return 1; 0 where none can."""
    found = await tx.fetch(NEXT, ())
    if not found:
        return 0
    sources = await source_order(tx, SourceOrder(order_id=found[0][0], backordered=True))
    return 1 if sources else 0
