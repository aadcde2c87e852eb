"""Invariants of fulfillment orders and shipments."""

INVARIANTS = {
    "fulfillment orders work on what is allocated": """
        SELECT format('fulfillment order line %s: %s remain, %s shipped; its allocation has %s in fulfillment, %s consumed',
                      work.id, work.quantity - work.shipped - work.canceled, work.shipped, promise.in_fulfillment,
                      promise.consumed)
        FROM fulfillment_order_line work JOIN allocation promise ON promise.id = work.allocation_id
        JOIN fulfillment_order parent ON parent.id = work.fulfillment_order_id
        WHERE (work.quantity - work.shipped - work.canceled, work.shipped) IS DISTINCT FROM
              (promise.in_fulfillment, promise.consumed)
           OR parent.location_id <> promise.location_id OR parent.order_id <> promise.order_id
           OR work.line_id <> promise.line_id
        UNION ALL
        SELECT format('allocation %s: %s in fulfillment, on no fulfillment order', promise.id, promise.in_fulfillment)
        FROM allocation promise WHERE promise.in_fulfillment > 0
          AND NOT EXISTS (SELECT FROM fulfillment_order_line work WHERE work.allocation_id = promise.id)
    """,
    "fulfillment orders are closed when nothing is left": """
        SELECT format('fulfillment order %s is %s with %s units left', parent.id, parent.status,
                      coalesce(sum(work.quantity - work.shipped - work.canceled), 0))
        FROM fulfillment_order parent LEFT JOIN fulfillment_order_line work ON work.fulfillment_order_id = parent.id
        GROUP BY parent.id
        HAVING (parent.status = 'CLOSED') <> (coalesce(sum(work.quantity - work.shipped - work.canceled), 0) = 0)
            OR (parent.status = 'CLOSED') <> (parent.closed_at IS NOT NULL)
    """,
    "what shipped is in a shipment": """
        SELECT format('fulfillment order line %s: %s shipped, %s in shipments', work.id, work.shipped, coalesce(sent.units, 0))
        FROM fulfillment_order_line work LEFT JOIN (
            SELECT line.fulfillment_order_line_id, sum(line.quantity) AS units
            FROM shipment_line line JOIN package ON package.id = line.package_id
            WHERE package.status NOT IN ('VOIDED', 'CANCELED') GROUP BY line.fulfillment_order_line_id
        ) AS sent ON sent.fulfillment_order_line_id = work.id
        WHERE work.shipped <> coalesce(sent.units, 0)
    """,
    "what is packed is in packages that wait": """
        SELECT format('fulfillment order line %s: %s packed, %s in packages that have not left', work.id, work.packed,
                      coalesce(inside.units, 0))
        FROM fulfillment_order_line work LEFT JOIN (
            SELECT line.fulfillment_order_line_id, sum(line.quantity) AS units
            FROM package_line line JOIN package ON package.id = line.package_id
            WHERE package.status IN ('DRAFT', 'LABEL_PURCHASED') GROUP BY line.fulfillment_order_line_id
        ) AS inside ON inside.fulfillment_order_line_id = work.id
        WHERE work.packed <> coalesce(inside.units, 0)
    """,
    "what left is in the packages of its shipment": """
        SELECT format('shipment %s, fulfillment order line %s: %s left, %s in packages', coalesce(sent.id, inside.id),
                      coalesce(sent.line, inside.line), coalesce(sent.units, 0), coalesce(inside.units, 0))
        FROM (
            SELECT shipment_id AS id, fulfillment_order_line_id AS line, sum(quantity) AS units FROM shipment_line GROUP BY 1, 2
        ) AS sent FULL JOIN (
            SELECT package.shipment_id AS id, line.fulfillment_order_line_id AS line, sum(line.quantity) AS units
            FROM package_line line JOIN package ON package.id = line.package_id
            WHERE package.shipment_id IS NOT NULL GROUP BY 1, 2
        ) AS inside USING (id, line)
        WHERE coalesce(sent.units, 0) <> coalesce(inside.units, 0)
    """,
    "packages are where their fulfillment order is": """
        SELECT format('package %s of fulfillment order %s', package.id, work.id)
        FROM package JOIN fulfillment_order work ON work.id = package.fulfillment_order_id
        LEFT JOIN shipment ON shipment.id = package.shipment_id
        WHERE (package.order_id, package.channel_id, package.location_id) <> (work.order_id, work.channel_id, work.location_id)
            OR shipment.fulfillment_order_id <> work.id
    """,
    "what was delivered, lost or sent back is in such a package": """
        SELECT format('line %s: %s delivered, %s lost, %s returned to sender; in such packages %s, %s, %s', line.id,
                      line.delivered, line.lost, line.returned_to_sender, coalesce(ended.delivered, 0),
                      coalesce(ended.lost, 0), coalesce(ended.back, 0))
        FROM order_line line LEFT JOIN (
            SELECT content.line_id, sum(content.quantity) FILTER (WHERE package.status = 'DELIVERED') AS delivered,
                   sum(content.quantity) FILTER (WHERE package.status = 'LOST') AS lost,
                   sum(content.quantity) FILTER (WHERE package.status = 'RETURNED_TO_SENDER') AS back
            FROM package_line content JOIN package ON package.id = content.package_id GROUP BY content.line_id
        ) AS ended ON ended.line_id = line.id
        WHERE line.kind = 'GOODS' AND (line.delivered, line.lost, line.returned_to_sender) IS DISTINCT FROM
              (coalesce(ended.delivered, 0), coalesce(ended.lost, 0), coalesce(ended.back, 0))
    """,
    "what came back undelivered is in stock again, or was thrown away": """
        SELECT format('shipment %s, fulfillment order line %s: %s units in packages that came back, %s taken back',
                      coalesce(back.id, moved.id), coalesce(back.line, moved.line), coalesce(back.units, 0),
                      coalesce(moved.units, 0))
        FROM (
            SELECT package.shipment_id AS id, content.fulfillment_order_line_id AS line, sum(content.quantity) AS units
            FROM package_line content JOIN package ON package.id = content.package_id
            WHERE package.status IN ('RETURNED_TO_SENDER', 'CANCELED') GROUP BY 1, 2
        ) AS back FULL JOIN (
            SELECT coalesce(sent.shipment_id, package.shipment_id) AS id, sum(movement.quantity) AS units,
                   coalesce(sent.fulfillment_order_line_id, inside.fulfillment_order_line_id) AS line
            FROM stock_movement movement LEFT JOIN shipment_line sent ON sent.id = movement.cause_id
            LEFT JOIN package_line inside ON inside.id = movement.cause_id AND sent.id IS NULL
            LEFT JOIN package ON package.id = inside.package_id
            WHERE movement.cause_kind IN ('shipline', 'packline') AND movement.kind = 'TAKE_BACK' GROUP BY 1, 3
        ) AS moved USING (id, line)
        WHERE coalesce(back.units, 0) <> coalesce(moved.units, 0)
    """,
    "stored shipment statuses are those of the packages": """
        SELECT format('shipment %s is %s, its packages are %s', shipment.id, shipment.status,
                      string_agg(DISTINCT package.status, ', '))
        FROM shipment LEFT JOIN package ON package.shipment_id = shipment.id GROUP BY shipment.id
        HAVING shipment.status <> CASE
                WHEN bool_and(package.status = 'CANCELED') THEN 'CANCELED'
                WHEN bool_and(package.status = 'DELIVERED') THEN 'DELIVERED'
                WHEN bool_or(package.status = 'DELIVERED') THEN 'PARTIALLY_DELIVERED'
                WHEN bool_and(package.status = 'RETURNED_TO_SENDER') THEN 'RETURNED_TO_SENDER'
                WHEN bool_or(package.status = 'LOST') AND NOT bool_or(package.status = 'SHIPPED') THEN 'LOST'
                ELSE 'SHIPPED' END
            OR (shipment.status = 'DELIVERED') <> (shipment.delivered_at IS NOT NULL)
    """,
    "shipments left after the order was placed and arrived after they left": """
        SELECT format('shipment %s of order %s', shipment.id, shipment.order_id)
        FROM shipment JOIN orders ON orders.id = shipment.order_id
        WHERE shipment.shipped_at < orders.placed_at OR shipment.delivered_at < shipment.shipped_at
    """,
}
