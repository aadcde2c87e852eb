"""From events to sums: which rows an event tells of, what they add to which sum, and how that is written.

Every row summed up is immutable: an order's lines as ordered, the lines of a cancellation, the lines of a receipt. The event
names the order, and for the other two as its cause the very cancellation or receipt. So the sums at a checkpoint are a pure
function of the events up to it, and the doctor can work them out anew at any moment.
"""

from oms_api.db.sets import listed
from oms_api.db.sql import Sql
from oms_api.domain.analytics.tables import (
    NO_COUNTRY,
    NO_SKU,
    SalesByDay,
    SalesBySkuAndDay,
    SalesBySkuAndMonth,
    SalesSums,
)
from oms_api.domain.channels.events import ChannelChanged
from oms_api.domain.orders.events import OrderCanceled, OrderLinesCanceled, OrderPlaced
from oms_api.domain.returns.events import ReturnReceived

FOLLOWER = "sales"
"""The name of the reaction that writes the sums, under which it has its checkpoint."""
PLACED, EMPTIED, RECEIVED = OrderPlaced.type, OrderCanceled.type, ReturnReceived.type
CANCELED = f"('{OrderLinesCanceled.type}', '{OrderCanceled.type}')"
FACTS = frozenset({PLACED, EMPTIED, OrderLinesCanceled.type, RECEIVED})
TYPES = FACTS | {ChannelChanged.type}
TOLD = f"feed.type IN ({listed(sorted(FACTS))})"

SUMS = tuple(SalesSums.__annotations__)
BY_DAY = ("day", "currency", "channel_id", "country")
BY_SKU = ("day", "sku_id", "currency", "channel_id", "country")
DAY_KEYS, SKU_KEYS, SUM_NAMES = map(", ".join, (BY_DAY, BY_SKU, SUMS))
SUMMED = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
OF_ORDER = "sale.order_id, sale.day, sale.channel_id, sale.country, sale.currency"


def worked_out(*, after: str, through: str, channel: str | None = None) -> str:
    """Return the common tables ``by_sku`` and ``by_day``: what the events beyond *after*, up to *through*, add to the sums.

    *after* and *through* are expressions of SQL, as is *channel*, where only that channel's events are wanted. ``OFFSET 0``
    keeps it to one order after the other, through indexes, whatever the planner thinks of how many events there are.
    """
    wanted = "" if channel is None else f" AND feed.channel_id = {channel}"
    return f"""
    event AS MATERIALIZED (
        SELECT feed.position, feed.type, feed.order_id, feed.cause_id FROM feed
        WHERE feed.position > {after} AND feed.position <= {through} AND {TOLD}{wanted}
    ), sale AS MATERIALIZED (
        SELECT event.type, event.order_id, event.cause_id, placed.channel_id, placed.country, placed.currency, zone.time_zone,
               (placed.placed_at AT TIME ZONE zone.time_zone)::date AS day
        FROM event CROSS JOIN LATERAL (
            SELECT channel_id, coalesce(country, '{NO_COUNTRY}') AS country, currency, placed_at
            FROM orders WHERE orders.id = event.order_id OFFSET 0
        ) AS placed JOIN sales_zone zone ON zone.channel_id = placed.channel_id
    ), fact AS MATERIALIZED (
        SELECT 'placed' AS what, {OF_ORDER}, line.sku_id, line.ordered AS units,
               CASE line.kind WHEN 'GOODS' THEN line.goods_minor ELSE 0 END AS goods_minor,
               CASE line.kind WHEN 'GOODS' THEN 0 ELSE line.goods_minor END AS other_minor, line.shipping_minor,
               line.discount_minor + line.order_discount_minor AS discount_minor,
               line.tax_minor + line.shipping_tax_minor AS tax_minor, 0 AS returns_minor
        FROM sale CROSS JOIN LATERAL (
            SELECT * FROM order_line WHERE order_line.order_id = sale.order_id OFFSET 0
        ) AS line WHERE sale.type = '{PLACED}' AND line.kind <> 'BUNDLE'
        UNION ALL
        SELECT 'canceled', {OF_ORDER}, gone.sku_id, -gone.quantity,
               CASE gone.kind WHEN 'GOODS' THEN -gone.goods_minor ELSE 0 END,
               CASE gone.kind WHEN 'GOODS' THEN 0 ELSE -gone.goods_minor END,
               -gone.shipping_minor, -gone.discount_minor, -gone.tax_minor, 0
        FROM sale CROSS JOIN LATERAL (
            SELECT part.*, line.sku_id, line.kind
            FROM order_cancellation_line part JOIN order_line line ON line.id = part.line_id
            WHERE part.cancellation_id = sale.cause_id OFFSET 0
        ) AS gone WHERE sale.type IN {CANCELED} AND gone.kind <> 'BUNDLE'
        UNION ALL
        SELECT 'emptied', {OF_ORDER}, emptied.sku_id, 0, 0, 0, 0, 0, 0, 0
        FROM (SELECT DISTINCT {OF_ORDER} FROM sale WHERE sale.type IN {CANCELED}) AS sale CROSS JOIN LATERAL (
            SELECT line.sku_id
            FROM order_line line LEFT JOIN (
                SELECT part.line_id, sum(part.quantity) AS units, max(feed.position) AS last
                FROM feed JOIN order_cancellation_line part ON part.cancellation_id = feed.cause_id
                WHERE feed.order_id = sale.order_id AND feed.position <= {through} AND feed.type IN {CANCELED}
                GROUP BY part.line_id
            ) AS gone ON gone.line_id = line.id
            WHERE line.order_id = sale.order_id AND line.kind <> 'BUNDLE' GROUP BY line.sku_id
            HAVING sum(gone.units) = sum(line.ordered) AND max(gone.last) > {after} OFFSET 0
        ) AS emptied
        UNION ALL
        SELECT 'returned', sale.order_id, (back.occurred_at AT TIME ZONE sale.time_zone)::date, sale.channel_id, sale.country,
               sale.currency, back.sku_id, 0, 0, 0, 0, 0, 0, back.goods_minor - back.discount_minor
        FROM sale CROSS JOIN LATERAL (
            SELECT part.goods_minor, part.discount_minor, receipt.occurred_at, line.sku_id, line.kind
            FROM return_receipt receipt JOIN return_receipt_line part ON part.receipt_id = receipt.id
            JOIN order_line line ON line.id = part.line_id WHERE receipt.id = sale.cause_id OFFSET 0
        ) AS back WHERE sale.type = '{RECEIVED}' AND back.kind <> 'BUNDLE'
    ), by_sku AS MATERIALIZED (
        SELECT day, coalesce(sku_id, '{NO_SKU}'::uuid) AS sku_id, currency, channel_id, country,
               count(DISTINCT order_id) FILTER (WHERE what = 'placed') - count(*) FILTER (WHERE what = 'emptied') AS orders,
               {", ".join(f"sum({name}) AS {name}" for name in SUMS[1:])}
        FROM fact GROUP BY day, coalesce(sku_id, '{NO_SKU}'::uuid), currency, channel_id, country
    ), by_day AS MATERIALIZED (
        SELECT {DAY_KEYS}, {SUMMED}
        FROM (
            SELECT {DAY_KEYS}, 0 AS orders, {", ".join(SUMS[1:])} FROM by_sku
            UNION ALL
            SELECT {DAY_KEYS}, CASE sale.type WHEN '{PLACED}' THEN 1 ELSE -1 END, {", ".join("0" for _ in SUMS[1:])}
            FROM sale WHERE sale.type IN ('{PLACED}', '{EMPTIED}')
        ) AS part GROUP BY {DAY_KEYS}
    )"""  # noqa: S608 - our own texts


def _added(table: type[SalesByDay | SalesBySkuAndDay | SalesBySkuAndMonth], keys: str, source: str) -> str:
    """Return the statement that adds the rows of *source* to the sums of *table*, in the order of its keys."""
    name = table.__tablename__
    more = ", ".join(f"{each} = {name}.{each} + excluded.{each}" for each in SUMS)
    return f"""
        INSERT INTO {name} ({keys}, {SUM_NAMES}) SELECT {keys}, {SUM_NAMES} FROM {source} ORDER BY {keys}
        ON CONFLICT ({keys}) DO UPDATE SET {more}"""  # noqa: S608 - our own names


def _written(added: str) -> str:
    """Return the statement that writes what the common tables *added* hold."""
    return f"""
    WITH {added}, by_month AS (
        SELECT date_trunc('month', day::timestamp)::date AS day, {", ".join(BY_SKU[1:])}, {SUMMED}
        FROM by_sku GROUP BY 1, {", ".join(BY_SKU[1:])}
    ), sku_day AS ({_added(SalesBySkuAndDay, SKU_KEYS, "by_sku")}
    ), sku_month AS ({_added(SalesBySkuAndMonth, SKU_KEYS, "by_month")}
    ){_added(SalesByDay, DAY_KEYS, "by_day")}
    """  # noqa: S608 - our own texts


ROLL_UP = Sql(_written(worked_out(after=":after::bigint", through=":through::bigint")))
"""Add what the events beyond one position, up to another, tell of."""
ROLL_UP_ANEW = Sql(_written(worked_out(after="0", through=":through::bigint", channel=":channel::uuid")))
"""Add what all events of a channel up to a position tell of, to sums from which it was taken out."""

TAKE_ZONES = Sql(f"""
INSERT INTO sales_zone (channel_id, time_zone)
SELECT channel.id, channel.time_zone FROM channel
WHERE channel.id IN (SELECT feed.channel_id FROM feed
                     WHERE feed.position > :after::bigint AND feed.position <= :through::bigint AND {TOLD})
  AND NOT EXISTS (SELECT FROM sales_zone WHERE sales_zone.channel_id = channel.id)
""")  # noqa: S608 - our own texts
"""Note the zone of each channel that sells for the first time."""
MOVED_ZONES = Sql("""
SELECT zone.channel_id FROM sales_zone zone JOIN channel ON channel.id = zone.channel_id
WHERE channel.time_zone <> zone.time_zone ORDER BY zone.channel_id
""")
TAKE_ZONE = Sql("""
UPDATE sales_zone SET time_zone = channel.time_zone FROM channel
WHERE channel.id = sales_zone.channel_id AND sales_zone.channel_id = :channel::uuid
""")
TAKE_OUT = tuple(
    Sql(f"DELETE FROM {table.__tablename__} WHERE channel_id = :channel::uuid")  # noqa: S608 - our own names
    for table in (SalesByDay, SalesBySkuAndDay, SalesBySkuAndMonth)
)
