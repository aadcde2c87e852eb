"""Sales counted by hand: the report of sales worked out in plain Python from the rows it is about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.analytics.periods import Grain
from oms_api.domain.analytics.queries import ReportedSales, sales_report
from oms_api.domain.analytics.sales import NUMBERS, Sales, SalesKey, SalesOfPeriod, SalesQuestion
from oms_api.jobs.tasks import react
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import ChannelId, LineId, OrderId, SkuId
from oms_api.kernel.paging import PageRequest
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM

SALES = SUBSCRIBERS.reactions["sales"]
Key = tuple[date, SkuId | None, str, ChannelId | None, str | None]
LINES = """
SELECT line.id, line.order_id, line.kind, line.sku_id, line.ordered, line.canceled, line.goods_minor,
       line.discount_minor + line.order_discount_minor, line.shipping_minor, line.tax_minor + line.shipping_tax_minor
FROM order_line line JOIN orders ON orders.id = line.order_id WHERE orders.channel_id = ANY (%(channels)s)
"""
GONE = """
SELECT part.line_id, part.quantity, part.goods_minor, part.discount_minor, part.shipping_minor, part.tax_minor
FROM order_cancellation_line part JOIN order_cancellation act ON act.id = part.cancellation_id
JOIN orders ON orders.id = act.order_id WHERE orders.channel_id = ANY (%(channels)s)
UNION ALL
SELECT part.line_id, 0, part.gone_goods_minor, part.gone_discount_minor, part.gone_shipping_minor, part.gone_tax_minor
FROM order_change_line part JOIN order_change change ON change.id = part.change_id WHERE change.channel_id = ANY (%(channels)s)
"""
BACK = """
SELECT returns.order_id, part.line_id, receipt.occurred_at, part.quantity, part.goods_minor - part.discount_minor,
       part.shipping_minor, part.tax_minor
FROM return_receipt_line part JOIN return_receipt receipt ON receipt.id = part.receipt_id
JOIN returns ON returns.id = receipt.return_id WHERE returns.channel_id = ANY (%(channels)s)
"""
CONCEDED = """
SELECT entry.order_id, entry.line_id, entry.occurred_at,
       entry.amount_minor - entry.shipping_minor - CASE WHEN orders.prices_include_tax THEN 0 ELSE entry.tax_minor END,
       entry.shipping_minor, entry.tax_minor
FROM order_concession entry JOIN orders ON orders.id = entry.order_id WHERE orders.channel_id = ANY (%(channels)s)
"""
FEES = """
SELECT fee.order_id, told.at,
       told.sign * (fee.amount_minor - CASE WHEN orders.prices_include_tax THEN 0 ELSE fee.tax_minor END),
       told.sign * fee.tax_minor
FROM order_fee fee JOIN orders ON orders.id = fee.order_id, LATERAL (VALUES (charged_at, 1), (waived_at, -1)) AS told (at, sign)
WHERE fee.channel_id = ANY (%(channels)s) AND told.at IS NOT NULL
"""
REFUNDED = """
SELECT refund.order_id, part.line_id, part.occurred_at, part.amount_minor, part.shipping_minor, part.tax_minor
FROM refund_part part JOIN refund ON refund.id = part.refund_id WHERE refund.channel_id = ANY (%(channels)s)
UNION ALL
SELECT refund.order_id, NULL, told.at, told.amount, 0, 0
FROM refund, LATERAL (VALUES (granted_at, amount_minor), (canceled_at, -called_off_minor)) AS told (at, amount)
WHERE refund.channel_id = ANY (%(channels)s) AND told.at IS NOT NULL
  AND NOT EXISTS (SELECT FROM refund_part part WHERE part.refund_id = refund.id)
"""
ORDERS = """
SELECT orders.id, orders.channel_id, channel.time_zone, orders.placed_at,
       nullif(coalesce(orders.sales_country, orders.country), ''), orders.currency
FROM orders JOIN channel ON channel.id = orders.channel_id WHERE orders.channel_id = ANY (%(channels)s)
"""


@dataclass
class Figures:
    """What one row of the report has to say."""

    orders: set[OrderId] = field(default_factory=set)
    units: int = 0
    goods: int = 0
    other: int = 0
    shipping: int = 0
    discounts: int = 0
    tax: int = 0
    returned_units: int = 0
    returns: int = 0
    returned_shipping: int = 0
    returned_tax: int = 0
    conceded: int = 0
    conceded_shipping: int = 0
    conceded_tax: int = 0
    fees: int = 0
    fee_tax: int = 0
    refunds: int = 0
    refunded_shipping: int = 0
    refunded_tax: int = 0

    def told(self) -> tuple[int, ...]:
        return (len(self.orders), *(getattr(self, name) for name in NUMBERS[1:]))

    def add(self, **amounts: int) -> None:
        for name, amount in amounts.items():
            setattr(self, name, getattr(self, name) + amount)


def told(sales: Sales) -> tuple[int, ...]:
    """Return the sums of a row of the report, in the same order."""
    return tuple(getattr(sales, name) for name in NUMBERS)


def keyed(row: SalesOfPeriod) -> Key:
    return row.start, row.sku_id, row.currency, row.channel_id, row.country


def start_of(day: date, question: SalesQuestion) -> date:
    """Return the first day of the period that *day* lies in."""
    first = {
        Grain.DAY: day,
        Grain.WEEK: day - timedelta(day.weekday()),
        Grain.MONTH: day.replace(day=1),
    }[question.grain]
    return max(first, question.start)


def counted(database: Database, question: SalesQuestion, channels: Sequence[ChannelId]) -> dict[Key, tuple[int, ...]]:
    """Return what the report shall say, from the orders, cancellations and receipts of *channels*."""
    found: dict[Key, Figures] = defaultdict(Figures)
    with psycopg.connect(database.admin_url) as connection:
        orders, lines, gone = (
            connection.execute(statement, {"channels": list(channels)}).fetchall() for statement in (ORDERS, LINES, GONE)
        )
    head = {order[0]: order[1:] for order in orders}
    less: dict[LineId, list[int]] = defaultdict(lambda: [0] * 5)
    for line_id, *parts in gone:
        less[line_id] = [a + b for a, b in zip(less[line_id], parts, strict=True)]
    skus: dict[LineId | None, SkuId | None] = {line[0]: line[3] for line in lines}

    def place(order_id: OrderId, sku_id: SkuId | None, at: datetime) -> Figures | None:
        channel_id, zone, _, country, currency = head[order_id]
        day = at.astimezone(ZoneInfo(zone)).date()
        if not question.start <= day < question.before:
            return None
        by = question.by
        key = (
            start_of(day, question),
            sku_id if SalesKey.SKU in by else None,
            currency,
            channel_id if SalesKey.CHANNEL in by else None,
            country if SalesKey.COUNTRY in by else None,
        )
        return found[key]

    for line_id, order_id, kind, sku_id, ordered, canceled, goods, discount, shipping, tax in lines:
        if kind == "BUNDLE":
            continue
        units, *money = less[line_id]
        assert units == canceled
        figures = place(order_id, sku_id, head[order_id][2])
        if figures is None:
            continue
        if ordered > canceled:
            figures.orders.add(order_id)
        figures.units += ordered - units
        figures.add(**{"goods" if kind == "GOODS" else "other": goods - money[0]})
        figures.add(discounts=discount - money[1], shipping=shipping - money[2], tax=tax - money[3])
    for order_id, line_id, at, amounts in after_all(database, channels):
        if (figures := place(order_id, skus.get(line_id), at)) is not None:
            figures.add(**amounts)
    return {key: figures.told() for key, figures in found.items() if any(figures.told())}


def after_all(
    database: Database, channels: Sequence[ChannelId]
) -> Iterator[tuple[OrderId, LineId | None, datetime, dict[str, int]]]:
    """Yield what returns, concessions, fees and refunds add: order, line, when, and how much to which figures."""
    given = {"channels": list(channels)}
    with psycopg.connect(database.admin_url) as connection:
        for order_id, line_id, at, units, value, shipping, tax in connection.execute(BACK, given).fetchall():
            amounts = {"returns": value, "returned_shipping": shipping, "returned_tax": tax}
            yield order_id, line_id, at, {"returned_units": units, **amounts}
        for order_id, line_id, at, net, shipping, tax in connection.execute(CONCEDED, given).fetchall():
            yield order_id, line_id, at, {"conceded": net, "conceded_shipping": shipping, "conceded_tax": tax}
        for order_id, at, net, tax in connection.execute(FEES, given).fetchall():
            yield order_id, None, at, {"fees": net, "fee_tax": tax}
        for order_id, line_id, at, amount, shipping, tax in connection.execute(REFUNDED, given).fetchall():
            yield order_id, line_id, at, {"refunds": amount, "refunded_shipping": shipping, "refunded_tax": tax}


async def roll_up(work: UnitOfWork, database: Database) -> None:
    """Let every fact so far be counted."""
    await relay_all(database.app_url)
    assert not await react(work, SALES)


async def ask(
    work: UnitOfWork, question: SalesQuestion, page: PageRequest | None = None, *, principal: Principal = SYSTEM
) -> ReportedSales:
    """Ask for a page of the report, of 250 rows unless told."""
    async with work.reads(principal) as read:
        return await sales_report(read, question, page or PageRequest(250))


async def all_rows(
    work: UnitOfWork, question: SalesQuestion, *, size: int, backwards: bool = False, principal: Principal = SYSTEM
) -> list[SalesOfPeriod]:
    """Return every row, read page by page, each page checked for what it says of its neighbors."""
    found: list[SalesOfPeriod] = []
    cursor: str | None = None
    while True:
        rows = (await ask(work, question, PageRequest(size, cursor, backwards), principal=principal)).rows
        assert (rows.has_next if backwards else rows.has_previous) is (cursor is not None)
        found = [*rows.items, *found] if backwards else [*found, *rows.items]
        if not (rows.has_previous if backwards else rows.has_next):
            return found
        assert len(rows.items) == size
        cursor = rows.cursors[0] if backwards else rows.cursors[-1]


def in_order(rows: Iterable[SalesOfPeriod]) -> bool:
    """Tell whether *rows* are in the order that the report promises."""
    places = [(r.start, str(r.sku_id or ""), r.currency, str(r.channel_id or ""), r.country or "") for r in rows]
    return places == sorted(places)


async def assert_exact(
    work: UnitOfWork,
    database: Database,
    question: SalesQuestion,
    channels: Collection[ChannelId],
    *,
    principal: Principal = SYSTEM,
) -> None:
    """Prove that the report of *channels* agrees with the rows, and its totals with their sums."""
    expected = counted(database, question, list(channels))
    rows = await all_rows(work, question, size=250, principal=principal)
    assert {keyed(row): told(row) for row in rows} == expected
    assert len(rows) == len(expected)
    assert in_order(rows)
    whole = SalesQuestion(start=question.start, before=question.before, grain=Grain.DAY, channel_id=question.channel_id)
    totals = {total.currency: told(total) for total in (await ask(work, question, principal=principal)).totals}
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * len(NUMBERS))
    for (_, _, currency, _, _), figures in counted(database, whole, list(channels)).items():
        sums[currency] = [a + b for a, b in zip(sums[currency], figures, strict=True)]
    assert totals == {currency: tuple(each) for currency, each in sums.items()}
    for row in rows:
        assert row.gross == row.goods + row.other + row.shipping
        taken = row.discounts + row.returns + row.returned_shipping + row.conceded + row.conceded_shipping
        assert row.net == row.gross - taken + row.fees
        assert row.net_tax == row.tax - row.returned_tax - row.conceded_tax + row.fee_tax
