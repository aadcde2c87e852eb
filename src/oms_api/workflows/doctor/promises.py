"""Invariants of the documents that change stock and of promises taken back and made again: each line has its movements."""

INVARIANTS = {
    "corrections and moves of stock have their movements": """
        WITH documented AS (
            SELECT id AS cause_id, level_id, delta AS units FROM inventory_adjustment_line WHERE delta <> 0
            UNION ALL SELECT id, level_id, quantity FROM inventory_move_line
            UNION ALL SELECT id, level_id, quantity FROM inventory_unpromise_line
        ), moved AS (
            SELECT cause_id, level_id, sum(
                CASE WHEN target = 'adjustment' THEN -quantity
                     WHEN source = 'adjustment' OR cause_kind <> 'adjline' THEN quantity ELSE 0 END) AS units
            FROM stock_movement WHERE cause_kind IN ('adjline', 'moveline', 'lostline') AND kind <> 'SUPERSEDED'
            GROUP BY cause_id, level_id
        )
        SELECT format('line %s at level %s: %s units in the document, %s in the ledger', cause_id, level_id,
                      coalesce(documented.units, 0), coalesce(moved.units, 0))
        FROM documented FULL JOIN moved USING (cause_id, level_id)
        WHERE documented.units IS DISTINCT FROM moved.units
    """,
    "numbers told of stock left what was told": """
        SELECT format('line %s: %s told, %s was there, %s changed', id, counted, was, delta)
        FROM inventory_adjustment_line WHERE counted <> was + delta
        UNION ALL
        SELECT format('feed %s: %s rows applied, %s in its adjustment', feed.id, feed.applied, count(line.id))
        FROM inventory_sync feed LEFT JOIN inventory_adjustment_line line ON line.adjustment_id = feed.adjustment_id
        GROUP BY feed.id HAVING feed.applied <> count(line.id) OR feed.failed <> jsonb_array_length(feed.failures)
    """,
    "a promise is of the order of its line": """
        SELECT format('allocation %s: of order %s, its line of %s', promise.id, promise.order_id, line.order_id)
        FROM allocation promise JOIN order_line line ON line.id = promise.line_id WHERE promise.order_id <> line.order_id
    """,
    "promises taken back were released": """
        SELECT format('allocation %s: %s units taken back, %s released', promise.id, sum(lost.quantity), promise.released)
        FROM inventory_unpromise_line lost JOIN allocation promise ON promise.id = lost.allocation_id
        GROUP BY promise.id
        HAVING sum(lost.quantity) > promise.released
            OR bool_or((lost.line_id, lost.order_id, lost.level_id)
                       IS DISTINCT FROM (promise.line_id, promise.order_id, promise.level_id))
    """,
    "what was promised after an order was placed has its allocation": """
        SELECT format('sourcing line %s: %s units of line %s, allocation %s has %s of line %s', line.id, line.quantity,
                      line.line_id, promise.id, promise.quantity, promise.line_id)
        FROM order_sourcing_line line JOIN order_sourcing act ON act.id = line.sourcing_id
        JOIN allocation first ON first.id = line.allocation_id CROSS JOIN LATERAL (
            SELECT first.id, first.line_id, first.order_id, first.quantity + coalesce((
                SELECT sum(part.quantity) FROM allocation part
                WHERE part.order_id = first.order_id AND part.split_from_id = first.id), 0) AS quantity
        ) AS promise
        WHERE (line.quantity, line.line_id, act.order_id)
              IS DISTINCT FROM (promise.quantity, promise.line_id, promise.order_id)
    """,
    "a promise that was split off is for the line and the level of the whole": """
        SELECT format('allocation %s: of line %s at level %s, split from one of line %s at level %s', part.id, part.line_id,
                      part.level_id, whole.line_id, whole.level_id)
        FROM allocation part JOIN allocation whole ON whole.id = part.split_from_id
        WHERE (part.order_id, part.line_id, part.level_id) <> (whole.order_id, whole.line_id, whole.level_id)
           OR whole.split_from_id IS NOT NULL
    """,
    "what waits is barred from the locations that its line is": """
        SELECT format('backorder %s: barred from %s, its line from %s', wait.id, wait.barred_from, line.barred_from)
        FROM backorder wait JOIN order_line line ON line.id = wait.line_id
        WHERE wait.waiting > 0 AND wait.barred_from IS DISTINCT FROM line.barred_from
    """,
    "a line is barred from locations that rejected it": """
        SELECT format('line %s is barred from %s, which never rejected it', line.id, place)
        FROM order_line line CROSS JOIN LATERAL unnest(line.barred_from) AS place
        WHERE NOT EXISTS (
            SELECT FROM fulfillment_rejection_line part JOIN fulfillment_rejection act ON act.id = part.rejection_id
            WHERE part.line_id = line.id AND act.location_id = place)
    """,
}
