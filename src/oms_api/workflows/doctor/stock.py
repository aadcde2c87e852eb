"""Invariants of stock: each is a query for what breaks it, one text for each break."""

from oms_api.db.sets import listed
from oms_api.domain.inventory.states import HELD, Bucket

VALUES = ", ".join(f"('{bucket}', level.{bucket})" for bucket in Bucket)
INVARIANTS = {
    "the ledger explains every bucket": f"""
        WITH flows AS (
            SELECT level_id, account, sum(quantity) AS units FROM (
                SELECT level_id, target AS account, quantity FROM stock_movement
                UNION ALL SELECT level_id, source, -quantity FROM stock_movement
            ) AS flow WHERE level_id IS NOT NULL GROUP BY level_id, account
        )
        SELECT format('level %s, %s: %s in the bucket, %s in the ledger', level.id, bucket.account, bucket.units,
                      coalesce(flows.units, 0))
        FROM inventory_level level
        CROSS JOIN LATERAL (VALUES {VALUES}) AS bucket (account, units)
        LEFT JOIN flows ON flows.level_id = level.id AND flows.account = bucket.account
        WHERE bucket.units <> coalesce(flows.units, 0)
    """,  # noqa: S608 - our own names of buckets
    "movements of a level are numbered without gaps": """
        SELECT format('level %s: %s movements, the last is number %s, the level says %s', level.id, count(movement.id),
                      coalesce(max(movement.sequence), 0), level.sequence)
        FROM inventory_level level LEFT JOIN stock_movement movement ON movement.level_id = level.id
        GROUP BY level.id, level.sequence
        HAVING count(movement.id) <> level.sequence OR coalesce(max(movement.sequence), 0) <> level.sequence
            OR coalesce(min(movement.sequence), 1) <> 1
    """,
    "committed units are the open allocations": """
        SELECT format('level %s: %s committed, %s allocated', level.id, level.committed, coalesce(promised.units, 0))
        FROM inventory_level level LEFT JOIN (
            SELECT level_id, sum(allocated + in_fulfillment) AS units FROM allocation GROUP BY level_id
        ) AS promised ON promised.level_id = level.id
        WHERE level.committed <> coalesce(promised.units, 0)
    """,
    "every promise, release and shipment has its movement": """
        WITH documented AS (
            SELECT 'ALLOCATE' AS kind, line_id AS cause_id, sum(quantity) AS units FROM allocation GROUP BY line_id
            UNION ALL SELECT 'SHIP', id, quantity FROM shipment_line
            UNION ALL SELECT 'RELEASE', line_id, sum(released) FROM allocation GROUP BY line_id HAVING sum(released) > 0
        ), moved AS (
            SELECT CASE movement.kind WHEN 'CLAIM' THEN 'ALLOCATE' ELSE movement.kind END AS kind,
                   coalesce(canceled.line_id, lost.line_id, sourced.line_id, movement.cause_id) AS cause_id,
                   sum(movement.quantity) AS units
            FROM stock_movement movement
            LEFT JOIN order_cancellation_line canceled
                ON movement.kind = 'RELEASE' AND movement.cause_kind = 'cancelline' AND canceled.id = movement.cause_id
            LEFT JOIN inventory_unpromise_line lost
                ON movement.kind = 'RELEASE' AND movement.cause_kind = 'lostline' AND lost.id = movement.cause_id
            LEFT JOIN order_sourcing_line sourced
                ON movement.kind = 'ALLOCATE' AND movement.cause_kind = 'sourceline' AND sourced.id = movement.cause_id
            WHERE movement.kind IN ('ALLOCATE', 'CLAIM', 'SHIP', 'RELEASE') GROUP BY 1, 2
        )
        SELECT format('%s of %s: %s units in the documents, %s in the ledger', kind, cause_id, coalesce(documented.units, 0),
                      coalesce(moved.units, 0))
        FROM documented FULL JOIN moved USING (kind, cause_id)
        WHERE coalesce(documented.units, 0) <> coalesce(moved.units, 0)
    """,
    "what was told late leaves the numbers that were told as they are": """
        SELECT format('level %s: %s by cause %s, superseded by %s', late.level_id, late.units, late.cause_id, late.undone)
        FROM (
            SELECT moved.level_id, moved.cause_id, moved.recorded_at,
                   coalesce(sum(part.units) FILTER (WHERE moved.kind <> 'SUPERSEDED'), 0) AS units,
                   coalesce(sum(part.units) FILTER (WHERE moved.kind = 'SUPERSEDED'), 0) AS undone
            FROM stock_movement moved CROSS JOIN LATERAL (
                SELECT moved.quantity * ((moved.target IN (HELD))::int - (moved.source IN (HELD))::int) AS units
            ) AS part
            WHERE (moved.cause_id, moved.level_id) IN (
                SELECT cause_id, level_id FROM stock_movement WHERE kind = 'SUPERSEDED')
            GROUP BY moved.level_id, moved.cause_id, moved.recorded_at HAVING bool_or(moved.kind = 'SUPERSEDED')
        ) AS late WHERE late.units + late.undone <> 0
    """.replace("HELD", listed(HELD)),
    "once all was told of levels, it is what is there": """
        SELECT format('level %s: %s on hand, %s available, told %s and %s', level.id, level.on_hand, level.available,
                      coalesce(last.on_hand, 0), coalesce(last.available, 0))
        FROM inventory_level level LEFT JOIN level_told last ON last.level_id = level.id
        WHERE NOT EXISTS (SELECT FROM outbox_stage)
          AND EXISTS (SELECT FROM follower, feed_head head
                      WHERE follower.name = 'level_changes' AND follower.position >= head.position)
          AND ((level.on_hand, level.free, level.committed, level.reserved, level.quality_control, level.damaged)
               <> (coalesce(last.on_hand, 0), coalesce(last.available + last.safety_stock + last.expired, 0),
                   coalesce(last.committed, 0), coalesce(last.reserved, 0), coalesce(last.quality_control, 0),
                   coalesce(last.damaged, 0))
               OR level.in_lots = 0 AND level.available <> coalesce(last.available, 0))
    """,
}
