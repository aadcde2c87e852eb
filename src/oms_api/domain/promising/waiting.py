"""Who waits for units: backorders, and lines whose promise was lost, in one queue. Parts of SQL, for whoever promises units."""

from oms_api.domain.channels.serving import ACTIVE_LOCATIONS

WAITS = """(
    SELECT * FROM (
        SELECT id, order_id, line_id, channel_id, sku_id, priority, pinned_to, barred_from, placed_at, waiting AS units{more}
        FROM backorder WHERE waiting > 0 AND {of} {in_turn}
    ) AS backordered
    UNION ALL
    SELECT line.id, line.order_id, line.id, orders.channel_id, line.sku_id, orders.priority, line.pinned_to, line.barred_from,
           orders.placed_at, line.unsourced{none}
    FROM (
        SELECT id, order_id, sku_id, pinned_to, barred_from, unsourced FROM order_line
        WHERE unsourced > 0 AND kind = 'GOODS' AND {of} {by_order}
    ) AS line JOIN orders ON orders.id = line.order_id AND orders.status = 'OPEN'
)"""
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
        SELECT line.sku_id, line.channel_id, line.priority, line.pinned_to, line.barred_from, line.units,
               row_number() OVER turn AS place,
               row_number() OVER turn - row_number() OVER (
                   PARTITION BY line.sku_id, line.priority, line.channel_id, line.pinned_to, line.barred_from
                   ORDER BY line.placed_at, line.order_id, line.line_id
               ) AS run
        FROM {queue}
        WINDOW turn AS (PARTITION BY line.sku_id, line.priority ORDER BY line.placed_at, line.order_id, line.line_id)
    ) AS line GROUP BY sku_id, channel_id, priority, pinned_to, barred_from, run
) AS waits JOIN channel ON channel.id = waits.channel_id
ORDER BY waits.priority DESC, waits.place
"""
"""Who waits, in the order in which they are served; who stands in a row for the same is one."""


def waits(of: str = "true", *more: str, in_turn: str = "", by_order: str = "") -> str:
    """Return SQL for whoever waits for SKUs, a condition *of* `sku_id`, with *more* columns of backorders, in no order."""
    columns = "".join(f", {name}" for name in more)
    return WAITS.format(of=of, more=columns, none=", NULL" * len(more), in_turn=in_turn, by_order=by_order)


def queue_for(skus: str, others: str = "true") -> str:
    """Return SQL for whoever waits for *skus*, a table of ids, as `line`.

    Only orders count of whose `order_id` the condition *others* holds. The order of the inner queries is that of an index,
    which keeps each of them a lookup, whatever the planner thinks of the table.
    """
    of = f"sku_id = wanted.id AND {others}"
    turn, order = "ORDER BY priority DESC, placed_at, id OFFSET 0", "ORDER BY order_id OFFSET 0"
    return f"{skus} AS wanted (id) CROSS JOIN LATERAL {waits(of, in_turn=turn, by_order=order)} AS line"


def waiting_for(skus: str, others: str = "true") -> str:
    """Return the value in SQL of which each item is for `Waiting.of`: who waits for *skus*, null where nobody does.

    See WAITING and `queue_for`.
    """
    waiting = WAITING.format(queue=queue_for(skus, others), active=ACTIVE_LOCATIONS)
    listed = "jsonb_agg(jsonb_build_array(sku_id, priority, units, sells_safety_stock, locations))"
    return f"(SELECT {listed} FROM ({waiting}) AS waiting)"  # noqa: S608 - made of constants


def anybody_waits_for(skus: str) -> str:
    """Return the value in SQL that is true where anybody waits for *skus*, whoever that is, and else null: cheaper to tell."""
    return f"(SELECT true FROM {queue_for(skus)} LIMIT 1)"  # noqa: S608 - made of constants
