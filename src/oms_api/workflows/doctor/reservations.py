"""Invariants of reservations: every reserved unit has a line that holds it, and every line has its movements."""

INVARIANTS = {
    "reserved units are what reservations hold": """
        SELECT format('level %s: %s reserved, %s held', level.id, level.reserved, coalesce(holding.units, 0))
        FROM inventory_level level LEFT JOIN (
            SELECT level_id, sum(held) AS units FROM reservation_line GROUP BY level_id
        ) AS holding ON holding.level_id = level.id
        WHERE level.reserved <> coalesce(holding.units, 0)
    """,
    "reservations that ended hold nothing": """
        SELECT format('reservation %s is %s and holds %s units', reservation.id, reservation.status, sum(line.held))
        FROM reservation JOIN reservation_line line ON line.reservation_id = reservation.id
        WHERE reservation.status <> 'ACTIVE' GROUP BY reservation.id HAVING sum(line.held) > 0
    """,
    "only an order claims units of a reservation": """
        WITH claimed AS (
            SELECT reservation.id, reservation.order_id, line.level_id, line.claimed
            FROM reservation JOIN reservation_line line ON line.reservation_id = reservation.id WHERE line.claimed > 0
        ), moved AS (
            SELECT line.order_id, movement.level_id, sum(movement.quantity) AS units
            FROM stock_movement movement JOIN order_line line ON line.id = movement.cause_id
            WHERE movement.kind = 'CLAIM' GROUP BY line.order_id, movement.level_id
        )
        SELECT format('reservation %s, order %s, level %s: %s claimed, %s in the ledger', claimed.id, order_id, level_id,
                      coalesce(claimed.claimed, 0), coalesce(moved.units, 0))
        FROM claimed FULL JOIN moved USING (order_id, level_id)
        WHERE claimed.claimed IS DISTINCT FROM moved.units
    """,
    "every hold and every release of one has its movement": """
        WITH documented AS (
            SELECT level_id, sum(quantity) AS held, sum(released) AS released FROM reservation_line GROUP BY level_id
        ), moved AS (
            SELECT level_id, sum(quantity) FILTER (WHERE kind = 'RESERVE') AS held,
                   sum(quantity) FILTER (WHERE kind = 'UNRESERVE') AS released
            FROM stock_movement WHERE kind IN ('RESERVE', 'UNRESERVE') GROUP BY level_id
        )
        SELECT format('level %s: %s held and %s released by reservations; %s and %s in the ledger', level_id,
                      coalesce(documented.held, 0), coalesce(documented.released, 0), coalesce(moved.held, 0),
                      coalesce(moved.released, 0))
        FROM documented FULL JOIN moved USING (level_id)
        WHERE (coalesce(documented.held, 0), coalesce(documented.released, 0)) IS DISTINCT FROM
              (coalesce(moved.held, 0), coalesce(moved.released, 0))
        UNION ALL
        SELECT format('reservation line %s: %s units, %s in the ledger', line.id, line.quantity,
                      coalesce(sum(movement.quantity), 0))
        FROM reservation_line line LEFT JOIN stock_movement movement
            ON movement.cause_id = line.id AND movement.kind = 'RESERVE' AND movement.level_id = line.level_id
        GROUP BY line.id HAVING line.quantity <> coalesce(sum(movement.quantity), 0)
    """,
}
