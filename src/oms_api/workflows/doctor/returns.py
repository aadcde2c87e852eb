"""Invariants of returns, their receipts and what they did to lines, stock and money."""

INVARIANTS = {
    "units that come back are on a return": """
        SELECT format('line %s: %s in return, %s returned; by its returns %s and %s', line.id, line.in_return, line.returned,
                      coalesce(back.expected, 0), coalesce(back.received, 0))
        FROM order_line line LEFT JOIN (
            SELECT row.line_id, sum(row.received) AS received,
                   sum(row.quantity - row.received - row.called_off) FILTER (WHERE parent.status <> 'REQUESTED') AS expected
            FROM return_line row JOIN returns parent ON parent.id = row.return_id GROUP BY row.line_id
        ) AS back ON back.line_id = line.id
        WHERE line.kind <> 'BUNDLE'
          AND (line.in_return, line.returned) IS DISTINCT FROM (coalesce(back.expected, 0), coalesce(back.received, 0))
        UNION ALL
        SELECT format('return line %s is of no line of its order that can come back', row.id)
        FROM return_line row JOIN returns parent ON parent.id = row.return_id LEFT JOIN order_line line ON line.id = row.line_id
        WHERE line.order_id IS DISTINCT FROM parent.order_id OR line.kind = 'BUNDLE'
    """,
    "bundles show the whole sets that come back": """
        SELECT format('line %s: %s in return, %s returned; its components make %s and %s', bundle.id, bundle.in_return,
                      bundle.returned, min((part.returned + part.in_return) / part.per_set) - min(part.returned / part.per_set),
                      min(part.returned / part.per_set))
        FROM order_line bundle JOIN (
            SELECT line.*, line.ordered / bundle.ordered AS per_set
            FROM order_line line JOIN order_line bundle ON bundle.id = line.parent_line_id
        ) AS part ON part.parent_line_id = bundle.id
        WHERE bundle.kind = 'BUNDLE' GROUP BY bundle.id
        HAVING (bundle.in_return + bundle.returned, bundle.returned) IS DISTINCT FROM
               (min((part.returned + part.in_return) / part.per_set), min(part.returned / part.per_set))
    """,
    "what a return received is in its receipts": """
        SELECT format('return line %s: %s received, %s in receipts', row.id, row.received, coalesce(came.units, 0))
        FROM return_line row LEFT JOIN (
            SELECT return_line_id, sum(quantity) AS units FROM return_receipt_line GROUP BY return_line_id
        ) AS came ON came.return_line_id = row.id
        WHERE row.received <> coalesce(came.units, 0)
        UNION ALL
        SELECT format('receipt line %s belongs to another return or line than its receipt', line.id)
        FROM return_receipt_line line JOIN return_receipt receipt ON receipt.id = line.receipt_id
        JOIN return_line row ON row.id = line.return_line_id
        WHERE row.return_id <> receipt.return_id OR row.line_id <> line.line_id
    """,
    "goods that came back have their movements": """
        WITH steps (disposition, kind, source, target) AS (VALUES
            ('RESTOCK', 'TAKE_BACK', 'customer', 'free'), ('INSPECT', 'TAKE_BACK', 'customer', 'quality_control'),
            ('SCRAP', 'TAKE_BACK', 'customer', 'damaged'), ('SCRAP', 'SCRAP', 'damaged', 'adjustment')
        ), documented AS (
            SELECT line.id AS cause_id, line.level_id, steps.kind, steps.source, steps.target, line.quantity AS units
            FROM return_receipt_line line JOIN steps USING (disposition) WHERE line.level_id IS NOT NULL
        ), moved AS (
            SELECT cause_id, level_id, kind, source, target, sum(quantity) AS units FROM stock_movement
            WHERE cause_kind = 'retrecline' AND kind <> 'SUPERSEDED' GROUP BY cause_id, level_id, kind, source, target
        )
        SELECT format('receipt line %s, %s: %s units came, %s in the ledger', cause_id, kind, coalesce(documented.units, 0),
                      coalesce(moved.units, 0))
        FROM documented FULL JOIN moved USING (cause_id, level_id, kind, source, target)
        WHERE coalesce(documented.units, 0) <> coalesce(moved.units, 0)
        UNION ALL
        SELECT format('receipt line %s of %s: its level is not that of its SKU at its location', line.id, item.kind)
        FROM return_receipt_line line JOIN return_receipt receipt ON receipt.id = line.receipt_id
        JOIN order_line item ON item.id = line.line_id LEFT JOIN inventory_level level ON level.id = line.level_id
        WHERE (level.sku_id, level.location_id) IS DISTINCT FROM (
            CASE WHEN item.kind = 'GOODS' THEN item.sku_id END, CASE WHEN item.kind = 'GOODS' THEN receipt.location_id END)
    """,
    "stored return statuses are what their lines say": """
        WITH said AS (
            SELECT return_id, sum(quantity - received - called_off) AS expected, sum(received) AS received,
                   sum(called_off) AS called_off
            FROM return_line GROUP BY return_id
        )
        SELECT format('return %s is %s: %s expected, %s received, %s called off', id, status, said.expected, said.received,
                      said.called_off)
        FROM returns LEFT JOIN said ON said.return_id = returns.id
        WHERE (status IN ('REQUESTED', 'APPROVED', 'IN_TRANSIT') AND expected > 0 AND received = 0 AND called_off = 0
            OR status = 'PARTIALLY_RECEIVED' AND expected > 0 AND received > 0 AND called_off = 0
            OR status = 'RECEIVED' AND expected = 0 AND received > 0 AND called_off = 0
            OR status = 'CLOSED' AND expected = 0
            OR status IN ('CANCELED', 'DECLINED') AND expected = 0 AND received = 0) IS NOT TRUE
           OR (status IN ('CLOSED', 'CANCELED', 'DECLINED')) <> (closed_at IS NOT NULL)
           OR (expected = 0 AND received > 0) <> (received_at IS NOT NULL)
    """,
    "what went away was recorded with its share of the money": """
        WITH acts AS (
            SELECT line_id, sum(goods_minor) AS goods, sum(discount_minor) AS discount, sum(shipping_minor) AS shipping,
                   sum(tax_minor) AS tax
            FROM (
                SELECT line_id, goods_minor, discount_minor, shipping_minor, tax_minor FROM order_cancellation_line
                UNION ALL SELECT line_id, goods_minor, discount_minor, shipping_minor, tax_minor FROM return_receipt_line
                UNION ALL SELECT line_id, gone_goods_minor, gone_discount_minor, gone_shipping_minor, gone_tax_minor
                FROM order_change_line
            ) AS act GROUP BY line_id
        )
        SELECT format('line %s: %s goods, %s discount, %s shipping, %s tax recorded for %s of %s units', line.id, acts.goods,
                      acts.discount, acts.shipping, acts.tax, line.canceled + line.returned, line.ordered)
        FROM acts JOIN order_line line ON line.id = acts.line_id
        WHERE line.kind <> 'BUNDLE' AND (acts.goods, acts.discount, acts.shipping, acts.tax) IS DISTINCT FROM (
            round(line.goods_minor * (line.canceled + line.returned)::numeric / line.ordered),
            round((line.discount_minor + line.order_discount_minor) * (line.canceled + line.returned)::numeric / line.ordered),
            round(line.shipping_minor * (line.canceled + line.returned)::numeric / line.ordered),
            round((line.tax_minor + line.shipping_tax_minor) * (line.canceled + line.returned)::numeric / line.ordered))
    """,
    "orders with an open return are open": """
        SELECT format('return %s is %s, its order %s is %s', returns.id, returns.status, orders.id, orders.status)
        FROM returns JOIN orders ON orders.id = returns.order_id
        WHERE returns.status IN ('APPROVED', 'IN_TRANSIT', 'PARTIALLY_RECEIVED') AND orders.status <> 'OPEN'
    """,
    "stored return statuses of orders are the derived ones": """
        WITH counted AS (
            SELECT orders.id, orders.return_status AS stored, coalesce(sum(line.in_return), 0) AS in_return,
                   coalesce(sum(line.returned), 0) AS returned,
                   coalesce(sum(line.shipped - line.lost - line.returned_to_sender)
                            FILTER (WHERE line.kind = 'GOODS' OR line.returned > 0), 0) AS reached,
                   EXISTS (SELECT FROM returns WHERE order_id = orders.id AND returns.status = 'REQUESTED') AS requested
            FROM orders LEFT JOIN order_line line ON line.order_id = orders.id AND line.kind <> 'BUNDLE' GROUP BY orders.id
        ), derived AS (
            SELECT id, stored, CASE
                WHEN in_return > 0 THEN 'IN_PROGRESS'
                WHEN returned > 0 AND returned >= reached THEN 'RETURNED'
                WHEN returned > 0 THEN 'PARTIALLY_RETURNED'
                WHEN requested THEN 'REQUESTED'
                ELSE 'NONE' END AS now
            FROM counted
        )
        SELECT format('order %s: stored %s, derived %s', id, stored, now) FROM derived WHERE stored <> now
    """,
}
