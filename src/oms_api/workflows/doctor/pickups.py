"""Invariants of pickups."""

INVARIANTS = {
    "what waits for its customer has a pickup that is ready": """
        SELECT format('fulfillment order %s, %s: awaits pickup is %s, its pickup %s', work.id, work.status, work.awaits_pickup,
                      coalesce(ready.id::text, 'none'))
        FROM fulfillment_order work
        LEFT JOIN pickup ready ON ready.fulfillment_order_id = work.id AND ready.status = 'READY'
        WHERE work.awaits_pickup <> (ready.id IS NOT NULL) OR (work.awaits_pickup AND work.status <> 'IN_PROGRESS')
    """,
    "pickups are where their fulfillment order is": """
        SELECT format('pickup %s of fulfillment order %s', pickup.id, work.id)
        FROM pickup JOIN fulfillment_order work ON work.id = pickup.fulfillment_order_id
        LEFT JOIN shipment ON shipment.id = pickup.shipment_id
        WHERE (pickup.order_id, pickup.channel_id, pickup.location_id) <> (work.order_id, work.channel_id, work.location_id)
            OR shipment.fulfillment_order_id <> work.id
    """,
    "what was handed over is delivered": """
        SELECT format('pickup %s: shipment %s is %s', pickup.id, shipment.id, shipment.status)
        FROM pickup JOIN shipment ON shipment.id = pickup.shipment_id WHERE shipment.status <> 'DELIVERED'
    """,
}
