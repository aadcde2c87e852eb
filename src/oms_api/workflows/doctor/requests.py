"""Invariants of requests to suppliers, and of their purchase orders."""

INVARIANTS = {
    "requests stand as their fulfillment orders do": """
        SELECT format('request %s is %s, its fulfillment order %s is %s', asked.id, asked.status, work.id, work.status)
        FROM fulfillment_request asked JOIN fulfillment_order work ON work.id = asked.fulfillment_order_id
        WHERE (asked.order_id, asked.channel_id, asked.location_id) <> (work.order_id, work.channel_id, work.location_id)
           OR (asked.status IN ('CLOSED', 'REJECTED')) <> (work.status = 'CLOSED')
           OR (asked.status IN ('CLOSED', 'REJECTED')) <> (asked.closed_at IS NOT NULL)
           OR asked.status IN ('ACCEPTED', 'CANCELLATION_REQUESTED', 'CANCELLATION_REJECTED') AND work.status <> 'IN_PROGRESS'
           OR asked.status = 'SUBMITTED' AND work.status <> 'OPEN'
    """,
    "what suppliers send is bought as far as they send it": """
        SELECT format('purchase order %s of request %s: a line of %s units has %s accepted and %s open, %s left and %s wait',
                      bought.id, asked.id, line.quantity, line.accepted, line.open, coalesce(part.shipped, 0),
                      coalesce(part.quantity - part.shipped - part.canceled, 0))
        FROM purchase_order bought LEFT JOIN fulfillment_request asked ON asked.purchase_order_id = bought.id
        JOIN purchase_order_line line ON line.purchase_order_id = bought.id
        LEFT JOIN fulfillment_order_line part
            ON part.id = line.fulfillment_order_line_id AND part.fulfillment_order_id = bought.fulfillment_order_id
        WHERE bought.fulfillment_order_id IS NOT NULL AND (
            (bought.fulfillment_order_id, bought.supplier_id) IS DISTINCT FROM (asked.fulfillment_order_id, asked.supplier_id)
            OR line.accepted <> coalesce(part.shipped, 0)
            OR line.open <> CASE WHEN asked.status IN ('ACCEPTED', 'CANCELLATION_REQUESTED', 'CANCELLATION_REJECTED')
                THEN coalesce(part.quantity - part.shipped - part.canceled, 0) ELSE 0 END)
    """,
    "all that a supplier works on of its own is bought": """
        SELECT format('fulfillment order line %s of request %s: %s units wait, nothing of it is bought', part.id, asked.id,
                      part.quantity - part.shipped - part.canceled)
        FROM fulfillment_request asked JOIN fulfillment_order_line part
            ON part.fulfillment_order_id = asked.fulfillment_order_id AND part.quantity > part.shipped + part.canceled
        WHERE asked.purchase_order_id IS NOT NULL
          AND asked.status IN ('ACCEPTED', 'CANCELLATION_REQUESTED', 'CANCELLATION_REJECTED')
          AND NOT EXISTS (SELECT FROM purchase_order_line line WHERE line.purchase_order_id = asked.purchase_order_id
                          AND line.fulfillment_order_line_id = part.id)
    """,
}
