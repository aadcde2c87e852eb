"""Who waits for units of SKUs, and the levels that units may be promised from: parts of SQL, for whoever promises some."""

from oms_api.domain.channels.serving import ACTIVE_LOCATIONS
from oms_api.domain.inventory.lots.good import FREE, good_levels

QUEUE = """{skus} AS wanted (id) CROSS JOIN LATERAL (
    SELECT * FROM (
        SELECT order_id, line_id, channel_id, priority, pinned_to, barred_from, placed_at, waiting AS units FROM backorder
        WHERE sku_id = wanted.id AND waiting > 0 AND {others} ORDER BY priority DESC, placed_at, id OFFSET 0
    ) AS queued
    UNION ALL
    SELECT line.order_id, line.id, orders.channel_id, orders.priority, line.pinned_to, line.barred_from, orders.placed_at,
           line.unsourced
    FROM (
        SELECT order_id, id, pinned_to, barred_from, unsourced FROM order_line
        WHERE sku_id = wanted.id AND unsourced > 0 AND kind = 'GOODS' AND {others} ORDER BY order_id OFFSET 0
    ) AS line JOIN orders ON orders.id = line.order_id AND orders.status = 'OPEN'
) AS line"""
WAITING = """
SELECT waits.sku_id, waits.priority, waits.units, channel.sells_safety_stock, ARRAY(
    SELECT served.location_id FROM {active}
    WHERE served.channel_id = waits.channel_id AND (waits.pinned_to IS NULL OR served.location_id = waits.pinned_to)
      AND (waits.barred_from IS NULL OR served.location_id <> ALL (waits.barred_from))
    ORDER BY served.priority
) AS locations
FROM (
    SELECT sku_id, channel_id, priority, pinned_to, barred_from, sum(units)::bigint AS units, min(place) AS place
    FROM (
        SELECT wanted.id AS sku_id, line.channel_id, line.priority, line.pinned_to, line.barred_from, line.units,
               row_number() OVER turn AS place,
               row_number() OVER turn - row_number() OVER (
                   PARTITION BY wanted.id, line.priority, line.channel_id, line.pinned_to, line.barred_from
                   ORDER BY line.placed_at, line.order_id, line.line_id
               ) AS run
        FROM {queue}
        WINDOW turn AS (PARTITION BY wanted.id, line.priority ORDER BY line.placed_at, line.order_id, line.line_id)
    ) AS line GROUP BY sku_id, channel_id, priority, pinned_to, barred_from, run
) AS waits JOIN channel ON channel.id = waits.channel_id
ORDER BY waits.priority DESC, waits.place
"""
"""Who waits, in the order in which they are served; who stands in a row for the same is one."""


def queue_for(skus: str, others: str = "true") -> str:
    """Return SQL for the order lines that wait for *skus*, a table of ids, as `line` beside each of them as `wanted`.

    Only orders count of whose `order_id` the condition *others* holds. The order of the inner queries is that of an index,
    which keeps each of them a lookup, whatever the planner thinks of the table.
    """
    return QUEUE.format(skus=skus, others=others)


def waiting_for(skus: str, others: str = "true") -> str:
    """Return SQL that tells who waits for *skus*; see WAITING and `queue_for`."""
    return WAITING.format(queue=queue_for(skus, others), active=ACTIVE_LOCATIONS)


def waiting_as_json(skus: str) -> str:
    """Return the value in SQL of which each item is for `Waiting.of`: who waits for *skus*, null where nobody does."""
    listed = "jsonb_agg(jsonb_build_array(sku_id, priority, units, sells_safety_stock, locations))"
    return f"(SELECT {listed} FROM ({waiting_for(skus)}) AS waiting)"  # noqa: S608 - made of constants


def anybody_waits_for(skus: str) -> str:
    """Return the value in SQL that is true where anybody waits for *skus*, whoever that is, and else null: cheaper to tell."""
    return f"(SELECT true FROM {queue_for(skus)} LIMIT 1)"  # noqa: S608 - made of constants


WHERE_SERVED = f"""
    SELECT level.* FROM stocked CROSS JOIN served CROSS JOIN LATERAL (
        {good_levels("sku_id = stocked.id AND location_id = served.location_id")}
    ) AS level
"""  # noqa: S608 - made of constants
"""The levels of SKUs where the one who asks is served."""
ANYWHERE = f"""
    SELECT level.id, level.sku_id, level.location_id, level.free + overdue.units AS free,
           greatest(level.free + overdue.units - level.safety_stock_target, 0) AS available
    FROM stocked CROSS JOIN LATERAL (
        SELECT id, sku_id, location_id, {FREE} AS free, safety_stock_target FROM inventory_level level
        WHERE sku_id = stocked.id OFFSET 0
    ) AS level CROSS JOIN LATERAL (
        SELECT coalesce(sum(line.held), 0)::int AS units
        FROM reservation_line line JOIN reservation hold ON hold.id = line.reservation_id
        WHERE level.location_id NOT IN (SELECT location_id FROM served) AND line.level_id = level.id AND line.held > 0
          AND hold.status = 'ACTIVE' AND hold.expires_at <= {{now}} AND hold.id <> ALL (current_setting('oms.holds')::uuid[])
    ) AS overdue
"""  # noqa: S608 - made of constants
"""The levels of SKUs wherever they are: others who wait may be served from where the one who asks is not.

There counts as free what reservations hold past their deadline. Those that hold units where the one who asks is served are
locked, and are left to whoever locked them.
"""
