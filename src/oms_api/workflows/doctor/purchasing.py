"""Invariants of purchase orders: what was received, what that moved, and how far it makes them."""

INVARIANTS = {
    "received quantities are those of the receipts": """
        SELECT format('purchase order line %s: %s accepted, %s rejected, %s replaced; by its receipts %s, %s, %s', line.id,
                      line.accepted, line.rejected, line.replaced, coalesce(came.accepted, 0), coalesce(came.rejected, 0),
                      coalesce(came.replaced, 0))
        FROM purchase_order_line line LEFT JOIN (
            SELECT purchase_order_line_id, sum(accepted) AS accepted, sum(rejected) FILTER (WHERE NOT replaced) AS rejected,
                   sum(rejected) FILTER (WHERE replaced) AS replaced
            FROM purchase_receipt_line GROUP BY purchase_order_line_id
        ) AS came ON came.purchase_order_line_id = line.id
        WHERE line.fulfillment_order_line_id IS NULL AND (line.accepted, line.rejected, line.replaced) IS DISTINCT FROM
              (coalesce(came.accepted, 0), coalesce(came.rejected, 0), coalesce(came.replaced, 0))
    """,
    "accepted units of a receipt have their movement": """
        WITH received AS (
            SELECT line.id, line.accepted AS units, line.level_id, line.bucket
            FROM purchase_receipt_line line WHERE line.accepted > 0
        ), moved AS (
            SELECT cause_id AS id, quantity AS units, level_id, target AS bucket
            FROM stock_movement WHERE kind = 'RECEIVE' AND cause_kind = 'porecline'
        )
        SELECT format('receipt line %s: %s accepted to %s, %s moved to %s', id, coalesce(received.units, 0), received.bucket,
                      coalesce(moved.units, 0), moved.bucket)
        FROM received FULL JOIN moved USING (id)
        WHERE (received.units, received.level_id, received.bucket) IS DISTINCT FROM (moved.units, moved.level_id, moved.bucket)
    """,
    "goods are received where they were ordered to": """
        SELECT format('receipt line %s at %s: ordered to %s, stocked at %s', line.id, receipt.location_id, parent.location_id,
                      level.location_id)
        FROM purchase_receipt_line line
        JOIN purchase_receipt receipt ON receipt.id = line.receipt_id
        JOIN purchase_order_line ordered ON ordered.id = line.purchase_order_line_id
        JOIN purchase_order parent ON parent.id = ordered.purchase_order_id
        LEFT JOIN inventory_level level ON level.id = line.level_id
        WHERE receipt.purchase_order_id <> parent.id OR receipt.location_id <> parent.location_id
           OR receipt.occurred_at < parent.ordered_at
           OR (level.sku_id, level.location_id) IS DISTINCT FROM
              (CASE WHEN line.accepted > 0 THEN ordered.sku_id END, CASE WHEN line.accepted > 0 THEN parent.location_id END)
    """,
    "purchase orders are as far as their lines": """
        WITH said AS (
            SELECT purchase_order_id, bool_or(accepted + rejected::bigint + replaced > 0) AS came, bool_or(open > 0) AS waits,
                   bool_or(called_off > 0) AS called_off, bool_or(confirmed IS NOT NULL) AS confirmed
            FROM purchase_order_line GROUP BY purchase_order_id
        )
        SELECT format('purchase order %s is %s; something came: %s, something is open: %s', id, status, came, waits)
        FROM purchase_order LEFT JOIN said ON said.purchase_order_id = id
        WHERE came IS NULL
           OR came <> (status IN ('PARTIALLY_RECEIVED', 'RECEIVED', 'CLOSED'))
           OR waits AND status IN ('RECEIVED', 'CLOSED', 'CANCELED')
           OR NOT waits AND status IN ('DRAFT', 'ORDERED', 'PARTIALLY_RECEIVED')
           OR called_off AND status NOT IN ('CLOSED', 'CANCELED') AND fulfillment_order_id IS NULL
           OR confirmed <> (confirmed_at IS NOT NULL)
           OR (status IN ('CLOSED', 'CANCELED')) <> (closed_at IS NOT NULL)
           OR status NOT IN ('DRAFT', 'CANCELED') AND ordered_at IS NULL
    """,
    "totals of purchase orders are the sums of their lines": """
        SELECT format('purchase order %s: %s, its lines %s', parent.id, parent.total_minor, coalesce(sum(line.total_minor), 0))
        FROM purchase_order parent LEFT JOIN purchase_order_line line ON line.purchase_order_id = parent.id
        GROUP BY parent.id HAVING parent.total_minor <> coalesce(sum(line.total_minor), 0)
    """,
}
