"""Invariants of what lines wait for."""

INVARIANTS = {
    "what lines wait for has its backorders": """
        SELECT format('line %s: %s backordered, %s wait in its backorders', line.id, line.backordered, coalesce(waits.units, 0))
        FROM order_line line LEFT JOIN (
            SELECT line_id, sum(waiting) AS units FROM backorder GROUP BY line_id
        ) AS waits ON waits.line_id = line.id
        WHERE line.kind <> 'BUNDLE' AND line.backordered <> coalesce(waits.units, 0)
    """,
    "backorders are of their order's channel, priority and goods": """
        SELECT format('backorder %s of order %s', backorder.id, backorder.order_id)
        FROM backorder JOIN orders ON orders.id = backorder.order_id JOIN order_line line ON line.id = backorder.line_id
        WHERE (backorder.channel_id, backorder.priority, backorder.sku_id, backorder.order_id) IS DISTINCT FROM
              (orders.channel_id, orders.priority, line.sku_id, line.order_id)
    """,
}
