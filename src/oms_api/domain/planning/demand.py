"""What was asked for at levels up to a moment, by week: statements over the ledger and the units that wait.

Demand counts in the week of its order. A promise made when the order was placed carries that time; one made or taken back
later (units that had waited, a cancellation, units that turned out to be missing) leads to its order line, and counts in the
week of that. So the weeks add up to what was asked for and not canceled, wherever it was served in the end, and what waited
counts as soon as it was ordered, not again when it is served.
"""

from oms_api.db.sql import Sql
from oms_api.domain.channels.serving import ACTIVE_LOCATIONS

WEEKS_AGO = "floor(date_part('epoch', :at::timestamptz - {moment}) / 604800)::int"
PROMISED_LATER = Sql(f"""
WITH asked AS (
    SELECT moved.level_id, CASE moved.kind WHEN 'RELEASE' THEN -moved.quantity ELSE moved.quantity END AS units,
           coalesce(placed.placed_at, moved.occurred_at) AS asked_at
    FROM stock_movement moved
    CROSS JOIN LATERAL (SELECT CASE moved.cause_kind
        WHEN 'sourceline' THEN (SELECT line_id FROM order_sourcing_line WHERE id = moved.cause_id)
        WHEN 'cancelline' THEN (SELECT line_id FROM order_cancellation_line WHERE id = moved.cause_id)
        WHEN 'lostline' THEN (SELECT line_id FROM inventory_unpromise_line WHERE id = moved.cause_id) END AS line_id OFFSET 0
    ) AS cause
    LEFT JOIN LATERAL (
        SELECT orders.placed_at FROM order_line line JOIN orders ON orders.id = line.order_id
        WHERE line.id = cause.line_id OFFSET 0
    ) AS placed ON true
    WHERE moved.level_id = ANY (:levels::uuid[]) AND moved.occurred_at < :at
      AND moved.kind IN ('ALLOCATE', 'CLAIM', 'RELEASE') AND moved.cause_kind <> 'line'
)
SELECT level_id, {WEEKS_AGO.format(moment="asked_at")} AS weeks_ago, sum(units)::bigint, max(asked_at)
FROM asked GROUP BY level_id, weeks_ago
""")  # noqa: S608 - made of constants
"""Units promised after their orders were placed, less those taken back, up to a moment, of levels: by how many weeks ago they
were asked for, and when the last was. Few movements are of that kind, and the planner expects many: each is looked up alone."""

FIRST_PLACE = f"""
SELECT served.location_id FROM {ACTIVE_LOCATIONS}
WHERE served.channel_id = backorder.channel_id ORDER BY served.priority LIMIT 1
"""  # noqa: S608 - made of constants
WAITS_AT = f"coalesce(backorder.location_id, backorder.pinned_to, ({FIRST_PLACE}))"
"""Where a backorder waits: where its goods come to, or as long as that is not known, the first location of its channel."""
WAITED = Sql(f"""
SELECT level.id, {WEEKS_AGO.format(moment="backorder.placed_at")} AS weeks_ago, sum(part.units)::bigint,
       max(backorder.placed_at)
FROM inventory_level level JOIN backorder ON backorder.sku_id = level.sku_id
CROSS JOIN LATERAL (
    SELECT backorder.quantity - backorder.canceled - CASE WHEN backorder.allocated = 0 THEN 0 ELSE least(backorder.allocated, (
        SELECT coalesce(sum(sourced.quantity), 0) FROM allocation
        JOIN order_sourcing_line sourced ON sourced.allocation_id = allocation.id
        JOIN order_sourcing act ON act.id = sourced.sourcing_id
        WHERE allocation.line_id = backorder.line_id AND act.occurred_at < :at
    )) END AS units
) AS part
WHERE level.id = ANY (:levels::uuid[]) AND backorder.placed_at < :at AND part.units > 0 AND level.location_id = {WAITS_AT}
  AND (backorder.created_at < :at
       OR backorder.created_at = (SELECT recorded_at FROM orders WHERE orders.id = backorder.order_id))
GROUP BY level.id, weeks_ago
""")  # noqa: S608 - made of constants
"""Units that waited at a moment, in the columns of PROMISED_LATER: less those sourced before. Canceled ones do not count."""
