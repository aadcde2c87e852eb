"""Reading the report of sales over a year, and what keeping its sums costs."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from time import monotonic, perf_counter, sleep

import psycopg

from benchmarks.client import Answer, Caller, Load, UnexpectedAnswerError, callers, document, sent
from benchmarks.machine import LOAD, Usage, metered
from benchmarks.place import CLIENTS, check, close, singles
from benchmarks.stage import Running, Stage, working
from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.analytics.rollup import FOLLOWER
from oms_api.jobs.tasks import react
from oms_api.workflows.subscribers import SUBSCRIBERS

ORDERS, LINES, SKUS = 20_000, 25, 4_000
CALLS, WARM_CALLS = 40, 10
ROUNDS, ROUND_ORDERS, WARM_ORDERS = 3, 1_200, 400
CATCH_UP_S = 30.0
RANGE = {"from": "2025-01-01", "before": "2026-01-01"}

FILL = """
INSERT INTO sku (id, code, name, kind, status, created_at, updated_at)
SELECT uuidv7(), 'Y-' || n, 'Article of the year ' || n, 'GOODS', 'ACTIVE', now(), now() FROM generate_series(1, %(skus)s) AS n;

CREATE TEMP TABLE article AS
SELECT id, code, n, 99 + n * 37 %% 5000 AS price
FROM (SELECT id, code, row_number() OVER (ORDER BY code) - 1 AS n FROM sku WHERE code LIKE 'Y-%%') AS made;

CREATE TEMP TABLE sale AS
SELECT uuidv7() AS id, n, timestamptz '2025-01-01' + n * interval '365 days' / %(orders)s AS at,
       CASE WHEN n %% 10 < 8 THEN 'GB' ELSE (ARRAY['DE', 'FR', 'IE', 'ES', 'NL'])[1 + n %% 5] END AS country
FROM generate_series(0, %(orders)s - 1) AS n;

CREATE TEMP TABLE item AS
SELECT uuidv7() AS id, sale.id AS order_id, part AS position, article.id AS sku_id, article.code,
       1 + (sale.n + part) %% 6 AS units, article.price, article.price * (1 + (sale.n + part) %% 6) AS goods
FROM sale CROSS JOIN generate_series(0, %(lines)s - 1) AS part
JOIN article ON article.n = (sale.n::bigint * 7919 + part * 104729) %% %(skus)s;

INSERT INTO orders (id, number, channel_id, currency, prices_include_tax, status, fulfillment_status, payment_status,
                    return_status, goods_minor, discount_minor, shipping_minor, tax_minor, rounding_minor, total_minor,
                    due_minor, country, tags, placed_at, recorded_at, completed_at)
SELECT sale.id, nextval('order_number'), channel.id, 'GBP', true, 'COMPLETED', 'DELIVERED', 'PENDING', 'NONE', total.goods, 0,
       0, 0, 0, total.goods, total.goods, sale.country, '{}', sale.at, sale.at, sale.at
FROM sale JOIN (SELECT order_id, sum(goods) AS goods FROM item GROUP BY order_id) AS total ON total.order_id = sale.id
JOIN channel ON channel.code = 'web';

INSERT INTO order_line (id, order_id, position, kind, sku_id, sku_code, name, ordered, shipped, delivered, unit_price,
                        goods_minor, rounding_minor, discount_minor, order_discount_minor, tax_minor, shipping_minor,
                        shipping_tax_minor, total_minor)
SELECT id, order_id, position, 'GOODS', sku_id, code, code, units, units, units, price / 100.0, goods, 0, 0, 0, 0, 0, 0, goods
FROM item ORDER BY order_id, position;

INSERT INTO feed (position, id, type, subject_kind, subject_id, order_id, channel_id, location_ids, actor, occurred_at,
                  recorded_at)
SELECT feed_head.position + sale.n + 1, uuidv7(), 'ORDER_PLACED', 'order', sale.id, sale.id, channel.id, '{}', 'benchmarks',
       sale.at, now()
FROM sale, channel, feed_head WHERE channel.code = 'web';

UPDATE feed_head SET position = position + %(orders)s;
"""
"""A year of orders as if they had been placed: the rows that reports are of, and their events."""

REPORT = """
query Sales($range: DateRange!, $grain: ReportGrain!, $by: [SalesKey!], $first: Int, $after: Cursor) {
  salesReport(range: $range, grain: $grain, by: $by, first: $first, after: $after) {
    rows {
      nodes {
        period orders units sku { code } goods { amount } shipping { amount } discounts { amount } tax { amount }
        gross { amount } returns { amount } net { amount currencyCode }
      }
      pageInfo { hasNextPage endCursor }
    }
    totals { currencyCode orders net { amount } }
  }
}
"""
QUESTIONS: dict[str, dict[str, object]] = {
    "a year by month": {"grain": "MONTH"},
    "a year by day, first page": {"grain": "DAY", "first": 50},
    "a year by month and SKU, first page": {"grain": "MONTH", "by": ["SKU"], "first": 50},
    "a year by week and SKU, first page": {"grain": "WEEK", "by": ["SKU"], "first": 50},
}
DEEP = "a year by month and SKU, a page in its middle"
MIDDLE = 90
"""How many pages of 250 lie before it."""


@dataclass(slots=True)
class Counting:
    """A year counted by the reaction itself, in pieces of 1,000 events."""

    seconds: float
    usage: Usage

    def result(self) -> dict[str, object]:
        """Return the figures."""
        per_1000 = {group: self.usage.seconds[group] * 1_000 / ORDERS for group in ("PostgreSQL", LOAD)}
        return {"orders": ORDERS, "lines": ORDERS * LINES, "seconds": self.seconds, "cpu_s_per_1000_orders": per_1000}


@dataclass(slots=True)
class Reading:
    """The report asked for by one client."""

    loads: dict[str, Load]
    rows: dict[str, int]

    def result(self) -> dict[str, object]:
        """Return the figures."""
        latencies = {what: {"p50": load.latency_ms(0.5), "p95": load.latency_ms(0.95)} for what, load in self.loads.items()}
        return {"latency_ms": latencies, "rows": self.rows}


@dataclass(slots=True)
class SideBySide:
    """Orders placed with the rollups and without, in turns."""

    loads: dict[bool, list[Load]] = field(default_factory=lambda: {True: [], False: []})
    usages: dict[bool, Usage] = field(default_factory=lambda: {True: Usage(), False: Usage()})

    def per_s(self, *, counted: bool) -> float:
        """Return orders a second."""
        loads = self.loads[counted]
        return sum(len(load.answers) for load in loads) / sum(load.elapsed_s for load in loads)

    def cpu_ms(self, *, counted: bool) -> dict[str, float]:
        """Return the processor time of an order."""
        orders = sum(len(load.answers) for load in self.loads[counted])
        return {group: self.usages[counted].ms_each(group, orders) for group in ("servers", "PostgreSQL", "worker")}

    def result(self) -> dict[str, object]:
        """Return the figures."""
        with_it, without = self.cpu_ms(counted=True), self.cpu_ms(counted=False)
        return {
            "orders_per_s": {"with": self.per_s(counted=True), "without": self.per_s(counted=False)},
            "cpu_ms_per_order": {"with": with_it, "without": without},
            "throughput_lost": 1 - self.per_s(counted=True) / self.per_s(counted=False),
            "cpu_of_rollups_ms": sum(with_it[group] - without[group] for group in ("PostgreSQL", "worker")),
            "share_of_cpu": sum(with_it.values()) / sum(without.values()) - 1,
            "others": self.usages[True].share("others"),
        }


def fill(stage: Stage) -> None:
    """Let a year of orders have been placed."""
    with psycopg.connect(stage.admin_url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(FILL.encode(), {"orders": ORDERS, "lines": LINES, "skus": SKUS})
    stage.rows("VACUUM ANALYZE")


async def count_a_year(stage: Stage) -> Counting:
    """Let the reaction count all that it has not counted yet."""
    pool = Pool(stage.postgres.app_url)
    start = perf_counter()
    with metered({"PostgreSQL": stage.postmaster}) as usage:
        while await react(UnitOfWork(pool), SUBSCRIBERS.reactions[FOLLOWER]):
            pass
    seconds = perf_counter() - start
    await pool.close()
    await asyncio.to_thread(stage.rows, "VACUUM ANALYZE")
    return Counting(seconds, usage)


async def read_reports(stage: Stage, server: Running) -> Reading:
    """Ask for each report with one client."""
    (caller,) = await callers(server.address, stage.key, 1)
    asked = {**QUESTIONS, DEEP: {"grain": "MONTH", "by": ["SKU"], "first": 50, "after": await middle(caller)}}
    loads, rows = {}, {}
    for what, variables in asked.items():
        body, load = document(REPORT, **{"range": RANGE, **variables}), Load()
        for _ in range(WARM_CALLS):
            rows[what] = len(nodes(await caller.call(body)))
        for _ in range(CALLS):
            load.answers.append(await caller.call(body))
        loads[what] = load
    close([caller])
    return Reading(loads, rows)


async def middle(caller: Caller) -> str | None:
    """Return the cursor of a row far down the report by month and SKU."""
    cursor = None
    for _ in range(MIDDLE):
        body = document(REPORT, range=RANGE, grain="MONTH", by=["SKU"], first=250, after=cursor)
        page = (await caller.call(body)).data["salesReport"]["rows"]["pageInfo"]
        if not page["hasNextPage"]:
            break
        cursor = page["endCursor"]
    return cursor


def nodes(answer: Answer) -> list[object]:
    """Return the rows of a report. Raises: UnexpectedAnswerError, without any."""
    found: list[object] = answer.data["salesReport"]["rows"]["nodes"]
    if not found:
        raise UnexpectedAnswerError(repr(answer.body[:500]))
    return found


async def place_with_and_without(stage: Stage, server: Running) -> SideBySide:
    """Place orders with 16 clients while a worker keeps the sums, and while one does not, in turns."""
    found, connections = SideBySide(), await callers(server.address, stage.key, CLIENTS)
    purchases = stage.shop.purchases("report")
    check(await sent(connections, singles(purchases, WARM_ORDERS)))
    for counted in (turn % 2 == 1 for turn in range(2 * ROUNDS)):
        await asyncio.to_thread(stage.rows, "UPDATE follower SET position = (SELECT position FROM feed_head)")
        with working(stage, *([FOLLOWER] if counted else [])) as worker:
            check(await sent(connections, singles(purchases, CLIENTS)))
            bodies = list(singles(purchases, ROUND_ORDERS))
            with metered({**server.processes, "worker": worker}) as usage:
                load = await sent(connections, bodies)
                await asyncio.to_thread(caught_up, stage, counted=counted)
            check(load)
        found.loads[counted].append(load)
        found.usages[counted].add(usage)
    close(connections)
    return found


def caught_up(stage: Stage, *, counted: bool) -> None:
    """Wait until every event has its place, and where it is *counted* its effect. Raises: TimeoutError."""
    for _ in waiting():
        ((staged, behind),) = stage.rows(
            "SELECT (SELECT count(*) FROM outbox_stage), feed_head.position - follower.position FROM feed_head, follower"
            " WHERE follower.name = %s",
            FOLLOWER,
        )
        if staged == 0 and (behind == 0 or not counted):
            return


def waiting() -> Iterator[int]:
    """Yield now and then, not for ever. Raises: TimeoutError."""
    deadline = monotonic() + CATCH_UP_S
    for number in count():
        yield number
        if monotonic() > deadline:
            raise TimeoutError("the worker does not catch up")
        sleep(0.1)
