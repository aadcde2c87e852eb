"""From events to sums: which rows an event tells of, what they add to which sum, and how that is written.

Every row summed up is immutable: an order's lines as placed (as they are, less what edits changed of them), the lines of an
edit, of a cancellation and of a receipt, what a refund is of and what it concedes, a fee. The event names the order, and as its
subject the refund or the fee, or as its cause the very edit, cancellation or receipt. So the sums at a checkpoint are a pure
function of the events up to it, and the doctor can work them out anew at any moment.
"""

from oms_api.db.sets import listed
from oms_api.db.sql import Sql
from oms_api.domain.analytics.tables import (
    NO_COUNTRY,
    NO_SKU,
    SalesByDayRow,
    SalesBySkuAndDayRow,
    SalesBySkuAndMonthRow,
    SalesSums,
)
from oms_api.domain.channels.events import ChannelChanged
from oms_api.domain.orders.events import OrderCanceled, OrderEdited, OrderLinesCanceled, OrderPlaced
from oms_api.domain.payments.events import FeeCharged, FeeWaived, RefundCanceled, RefundGranted
from oms_api.domain.returns.events import ReturnReceived

FOLLOWER = "sales"
"""The name of the reaction that writes the sums, under which it has its checkpoint."""
PLACED, EDITED, EMPTIED, RECEIVED = OrderPlaced.type, OrderEdited.type, OrderCanceled.type, ReturnReceived.type
GRANTED, CALLED_OFF, CHARGED, WAIVED = RefundGranted.type, RefundCanceled.type, FeeCharged.type, FeeWaived.type
CANCELED = f"('{OrderLinesCanceled.type}', '{OrderCanceled.type}')"
BY_SUBJECT = f"('{GRANTED}', '{CALLED_OFF}', '{CHARGED}', '{WAIVED}')"
"""What tells of its subject: a refund or a fee. All others name as their cause what they tell of."""
CONCEDING = listed([GRANTED, CALLED_OFF, CHARGED, WAIVED, RECEIVED, OrderLinesCanceled.type, EMPTIED, EDITED])
FACTS = frozenset({PLACED, EDITED, EMPTIED, OrderLinesCanceled.type, RECEIVED, GRANTED, CALLED_OFF, CHARGED, WAIVED})
TYPES = FACTS | {ChannelChanged.type}
IS_FACT = f"feed.type IN ({listed(sorted(FACTS))})"

SUMS = tuple(SalesSums.__annotations__)
BY_DAY = ("day", "currency", "channel_id", "country")
BY_SKU = ("day", "sku_id", "currency", "channel_id", "country")
DAY_KEYS, SKU_KEYS, SUM_NAMES = map(", ".join, (BY_DAY, BY_SKU, SUMS))
SUMMED = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
OF_ORDER = "sale.order_id, sale.day, sale.channel_id, sale.country, sale.currency"


def _fact(what: str, day: str, sku: str, **sums: str) -> str:
    """Return the beginning of a SELECT of what one kind of fact adds to the sums, by their names."""
    added = ", ".join(f"{sums.get(name, '0')} AS {name}" for name in SUMS[1:])
    return (
        f"SELECT '{what}' AS what, sale.order_id, {day} AS day, sale.channel_id, sale.country, sale.currency, "
        f"{sku} AS sku_id, {added}"
    )


def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE sale.time_zone)::date"


def _without(share: str) -> str:
    """Return what of an amount is neither shipping nor a tax on top of the prices."""
    return (
        f"{share}.amount_minor - {share}.shipping_minor - CASE WHEN sale.prices_include_tax THEN 0 ELSE {share}.tax_minor END"
    )


AS_PLACED = """
            SELECT line.sku_id, line.kind, line.ordered - coalesce(more.units, 0) AS ordered,
                   line.goods_minor - coalesce(more.goods, 0) AS goods_minor,
                   line.discount_minor + line.order_discount_minor - coalesce(more.discount, 0) AS discount_minor,
                   line.shipping_minor - coalesce(more.shipping, 0) AS shipping_minor,
                   line.tax_minor + line.shipping_tax_minor - coalesce(more.tax, 0) AS tax_minor
            FROM order_line line LEFT JOIN (
                SELECT part.line_id, sum(part.units) AS units, sum(part.goods_minor) AS goods,
                       sum(part.discount_minor) AS discount, sum(part.shipping_minor) AS shipping, sum(part.tax_minor) AS tax
                FROM order_change change JOIN order_change_line part ON part.change_id = change.id
                WHERE change.order_id = sale.order_id GROUP BY part.line_id
            ) AS more ON more.line_id = line.id
            WHERE line.order_id = sale.order_id AND line.kind <> 'BUNDLE' AND line.ordered > coalesce(more.units, 0) OFFSET 0"""
"""The lines of a sale as the order was placed with them."""
EDITED_LINES = """
            SELECT line.sku_id, line.kind, part.units, part.goods_minor - part.gone_goods_minor AS goods_minor,
                   part.discount_minor - part.gone_discount_minor AS discount_minor,
                   part.shipping_minor - part.gone_shipping_minor AS shipping_minor,
                   part.tax_minor - part.gone_tax_minor AS tax_minor
            FROM order_change_line part JOIN order_line line ON line.id = part.line_id
            WHERE part.change_id = sale.cause_id AND line.kind <> 'BUNDLE' OFFSET 0"""
"""What an edit changed of lines, apart from the units that were canceled before."""
ORDERED = "(line.ordered - coalesce(more.units, 0) + coalesce(more.earlier, 0))"
"""The units of a line that were ordered as of an event."""
UNITS_OF_SKUS = f"""
            SELECT line.sku_id FROM order_line line LEFT JOIN (
                SELECT part.line_id, sum(part.quantity) AS units,
                       sum(part.quantity) FILTER (WHERE feed.position = sale.position) AS own
                FROM feed JOIN order_cancellation_line part ON part.cancellation_id = feed.cause_id
                WHERE feed.order_id = sale.order_id AND feed.position <= sale.position AND feed.type IN {CANCELED}
                GROUP BY part.line_id
            ) AS gone ON gone.line_id = line.id LEFT JOIN (
                SELECT part.line_id, sum(part.units) AS units,
                       sum(part.units) FILTER (WHERE feed.position <= sale.position) AS earlier,
                       sum(part.units) FILTER (WHERE feed.position = sale.position) AS own
                FROM order_change change JOIN order_change_line part ON part.change_id = change.id
                LEFT JOIN feed ON feed.order_id = sale.order_id AND feed.cause_id = change.id AND feed.type = '{EDITED}'
                WHERE change.order_id = sale.order_id GROUP BY part.line_id
            ) AS more ON more.line_id = line.id
            WHERE line.order_id = sale.order_id AND line.kind <> 'BUNDLE' GROUP BY line.sku_id"""  # noqa: S608 - our own texts
"""The SKUs of an order at an event of it; `gone` are units canceled up to it and by it, `more` those that edits added."""


def worked_out(*, after: str, through: str, channel: str | None = None) -> str:
    """Return the common tables ``by_sku`` and ``by_day``: what the events beyond *after*, up to *through*, add to the sums.

    *after* and *through* are expressions of SQL, as is *channel*, where only that channel's events are wanted. ``OFFSET 0``
    keeps it to one order after the other, through indexes, whatever the planner thinks of how many events there are.
    """
    wanted = "" if channel is None else f" AND feed.channel_id = {channel}"
    return f"""
    event AS MATERIALIZED (
        SELECT feed.position, feed.type, feed.order_id, feed.subject_id, feed.cause_id FROM feed
        WHERE feed.position > {after} AND feed.position <= {through} AND {IS_FACT}{wanted}
    ), sale AS MATERIALIZED (
        SELECT event.position, event.type, event.order_id, event.subject_id, event.cause_id,
               placed.channel_id, placed.country, placed.currency, placed.prices_include_tax, zone.time_zone,
               (placed.placed_at AT TIME ZONE zone.time_zone)::date AS day
        FROM event CROSS JOIN LATERAL (
            SELECT channel_id, coalesce(sales_country, country, '{
        NO_COUNTRY
    }') AS country, currency, prices_include_tax, placed_at
            FROM orders WHERE orders.id = event.order_id OFFSET 0
        ) AS placed JOIN sales_zone zone ON zone.channel_id = placed.channel_id
    ), fact AS MATERIALIZED (
        {
        _fact(
            "placed",
            "sale.day",
            "line.sku_id",
            units="line.ordered",
            goods_minor="CASE line.kind WHEN 'GOODS' THEN line.goods_minor ELSE 0 END",
            other_minor="CASE line.kind WHEN 'GOODS' THEN 0 ELSE line.goods_minor END",
            shipping_minor="line.shipping_minor",
            discount_minor="line.discount_minor",
            tax_minor="line.tax_minor",
        )
    }
        FROM sale CROSS JOIN LATERAL ({AS_PLACED}) AS line WHERE sale.type = '{PLACED}'
        UNION ALL
        {
        _fact(
            "edited",
            "sale.day",
            "more.sku_id",
            units="more.units",
            goods_minor="CASE more.kind WHEN 'GOODS' THEN more.goods_minor ELSE 0 END",
            other_minor="CASE more.kind WHEN 'GOODS' THEN 0 ELSE more.goods_minor END",
            shipping_minor="more.shipping_minor",
            discount_minor="more.discount_minor",
            tax_minor="more.tax_minor",
        )
    }
        FROM sale CROSS JOIN LATERAL ({EDITED_LINES}) AS more WHERE sale.type = '{EDITED}'
        UNION ALL
        {
        _fact(
            "canceled",
            "sale.day",
            "gone.sku_id",
            units="-gone.quantity",
            goods_minor="CASE gone.kind WHEN 'GOODS' THEN -gone.goods_minor ELSE 0 END",
            other_minor="CASE gone.kind WHEN 'GOODS' THEN 0 ELSE -gone.goods_minor END",
            shipping_minor="-gone.shipping_minor",
            discount_minor="-gone.discount_minor",
            tax_minor="-gone.tax_minor",
        )
    }
        FROM sale CROSS JOIN LATERAL (
            SELECT part.*, line.sku_id, line.kind
            FROM order_cancellation_line part JOIN order_line line ON line.id = part.line_id
            WHERE part.cancellation_id = sale.cause_id OFFSET 0
        ) AS gone WHERE sale.type IN {CANCELED} AND gone.kind <> 'BUNDLE'
        UNION ALL
        {_fact("emptied", "sale.day", "emptied.sku_id")}
        FROM sale CROSS JOIN LATERAL (
            {UNITS_OF_SKUS} HAVING sum(gone.own) > 0 AND sum({ORDERED}) = sum(gone.units) OFFSET 0
        ) AS emptied WHERE sale.type IN {CANCELED}
        UNION ALL
        {_fact("filled", "sale.day", "filled.sku_id")}
        FROM sale CROSS JOIN LATERAL (
            {UNITS_OF_SKUS} HAVING sum(more.own) > 0 AND sum({ORDERED} - coalesce(more.own, 0)) = coalesce(sum(gone.units), 0)
            OFFSET 0
        ) AS filled WHERE sale.type = '{EDITED}'
        UNION ALL
        {
        _fact(
            "returned",
            _day("back.occurred_at"),
            "back.sku_id",
            returned_units="back.quantity",
            returns_minor="back.goods_minor - back.discount_minor",
            returned_shipping_minor="back.shipping_minor",
            returned_tax_minor="back.tax_minor",
        )
    }
        FROM sale CROSS JOIN LATERAL (
            SELECT part.*, receipt.occurred_at, line.sku_id, line.kind
            FROM return_receipt receipt JOIN return_receipt_line part ON part.receipt_id = receipt.id
            JOIN order_line line ON line.id = part.line_id WHERE receipt.id = sale.cause_id OFFSET 0
        ) AS back WHERE sale.type = '{RECEIVED}' AND back.kind <> 'BUNDLE'
        UNION ALL
        {
        _fact(
            "conceded",
            _day("moved.occurred_at"),
            "moved.sku_id",
            conceded_minor=_without("moved"),
            conceded_shipping_minor="moved.shipping_minor",
            conceded_tax_minor="moved.tax_minor",
        )
    }
        FROM sale CROSS JOIN LATERAL (
            SELECT entry.*, line.sku_id FROM order_concession entry LEFT JOIN order_line line ON line.id = entry.line_id
            WHERE entry.act_id = CASE WHEN sale.type IN {BY_SUBJECT} THEN sale.subject_id ELSE sale.cause_id END
              AND entry.called_off = (sale.type = '{CALLED_OFF}') OFFSET 0
        ) AS moved WHERE sale.type IN ({CONCEDING})
        UNION ALL
        {_fact("fee", _day("kept.at"), "NULL::uuid", fee_minor=_without("kept"), fee_tax_minor="kept.tax_minor")}
        FROM sale CROSS JOIN LATERAL (
            SELECT sign.of * fee.amount_minor AS amount_minor, 0 AS shipping_minor, sign.of * fee.tax_minor AS tax_minor,
                   CASE sign.of WHEN 1 THEN fee.charged_at ELSE fee.waived_at END AS at
            FROM order_fee fee, (SELECT CASE sale.type WHEN '{CHARGED}' THEN 1 ELSE -1 END AS of) AS sign
            WHERE fee.id = sale.subject_id OFFSET 0
        ) AS kept WHERE sale.type IN ('{CHARGED}', '{WAIVED}')
        UNION ALL
        {
        _fact(
            "refunded",
            _day("paid.at"),
            "paid.sku_id",
            refund_minor="paid.amount_minor",
            refund_shipping_minor="paid.shipping_minor",
            refund_tax_minor="paid.tax_minor",
        )
    }
        FROM sale CROSS JOIN LATERAL (
            SELECT part.amount_minor, part.shipping_minor, part.tax_minor, part.occurred_at AS at, line.sku_id
            FROM refund_part part LEFT JOIN order_line line ON line.id = part.line_id
            WHERE part.refund_id = sale.subject_id AND (part.amount_minor < 0) = (sale.type = '{CALLED_OFF}')
            UNION ALL
            SELECT CASE sale.type WHEN '{GRANTED}' THEN refund.amount_minor ELSE -refund.called_off_minor END, 0, 0,
                   CASE sale.type WHEN '{GRANTED}' THEN refund.granted_at ELSE refund.canceled_at END, NULL
            FROM refund WHERE refund.id = sale.subject_id
              AND NOT EXISTS (SELECT FROM refund_part part WHERE part.refund_id = refund.id) OFFSET 0
        ) AS paid WHERE sale.type IN ('{GRANTED}', '{CALLED_OFF}')
    ), by_sku AS MATERIALIZED (
        SELECT day, coalesce(sku_id, '{NO_SKU}'::uuid) AS sku_id, currency, channel_id, country,
               count(DISTINCT order_id) FILTER (WHERE what = 'placed') - count(*) FILTER (WHERE what = 'emptied')
               + count(*) FILTER (WHERE what = 'filled') AS orders,
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


def _added(table: type[SalesByDayRow | SalesBySkuAndDayRow | SalesBySkuAndMonthRow], keys: str, source: str) -> str:
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
    ), sku_day AS ({_added(SalesBySkuAndDayRow, SKU_KEYS, "by_sku")}
    ), sku_month AS ({_added(SalesBySkuAndMonthRow, SKU_KEYS, "by_month")}
    ){_added(SalesByDayRow, DAY_KEYS, "by_day")}
    """  # noqa: S608 - our own texts


ROLL_UP = Sql(_written(worked_out(after=":after::bigint", through=":through::bigint")))
"""Add what the events beyond one position, up to another, tell of."""
ROLL_UP_ANEW = Sql(_written(worked_out(after="0", through=":through::bigint", channel=":channel::uuid")))
"""Add what all events of a channel up to a position tell of, to sums from which it was taken out."""

TAKE_ZONES = Sql(f"""
INSERT INTO sales_zone (channel_id, time_zone)
SELECT channel.id, channel.time_zone FROM channel
WHERE channel.id IN (SELECT feed.channel_id FROM feed
                     WHERE feed.position > :after::bigint AND feed.position <= :through::bigint AND {IS_FACT})
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
    for table in (SalesByDayRow, SalesBySkuAndDayRow, SalesBySkuAndMonthRow)
)
