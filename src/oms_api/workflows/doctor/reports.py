"""Invariants of reports: sums of sales against the rows they are sums of.

Sums are compared with what the events up to the checkpoint of their reaction tell of, all in one statement: what is not yet
counted is not broken.
"""

from oms_api.domain.analytics.rollup import (
    BY_DAY,
    BY_SKU,
    BY_SUBJECT,
    CALLED_OFF,
    CANCELED,
    CHARGED,
    EDITED,
    FOLLOWER,
    GRANTED,
    IS_FACT,
    PLACED,
    RECEIVED,
    SUMS,
    WAIVED,
    worked_out,
)
from oms_api.domain.channels.events import ChannelChanged

CHECKPOINT = f"coalesce((SELECT position FROM follower WHERE name = '{FOLLOWER}'), 0)"  # noqa: S608 - our own name
MOVED = ChannelChanged.type


def differing(table: str, others: str, keys: tuple[str, ...]) -> str:
    """Return the query for the rows in which the sums of *table* and of *others* differ; a missing row is zeros."""
    here, there = (", ".join(f"coalesce({name}.{each}, 0)" for each in SUMS) for name in ("stored", "right_one"))
    return f"""
        SELECT format('%s %s: {", ".join("%s" for _ in SUMS)}; by the rows {", ".join("%s" for _ in SUMS)}', '{table}',
                      concat_ws(' ', {", ".join(keys)}), {here}, {there})
        FROM {table} stored FULL JOIN {others} right_one USING ({", ".join(keys)})
        WHERE ({here}) IS DISTINCT FROM ({there})
    """  # noqa: S608 - our own names


INVARIANTS = {
    "sales by day are what was placed, canceled and returned": f"""
        WITH {worked_out(after="0", through=CHECKPOINT)}
        {differing("sales_sku_day", "by_sku", BY_SKU)} UNION ALL {differing("sales_day", "by_day", BY_DAY)}
    """,
    "sales by month are the sums of its days": f"""
        WITH by_month AS (
            SELECT date_trunc('month', day::timestamp)::date AS day, {", ".join(BY_SKU[1:])},
                   {", ".join(f"sum({each}) AS {each}" for each in SUMS)}
            FROM sales_sku_day GROUP BY 1, {", ".join(BY_SKU[1:])}
        )
        {differing("sales_sku_month", "by_month", BY_SKU)}
    """,  # noqa: S608 - our own names
    "sales are counted by the days of their channel's time zone": f"""
        SELECT format('channel %s: in %s, not in %s', channel.code, zone.time_zone, channel.time_zone)
        FROM sales_zone zone JOIN channel ON channel.id = zone.channel_id
        WHERE zone.time_zone <> channel.time_zone
          AND NOT EXISTS (SELECT FROM feed WHERE feed.type = '{MOVED}' AND feed.channel_id = channel.id
                          AND feed.position > {CHECKPOINT})
          AND NOT EXISTS (SELECT FROM outbox_stage staged WHERE staged.type = '{MOVED}' AND staged.channel_id = channel.id)
    """,  # noqa: S608 - our own names
    "every sale, edit, cancellation, receipt, refund and fee was told once": f"""
        WITH emitted AS (
            SELECT CASE WHEN type IN {CANCELED} THEN 'canceled' ELSE type END AS what,
                   CASE WHEN type IN {BY_SUBJECT} THEN subject_id ELSE coalesce(cause_id, order_id) END AS document,
                   count(*) AS events
            FROM (
                SELECT type, order_id, subject_id, cause_id FROM feed
                UNION ALL SELECT type, order_id, subject_id, cause_id FROM outbox_stage
            ) AS feed WHERE {IS_FACT} GROUP BY 1, 2
        ), done AS (
            SELECT '{PLACED}' AS what, id AS document FROM orders WHERE status <> 'DRAFT'
            UNION ALL SELECT '{EDITED}', id FROM order_change WHERE kind = 'EDIT' AND status = 'APPLIED'
            UNION ALL SELECT 'canceled', id FROM order_cancellation
            UNION ALL SELECT '{RECEIVED}', id FROM return_receipt
            UNION ALL SELECT '{GRANTED}', id FROM refund
            UNION ALL SELECT '{CALLED_OFF}', id FROM refund WHERE status = 'CANCELED'
            UNION ALL SELECT '{CHARGED}', id FROM order_fee
            UNION ALL SELECT '{WAIVED}', id FROM order_fee WHERE waived_at IS NOT NULL
        )
        SELECT format('%s of %s: %s events', what, document, coalesce(emitted.events, 0))
        FROM done FULL JOIN emitted USING (what, document) WHERE done.document IS NULL OR coalesce(emitted.events, 0) <> 1
    """,  # noqa: S608 - our own names
    "sales are counted soon": f"""
        SELECT format('%s %s, recorded at %s, waits behind position %s', type, id, recorded_at, {CHECKPOINT})
        FROM feed
        WHERE position > {CHECKPOINT} AND {IS_FACT} AND recorded_at < clock_timestamp() - interval '10 minutes'
    """,  # noqa: S608 - our own names
}
