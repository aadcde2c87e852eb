"""Invariants of what every transaction leaves behind: the feed, its stage, what follows it, and keys carried out."""

INVARIANTS = {
    "the feed has no gaps and ends at its head": """
        SELECT format('the head is at %s, %s events up to position %s', head.position, count(feed.position),
                      coalesce(max(feed.position), 0))
        FROM feed_head head LEFT JOIN feed ON true GROUP BY head.one, head.position
        HAVING count(feed.position) <> head.position OR coalesce(max(feed.position), 0) <> head.position
    """,
    "no event waits for the relay": """
        SELECT format('event %s waits since %s', id, recorded_at) FROM outbox_stage
        WHERE recorded_at < clock_timestamp() - interval '1 minute'
    """,
    "no reaction fails again and again": """
        SELECT format('reaction %s stays at event %s of %s: it failed %s times since %s, on %s', follower.name,
                      follower.position, head.position, follower.failures, follower.failing_since, follower.last_error)
        FROM follower, feed_head head
        WHERE follower.failures > 0 AND follower.failing_since < clock_timestamp() - interval '1 minute'
    """,
    "keys point to what they made": """
        SELECT format('key %s of %s points to %s, which does not exist', record.key, record.mutation, record.result_id)
        FROM idempotency record
        WHERE CASE
            WHEN record.mutation = 'orderPlace'
                THEN NOT EXISTS (SELECT FROM orders WHERE id = record.result_id)
            WHEN record.mutation = 'orderCancel'
                THEN NOT EXISTS (SELECT FROM order_cancellation WHERE id = record.result_id)
            WHEN record.mutation = 'paymentEventReport'
                THEN NOT EXISTS (SELECT FROM payment_event WHERE id = record.result_id)
            WHEN record.mutation IN ('refundCreate', 'refundRequest', 'refundCancel')
                THEN NOT EXISTS (SELECT FROM refund WHERE id = record.result_id)
            WHEN record.mutation IN ('shipmentCreate', 'shipmentMarkDelivered')
                THEN NOT EXISTS (SELECT FROM shipment WHERE id = record.result_id)
            WHEN record.mutation IN ('returnCreate', 'returnReceive', 'returnClose', 'returnCancel')
                THEN NOT EXISTS (SELECT FROM returns WHERE id = record.result_id)
            WHEN record.mutation IN ('reservationCreate', 'reservationExtend', 'reservationRelease')
                THEN NOT EXISTS (SELECT FROM reservation WHERE id = record.result_id)
            WHEN record.mutation IN ('inventoryAdjust', 'inventorySet')
                THEN NOT EXISTS (SELECT FROM inventory_adjustment WHERE id = record.result_id)
            WHEN record.mutation = 'inventoryMove'
                THEN NOT EXISTS (SELECT FROM inventory_move WHERE id = record.result_id)
            WHEN record.mutation = 'inventorySync'
                THEN NOT EXISTS (SELECT FROM inventory_sync WHERE id = record.result_id)
            WHEN record.mutation LIKE 'transfer%'
                THEN NOT EXISTS (SELECT FROM transfer WHERE id = record.result_id)
            WHEN record.mutation = 'lotUpdate'
                THEN NOT EXISTS (SELECT FROM lot WHERE id = record.result_id)
            WHEN record.mutation LIKE 'stockCount%'
                THEN NOT EXISTS (SELECT FROM stock_count WHERE id = record.result_id)
            WHEN record.mutation = 'purchaseOrdersCreateFromSuggestions'
                THEN NOT EXISTS (SELECT FROM suggestion_order WHERE id = record.result_id)
            WHEN record.mutation LIKE 'purchaseOrder%'
                THEN NOT EXISTS (SELECT FROM purchase_order WHERE id = record.result_id)
            ELSE false END
    """,
}
